#!/usr/bin/env python3
"""Measures what saves by Blender's window add to the store: thumbnails and screens written, undo used.

    cmake --preset release && cmake --build build/release
    python3 tests/bench/window_saves.py PRODUCTION FILE... [--write docs/benchmarks.md]

Needs Blender and xvfb-run. Each FILE (relative to PRODUCTION, which is copied) is opened in a window of its own for each
step, edited by operators, and saved there. The first save by a window is banked unmeasured. restic, if it is there,
banks the same states.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from compare_stores import ROOT, Restic, Souschef, write_into  # noqa: E402

IN_BLENDER = r"""
import bpy, os, sys
step = os.environ["STEP"]
def move(count):
    for ob in [o for o in bpy.context.view_layer.objects if not o.library][:count]:
        with bpy.context.temp_override(selected_objects=[ob], selected_editable_objects=[ob], object=ob):
            ob.location.x += 0.25
            bpy.ops.ed.undo_push(message="Move")
def work():
    try:
        if step in ("move", "undo"):
            move(12)
        if step == "undo":
            for _ in range(5):
                if bpy.ops.ed.undo.poll():
                    bpy.ops.ed.undo()
        bpy.ops.wm.save_mainfile()
    except BaseException:
        import traceback; traceback.print_exc(); os._exit(1)
    bpy.ops.wm.quit_blender()
bpy.app.timers.register(lambda: [work(), None][1], first_interval=2)
"""
STEPS = [("save", "opened, saved"), ("move", "up to 12 objects moved"), ("undo", "12 moves, some of them undone")]


def save(blend, step):
    environment = dict(os.environ, STEP=step, LIBGL_ALWAYS_SOFTWARE="1")
    before = os.stat(blend).st_mtime_ns
    subprocess.run(["xvfb-run", "-a", "blender", "--factory-startup", blend, "--python-expr", IN_BLENDER],
                   env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600, check=False)
    if os.stat(blend).st_mtime_ns == before:
        sys.exit("Blender's window did not save " + blend)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("production")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--souschef", default=os.path.join(ROOT, "build/release/bin/souschef"))
    parser.add_argument("--write", metavar="DOCUMENT")
    options = parser.parse_args()
    Souschef.program = os.path.abspath(options.souschef)
    lines = ["| file | what was done | souschef | of the file | restic |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as work:
        production = os.path.join(work, "production")
        shutil.copytree(options.production, production, ignore=shutil.ignore_patterns(".souschef"))
        for name in options.files:
            blend = os.path.join(production, name)
            save(blend, "save")
            stores = [Souschef(production, work)] + ([Restic(production, work)] if shutil.which("restic") else [])
            for store in stores:
                store.snapshot()
            for step, words in STEPS:
                save(blend, step)
                added = []
                for store in stores:
                    before = store.bytes()
                    store.snapshot()
                    added.append(store.bytes() - before)
                size = os.path.getsize(blend)
                lines.append("| %s (%.1f MB) | %s | %.1f kB | %.3f %% | %s |" % (
                    os.path.basename(name), size / 1e6, words, added[0] / 1e3, 100 * added[0] / size,
                    "%.1f MB" % (added[1] / 1e6) if len(added) > 1 else "-"))
            for store in stores:
                store.close()
    text = "\n".join(lines)
    print(text)
    if options.write:
        write_into(options.write, "windows", text)


if __name__ == "__main__":
    main()

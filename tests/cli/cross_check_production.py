#!/usr/bin/env python3
"""Holds what souschef traces of every shot of a production against what Blender says and does.

    python3 tests/cli/cross_check_production.py PRODUCTION [--souschef PROGRAM] [--blender PROGRAM] [--shots FOLDER] [--list-only]

For each .blend below PRODUCTION/shots, one Blender under strace opens it, lists bpy.utils.blend_paths(absolute=True,
packed=False, local=False), and renders its first frame, small and with one sample. Then

  listed   every path that Blender lists must be in the trace, missing ones too;
  opened   every file of the production that Blender has opened must be in the trace as one that a render needs.

The production is not written to: pictures and File Output nodes go to a temporary folder. Exit code 1: something is not in
a trace. Absolute paths in a production must lead into it, so check a production where it was made, not a copy.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

DRIVER = """
import bpy, json, sys
to = sys.argv[sys.argv.index("--") + 1]
with open(to + "/listed.json", "w", encoding="utf-8", errors="surrogateescape") as out:
    json.dump(bpy.utils.blend_paths(absolute=True, packed=False, local=False), out)
for scene in bpy.data.scenes:
    scene.render.resolution_percentage = 5
    scene.cycles.samples, scene.eevee.taa_render_samples = 1, 1
for tree in [scene.node_tree for scene in bpy.data.scenes if scene.node_tree] + list(bpy.data.node_groups):
    for node in tree.nodes:
        if node.bl_idname == "CompositorNodeOutputFile":
            node.base_path = to + "/"
scene = bpy.context.scene
scene.render.filepath = to + "/frame_"
scene.render.use_file_extension = True
scene.frame_set(scene.frame_start)
scene.frame_end = scene.frame_start
if sys.argv[-1] == "render":
    bpy.ops.render.render(animation=True)
"""


def run_blender(options, shot, work):
    """What Blender lists, and the regular files that it has opened."""
    driver, log = os.path.join(work, "driver.py"), os.path.join(work, "strace.log")
    with open(driver, "w") as out:
        out.write(DRIVER)
    done = subprocess.run(["strace", "-f", "--seccomp-bpf", "-y", "-s", "4096", "-e", "trace=open,openat,openat2", "-o", log,
                           options.blender, "-b", shot, "--python-exit-code", "3", "--python", driver, "--", work,
                           "list" if options.list_only else "render"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit("Blender failed on %s:\n%s" % (shot, done.stdout.decode(errors="replace")[-2000:]))
    opened = set()
    with open(log, errors="surrogateescape") as lines:
        for line in lines:  # 4711 openat(AT_FDCWD</tmp>, "a.png", O_RDONLY) = 3</tmp/a.png>
            found = re.search(r" = \d+<(/.*)>$", line)
            if found and os.path.isfile(found.group(1)):
                opened.add(found.group(1))
    with open(os.path.join(work, "listed.json")) as said:
        return json.load(said), opened


def trace(options, shot):
    """What the trace has at all, and what of it a render needs; absolute paths."""
    said = json.loads(subprocess.run([options.souschef, "-C", options.production, "trace", shot, "--json"],
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    # Names are relative to the production, or to the shot's folder where nobody has said `souschef init`.
    inited = os.path.isdir(os.path.join(options.production, ".souschef"))
    base = options.production if inited else os.path.dirname(shot)
    known, needed = set(), set()
    for blend in said["blends"]:
        needed.add(os.path.join(base, blend))
    for dependency in said["dependencies"]:
        paths = {os.path.normpath(dependency["resolved"])}
        paths.update(os.path.join(base, file) for file in dependency.get("sequence", []))
        known |= paths
        if dependency["state"] != "not_needed":
            needed |= paths
    return known | needed, needed


def check(options, shot, work):
    listed, opened = run_blender(options, shot, work)
    known, needed = trace(options, shot)
    inside = {path for path in opened if path.startswith(options.production + "/")}
    # Caches in their default folder are listed as empty; a place for UI settings is no file.
    unlisted = sorted({os.path.normpath(path) for path in listed if path} - known)
    unneeded = sorted(inside - needed)
    print("%s: %d listed, %d opened of the production; %d not in the trace" % (
        os.path.relpath(shot, options.production), len(listed), len(inside), len(unlisted) + len(unneeded)), flush=True)
    for path in unlisted:
        print("  listed, not traced: " + path)
    for path in unneeded:
        print("  opened, " + ("said not to be needed: " if path in known else "not traced: ") + path)
    return not unlisted and not unneeded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("production")
    parser.add_argument("--souschef", default="souschef")
    parser.add_argument("--blender", default="blender")
    parser.add_argument("--shots", default="shots", help="the folder of the production that is looked through")
    parser.add_argument("--list-only", action="store_true", help="render nothing: what opening a shot opens is looked at")
    options = parser.parse_args()
    options.production = os.path.realpath(options.production)
    shots = sorted(os.path.join(path, name)
                   for path, _, names in os.walk(os.path.join(options.production, options.shots)) for name in names
                   if name.endswith(".blend"))
    if not shots:
        sys.exit("no .blend below " + os.path.join(options.production, options.shots))
    good = True
    for shot in shots:
        work = tempfile.mkdtemp(prefix="souschef-cross-check-")
        try:
            good = check(options, shot, work) and good
        finally:
            shutil.rmtree(work)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Frames of one shot by souschef, and by a Blender that is started for each of them: how many times faster, and whether
the pixels are the same. Also what two slots make of one order.

    python3 tests/bench/render_throughput.py build/release/bin/souschef PRODUCTION shots/sh010.blend [--frames 1-12]

PRODUCTION is copied first and never changed. The limit is 2 times the throughput for 12 frames of a shot whose loading
takes longer than a frame. Needs blender and ffmpeg.
"""
import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

LIMIT = 2.0
SLOTS = """
[[slot]]
name = "one"
device = "cpu-1"
[[slot]]
name = "two"
device = "cpu-2"
"""


def run(*words, cwd=None):
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def pixels(image):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", image, "-f", "rawvideo", "-pix_fmt", "rgba64le", "-"],
                         check=True, capture_output=True).stdout
    return hashlib.sha256(raw).hexdigest()


def images(folder):
    found = sorted(path for path in folder.iterdir() if path.is_file()) if folder.exists() else []
    return {path.name: pixels(path) for path in found}


def by_souschef(souschef, production, shot, output, frames, scale):
    run(souschef, "order", shot, f"{output}/", "-F", frames, "-r", f"{scale}%", "--allow-missing", "--allow-outside",
        "--stages", "render", cwd=production)
    began = time.monotonic()
    run(souschef, "render", cwd=production)
    return time.monotonic() - began


def by_blender(blender, production, shot, output, frames, scale, engine_script):
    began = time.monotonic()
    for frame in frames:
        run(blender, "-b", production / shot, "--python-expr", engine_script.format(scale=scale),
            "-o", production / output / "p_####", "-f", frame)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("souschef", type=pathlib.Path)
    parser.add_argument("production", type=pathlib.Path)
    parser.add_argument("shot")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--scale", type=int, default=10, help="percent of the shot's resolution")
    parser.add_argument("--blender", default=shutil.which("blender"))
    choice = parser.parse_args()
    souschef = choice.souschef.resolve()
    frames = list(range(choice.first, choice.first + choice.count))
    text = f"{frames[0]}-{frames[-1]}"
    with tempfile.TemporaryDirectory(prefix="souschef-bench-") as folder:
        production = pathlib.Path(folder) / "production"
        shutil.copytree(choice.production, production, symlinks=True)
        run(souschef, "init", cwd=production)
        script = "import bpy; bpy.context.scene.render.resolution_percentage = {scale}"
        alone = by_blender(choice.blender, production, choice.shot, "by_blender", frames, choice.scale, script)
        ours = by_souschef(souschef, production, choice.shot, "by_souschef", text, choice.scale)
        with (production / ".souschef/config.toml").open("a") as config:
            config.write(SLOTS)
        two = by_souschef(souschef, production, choice.shot, "by_two", text, choice.scale)
        expected = list(images(production / "by_blender").values())
        same = [list(images(production / name).values()) == expected for name in ("by_souschef", "by_two")]

    print(f"{len(frames)} frames of {choice.shot} at {choice.scale} %")
    print(f"a Blender per frame    {alone:7.1f} s")
    print(f"souschef render        {ours:7.1f} s   {alone / ours:.2f} times the throughput (limit {LIMIT})")
    print(f"the same, two slots    {two:7.1f} s   {alone / two:.2f}")
    print(f"pixels: {'identical' if all(same) and expected else 'DIFFERENT'} ({len(expected)} images)")
    sys.exit(0 if all(same) and expected and alone / ours >= LIMIT else 1)


if __name__ == "__main__":
    main()

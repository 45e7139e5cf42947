#!/usr/bin/env python3
"""How long a trace takes, beside the Blender Asset Tracer on the same shots in the same run, and two limits.

    cmake --preset bench && cmake --build build/bench
    python3 tests/bench/trace_speed.py [--production DIR…] [--bat PROGRAM] [--runs 7] [--write docs/benchmarks.md]

shots     `souschef trace` of each shot without any cache of its own, and `bat list` (Python, package
          blender-asset-tracer; --bat names the program where it is not in PATH). Where there is no BAT, Blender's own
          list: `blender -b SHOT`, which also loads it. Beside them what `zstd -dc` takes for the compressed .blend
          files, divided by the cores: whoever follows the heads of a file cannot do with less.
cached    the same after the shot was banked: the time a .blend, with and without the start of the program (that of
          `souschef version`); the limit is 1 ms.
large     a .blend of 1 GB with a million blocks, in 128 MB of private memory, reserves included; the limit is 0.5 s. The same
          compressed; the peer is `zstd -dc`, which only unpacks it.

Wall-clock time of whole processes, files in the page cache, the least of --runs times: what other work on the machine
adds is not what is measured. Processor time stands beside it.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from compare_stores import machine, make_production, table, write_into

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SOUSCHEF = os.path.join(ROOT, "build", "bench", "bin", "souschef")
LIST_PATHS = "import bpy; print(bpy.utils.blend_paths(absolute=True, packed=False, local=False))"


def timed(command, folder, runs, accepted=(0, 3)):
    """The least wall-clock and processor seconds, and the largest resident set, of several runs."""
    walls, busy, peak = [], [], 0
    for _ in range(runs):
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accepted:
            sys.exit("failed (%d): %s" % (process.returncode, command))
        print(".", end="", file=sys.stderr, flush=True)
        walls.append(time.monotonic() - start)
        busy.append(usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss * 1024)
    return min(walls), min(busy), peak


def blends_of(shot, folder):
    said = subprocess.run([SOUSCHEF, "trace", shot, "--json"], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout
    return [os.path.join(folder, os.path.dirname(shot), blend) for blend in json.loads(said)["blends"]]


def unpacking(blends, folder, runs):
    """The least that the compressed ones among them could take: their unpacking, shared evenly by all cores."""
    compressed = [blend for blend in blends if open(blend, "rb").read(4) == b"\x28\xb5\x2f\xfd"]
    if not compressed:
        return 0.0
    start, _, _ = timed(["zstd", "--version"], folder, runs)
    wall, _, _ = timed(["zstd", "-dqc", *compressed], folder, runs)
    return (wall - start) / os.cpu_count()


def shots_of(production):
    return sorted(os.path.relpath(os.path.join(path, name), production)
                  for path, _, names in os.walk(os.path.join(production, "shots")) for name in names
                  if name.endswith(".blend"))


def measure_shots(production, peer, runs):
    for shot in shots_of(production):
        wall, busy, _ = timed([SOUSCHEF, "trace", shot], production, runs)
        name, command = peer
        its_wall, its_busy, _ = timed([word.replace("SHOT", shot) for word in command], production, max(1, runs // 3))
        blends = blends_of(shot, production)
        least = unpacking(blends, production, runs)
        yield [shot, "%d .blend" % len(blends), "%.1f ms" % (least * 1e3), "%.1f ms" % (wall * 1e3), "%.1f ms" % (busy * 1e3), "%.0f ms" % (its_wall * 1e3),
               "%.0f ms" % (its_busy * 1e3), "%.0f" % (its_wall / wall), "%.0f" % (its_busy / busy)]


def measure_cached(production, work, runs):
    copy = os.path.join(work, "production")
    shutil.copytree(production, copy)
    subprocess.run([SOUSCHEF, "init"], cwd=copy, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shots = shots_of(copy)
    for _ in range(2):  # what was written in the last two seconds is not trusted yet
        subprocess.run([SOUSCHEF, "snapshot", "--allow-missing", *shots], cwd=copy, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["sleep", "3"], check=True)
    for shot in shots:
        wall, busy, _ = timed([SOUSCHEF, "trace", shot], copy, runs)
        start, _, _ = timed([SOUSCHEF, "version"], copy, runs)
        count = len(blends_of(shot, copy))
        yield [shot, str(count), "%.1f ms" % (wall * 1e3), "%.1f ms" % (busy * 1e3), "%.1f ms" % (start * 1e3),
               "%.2f ms" % (wall * 1e3 / count), "%.2f ms" % ((wall - start) * 1e3 / count)]
    shutil.rmtree(copy)


def trace_large(work, runs, *how):
    """Size, seconds, processor seconds and peak of a trace in 134 MB of private memory."""
    large = os.path.join(work, "large.blend")
    subprocess.run([os.path.join(os.path.dirname(SOUSCHEF), "bench_make_large_blend"), large, *how], check=True)
    with open(large, "rb") as content:  # into the page cache
        while content.read(1 << 24):
            pass
    return os.path.getsize(large), *timed(["prlimit", "--data=134217728", SOUSCHEF, "trace", large], work, runs)


def measure_large(work, runs):
    size, wall, busy, peak = trace_large(work, runs)
    text = "%.2f GB, 1 million blocks: **%.3f s** (processor %.3f s; limit 0.5 s), %.2f of the limit. Peak resident %.0f MB, " \
        "the touched pages of the mapped file among them; private memory, reserves included, was held to 134 MB; the block table is 16 MB." % (
            size / 1e9, wall, busy, wall / 0.5, peak / 1e6)
    size, wall, busy, peak = trace_large(work, runs, "--compressed")
    zstd = timed(["zstd", "-dc", os.path.join(work, "large.blend")], work, runs)
    return text + "\n\nThe same, compressed to %.1f MB: **%.3f s** (processor %.3f s; `zstd -dc` into nothing %.3f s), ratio %.2f. " \
        "Peak resident %.0f MB." % (size / 1e6, wall, busy, zstd[0], wall / zstd[0], peak / 1e6)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--production", action="append", metavar="DIR")
    parser.add_argument("--bat", default="bat", metavar="PROGRAM")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--write", metavar="DOCUMENT")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="souschef-bench-")
    try:
        productions = options.production
        if not productions:
            productions = [os.path.join(work, "made")]
            make_production(productions[0], "1")
        bat = shutil.which(options.bat)
        peer = ("bat list", [bat, "list", "SHOT"]) if bat else \
            ("blender -b", ["blender", "-b", "SHOT", "--python-expr", LIST_PATHS])
        heads = ["shot", "reads", "unpacking alone", "souschef", "processor", peer[0], "processor", "ratio", "ratio of processor time"]
        rows = [row for production in productions for row in measure_shots(os.path.abspath(production), peer, options.runs)]
        text = "%s.\n\nWithout any cache:\n\n%s\n" % (machine(), table(rows, heads))
        rows = [row for production in productions
                for row in measure_cached(os.path.abspath(production), work, options.runs)]
        text += "\nOnce banked:\n\n%s\n" % table(rows, ["shot", ".blend files", "whole command", "processor", "empty command", "each", "each without the start"])
        print(text, file=sys.stderr)
        text += "\n" + measure_large(work, options.runs) + "\n"
        print(text)
        if options.write:
            write_into(options.write, "trace", text)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures the peak memory of banking and restoring inputs that are large in every way, beside the limit.

    cmake --preset release && cmake --build build/release
    python3 tests/bench/peak_memory.py BLEND [--souschef build/release/bin/souschef] [--write docs/benchmarks.md]

BLEND is any uncompressed .blend of a 64-bit Blender; its SDNA is used. Inputs: a file of 6 GB that does not compress,
and a .blend of 3 million blocks. Private memory is what belongs to the process alone (RssAnon); pages of mapped files,
which the kernel takes back when it needs them, are shown beside it. Sampled every 5 ms.
"""
import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

LIMIT = 300 << 20
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from compare_stores import ROOT, same_trees, write_into  # noqa: E402


def peaks(command, cwd):
    """Seconds, and the peaks of private and of mapped bytes."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    private = mapped = 0
    while process.poll() is None:
        try:
            with open("/proc/%d/status" % process.pid) as status:
                fields = dict(re.findall(r"(RssAnon|RssFile):\s+(\d+)", status.read()))
        except OSError:
            continue
        private = max(private, int(fields.get("RssAnon", 0)) << 10)
        mapped = max(mapped, int(fields.get("RssFile", 0)) << 10)
        time.sleep(0.005)
    if process.returncode != 0:
        sys.exit("failed: %s\n%s" % (command, process.stderr.read().decode(errors="replace")))
    return time.monotonic() - start, private, mapped


def write_noise(path, size):
    """Bytes that nothing compresses, none of them twice."""
    with open(path, "wb") as out:
        while size > 0:
            out.write(os.urandom(min(size, 16 << 20)))
            size -= 16 << 20


def write_blocks(blend, path, count):
    """The .blend with `count` small blocks put before its SDNA: a list that is linked both ways."""
    with open(blend, "rb") as file:
        data = file.read()
    if data[:9] != b"BLENDER-v":
        sys.exit(blend + " is not an uncompressed .blend of a 64-bit Blender before 5.0")
    at = 12
    while data[at:at + 4] != b"DNA1":
        at += 24 + struct.unpack_from("<i", data, at + 4)[0]
    first, stride = 0x7F1000000000, 48
    with open(path, "wb") as out:
        out.write(data[:at])
        for i in range(count):
            address = first + i * stride
            out.write(struct.pack("<4siQii", b"DATA", 16, address, 0, 1))
            out.write(struct.pack("<QQ", address + stride if i + 1 < count else 0, address - stride if i else 0))
        out.write(data[at:])


def measure(souschef, production, work):
    subprocess.run([souschef, "init"], cwd=production, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    banked = peaks([souschef, "snapshot", "."], production)
    target = os.path.join(work, "restored")
    restored = peaks([souschef, "restore", "latest:", target], production)
    if not same_trees(production, target):
        sys.exit("what was restored differs from what was banked")
    shutil.rmtree(target)
    return banked, restored


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("blend")
    parser.add_argument("--souschef", default=os.path.join(ROOT, "build/release/bin/souschef"))
    parser.add_argument("--gigabytes", type=float, default=6)
    parser.add_argument("--blocks", type=int, default=3_000_000)
    parser.add_argument("--write", metavar="DOCUMENT")
    options = parser.parse_args()
    souschef = os.path.abspath(options.souschef)
    lines = ["| input | step | time | private | of the limit (300 MB) | mapped |", "|---|---|---|---|---|---|"]
    inputs = [("a file of %g GB" % options.gigabytes, "noise.vdb",
               lambda path: write_noise(path, int(options.gigabytes * (1 << 30)))),
              ("a .blend of %.1f million blocks" % (options.blocks / 1e6), "many.blend",
               lambda path: write_blocks(options.blend, path, options.blocks))]
    for name, file, make in inputs:
        with tempfile.TemporaryDirectory() as work:
            production = os.path.join(work, "production")
            os.makedirs(production)
            make(os.path.join(production, file))
            for step, (seconds, private, mapped) in zip(("bank", "restore"), measure(souschef, production, work)):
                lines.append("| %s | %s | %.1f s | %d MB | %.2f | %d MB |" % (
                    name, step, seconds, private >> 20, private / LIMIT, mapped >> 20))
    text = "\n".join(lines)
    print(text)
    if options.write:
        write_into(options.write, "memory", text)


if __name__ == "__main__":
    main()

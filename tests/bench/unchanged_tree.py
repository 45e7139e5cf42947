#!/usr/bin/env python3
"""Measures a snapshot of a tree in which nothing changed, beside `git status` on the same tree, in turns.

    cmake --preset release && cmake --build build/release
    python3 tests/bench/unchanged_tree.py [--files 100000] [--production DIR] [--write docs/benchmarks.md]

Without --production a tree of small files is made: 100 in a folder. Limits: 15 ms and twice git for a studio's
production, 0.3 s for 100 000 files. Wall-clock time of the whole process, page cache warm, medians of 15.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from compare_stores import ROOT, run, write_into  # noqa: E402


def make_tree(folder, files):
    for i in range(files):
        path = os.path.join(folder, "d%04d" % (i // 100), "f%06d.txt" % i)
        if i % 100 == 0:
            os.makedirs(os.path.dirname(path))
        with open(path, "w") as out:
            out.write("file %d\n" % i)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--souschef", default=os.path.join(ROOT, "build/release/bin/souschef"))
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--production")
    parser.add_argument("--write", metavar="DOCUMENT")
    options = parser.parse_args()
    souschef = os.path.abspath(options.souschef)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    lines = ["| tree | souschef snapshot | git status | souschef : git |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as work:
        trees = [("%d files" % options.files, os.path.join(work, "many"))]
        os.makedirs(trees[0][1])
        make_tree(trees[0][1], options.files)
        if options.production:
            trees.insert(0, ("the production", os.path.join(work, "production")))
            shutil.copytree(options.production, trees[0][1], ignore=shutil.ignore_patterns(".souschef", ".git"))
        for name, tree in trees:
            subprocess.run([souschef, "init"], cwd=tree, **quiet)
            subprocess.run([souschef, "snapshot", "."], cwd=tree, **quiet)
            subprocess.run("git init -q && git config gc.auto 0 && echo .souschef > .git/info/exclude && git add -A && "
                           "git -c user.name=x -c user.email=x@x commit -q -m x && git status", cwd=tree, shell=True,
                           **quiet)
            ours, git = [], []
            for _ in range(15):
                ours.append(run([souschef, "snapshot", "."], cwd=tree)[0])
                git.append(run(["git", "status"], cwd=tree)[0])
            ours, git = statistics.median(ours), statistics.median(git)
            lines.append("| %s | %.3f s | %.3f s | %.2f |" % (name, ours, git, ours / git))
    text = "\n".join(lines)
    print(text)
    if options.write:
        write_into(options.write, "unchanged", text)


if __name__ == "__main__":
    main()

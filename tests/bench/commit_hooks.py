#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the hooks add to `git commit`: the median of commits with and without them, taken in turns.

    python3 tests/bench/commit_hooks.py build/release/bin/souschef [--rounds 60]

The limit is 20 ms. Between commits it waits until the hook's own work is over, as an artist would: what that
work takes from a machine whose cores are all busy is not what is measured here. Another row shows git's own
way of running a hook that does nothing, which is the least that any hook costs.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

LIMIT_MS = 20.0
NAMES = ["post-commit", "pre-commit", "reference-transaction"]


def run(*words, cwd):
    return subprocess.run(words, cwd=cwd, check=True, capture_output=True, text=True).stdout


def runs_in_log(production):
    return sum(
        line.count('"hook_ran"') for file in (production / ".souschef/events").glob("*.jsonl") for line in file.open()
    )


def wait_for(production, count):
    deadline = time.monotonic() + 30
    while runs_in_log(production) < count:
        if time.monotonic() > deadline:
            sys.exit("the hook did not run")
        time.sleep(0.01)


def make_repository(folder, souschef, kind):
    production = folder / kind
    production.mkdir()
    run("git", "init", "--quiet", cwd=production)
    run(souschef, "init", cwd=production)
    (production / "notes.txt").write_text("0\n")
    run("git", "add", "--all", cwd=production)
    if kind == "souschef":
        run(souschef, "hook", "install", "git", cwd=production)
    if kind == "empty hooks":
        for name in NAMES:
            hook = production / ".git/hooks" / name
            hook.write_text("#!/bin/sh\nexit 0\n")
            hook.chmod(0o755)
    return production


def commit(production, number):
    (production / "notes.txt").write_text(f"{number}\n")
    start = time.perf_counter()
    run("git", "commit", "--quiet", "--all", "--message", str(number), cwd=production)
    return (time.perf_counter() - start) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("souschef")
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    souschef = str(pathlib.Path(options.souschef).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "home").mkdir()
        os.environ.update(
            HOME=str(folder / "home"), GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b",
            GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@b",
        )
        kinds = ["none", "empty hooks", "souschef"]
        places = {kind: make_repository(folder, souschef, kind) for kind in kinds}
        times = {kind: [] for kind in kinds}
        for number in range(1, options.rounds + 4):
            for kind in kinds:
                taken = commit(places[kind], number)
                if kind == "souschef":
                    wait_for(places[kind], number)
                if number > 3:  # the first ones warm the caches
                    times[kind].append(taken)
        base = statistics.median(times["none"])
        print(f"{'hooks':<14}{'least ms':>10}{'median ms':>10}{'p90 ms':>10}{'added ms':>10}{'of limit':>10}")
        for kind in kinds:
            median = statistics.median(times[kind])
            tenth = statistics.quantiles(times[kind], n=10)[-1]
            least = min(times[kind])
            print(
                f"{kind:<14}{least:>10.1f}{median:>10.1f}{tenth:>10.1f}"
                f"{median - base:>10.1f}{(median - base) / LIMIT_MS:>10.2f}"
            )


main()

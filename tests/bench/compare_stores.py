#!/usr/bin/env python3
"""Measures souschef beside other stores, on the same files, in the same run, and prints tables of ratios.

    cmake --preset release && cmake --build build/release
    python3 tests/bench/compare_stores.py snapshots [--production DIR] [--runs 3]
    python3 tests/bench/compare_stores.py gc [--snapshots 2000] [--keep 20]

Without --production a small studio's production is made by Blender (make_production.py, about half a gigabyte). Peers
that are not installed are left out and named. Wall-clock time of the whole process, page cache warm, `sync` before each
step; each step runs on a fresh store, --runs times; medians. Bytes are what `du` says that the store grew by, the
rebuildable index of souschef apart. Restores are compared with the source, file by file.

--write docs/benchmarks.md puts the tables between the marks of that document.
"""
import argparse
import filecmp
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def run(command, cwd=None, env=None, check=True):
    """Seconds and peak resident bytes (of the largest process) of a command."""
    os.sync()
    read, write = os.pipe()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(read)
        process = subprocess.run(command, cwd=cwd, env=env, shell=isinstance(command, str), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(write, json.dumps([process.returncode, time.monotonic() - start, usage.ru_maxrss * 1024,
                                    process.stderr.decode(errors="replace")[-2000:]]).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        code, seconds, peak, text = json.loads(pipe.read())
    os.waitpid(child, 0)
    if check and code not in (0,):
        sys.exit("failed (%d): %s\n%s" % (code, command, text))
    return seconds, peak


def disk_bytes(folder, without=()):
    total = 0
    for path, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if os.path.join(path, f) not in without]
        total += sum(os.lstat(os.path.join(path, f)).st_blocks * 512 for f in files)
    return total


def same_trees(a, b):
    for path, folders, files in os.walk(a):
        folders[:] = [f for f in folders if f != ".souschef"]
        other = os.path.join(b, os.path.relpath(path, a))
        _, mismatch, errors = filecmp.cmpfiles(path, other, files, shallow=False)
        if mismatch or errors:
            return False
    return True


# ------------------------------------------------------------------------------------------------------------- peers

class Souschef:
    name = "souschef"
    program = None

    def __init__(self, source, work, fresh=True):
        self.source, self.work = source, work
        self.folder = os.path.join(source, ".souschef")
        if fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
            run([self.program, "init"], cwd=source)

    def snapshot(self):
        return run([self.program, "snapshot", "."], cwd=self.source)

    def restore(self, target):
        return run([self.program, "restore", "latest:", target], cwd=self.source)

    def bytes(self):
        """Without the reserve, which is free space in a file."""
        store = os.path.join(self.folder, "store")
        reserve = os.path.join(store, "reserve")
        return disk_bytes(store) - (os.lstat(reserve).st_blocks * 512 if os.path.exists(reserve) else 0)

    def restored(self, target):
        return target

    def collect(self, keep):
        return run([self.program, "gc", "--keep-last", str(keep), "--now"], cwd=self.source)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Restic:
    name = "restic"

    def __init__(self, source, work, fresh=True):
        self.source, self.folder = source, os.path.join(work, "restic")
        self.repo = os.path.join(self.folder, "repo")
        self.env = dict(os.environ, RESTIC_PASSWORD="x", RESTIC_REPOSITORY=self.repo,
                        RESTIC_CACHE_DIR=os.path.join(self.folder, "cache"))
        if fresh:
            run(["restic", "init"], env=self.env)

    def snapshot(self):
        return run(["restic", "backup", "--exclude", ".souschef", "."], cwd=self.source, env=self.env)

    def restore(self, target):
        return run(["restic", "restore", "latest", "--target", target], env=self.env)

    def restored(self, target):
        return os.path.join(target, self.source.lstrip("/")) if os.path.exists(
            os.path.join(target, self.source.lstrip("/"))) else target

    def bytes(self):
        return disk_bytes(self.repo)

    def collect(self, keep):
        return run(["restic", "forget", "--keep-last", str(keep), "--prune"], env=self.env)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Borg:
    name = "borg lz4"

    def __init__(self, source, work, fresh=True):
        self.source, self.folder = source, os.path.join(work, "borg")
        self.repo = os.path.join(self.folder, "repo")
        self.env = dict(os.environ, BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes",
                        BORG_RELOCATED_REPO_ACCESS_IS_OK="yes", BORG_BASE_DIR=os.path.join(self.folder, "base"))
        if fresh:
            os.makedirs(self.folder)
            run(["borg", "init", "-e", "none", self.repo], env=self.env)
        last = subprocess.check_output(["borg", "list", "--last", "1", "--short", self.repo], env=self.env)
        self.count = int(last or 0)

    def snapshot(self):
        self.count += 1
        return run(["borg", "create", "-C", "lz4", "--exclude", "*/.souschef", "%s::%06d" % (self.repo, self.count),
                    "."], cwd=self.source, env=self.env)

    def restore(self, target):
        os.makedirs(target, exist_ok=True)
        return run(["borg", "extract", "%s::%06d" % (self.repo, self.count)], cwd=target, env=self.env)

    def restored(self, target):
        return target

    def bytes(self):
        return disk_bytes(self.repo)

    def collect(self, keep):
        prune = run(["borg", "prune", "--keep-last", str(keep), self.repo], env=self.env)
        compact = run(["borg", "compact", self.repo], env=self.env)
        return prune[0] + compact[0], max(prune[1], compact[1])

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class TarZstd:
    name = "tar | zstd -3 -T2"

    def __init__(self, source, work):
        self.source, self.file = source, os.path.join(work, "all.tar.zst")

    def snapshot(self):
        return run("tar c --exclude=.souschef . | zstd -q -3 -T2 -f -o '%s' && sync '%s'" % (self.file, self.file),
                   cwd=self.source)

    def restore(self, target):
        os.makedirs(target, exist_ok=True)
        return run("zstd -q -dc '%s' | tar x" % self.file, cwd=target)

    def restored(self, target):
        return target

    def bytes(self):
        return os.stat(self.file).st_blocks * 512

    def close(self):
        if os.path.exists(self.file):
            os.remove(self.file)


class Casync:
    name = "casync"

    def __init__(self, source, work):
        self.source, self.store, self.index = source, os.path.join(work, "casync"), os.path.join(work, "c.caidx")

    def snapshot(self):
        return run(["casync", "make", "--store=" + self.store, self.index, self.source])

    def restore(self, target):
        return run(["casync", "extract", "--store=" + self.store, self.index, target])

    def restored(self, target):
        return target

    def bytes(self):
        return disk_bytes(self.store)

    def close(self):
        shutil.rmtree(self.store, ignore_errors=True)


class Copy:
    name = "cp -r"

    def __init__(self, source, work):
        self.source, self.copy = source, os.path.join(work, "copy")

    def snapshot(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        return run(["cp", "-r", self.source, self.copy])

    def restore(self, target):
        return run(["cp", "-r", self.copy, target])

    def restored(self, target):
        return target

    def bytes(self):
        return disk_bytes(self.copy)

    def close(self):
        shutil.rmtree(self.copy, ignore_errors=True)


def installed(peers):
    programs = {Restic: "restic", Borg: "borg", TarZstd: "zstd", Casync: "casync", Copy: "cp"}
    there = [peer for peer in peers if peer is Souschef or shutil.which(programs[peer])]
    for peer in peers:
        if peer not in there:
            print("not installed: " + peer.name, file=sys.stderr)
    return there


# ------------------------------------------------------------------------------------------------------------ tables

def table(rows, heads):
    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(heads), "|" + "---|" * len(heads)] + [line(row) for row in rows])


def megabytes(count):
    count = max(0, count)
    if count < 100e3:
        return "%.1f kB" % (count / 1e3)
    return "%.2f MB" % (count / 1e6) if count < 10e6 else "%.0f MB" % (count / 1e6)


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return "%d cores, %s; load %.1f when it began" % (os.cpu_count(), model, os.getloadavg()[0])


# --------------------------------------------------------------------------------------------------------- snapshots

def make_production(folder, scale):
    subprocess.run(["blender", "-b", "--factory-startup", "--python", os.path.join(HERE, "make_production.py"), "--",
                    folder, "--scale", scale], check=True, stdout=subprocess.DEVNULL)


def edit(blend, mode, seed):
    subprocess.run(["blender", "-b", "--factory-startup", "--python-exit-code", "1", "--python",
                    os.path.join(HERE, "edit_production.py"), "--", blend, "--mode", mode, "--seed", str(seed)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_versions(production, work, edits):
    """For each edit: the .blend as it was after it, to be put in its place when the step comes."""
    versions = []
    for number, (name, mode) in enumerate(edits):
        path = next((os.path.join(p, f) for p, _, files in os.walk(production) for f in files if f == name + ".blend"))
        saved = os.path.join(work, "%d.blend" % number)
        before = versions[-1][2] if versions and versions[-1][1] == path else None
        shutil.copy(before or path, saved + ".tmp.blend")
        edit(saved + ".tmp.blend", mode, number)
        os.rename(saved + ".tmp.blend", saved)
        versions.append(("%s %s" % (mode, name), path, saved))
    return versions


def measure_peer(peer_class, production, versions, work):
    originals = {path: path + ".original" for _, path, _ in versions}
    for path, copy in originals.items():
        shutil.copy2(path, copy)
        shutil.move(copy, os.path.join(work, os.path.basename(copy)))
    place = tempfile.mkdtemp(dir=work)
    peer = peer_class(production, place)
    results, before = {}, 0
    steps = [("first", None, None), ("nothing changed", None, None)] + versions
    try:
        for name, path, version in steps:
            if path:
                shutil.copy(version, path)
            seconds, peak = peer.snapshot()
            grown, before = peer.bytes() - before, peer.bytes()
            results[name] = (seconds, peak, grown)
        target = os.path.join(place, "restored")
        seconds, peak = peer.restore(target)
        if not same_trees(production, peer.restored(target)):
            sys.exit(peer.name + ": the restored tree differs from the source")
        results["restore"] = (seconds, peak, 0)
    finally:
        peer.close()
        shutil.rmtree(place, ignore_errors=True)
        for path, copy in originals.items():
            shutil.copy2(os.path.join(work, os.path.basename(copy)), path)
    return results


def snapshots(options, work):
    production = os.path.join(work, "production")
    if options.production:
        shutil.copytree(options.production, production, symlinks=True)
    else:
        make_production(production, options.scale)
    edits = [("village", "resave"), ("village", "nudge"), ("cliff", "sculpt"), ("hero", "add")]
    versions = make_versions(production, work, edits)
    peers = installed([Souschef, Restic, Borg, TarZstd, Casync, Copy])
    found = {peer.name: [] for peer in peers}
    for _ in range(options.runs):
        for peer in peers:  # interleaved, so that a slow minute is nobody's alone
            found[peer.name].append(measure_peer(peer, production, versions, work))
    steps = list(found["souschef"][0])
    middle = {name: {step: tuple(statistics.median(run[step][i] for run in runs) for i in range(3)) for step in steps}
              for name, runs in found.items()}
    ours = middle["souschef"]
    files = sum(len(f) for _, _, f in os.walk(production))
    text = "Production: %d files, %s. Medians of %d run(s). %s.\n\n" % (
        files, megabytes(disk_bytes(production)), options.runs, machine())
    heads = ["step"] + ["%s" % name for name in middle] + ["souschef : restic"]
    rows = []
    for step in steps:
        row = [step] + ["%.3f s" % middle[name][step][0] for name in middle]
        rows.append(row + ["%.2f" % (ours[step][0] / middle["restic"][step][0]) if "restic" in middle else ""])
    text += "Time:\n\n" + table(rows, heads) + "\n\nBytes added to the store:\n\n"
    rows = []
    for step in steps[:-1]:
        row = [step] + [megabytes(middle[name][step][2]) for name in middle]
        rows.append(row + ["%.4f" % (ours[step][2] / max(1, middle["restic"][step][2])) if "restic" in middle else ""])
    text += table(rows, heads)
    text += "\n\nPeak memory of the largest process, first snapshot: " + ", ".join(
        "%s %s" % (name, megabytes(middle[name]["first"][1])) for name in middle) + "."
    return text


# ---------------------------------------------------------------------------------------------------------------- gc

def make_tree(folder, dice):
    for number in range(60):
        path = os.path.join(folder, "shots", "sh%03d" % (number // 4), "file%d.bin" % number)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(dice.randbytes(100_000 if number else 4_000_000))


def change_tree(folder, dice):
    """Two small files anew, and a stretch of the large one."""
    for _ in range(2):
        number = dice.randrange(1, 60)
        with open(os.path.join(folder, "shots", "sh%03d" % (number // 4), "file%d.bin" % number), "wb") as file:
            file.write(dice.randbytes(100_000))
    with open(os.path.join(folder, "shots", "sh000", "file0.bin"), "r+b") as file:
        file.seek(dice.randrange(3_900_000))
        file.write(dice.randbytes(5_000))


def made_by(peer, work):
    return os.path.join(work, "made", peer.name.split()[0])


def make_stores(options, work):
    """The same trees for everybody. What is made stays in `work`, so that a later run with --work need not make it again."""
    wanted = options.peers.split(",")
    tree, made = os.path.join(work, "tree"), os.path.join(work, "made.json")
    there = os.path.exists(made)
    dice = random.Random(1)
    if not there:
        make_tree(tree, dice)
    peers = [peer(tree, work, fresh=not there) for peer in installed([Souschef, Restic, Borg])
             if options.peers == "all" or peer.name.split()[0] in wanted]
    if there:
        return tree, peers, json.load(open(made))
    banking = {peer.name: 0.0 for peer in peers}
    for number in range(options.snapshots):
        change_tree(tree, dice)
        for peer in peers:
            banking[peer.name] += peer.snapshot()[0]
        if number % 100 == 99:
            print("%d of %d snapshots: %s" % (number + 1, options.snapshots, banking), file=sys.stderr, flush=True)
    os.makedirs(os.path.join(work, "made"))
    for peer in peers:
        subprocess.run(["cp", "-a", peer.folder, made_by(peer, work)], check=True)
    text = json.dumps({"banking": banking, "bytes": {peer.name: peer.bytes() for peer in peers}})
    open(made, "w").write(text)
    return tree, peers, json.loads(text)


def collect(options, work):
    """Collects copies of the same stores --runs times, one peer after the other: they meet the same machine."""
    tree, peers, made = make_stores(options, work)
    machine_then = machine()
    collected = {peer.name: [] for peer in peers}
    for _ in range(options.runs):
        for peer in peers:
            shutil.rmtree(peer.folder)
            subprocess.run(["cp", "-a", made_by(peer, work), peer.folder], check=True)
            collected[peer.name].append(peer.collect(options.keep))
            print("%s: %.2f s" % (peer.name, collected[peer.name][-1][0]), file=sys.stderr, flush=True)
    seconds = {name: statistics.median(run[0] for run in runs) for name, runs in collected.items()}
    rows = []
    for peer in peers:
        target = os.path.join(work, "restored")
        shutil.rmtree(target, ignore_errors=True)
        peer.restore(target)
        if not same_trees(tree, peer.restored(target)):
            sys.exit(peer.name + ": the restored tree differs from the source")
        rows.append([peer.name, "%.1f s" % made["banking"][peer.name], megabytes(made["bytes"][peer.name]),
                     "%.2f s" % seconds[peer.name], megabytes(peer.bytes()),
                     megabytes(max(run[1] for run in collected[peer.name])),
                     "%.2f" % (seconds[peers[0].name] / seconds[peer.name])])
    text = "%d snapshots of a tree of 60 files, 10 MB, each with small edits; then only the last %d are kept and the rest " \
           "is deleted for good (`souschef gc --keep-last %d --now`, `restic forget --prune`, `borg prune` and `compact`). " \
           "Collections: medians of %d. %s.\n\n" % (options.snapshots, options.keep, options.keep, options.runs, machine_then)
    return text + table(rows, ["", "all snapshots", "store before", "collection", "store after", "peak memory",
                               "souschef : it"])


def write_into(path, mark, text):
    begin, end = "<!-- %s -->" % mark, "<!-- end of %s -->" % mark
    document = open(path).read()
    head, rest = document.split(begin)
    _, tail = rest.split(end)
    open(path, "w").write(head + begin + "\n" + text + "\n" + end + tail)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["snapshots", "gc"])
    parser.add_argument("--souschef", default=os.path.join(ROOT, "build/release/bin/souschef"))
    parser.add_argument("--production")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--snapshots", type=int, default=2000)
    parser.add_argument("--keep", type=int, default=20)
    parser.add_argument("--peers", default="all", help="gc: souschef,restic,borg or some of them")
    parser.add_argument("--work", metavar="DIR", help="gc: make the stores here and leave them for the next run")
    parser.add_argument("--write", metavar="DOCUMENT")
    options = parser.parse_args()
    Souschef.program = os.path.abspath(options.souschef)
    with tempfile.TemporaryDirectory() as scratch:
        if options.work:
            os.makedirs(options.work, exist_ok=True)
        text = snapshots(options, scratch) if options.what == "snapshots" else collect(options, options.work or scratch)
    print(text)
    if options.write:
        write_into(options.write, options.what, text)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Breaks a release program's world while it works, and looks what is left.

    python3 Tests/Faults/faults.py --assay .build/release/assay --lab .build/release/assay-lab [--seconds 60] [--kills 2000]

Held to, after every fault:
- what was finished before is there: the ledger verifies and has lost no entry; a file is the old one or the new one,
  whole; nothing is left beside it (`*.assay-*`, Foundation's `.dat.nosync*`) that the next run does not clear away;
- an exit code of 0 means that the result is the one of an undisturbed run; otherwise standard error says what and how to
  mend it (a killed process says nothing);
- the same command, given again, ends with the undisturbed run's result.

Kills happen at random times, and by `shim.c` at the n-th call that changes a file, where they hurt most. The state folder
keeps what was done, one JSON object a line, so that a run goes on where the last one ended. Python's own modules and a C
compiler are all it needs; tmpfs and another user need root and are said to be skipped without it.
"""

import argparse
import collections
import hashlib
import json
import os
import platform
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLOCK = "2026-11-25T12:00:00Z"
# SQLite's own `-journal`, `-wal` and `-shm` are no litter: the next to open the ledger takes from them what was committed.
LEFTOVERS = ("*.assay-*", ".dat.nosync*", "*.sb-*", "*.tmp")


def png(side, seed, text=None):
    """A small noisy PNG, with a tEXt chunk that declares AI where `text` is given."""
    noise = random.Random(seed)
    rows = b"".join(b"\0" + noise.randbytes(side * 3) for _ in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))]
    if text:
        parts.append(chunk(b"tEXt", b"parameters\0" + text.encode("latin-1")))
    parts += [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class Run:
    """What a program answered: `code` is negative for the signal that ended it."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    @property
    def tells(self):
        return "error: " in self.err and "fix: " in self.err


class Bench:
    def __init__(self, options):
        self.assay = str(Path(options.assay).resolve())
        self.lab = str(Path(options.lab).resolve()) if options.lab else None
        self.state = Path(options.state).resolve()
        self.state.mkdir(parents=True, exist_ok=True)
        self.record = self.state / "results.jsonl"
        self.deadline = time.monotonic() + options.seconds if options.seconds else None
        self.only = options.only.split(",") if options.only else None
        self.random = random.Random(options.seed)
        self.shim = self.state / "shim.so"
        compiler = os.environ.get("CC", "cc")
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-o", str(self.shim), str(HERE / "shim.c"), "-ldl"], check=True)
        self.work = Path(tempfile.mkdtemp(prefix="faults-", dir=self.state))
        self.done = collections.Counter()
        self.bad = []
        self.skipped = []
        self.counted = None, 0
        if self.record.exists():
            for line in self.record.read_text().splitlines():
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if entry.get("assay") == self.version():
                    self.done[entry["fault"]] += 1
                    if entry["problems"]:
                        self.bad.append(entry)

    def version(self):
        """Of this very program: results of another build do not count."""
        if not hasattr(self, "_version"):
            self._version = hashlib.sha256(Path(self.assay).read_bytes()).hexdigest()[:16]
        return self._version

    @property
    def over(self):
        return self.deadline is not None and time.monotonic() > self.deadline

    def wants(self, fault):
        """Whether this fault is asked for, and there is time left for it."""
        return not self.over and (self.only is None or any(part in fault for part in self.only))

    def note(self, fault, problems, **facts):
        entry = {"fault": fault, "assay": self.version(), "problems": problems, **facts}
        with self.record.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        self.done[fault] += 1
        if problems:
            self.bad.append(entry)
            print(f"FOUND {fault}: {'; '.join(problems)} {facts}", flush=True)

    def run(self, arguments, *, after=None, send=signal.SIGKILL, shim=None, limit=None, cwd=None, env=None, user=None,
            timeout=600):
        """Runs a program to its end, or sends it a signal `after` seconds."""
        environment = {**os.environ, "NO_COLOR": "1", **(env or {})}
        for name in [name for name, value in (env or {}).items() if value is None]:
            del environment[name]
        if shim:
            environment |= {"LD_PRELOAD": str(self.shim), **{name: str(value) for name, value in shim.items()}}

        def prepare():
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if limit:
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

        start = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd, env=environment,
                preexec_fn=prepare, user=user)
            code = None
            if after is not None:
                try:
                    code = process.wait(after)
                except subprocess.TimeoutExpired:
                    process.send_signal(send)
            if code is None:
                try:
                    code = process.wait(timeout)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    code = "hangs"
            out.seek(0)
            err.seek(0)
            return Run(code, out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace"),
                       time.monotonic() - start)

    def clean(self, folder, killed=False):
        """What was left lying about in a folder. No call of the system replaces a file by one without a name: between the two
        that do, a kill leaves the whole file beside it, and the next run clears it away."""
        return [f"left {path.relative_to(folder)}" for pattern in LEFTOVERS for path in folder.rglob(pattern)
                if not (killed and path.name.endswith(".assay-new"))]


class Job:
    """A command with a result; `held` tells what must never be lost."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.folder = bench.work / name
        self.fresh()
        self.prepare()
        start = time.monotonic()
        run = self.go(shim={"FAULTS_COUNT": bench.work / f"{name}.count"})
        self.seconds = time.monotonic() - start
        self.code = run.code
        if run.code not in (0, 1):
            raise SystemExit(f"{name} does not run undisturbed ({run.code}): {run.err}")
        self.calls = int((bench.work / f"{name}.count").read_text())
        self.expected = self.result()
        self.fresh()

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def prepare(self):
        pass

    def go(self, **how):
        return self.bench.run(self.command(), cwd=self.folder, **how)

    def held(self):
        return 0

    def check(self, run, before):
        """Problems after a fault."""
        problems = self.bench.clean(self.folder, killed=run.code == -signal.SIGKILL) + self.damage()
        after = self.held()
        if after is None:
            problems.append(self.bench.unverified)
        elif before is not None and after < before:
            problems.append(f"{before - after} entries are lost")
        if run.code == "hangs":
            problems.append("hangs")
        elif run.code == self.code and self.result() != self.expected:
            problems.append("ends as if all went well, and its result is another")
        elif isinstance(run.code, int) and run.code > 0 and run.code not in (self.code, 130) and not run.tells:
            problems.append(f"ends with {run.code} and does not say why: {run.err[-200:]!r}")
        elif isinstance(run.code, int) and run.code < 0 and -run.code in (4, 5, 6, 7, 8, 11):
            problems.append(f"crashes with signal {-run.code}: {run.err[-300:]!r}")
        return problems

    def damage(self):
        """Files that are neither missing nor as the undisturbed run makes them."""
        return []

    def finishes(self):
        run = self.go()
        if run.code != self.code or self.result() != self.expected:
            return [f"given again, it ends with {run.code} and another result: {run.err[-300:]!r}"]
        return self.bench.clean(self.folder)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


class Audit(Job):
    """An audit with a ledger, its reports written anew each time."""

    formats = ("report.html", "report.json")

    def prepare(self):
        pictures = self.bench.work / "pictures"
        if not pictures.exists():
            pictures.mkdir()
            for index in range(10):
                text = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Model: sd" if index % 3 == 0 else None
                (pictures / f"{index}.png").write_bytes(png(40, index, text))
        self.pictures = pictures

    def command(self):
        return [self.bench.assay, "audit", str(self.pictures), "--ledger", "desk.sqlite", "-o", "out", "--force", "--clock", CLOCK,
                "--operator", "faults", "--trust", "none", "--tsa-trust", "none", "--workers", "2"]

    def held(self):
        return ledger_count(self.bench, self.folder / "desk.sqlite")

    def result(self):
        """The report, without the ledger's head: that holds the times of its entries."""
        path = self.folder / "out/report.json"
        if not path.exists():
            return None
        report = json.loads(path.read_text())
        report.pop("references", None)
        report.get("header", {}).pop("references", None)
        return json.dumps(strip_heads(report), sort_keys=True)

    def damage(self):
        problems = []
        path = self.folder / "out/report.json"
        if path.exists():
            try:
                json.loads(path.read_text())
            except ValueError:
                problems.append("half a report.json")
        path = self.folder / "out/report.html"
        if path.exists() and not path.read_text().rstrip().endswith("</html>"):
            problems.append("half a report.html")
        return problems


def strip_heads(value):
    """Without what holds the time of an examination or of the run."""
    if isinstance(value, dict):
        return {key: strip_heads(item) for key, item in value.items()
                if not (key == "references" or key.lower() in ("head", "sha256ofledger"))}
    if isinstance(value, list):
        return [strip_heads(item) for item in value]
    return value


def ledger_count(bench, path):
    """Entries of a ledger; 0 where there is none, None where it does not verify. Asked again of the same files, it is not
    verified again."""
    state = [(name, file.stat().st_ino, file.stat().st_size, file.stat().st_mtime_ns)
             for name in (path, f"{path}-wal", f"{path}-journal") if (file := Path(name)).exists()]
    if bench.counted[0] != state:
        bench.counted = state, verified_count(bench, path)
    return bench.counted[1]


def verified_count(bench, path):
    if not path.exists() or path.stat().st_size == 0 and not Path(f"{path}-wal").exists():
        return 0
    # On a full disk not even a reader has room for its `-shm`; elsewhere the same files have to verify.
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("", "-wal", "-journal"):
            if Path(f"{path}{ending}").exists():
                shutil.copy(f"{path}{ending}", f"{folder}/copy.sqlite{ending}")
        run = bench.run([bench.assay, "ledger", "verify", "--ledger", f"{folder}/copy.sqlite", "--json"])
    if run.code == 0:
        return json.loads(run.out)["entries"]
    # One that was stopped before its table was made is empty, not broken: the program says so.
    if "this ledger holds nothing" in run.err:
        return 0
    bench.unverified = f"the ledger does not verify: {run.code} {run.out[-300:]!r} {run.err[-300:]!r}"
    return None


class LedgerAdd(Job):
    """Twelve results entered at once: all or none of them."""

    def prepare(self):
        self.lines = self.bench.work / "scan.jsonl"
        if not self.lines.exists():
            pictures = self.bench.work / "few"
            pictures.mkdir()
            for index in range(12):
                (pictures / f"{index}.png").write_bytes(png(24, 50 + index))
            run = self.bench.run([self.bench.assay, "scan", str(pictures), "--json", "--only", "provenance"])
            self.lines.write_text(run.out)

    def command(self):
        return [self.bench.assay, "ledger", "add", str(self.lines), "--ledger", "desk.sqlite", "--operator", "faults"]

    def held(self):
        return ledger_count(self.bench, self.folder / "desk.sqlite")

    def result(self):
        """That the number of entries is a multiple of what one command enters, and more than none."""
        count = self.held()
        return count is not None and count > 0 and count % 12 == 0

    def damage(self):
        count = self.held()
        return ["a part of one command's entries was kept"] if count is not None and count % 12 else []


class Export(Job):
    """A file that replaces another: the old one or the new one."""

    def prepare(self):
        self.ledger = self.bench.work / "full.sqlite"
        if not self.ledger.exists():
            lines = self.bench.work / "scan.jsonl"
            self.bench.run([self.bench.assay, "ledger", "add", str(lines), "--ledger", str(self.ledger), "--operator", "faults"])

    def fresh(self):
        super().fresh()
        (self.folder / "export.jsonl").write_text("old\n")

    def command(self):
        return [self.bench.assay, "ledger", "export", "--ledger", str(self.ledger), "-o", "export.jsonl", "--force"]

    def result(self):
        return digest(self.folder / "export.jsonl")

    def damage(self):
        if not hasattr(self, "expected"):
            return []
        old = hashlib.sha256(b"old\n").hexdigest()
        spare = digest(self.folder / "export.jsonl.assay-new")
        if spare not in (None, self.expected):
            return ["what lies beside the file is not the whole new one"]
        return [] if self.result() in (old, self.expected) else ["the file is neither the old nor the new one"]


class Watch(Job):
    """A folder that is watched until all of it is entered: every entry that was printed is kept, none stands twice."""

    def prepare(self):
        self.inbox = self.bench.work / "inbox"
        if not self.inbox.exists():
            self.inbox.mkdir()
            for index in range(12):
                (self.inbox / f"{index}.png").write_bytes(png(32, 400 + index))

    def command(self):
        return [self.bench.assay, "watch", str(self.inbox), "--ledger", "desk.sqlite", "--operator", "faults", "--once", "--workers", "2",
                "--trust", "none", "--tsa-trust", "none", "--json"]

    def held(self):
        return ledger_count(self.bench, self.folder / "desk.sqlite")

    def result(self):
        return self.held()

    def check(self, run, before):
        problems = super().check(run, before)
        # What was printed was entered before.
        printed, kept = run.out.count("\n"), self.held()
        if kept is not None and kept < (before or 0) + printed:
            problems.append(f"{printed} results were printed, and the ledger grew from {before} to {kept}")
        return problems

    def damage(self):
        count = self.held()
        return [f"{count} entries of 12 pictures"] if count is not None and count > 12 else []


class FindCopies(Job):
    """An index of a folder's pictures: made anew or gone on with, never wrong."""

    def prepare(self):
        self.archive = self.bench.work / "archive"
        if not self.archive.exists():
            self.archive.mkdir()
            for index in range(8):
                (self.archive / f"{index}.png").write_bytes(png(64, 500 + index))

    def command(self):
        return [self.bench.assay, "find-copies", str(self.archive / "3.png"), "--in", str(self.archive), "--index", "copies.sqlite",
                "--workers", "2", "--json"]

    def go(self, **how):
        self.printed = super().go(**how)
        return self.printed

    def result(self):
        return self.printed.out if hasattr(self, "printed") else None


class Features(Job):
    """The first stage of training: a cache of features, which a second run goes on with."""

    def prepare(self):
        data = self.bench.work / "labelled"
        if data.exists():
            return
        data.mkdir()
        rows = ["path,split,label,generator,source,repo,width,height,original_format"]
        for index in range(6):
            label = "ai" if index % 2 else "real"
            (data / f"{index}.png").write_bytes(png(160, 100 + index))
            rows.append(f"{index}.png,train,{label},{'sd' if index % 2 else ''},s{index},s{index},160,160,png")
        (data / "index.csv").write_text("\n".join(rows) + "\n")

    def command(self):
        return [self.bench.lab, "train", "features", str(self.bench.work / "labelled/index.csv"), "-o", "cache"]

    def result(self):
        return {str(path.relative_to(self.folder)): digest(path)
                for path in sorted(self.folder.rglob("*")) if path.is_file()} or None

    def damage(self):
        if not hasattr(self, "expected"):
            return []
        now = self.result() or {}
        return [f"{name} is not as it should be" for name, value in now.items()
                if self.expected and name in self.expected and value != self.expected[name]]


class Adapt(Job):
    """A detector fitted to forty pictures: its weights, whole or not at all."""

    def prepare(self):
        folder = self.bench.work / "own"
        if folder.exists():
            return
        for label, first in (("ai", 200), ("real", 300)):
            (folder / label).mkdir(parents=True)
            for index in range(20):
                (folder / label / f"{index}.png").write_bytes(png(128, first + index))

    def command(self):
        return [self.bench.assay, "detector", "adapt", str(self.bench.work / "own"), "-o", "own.safetensors", "--report", "own",
                "--force"]

    def result(self):
        return digest(self.folder / "own.safetensors")

    def damage(self):
        if not hasattr(self, "expected"):
            return []
        return [] if self.result() in (None, self.expected) else ["half the weights"]


def kills(bench, job, goal, by):
    """Kills until the goal is reached; `by` is time or call. A job goes on where the last kill left it."""
    fault = f"kill {job.name} at a random {by}"
    if bench.done[fault] >= goal or not bench.wants(fault):
        return
    job.fresh()
    since = 0
    while bench.done[fault] < goal and not bench.over:
        before = job.held()
        if by == "time":
            run = job.go(after=bench.random.uniform(0, job.seconds))
        else:
            run = job.go(shim={"FAULTS_AT": bench.random.randint(1, job.calls), "FAULTS_HOW": "kill"})
        killed = run.code == -signal.SIGKILL
        problems = job.check(run, before)
        since += 1
        if run.code == job.code or since >= 12 or problems:
            if run.code != job.code and not problems:
                problems += job.finishes()
            job.fresh()
            since = 0
        if killed or problems:
            bench.note(fault, problems, code=run.code)


def failures(bench, job, hows, stride=1):
    """Every call that changes a file fails in turn, once, or from there on."""
    for how in hows:
        for stays in (False, True):
            fault = f"{how} {'from' if stays else 'at'} the n-th call of {job.name}"
            if not bench.wants(fault):
                continue
            number = 1 + bench.done[fault] * stride
            while number <= job.calls and not bench.over:
                job.fresh()
                run = job.go(shim={"FAULTS_AT": number, "FAULTS_HOW": how, **({"FAULTS_ON": 1} if stays else {})})
                problems = job.check(run, 0)
                if run.code != job.code and not problems:
                    problems += job.finishes()
                bench.note(fault, problems, call=number, code=run.code)
                number += stride


def small_disks(bench, job):
    """A tmpfs that is full at the start, or fills on the way."""
    fault = f"{job.name} on a small disk"
    if bench.done[fault] or not bench.wants(fault):
        return
    for kib in (4, 16, 32, 64, 96, 128, 192, 256, 384, 512):
        if bench.over:
            return
        job.fresh()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "faults", str(job.folder)], capture_output=True).returncode:
            bench.skipped.append(f"{fault}: no mount is allowed here")
            return
        try:
            run = job.go()
            problems = job.check(run, 0)
            if run.code not in (job.code, 0) and not run.tells:
                problems.append(f"does not say why: {run.err[-200:]!r}")
            bench.note(fault, problems, kib=kib, code=run.code)
        finally:
            subprocess.run(["umount", str(job.folder)], check=True)


def memory(bench, job):
    """Less and less address space: it ends with the result, or without one and not with 0."""
    fault = f"{job.name} with little memory"
    if bench.done[fault] or not bench.wants(fault):
        return
    for mebibytes in (32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048):
        if bench.over:
            return
        job.fresh()
        run = job.go(limit=mebibytes << 20, timeout=90)
        # Swift ends a process that gets no memory; that it neither ends with 0 nor leaves half a file is what is held to.
        problems = [text for text in job.check(run, 0) if not text.startswith(("crashes", "ends with"))]
        bench.note(fault, problems, mebibytes=mebibytes, code=run.code, told=run.tells)


def signals(bench, job, goal):
    """Signals at random times: what was begun is finished or not there, and the exit code says how it ended."""
    # Started in the background by a shell, this script ignores SIGINT, and programs would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        fault = f"{sent.name} to {job.name}"
        while bench.done[fault] < goal and bench.wants(fault):
            job.fresh()
            run = job.go(after=bench.random.uniform(0, job.seconds), send=sent)
            problems = job.check(run, 0)
            if run.code not in (job.code, 130, -sent):
                problems.append(f"ends with {run.code}")
            if run.code != job.code and not problems:
                problems += job.finishes()
            bench.note(fault, problems, code=run.code)


def closed_pipe(bench):
    """`assay scan … | head -1`: it ends, and quietly."""
    fault = "the reader of standard output goes away"
    if bench.done[fault] or not bench.wants(fault):
        return
    process = subprocess.Popen([bench.assay, "scan", str(bench.work / "pictures"), "--json", "--only", "provenance"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
    process.stdout.close()
    error = process.stderr.read()
    code = process.wait(60)
    bench.note(fault, [] if code in (-13, 1) and not error else [f"ends with {code}: {error!r}"], code=code)


def full_output(bench):
    """Standard output on a full device."""
    fault = "standard output is full"
    if bench.done[fault] or not bench.wants(fault):
        return
    with open("/dev/full", "w") as full:
        process = subprocess.run([bench.assay, "scan", str(bench.work / "pictures"), "--json", "--only", "provenance"], stdout=full, stderr=subprocess.PIPE, text=True)
    bench.note(fault, [] if process.returncode == 1 and "fix: " in process.stderr else [f"{process.returncode}: {process.stderr}"])


def together(job, commands):
    """Runs them at once, and tells of those that end otherwise than alone."""
    running = [subprocess.Popen(command, cwd=job.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for command in commands]
    errors = [(process.communicate()[1].decode(), process.returncode) for process in running]
    return [f"one of several ends with {code}: {text}" for text, code in errors if code != job.code]


def two_writers(bench, add, audit, copies):
    """Several processes at one ledger or index: none fails, nothing is lost, none is entered twice over."""
    fault = "two that make one index of copies"
    while bench.done[fault] < 20 and bench.wants(fault):
        copies.fresh()
        bench.note(fault, together(copies, [copies.command() for _ in range(3)]))
    fault = "several writers of one ledger"
    if bench.done[fault] >= 21 or not bench.wants(fault):
        return
    add.fresh()
    writers = [subprocess.Popen(add.command(), cwd=add.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(8)]
    errors = [(writer.communicate()[1].decode(), writer.returncode) for writer in writers]
    problems = [f"a writer ends with {code}: {text}" for text, code in errors if code]
    if add.held() != 8 * 12:
        problems.append(f"{add.held()} entries instead of {8 * 12}")
    bench.note(fault, problems)
    while bench.done[fault] < 21 and not bench.over:
        audit.fresh()
        commands = [[*audit.command()[:-2], "--workers", "1"] for _ in range(2)]
        for index, command in enumerate(commands):
            command[command.index("-o") + 1] = f"out{index}"
        problems = together(audit, commands)
        count = audit.held()
        if count is None or count < 10:
            problems.append(f"the ledger holds {count} entries")
        bench.note(fault, problems, entries=count)


def homes(bench, audit, watch, copies):
    """No HOME, one that is not there, one that nobody may write, and a folder of results that may only be read."""
    picture = str(audit.pictures / "0.png")
    scan = [bench.assay, "scan", picture, "--json", "--only", "provenance"]
    plain = bench.run(scan).out
    for name, env in (("unset", {"HOME": None, "XDG_CONFIG_HOME": None}), ("missing", {"HOME": "/nonexistent/home"}),
                      ("empty", {"HOME": ""}), ("a file", {"HOME": picture})):
        fault = f"HOME is {name}"
        if bench.done[fault] or not bench.wants(fault):
            continue
        run = bench.run(scan, env=env)
        problems = [] if run.code == 0 and run.out == plain else [f"{run.code}: {run.err}"]
        run = bench.run([bench.assay, "trust", "list"], env=env)
        if run.code not in (0, 1) or run.code == 1 and not run.tells:
            problems.append(f"trust list ends with {run.code}: {run.err}")
        for job in (audit, watch, copies):
            job.fresh()
            run = job.go(env=env)
            if run.code != job.code or job.result() != job.expected:
                problems.append(f"{job.name} ends with {run.code}: {run.err}")
        bench.note(fault, problems)
    fault = "read-only folders"
    if bench.done[fault] or not bench.wants(fault):
        return
    place = bench.work / "readonly"
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "faults", str(place)], capture_output=True).returncode:
        bench.skipped.append(f"{fault}: no mount is allowed here")
        return
    try:
        shutil.copy(bench.work / "full.sqlite", place / "desk.sqlite")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        problems = []
        lines = str(bench.work / "scan.jsonl")
        for what, command in {
            "ledger add": [bench.assay, "ledger", "add", lines, "--ledger", f"{place}/desk.sqlite", "--operator", "x"],
            "ledger add, new": [bench.assay, "ledger", "add", lines, "--ledger", f"{place}/new.sqlite", "--operator", "x"],
            "audit": [bench.assay, "audit", str(audit.pictures), "-o", f"{place}/out"],
            "audit, a ledger": [*audit.command()[:-2], "--ledger", f"{place}/new.sqlite"],
            "watch": [*watch.command(), "--ledger", f"{place}/new.sqlite"],
            "find-copies": [*copies.command(), "--index", f"{place}/copies.sqlite"],
            "export": [bench.assay, "ledger", "export", "--ledger", str(bench.work / "full.sqlite"), "-o", f"{place}/e.jsonl"],
            "trust install": [bench.assay, "trust", "install", f"{HERE.parent.parent}/fixtures/audit-case/trust/signers.pem"],
        }.items():
            run = bench.run(command, env={"HOME": str(place), "XDG_CONFIG_HOME": None}, cwd=audit.folder)
            if run.code != 1 or not run.tells:
                problems.append(f"{what} ends with {run.code}: {run.err}")
        run = bench.run([bench.assay, "ledger", "verify", "--ledger", f"{place}/desk.sqlite"])
        if run.code != 0:
            problems.append(f"ledger verify of a read-only ledger ends with {run.code}: {run.err}")
        run = bench.run(scan, env={"HOME": str(place)})
        if run.code != 0 or run.out != plain:
            problems.append(f"scan with a read-only HOME ends with {run.code}: {run.err}")
        bench.note(fault, problems)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def clocks(bench, *jobs):
    """The clock jumps an hour, a year and seventy years forth and back at every look at it."""
    for job in jobs:
        fault = f"the clock jumps during {job.name}"
        if bench.done[fault] or not bench.wants(fault):
            continue
        for seconds in (3600, 365 * 86400, 70 * 365 * 86400):
            job.fresh()
            run = job.go(shim={"FAULTS_CLOCK": seconds})
            problems = job.check(run, 0)
            if run.code != job.code:
                problems.append(f"ends with {run.code}: {run.err[-200:]!r}")
            bench.note(fault, problems, seconds=seconds, code=run.code)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--assay", required=True)
    parser.add_argument("--lab", help="assay-lab; without it no training is killed")
    parser.add_argument("--state", default=".build/faults")
    parser.add_argument("--seconds", type=float, help="stop after so long; the next run goes on")
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("--only", help="parts of faults' names, separated by commas: 'n-th call of watch,small disk'")
    parser.add_argument("--summary", help="write a table of what was done, Markdown")
    options = parser.parse_args()
    bench = Bench(options)
    try:
        add = LedgerAdd(bench, "ledger add")
        export = Export(bench, "ledger export")
        audit = Audit(bench, "audit")
        watch = Watch(bench, "watch")
        copies = FindCopies(bench, "find-copies")
        two_writers(bench, add, audit, copies)
        homes(bench, audit, watch, copies)
        closed_pipe(bench)
        full_output(bench)
        # A short run takes a few of everything; a long one all of it.
        short = options.seconds is not None and options.seconds <= 120
        clocks(bench, add, audit, watch)
        for job, short_goal, percent in ((add, 30, 25), (export, 10, 10), (audit, 10, 8), (watch, 10, 15), (copies, 10, 7)):
            kills(bench, job, short_goal if short else options.kills * percent // 100, "call")
        small_disks(bench, add)
        if short:
            for job, stride in ((export, 1), (add, 9), (audit, 29), (watch, 29), (copies, 29)):
                failures(bench, job, ["ENOSPC"], stride)
        else:
            for job, percent in ((add, 10), (watch, 12), (audit, 8), (copies, 5)):
                kills(bench, job, options.kills * percent // 100, "time")
            memory(bench, add)
            memory(bench, audit)
            for job, goal in ((add, 10), (audit, 25), (watch, 10), (copies, 10)):
                signals(bench, job, goal)
            for job in (audit, watch, copies):
                small_disks(bench, job)
            for job in (export, add, copies, watch, audit):
                failures(bench, job, ["ENOSPC", "EIO"])
            if bench.lab and bench.wants("features") and not bench.over:
                features = Features(bench, "features")
                kills(bench, features, options.kills * 2 // 100, "call")
                kills(bench, features, options.kills * 1 // 100, "time")
                failures(bench, features, ["ENOSPC"])
                signals(bench, features, 3)
            if bench.wants("adapt") and not bench.over:
                adapt = Adapt(bench, "adapt")
                kills(bench, adapt, options.kills * 1 // 100, "call")
                failures(bench, adapt, ["ENOSPC"])
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)
    lines = ["| fault | times | problems |", "|---|---:|---:|"]
    for fault, count in sorted(bench.done.items()):
        lines.append(f"| {fault} | {count} | {sum(1 for entry in bench.bad if entry['fault'] == fault)} |")
    lines += [f"\nSkipped: {text}" for text in bench.skipped]
    text = "\n".join(lines) + "\n"
    print(text)
    if options.summary:
        version = subprocess.run([bench.assay, "--version"], capture_output=True, text=True).stdout.strip()
        Path(options.summary).write_text(
            "# What faults left\n\n"
            f"Written by `make faults` ({time.strftime('%Y-%m-%d', time.gmtime())}): Assay {version}, the program with SHA-256 {bench.version()}…, "
            f"{platform.system()} {platform.release()}, {os.cpu_count()} processors. What each fault is held to stands at the head of "
            "`Tests/Faults/faults.py`; kills are SIGKILL, at a random time or at a random one of the calls that change a file.\n\n" + text)
    total = sum(bench.done.values())
    print(f"{total - len(bench.bad)} passed, {len(bench.bad)} failed")
    return 1 if bench.bad else 0


if __name__ == "__main__":
    sys.exit(main())

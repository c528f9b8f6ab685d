"""Tests of the Python package against the programs that were built."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Sources" / "Python"))
os.environ.setdefault("ASSAY_BIN", str(ROOT / ".build" / "release"))


@pytest.fixture
def gallery() -> list[str]:
    folder = ROOT / "fixtures" / "gallery"
    return [str(one) for one in sorted(folder.iterdir()) if one.suffix in (".png", ".jpg", ".webp")]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def mortal_worker(tmp_path: Path) -> tuple[Path, Path]:
    """A program before the real worker that dies of a frame which names the poison, and the log of its deaths."""
    worker = os.path.join(os.environ["ASSAY_BIN"], "assay-worker")
    log, script = tmp_path / "log", tmp_path / "worker"
    script.write_text(
        f"""#!/usr/bin/env python3
import os, struct, subprocess, sys
real = subprocess.Popen([{worker!r}] + sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
sys.stdout.buffer.write(real.stdout.readline()); sys.stdout.buffer.flush()
while True:
    start = sys.stdin.buffer.read(16)
    if len(start) < 16: break
    _, header, body = struct.unpack("<4sIQ", start)
    rest = sys.stdin.buffer.read(header + body)
    if b"poison" in rest:
        open({str(log)!r}, "a").write("x"); real.kill(); os.kill(os.getpid(), 9)
    real.stdin.write(start + rest); real.stdin.flush()
    sys.stdout.buffer.write(real.stdout.readline()); sys.stdout.buffer.flush()
"""
    )
    script.chmod(0o755)
    return script, log

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

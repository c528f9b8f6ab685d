"""Where the programs are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Optional

from ._model import AssayError


def find(name: str, given: Optional[str] = None) -> str:
    """The path of ``assay`` or ``assay-worker``.

    In this order: what is given; the environment's ``ASSAY_BIN``, a folder; the folder that a wheel carries; the path of the
    shell.
    """
    if given is not None:
        return given
    folders = [os.environ.get("ASSAY_BIN"), str(Path(__file__).parent / "_bin")]
    for folder in folders:
        if folder and os.access(Path(folder) / name, os.X_OK):
            return str(Path(folder) / name)
    found = shutil.which(name)
    if found:
        return found
    raise AssayError(
        "python.program",
        f"the program {name} is not installed",
        "install a wheel that carries it (make wheel), run make install, or let ASSAY_BIN name its folder",
    )


def environment(threads: Optional[int] = None) -> dict[str, str]:
    """The environment of a program: a wheel's carries its libraries beside it."""
    result = dict(os.environ)
    libraries = Path(__file__).parent / "_bin" / "lib"
    if libraries.is_dir():
        former = result.get("LD_LIBRARY_PATH")
        result["LD_LIBRARY_PATH"] = str(libraries) + (f":{former}" if former else "")
    if threads is not None:
        result.setdefault("ASSAY_THREADS", str(threads))
    return result

#!/usr/bin/env python3
"""Builds a wheel of the package that carries the programs.

It holds ``assay`` and ``assay-worker``, as `make wheel` builds them with Swift's library within, with their resources, and under
``lib`` the shared libraries of this machine that they need beyond the C library's own, those included that are loaded on first use. Python puts that folder in front of the
loader's when it starts a program.
"""

import argparse
import base64
import hashlib
import os
import re
import subprocess
import sysconfig
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The C library and its loader are every Linux's; a copy beside another kernel's would break both.
SYSTEM = re.compile(r"^(linux-vdso|ld-linux|libc\.so|libm\.so|libdl\.so|libpthread\.so|librt\.so|libresolv\.so|libutil\.so)")
ON_FIRST_USE = ["libopenblas.so.0", "libheif.so.1", "libjxl.so.0.7", "libarchive.so.13"]


def libraries(path: Path) -> dict[str, Path]:
    """The shared libraries that a file needs, by name."""
    found = {}
    for line in subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=True).stdout.splitlines():
        match = re.match(r"\s*(\S+) => (/\S+)", line)
        if match and not SYSTEM.match(match.group(1)):
            found[match.group(1)] = Path(match.group(2))
    return found


def loaded(name: str) -> "Path | None":
    listing = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True).stdout
    match = re.search(rf"^\s*{re.escape(name)} .*=> (/\S+)$", listing, re.M)
    return Path(match.group(1)) if match else None


def tag() -> str:
    """The oldest C library that the programs are sure to run with is this machine's."""
    version = os.confstr("CS_GNU_LIBC_VERSION").split()[1].replace(".", "_")
    machine = sysconfig.get_platform().split("-")[-1].replace(".", "_")
    return f"py3-none-manylinux_{version}_{machine}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True, help="the folder of the programs that were built")
    parser.add_argument("--output", type=Path, required=True, help="the folder for the wheel")
    arguments = parser.parse_args()
    contents: dict[str, Path] = {}
    needed: dict[str, Path] = {}
    for program in ("assay", "assay-worker"):
        path = arguments.programs / program
        contents[f"assay/_bin/{program}"] = path
        needed.update(libraries(path))
    for name in ON_FIRST_USE:
        path = loaded(name)
        if path is None:
            raise SystemExit(f"error: {name} is not installed\n  fix: run make set-up")
        needed[name] = path
        needed.update(libraries(path))
    for folder in sorted(arguments.programs.glob("Assay_*.resources")):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                contents[f"assay/_bin/{folder.name}/{file.relative_to(folder)}"] = file
    for name, path in sorted(needed.items()):
        contents[f"assay/_bin/lib/{name}"] = path.resolve()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["python3", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, str(HERE)], check=True
        )
        pure = next(Path(folder).glob("*.whl"))
        arguments.output.mkdir(parents=True, exist_ok=True)
        target = arguments.output / pure.name.replace("py3-none-any", tag())
        with zipfile.ZipFile(pure) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
            record = next(name for name in source.namelist() if name.endswith("/RECORD"))
            lines = []

            def add(name: str, data: bytes, is_program: bool = False) -> None:
                # One date for all: the same input gives the same wheel.
                entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
                # pip keeps the permission to run of regular files that say that they are.
                entry.external_attr = (0o100755 if is_program else 0o100644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                wheel.writestr(entry, data)
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                lines.append(f"{name},sha256={digest},{len(data)}")

            for name in source.namelist():
                data = source.read(name)
                if name.endswith("/WHEEL"):
                    data = re.sub(rb"Root-Is-Purelib: true", b"Root-Is-Purelib: false", data)
                    data = re.sub(rb"Tag: \S+", b"Tag: " + tag().encode(), data)
                if name != record:
                    add(name, data)
            for name, path in contents.items():
                is_program = name.rsplit("/", 1)[-1] in ("assay", "assay-worker")
                if is_program:
                    # Names of functions are a third of a program.
                    stripped = Path(folder) / "stripped"
                    subprocess.run(["strip", "--strip-all", "-o", str(stripped), str(path)], check=True)
                    path = stripped
                add(name, path.read_bytes(), is_program)
            wheel.writestr(record, "\n".join([*lines, f"{record},,"]) + "\n")
    print(target)


if __name__ == "__main__":
    main()

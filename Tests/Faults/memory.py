#!/usr/bin/env python3
"""Holds the program's largest resident memory to a bound for each kind of bomb and each limit of reading.

    python3 Tests/Faults/memory.py --assay .build/release/assay [--table reports/evaluation/memory.md]

The files are made here and thrown away. Each bound is in MiB over what the program takes for a small picture with the same
options, and says where it comes from; `--slow` adds the picture that is as large as is still read.
"""

import argparse
import functools
import json
import os
import platform
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

MIB = 1 << 20
# No file here has more than 40 MB: what it may cost of a processor is bounded too.
SECONDS = 20


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, extra=b"", rows=None, depth=8, colour=2):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    if rows is None:
        rows = (b"\0" + bytes(width * 3)) * height
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


@functools.cache
def zeros(size, head=b"", tail=b""):
    """A zlib stream of `size` zeros, made without holding them."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(head)]
    block = bytes(MIB)
    while size > 0:
        parts.append(packer.compress(block[:min(size, MIB)]))
        size -= MIB
    return b"".join([*parts, packer.compress(tail), packer.flush()])


def ztxt(size, number=0):
    return chunk(b"zTXt", b"Comment%d\0\0" % number + zeros(size))


def itxt(keyword, content):
    return chunk(b"iTXt", keyword + b"\0\1\0\0\0" + content)


def jpeg(segments):
    return b"\xff\xd8" + b"".join(b"\xff" + bytes([kind]) + struct.pack(">H", len(data) + 2) + data for kind, data in segments) + b"\xff\xd9"


def box(kind, data):
    return struct.pack(">I", len(data) + 8) + kind + data


def nested(depth):
    data = b""
    for _ in range(depth):
        data = box(b"meta", bytes(4) + data)
    return data


def tiff_loop():
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 8)


def files():
    """Name, content, MiB over a small picture, and why."""
    yield "deflate-text.png", png(8, 8, ztxt(1 << 30)), 96, "one text is read to 8 MiB, of which four forms stand"
    yield "deflate-texts.png", png(8, 8, b"".join(ztxt(64 << 20, n) for n in range(200))), 192, "texts of a file together: 32 MiB"
    profiles = b"".join(chunk(b"zTXt", b"Raw profile type c2pa\0\0" + zeros(64 << 20)) for _ in range(200))
    yield "deflate-raw-profiles.png", png(8, 8, profiles), 256, "displaced stores of a file together: 64 MiB"
    yield "deflate-xmp.png", png(8, 8, itxt(b"XML:com.adobe.xmp", zeros(1 << 30, b"<x:xmpmeta>"))), 96, "one packet: 8 MiB"
    yield "deflate-profile.png", png(8, 8, chunk(b"iCCP", b"p\0\0" + zeros(1 << 30))), 96, "one profile: 8 MiB"
    yield "chunks.png", png(8, 8, chunk(b"aaAa", b"") * 300_000), 160, "200,000 segments of some hundred bytes"
    yield "texts.png", png(8, 8, chunk(b"tEXt", b"a\0b") * 300_000), 320, "200,000 segments, each with its text"
    yield "declared.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)) + chunk(
        b"IDAT", b"") + chunk(b"IEND", b""), 16, "3,600 million pixels are refused before any is held"
    yield "segments.jpg", jpeg([(0xFE, b"")] * 300_000), 160, "200,000 segments"
    yield "xmp-parts.jpg", jpeg(
        [(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + struct.pack(">II", 0xFFFFFFFF, n * 65400)
          + bytes(65400)) for n in range(600)]), 160, "a packet in parts: 8 MiB, and the file's 39 MiB"
    yield "boxes.heic", box(b"ftyp", b"heic\0\0\0\0mif1heic") + nested(100_000), 32, "boxes within boxes end at 32"
    yield "wide.heic", box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"free", b"") * 300_000, 160, "200,000 boxes"
    yield "loop.tif", tiff_loop(), 24, "directories that name themselves end"
    count = struct.pack("<I", 0xFFFFFFF0)
    yield "riff.webp", b"RIFF" + count + b"WEBP" + b"XMP " + count + b"x", 24, "a length of 4 GiB is not believed"
    yield "cbor.jpg", jpeg([(0xEB, b"JP\0\1\0\0\0\1" + box(b"jumb", box(
        b"jumd", b"c2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\3c2pa\0") + box(b"cbor", b"\x9b\0\0\0\xff\xff\xff\xff\xff" + b"\x9f" * 50_000)))]), 32, \
        "an array of 2^40 items, and 50,000 within each other"


def others(folder):
    """Name, arguments, standard input, MiB over a small picture, and why."""
    aliases = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"] + [
        f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    (folder / "aliases.yaml").write_text("\n".join(aliases) + "\n")
    picture = str(folder / "small.png")
    yield "a rule pack of 9^12 aliases", ["audit", picture, "--rules", str(folder / "aliases.yaml")], None, 64, "aliases are not followed"
    (folder / "big.yaml").write_bytes(b"#" * (64 << 20))
    yield "a rule pack of 64 MiB", ["audit", picture, "--rules", str(folder / "big.yaml")], None, 160, "1 MiB is read as a pack"
    (folder / "header.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    yield "weights whose header has 2^60 bytes", ["scan", picture, "--detector", str(folder / "header.safetensors")], None, 128, "the shipped detector is read first; the length is held to the file's"
    body = json.dumps({"w": {"dtype": "F32", "shape": [1 << 40, 1 << 20], "data_offsets": [0, 1 << 60]}}).encode()
    (folder / "shape.safetensors").write_bytes(struct.pack("<Q", len(body)) + body)
    yield "weights of 2^60 numbers", ["scan", picture, "--detector", str(folder / "shape.safetensors")], None, 128, "the shipped detector is read first; the shape is held to the file's"
    deep = b"[" * 2_000_000
    (folder / "deep.jsonl").write_bytes(deep)
    yield "a line of two million brackets", ["audit", "--scan", str(folder / "deep.jsonl")], None, 240, "the shipped rules and the line"
    with (folder / "sparse.png").open("wb") as file:
        file.write(png(8, 8))
        file.truncate((2 << 30) + 1)
    yield "a file of 2 GiB and a byte", ["scan", "--only", "provenance", str(folder / "sparse.png")], None, 16, "refused by its length"
    for arguments, what in ((["scan", "-"], "picture or list"), (["scan", "--files-from", "-"], "list"),
                            (["ledger", "add", "-", "--operator", "x", "--ledger", str(folder / "l.sqlite")], "results")):
        yield f"an endless {what} on standard input", arguments, "/dev/zero", 1700 if what == "results" else 220, \
            "512 MiB are read, and grown into" if what == "results" else "64 MiB of a list are read, and grown into"


def measure(program, arguments, stdin=None):
    """Exit code, largest resident memory in MiB and the processor's seconds; ended when it asks for 8 GiB or computes for two minutes."""
    def prepare():
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    with open(stdin or os.devnull) as source, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([program, *arguments], stdin=source, stdout=subprocess.DEVNULL, stderr=errors,
                                   preexec_fn=prepare, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        return process.returncode, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, errors.read().decode("utf-8", "replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--assay", required=True)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--table")
    options = parser.parse_args()
    rows, failed = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small.png").write_bytes(png(8, 8))
        base = {mode: measure(options.assay, [*mode, str(folder / "small.png")])[1]
                for mode in (("scan", "--only", "provenance"), ("scan",), ("inspect",))}

        def judge(what, arguments, stdin, bound, why, floor):
            nonlocal failed
            # Which of the program's 75 MB of code and tables are resident varies with what is read, by some 30 MiB.
            bound = max(bound, 48)
            code, peak, seconds, errors = measure(options.assay, arguments, stdin)
            over = peak - floor
            good = over <= bound and code in (0, 1) and seconds <= SECONDS
            failed += not good
            rows.append((what, " ".join(word for word in arguments if "/" not in word), over, bound, why, code, seconds))
            print(f"{'held' if good else 'BROKEN'}: {what}, {rows[-1][1]}: {over:.0f} of {bound} MiB, exit {code}, {seconds:.1f} s"
                  + ("" if good else f": {errors[-400:]}"), flush=True)

        for file, content, bound, why in files():
            path = folder / file
            path.write_bytes(content)
            for mode, floor in base.items():
                judge(file, [*mode, str(path)], None, bound, why, floor)
            path.unlink()
        for what, arguments, stdin, bound, why in others(folder):
            judge(what, arguments, stdin, bound, why, base["scan", "--only", "provenance"])
        if options.slow:
            side = 16_000
            path = folder / "large.png"
            path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
                             + chunk(b"IDAT", zeros(side * (side * 3 + 1))) + chunk(b"IEND", b""))
            judge("256 million pixels", ["scan", "--only", "provenance", str(path)], None, 4096, "16 bytes a pixel",
                  base["scan", "--only", "provenance"])
    if options.table:
        lines = [
            "# Memory that a hostile file can take", "",
            f"The largest resident memory over that of a picture of 8×8 pixels ({', '.join(f'`{chr(32).join(mode)}` {value:.0f} MiB' for mode, value in base.items())}), by",
            f"`python3 Tests/Faults/memory.py --assay .build/release/assay{' --slow' if options.slow else ''} --table …`; {platform.machine()}, {os.cpu_count()} processors, "
            f"{time.strftime('%Y-%m-%d')}. The bound is what a test holds the program to.", "",
            "| what | command | MiB over | bound | why |", "|---|---|---:|---:|---|"]
        lines += [f"| {what} | `{command}` | {over:.0f} | {bound} | {why} |" for what, command, over, bound, why, *_ in rows]
        Path(options.table).write_text("\n".join(lines) + "\n")
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

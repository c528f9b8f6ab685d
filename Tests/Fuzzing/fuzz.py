#!/usr/bin/env python3
"""Runs each reader of Tests/Fuzzing under libFuzzer, and keeps what was reached.

    python3 Tests/Fuzzing/fuzz.py --program Tests/Fuzzing/.build/release/fuzz [--minutes 60 | --seconds 5] [--table FILE]

Minutes are of all readers together, seconds of each. Inputs begin with the files of fixtures/ that fit; what opens new ways
is kept in the state folder, and the next run begins there. A find is written beside it and ends that reader's run: none is
committed. Executions and coverage are added to `results.jsonl`.
"""

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENDINGS = {
    "png": ["png"], "jpeg": ["jpg"], "webp": ["webp"], "bmff": ["avif", "heic", "jxl"], "other": ["gif", "tif", "bmp", "svg"],
    "fingerprint": ["fingerprint"], "json": ["json"], "jumbf": ["c2pa"], "sidecar": ["c2pa"], "pem": ["pem"],
    "safetensors": ["safetensors"],
}


def seeds(name):
    """Contents to begin with: at most 64 KiB each, small ones first."""
    kind = name.split("-")[-1]
    found = []
    for ending in ENDINGS.get(kind, []):
        found += [path.read_bytes() for path in (ROOT / "fixtures").rglob(f"*.{ending}") if path.stat().st_size <= 1 << 16]
    pems = [path.read_text(errors="replace") for path in (ROOT / "fixtures").rglob("*.pem")]
    if kind == "certificate":
        for text in pems:
            for body in re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", text, re.S):
                found.append(base64.b64decode("".join(body.split())))
    if kind in ("cbor", "cose", "timestamp", "ocsp", "xmp", "exif"):
        for path in (ROOT / "fixtures").rglob("*"):
            if not path.is_file() or path.stat().st_size > 1 << 20 or path.suffix not in (".c2pa", ".png", ".jpg", ".xmp"):
                continue
            found += parts(path.read_bytes(), kind)
    return sorted({content for content in found if len(content) <= 1 << 16}, key=len)[:300]


def parts(content, kind):
    """What of a file is of a kind, by its bytes."""
    if kind == "cbor":
        places = [match.end() for match in re.finditer(rb"cbor", content)]
        return [content[place:place - 8 + int.from_bytes(content[place - 8:place - 4], "big")] for place in places if place >= 8]
    if kind == "cose":
        return [content[match.start():match.start() + 12_000] for match in re.finditer(rb"\xd2\x84", content)][:2]
    if kind in ("timestamp", "ocsp"):
        word = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" if kind == "timestamp" else b"\x2b\x06\x01\x05\x05\x07\x30\x01\x01"
        return [content[max(0, match.start() - 6):match.start() + 8_000] for match in re.finditer(re.escape(word), content)][:2]
    if kind == "xmp":
        return re.findall(rb"<x:xmpmeta.*?</x:xmpmeta>", content, re.S)[:2]
    return [content[match.start():match.start() + 2_000] for match in re.finditer(rb"II\*\0|MM\0\*", content)][:2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--state", default=".build/fuzzing")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", help="readers whose names begin so")
    parser.add_argument("--table")
    options = parser.parse_args()
    state = Path(options.state).resolve()
    program = str(Path(options.program).resolve())
    names = [line.split()[0] for line in subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()]
    names = [name for name in names if name.startswith(options.only or "")]
    each = options.minutes * 60 / len(names) if options.minutes else options.seconds
    record = state / "results.jsonl"
    finds = 0
    for name in names:
        corpus, first, found = state / "corpus" / name, state / "seeds" / name, state / "finds" / name
        for folder in (corpus, first, found):
            folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(seeds(name)):
            (first / str(number)).write_bytes(content)
        start = time.monotonic()
        run = subprocess.run(
            [program, name, str(corpus), str(first), f"-max_total_time={max(1, int(each))}", "-print_final_stats=1", "-timeout=20",
             "-rss_limit_mb=2048", "-max_len=65536", f"-artifact_prefix={found}/", f"-dict={ROOT / 'Tests/Fuzzing/Dictionaries/all.dict'}"],
            capture_output=True, text=True, errors="replace",
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1", "SWIFT_BACKTRACE": "enable=no"})
        text = run.stderr
        statuses = re.findall(r"cov: (\d+) ft: (\d+)", text)
        begun = re.search(r"INITED cov: (\d+)", text)
        executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
        entry = {
            "reader": name, "executions": int(executed[1]) if executed else 0, "edges before": int(begun[1]) if begun else None,
            "edges": int(statuses[-1][0]) if statuses else 0, "features": int(statuses[-1][1]) if statuses else 0,
            "seconds": round(time.monotonic() - start), "exit": run.returncode}
        if run.returncode:
            finds += 1
            entry["find"] = (re.findall(r"SUMMARY: .*|Fatal error: .*", text) or [text[-300:]])[0]
        with record.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        print(json.dumps(entry), flush=True)
    if options.table:
        write_table(record, Path(options.table))
    print(f"{len(names) - finds} passed, {finds} failed")
    return 1 if finds else 0


def write_table(record, path):
    rows = {}
    for line in record.read_text().splitlines():
        entry = json.loads(line)
        row = rows.setdefault(entry["reader"], {"executions": 0, "seconds": 0, "before": entry["edges before"], "edges": 0, "finds": 0})
        row["executions"] += entry["executions"]
        row["seconds"] += entry["seconds"]
        row["edges"] = max(row["edges"], entry["edges"])
        row["finds"] += "find" in entry
    lines = ["| reader | executions | seconds | edges by the seeds | edges reached | finds |", "|---|---:|---:|---:|---:|---:|"]
    lines += [f"| {name} | {row['executions']:,} | {row['seconds']} | {row['before']} | {row['edges']} | {row['finds']} |"
              for name, row in rows.items()]
    total = sum(row["executions"] for row in rows.values())
    lines.append(f"| all | {total:,} | {sum(row['seconds'] for row in rows.values())} | | | {sum(row['finds'] for row in rows.values())} |")
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())

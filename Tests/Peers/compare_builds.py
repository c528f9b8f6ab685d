#!/usr/bin/env python3
"""Times two builds of assay on the same files, in turns: seconds of the clock and of the processor, and the largest memory.

    python compare_builds.py PICTURES --former former/assay --assay .build/release/assay --count 5000 --only provenance \\
        --output reports/benchmarks/scan.former

PICTURES is a folder; of its files --count are taken, spread over the folder and the same on every run. Each figure is the median
of --rounds; the ratio is that of the processor's seconds, as other work may share the machine.
"""

import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".avif", ".heic", ".jxl", ".bmp")


def files(folder, count):
    found = [str(one) for one in folder.rglob("*") if one.suffix.lower() in ENDINGS and one.is_file()]
    return sorted(sorted(found, key=lambda one: hashlib.sha256(one.encode()).hexdigest())[:count])


def run(program, listing, only):
    command = [program, "scan", "--json", "--files-from", listing] + (["--only", only] if only else [])
    with tempfile.TemporaryFile() as out:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        lines = out.seek(0) or sum(1 for _ in out)
    return {"wall": wall, "user": usage.ru_utime, "system": usage.ru_stime, "peakMiB": usage.ru_maxrss // 1024, "lines": lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--former", required=True, help="the former build's program")
    parser.add_argument("--assay", required=True, help="this build's program")
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--only", default="provenance", help="as of `assay scan`; empty for everything")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--note", default="", help="a sentence that is written behind the figures")
    parser.add_argument("--output", type=Path, help="write OUTPUT.json and OUTPUT.md")
    options = parser.parse_args()
    chosen = files(options.pictures, options.count)
    runs = {"former": [], "this": []}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listing:
        listing.write("\n".join(chosen) + "\n")
        listing.flush()
        sides = [("former", options.former), ("this", options.assay)]
        for number in range(-1, options.rounds):
            for name, program in sides if number % 2 == 0 else sides[::-1]:
                one = run(program, listing.name, options.only)
                # The first round brings the files into memory.
                if number >= 0:
                    runs[name].append(one)
    middle = {
        name: {key: round(statistics.median(one[key] for one in all), 3) for key in all[0]} for name, all in runs.items()
    }
    for one in middle.values():
        one["cpu"] = round(one["user"] + one["system"], 3)
    answer = {
        "schema": "assay.bench.builds/1", "files": len(chosen), "only": options.only or "all", "rounds": options.rounds,
        "former": middle["former"], "this": middle["this"],
        "cpuRatio": round(middle["this"]["cpu"] / middle["former"]["cpu"], 3),
        "wallRatio": round(middle["this"]["wall"] / middle["former"]["wall"], 3),
        "machine": {"system": platform.platform(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)},
    }
    print(json.dumps(answer, indent=1))
    if options.output:
        options.output.with_suffix(options.output.suffix + ".json").write_text(json.dumps(answer, indent=1) + "\n")
        rows = "".join(
            f"| {name} | {one['wall']:.2f} | {one['user']:.2f} | {one['system']:.2f} | {one['peakMiB']} |\n"
            for name, one in middle.items()
        )
        options.output.with_suffix(options.output.suffix + ".md").write_text(
            f"# `assay scan{' --only ' + options.only if options.only else ''}` on {len(chosen)} files, a former build beside this one\n\n"
            f"| build | clock, s | user, s | system, s | memory, MiB |\n|---|---|---|---|---|\n{rows}\n"
            f"This build takes {answer['cpuRatio']:.2f} of the former's processor time and {answer['wallRatio']:.2f} of its time by the clock "
            f"(medians of {options.rounds} rounds in turns, load {answer['machine']['load']}, {os.cpu_count()} cores, {platform.platform()}).\n"
            + (f"\n{options.note}\n" if options.note else "")
        )


if __name__ == "__main__":
    main()

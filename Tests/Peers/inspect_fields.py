"""Counts the fields that exiftool prints for EXIF, GPS, XMP and IPTC and that `assay inspect --json` lacks.

    python Tests/Peers/inspect_fields.py PICTURES --assay .build/release/assay --count 200 \
        --output reports/evaluation/inspect-fields.md

Pictures that hold any of these groups are taken in an order that has nothing to do with their names. EXIF and GPS are
compared by directory and tag, IPTC by record and dataset, XMP by property, structures flattened as exiftool does it.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import re
import subprocess

DIRECTORIES = {
    "IFD0": "IFD0", "IFD1": "IFD1", "ExifIFD": "Exif", "GPS": "GPS", "InteropIFD": "Interop", "SubIFD": "SubIFD",
}
# What exiftool makes itself of other fields, under the same groups.
MADE = {"ThumbnailImage", "PreviewImage", "JpgFromRaw"}


def exiftool(files):
    text = subprocess.run(
        ["exiftool", "-j", "-G1", "-a", "-D", "-q", "-q", "-EXIF:all", "-GPS:all", "-XMP:all", "-IPTC:all", *files],
        capture_output=True, check=False).stdout
    return json.loads(text or b"[]")


def wanted(entry):
    """(group, key) of every field, with exiftool's name, and whether it prints no value."""
    fields = []
    for name, value in entry.items():
        group, _, tag = name.partition(":")
        if not tag or not isinstance(value, dict) or tag in MADE:
            continue
        identifier = value["id"]
        if group in DIRECTORIES:
            key = ("EXIF" if group != "GPS" else "GPS", DIRECTORIES[group], str(identifier))
        elif group == "IPTC":
            key = ("IPTC", "", str(identifier))
        elif group.startswith("XMP"):
            key = ("XMP", "", re.sub(r"[^a-z0-9]", "", str(identifier).rsplit(":", 1)[-1].lower()))
        else:
            continue
        fields.append((key, name, value["val"] in ("", [], {})))
    return fields


def have(inspection):
    found = set()
    for entry in inspection["exif"]:
        kind = "GPS" if entry["directory"] == "GPS" else "EXIF"
        found.add((kind, entry["directory"], str(entry["tag"])))
    for field in inspection["fields"]:
        path = field["location"].get("path") or field["name"]
        if field["carrier"] == "iptc":
            found.add(("IPTC", "", path.rsplit(":", 1)[-1].split(" ")[0]))
        elif field["carrier"] == "xmp":
            steps = path.split("XMP ", 1)[-1].split("/")
            names = [re.sub(r"\[.*?\]", "", step).rsplit(":", 1)[-1] for step in steps]
            for start in range(len(names)):
                # exiftool leaves some outer names out (DerivedFrom stays, bags of one structure do not).
                found.add(("XMP", "", re.sub(r"[^a-z0-9]", "", "".join(names[start:]).lower())))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--assay", default=".build/release/assay")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--output")
    options = parser.parse_args()
    files = []
    for place in map(pathlib.Path, options.pictures):
        files += [place] if place.is_file() else [
            path for path in place.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp", ".tif",
                                                                       ".tiff", ".heic", ".avif", ".jxl"}]
    files.sort(key=lambda path: hashlib.sha256(path.name.encode()).digest())
    totals, missing, left = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    read = 0
    for start in range(0, len(files), 50):
        for entry in exiftool([str(path) for path in files[start:start + 50]]):
            fields = wanted(entry)
            if not fields or read >= options.count:
                continue
            read += 1
            answer = subprocess.run(
                [options.assay, "inspect", "--json", entry["SourceFile"]], capture_output=True, check=False)
            found = have(json.loads(answer.stdout)) if answer.stdout else set()
            for key, name, is_empty in fields:
                totals[key[0]] += 1
                if key not in found:
                    missing[key[0]] += 1
                    left[name].append(is_empty)
        if read >= options.count:
            break
    version = subprocess.run(["exiftool", "-ver"], capture_output=True, text=True, check=True).stdout.strip()
    total, lacking = sum(totals.values()), sum(missing.values())
    lines = [
        "# What `inspect --json` shows, beside exiftool", "",
        f"exiftool {version}, {read} pictures that hold EXIF, GPS, XMP or IPTC, taken in the order of a hash of their "
        f"names: `python Tests/Peers/inspect_fields.py PICTURES --count {options.count}`. A field counts as there when "
        "its directory and tag, its record and dataset, or its property is in the JSON; values are not compared.", "",
        "| group | fields that exiftool prints | that `inspect --json` lacks |", "|---|---|---|",
    ]
    for group in ("EXIF", "GPS", "XMP", "IPTC"):
        lines.append(f"| {group} | {totals[group]} | {missing[group]} |")
    lines.append(f"| all | {total} | {lacking} ({100 * lacking / max(1, total):.2f} %) |")
    lines += ["", "## Left out", "", "| field, as exiftool calls it | pictures | of these without a value |", "|---|---|---|"]
    for name, empty in sorted(left.items(), key=lambda item: (-len(item[1]), item[0])):
        lines.append(f"| {name} | {len(empty)} | {sum(empty)} |")
    if not left:
        lines.append("| none | | |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.output:
        pathlib.Path(options.output).write_text(text)


if __name__ == "__main__":
    main()

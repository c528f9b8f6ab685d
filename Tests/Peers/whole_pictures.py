"""Gathers whole labelled pictures for `assay evaluate DIR`: links below DIR/ai and DIR/real, by kind.

Generated: the files of ../shared/interop/metadata-wild that their generators wrote, less those whose credentials speak
of a composite: a model changed a part of them. Real: photographs and graphics of
Debian's packages (mark_pictures.py fetches them), photographs and old paintings of ../shared/ganset. Few, and the
Debian packages among the real ones are training sources too: this is a check of whole pictures, no benchmark.

    .venv-peers/bin/python Tests/Peers/whole_pictures.py --shared ../shared --pictures .venv-peers/mark-pictures \
        --output .venv-peers/whole-pictures
"""

import argparse
import json
import pathlib
import shutil


# Their credentials say compositeWithTrainedAlgorithmicMedia.
COMPOSITES = {"c2pa-samsung-ai", "c2pa-adobe-firefly"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=pathlib.Path, required=True)
    parser.add_argument("--pictures", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()

    shutil.rmtree(options.output, ignore_errors=True)

    def link(file, label, kind):
        folder = options.output / label / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).symlink_to(file.resolve())

    wild = options.shared / "interop" / "metadata-wild"
    seen = set()
    for entry in json.loads((wild / "expected.json").read_text()):
        file = wild / entry["file"]
        if entry["ai"] and entry["kind"] not in COMPOSITES and file.name not in seen:
            seen.add(file.name)
            link(file, "ai", entry["kind"])
    for kind in ("photos", "graphics"):
        for file in sorted((options.pictures / kind).iterdir()):
            link(file, "real", kind)
    for domain, kind in (("contents", "photographs"), ("styles", "paintings")):
        for file in sorted((options.shared / "ganset" / domain).iterdir()):
            link(file, "real", kind)
    for label in ("ai", "real"):
        print(label, sum(1 for file in (options.output / label).rglob("*") if file.is_symlink()))


if __name__ == "__main__":
    main()

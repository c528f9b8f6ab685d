#!/usr/bin/env bash
# ImageHash 4.3.2: all bright 16-bit grey PNGs have one hash, so that any two of them count as the same picture.
#
# The package brings a picture to 8 bits with Pillow's `convert("L")`. Of mode I;16 that call does not scale, it
# cuts: every sample above 255 becomes 255, which is white everywhere except in the deepest black. Scans, X-rays,
# depth maps and masters are such files. All five hashes come out without a word, at distance 0 from one another,
# whatever the pictures show, and far from the hashes of the same pictures in 8 bits. Whoever looks for copies is
# told that strangers' pictures are copies and that real ones are not. A good engineer would expect 16 bits to be
# scaled.
#
# Input: two unlike random gradients, saved once with 8 bits and once with each sample times 257, which is the same
# picture exactly.
# Seen on 2026-12-01, ImageHash 4.3.2, Pillow 13.0.0, NumPy 2.4.6:
#   16 bits, one picture to the other: phash 0, average_hash 0, dhash 0, whash 0, colorhash 0
#   one picture, 8 bits to 16 bits: phash 31 of 64; 8 bits, one picture to the other: phash 32 of 64
# Exits with 1 when this changes, 69 without the wheels.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check imagehash==4.3.2 pillow==13.0.0 numpy==2.4.6 || exit 69
cd "$folder"
venv/bin/python -W ignore - <<'PYTHON'
import imagehash
import numpy
from PIL import Image

for seed in (1, 2):
    small = numpy.random.default_rng(seed).integers(40, 215, (12, 16), dtype=numpy.uint8)
    picture = Image.fromarray(small).resize((160, 120), Image.Resampling.BICUBIC)
    picture.save(f"{seed}-8.png")
    Image.fromarray(numpy.asarray(picture).astype(numpy.uint16) * 257).save(f"{seed}-16.png")
pictures = {name: Image.open(f"{name}.png") for name in ("1-8", "2-8", "1-16", "2-16")}
same = numpy.asarray(pictures["1-16"]) // 257 == numpy.asarray(pictures["1-8"])
assert same.all() and pictures["1-16"].mode == "I;16"


def distance(hash_name, one, other):
    make = getattr(imagehash, hash_name)
    return int(make(pictures[one]) - make(pictures[other]))


names = ["phash", "average_hash", "dhash", "whash", "colorhash"]
deep = [distance(name, "1-16", "2-16") for name in names]
print("16 bits, one picture to the other:", ", ".join(f"{name} {bits}" for name, bits in zip(names, deep)))
across, shallow = distance("phash", "1-8", "1-16"), distance("phash", "1-8", "2-8")
print(f"one picture, 8 bits to 16 bits: phash {across} of 64; 8 bits, one picture to the other: phash {shallow} of 64")
raise SystemExit(0 if deep == [0] * 5 and across > 16 and shallow > 16 else 1)
PYTHON

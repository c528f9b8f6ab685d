#!/usr/bin/env bash
# piexif 1.1.3: changing one EXIF tag drops those that the package does not know, "this is a composite" among them.
#
# The package's way to change a tag is `load`, change, `dump`, `insert`. `load` leaves out every tag that is not in
# its table, which ends before EXIF 2.32, without a word, and `dump` writes what is left. Gone are CompositeImage of
# EXIF 2.32 (3: put together from several shots by the camera) and those of EXIF 3.0 for title, photographer and
# editing software: exactly the ones that say how a picture was made and by whom. Tags of older versions stay, and so
# the block looks complete. The change that was asked for is in another directory. A good engineer would expect a tag
# that is not understood to be handed on.
#
# Seen on 2026-12-01, piexif 1.1.3, Pillow 13.0.0:
#   before: OffsetTime, LensMake, CompositeImage, ImageTitle, Photographer, ImageEditingSoftware
#   after:  OffsetTime, LensMake
# Exits with 1 when this changes, 69 without the wheels.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check piexif==1.1.3 pillow==13.0.0 || exit 69
cd "$folder"
venv/bin/python - <<'PYTHON'
import piexif
from PIL import Image

DETAILS = {0x9010: ("OffsetTime", "+01:00"), 0xA433: ("LensMake", "Maker"), 0xA460: ("CompositeImage", 3),
           0xA436: ("ImageTitle", "Hill"), 0xA437: ("Photographer", "Anna"), 0xA43B: ("ImageEditingSoftware", "Editor 1")}
exif = Image.Exif()
exif[0x010E] = "old"
for tag, (_, value) in DETAILS.items():
    exif.get_ifd(0x8769)[tag] = value
Image.new("RGB", (16, 16), (90, 120, 30)).save("a.jpg", exif=exif)


def details():
    with Image.open("a.jpg") as picture:
        found = picture.getexif()
        return found.get(0x010E), [name for tag, (name, value) in DETAILS.items() if found.get_ifd(0x8769).get(tag) == value]


before = details()
tags = piexif.load("a.jpg")
tags["0th"][piexif.ImageIFD.ImageDescription] = b"new"
piexif.insert(piexif.dump(tags), "a.jpg")
after = details()
print("before:", ", ".join(before[1]))
print("after: ", ", ".join(after[1]))
everything = [name for name, _ in DETAILS.values()]
raise SystemExit(0 if before == ("old", everything) and after == ("new", ["OffsetTime", "LensMake"]) else 1)
PYTHON

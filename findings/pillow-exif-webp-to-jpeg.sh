#!/usr/bin/env bash
# Pillow 13.0.0: the EXIF of a WebP, handed on to a JPEG as the manual shows it, is in the file and cannot be read.
#
# `picture.info["exif"]` is meant to be given to `save(exif=…)`. Of a JPEG it begins with `Exif\0\0`, of a WebP it
# does not, and the JPEG writer puts the bytes into APP1 as they are. A segment without that name is no EXIF to
# anybody: Pillow itself reads nothing back, ExifTool neither. Nothing is said on the way. A good engineer would
# expect the writer to add the name, as it does for `Image.Exif` objects.
#
# Seen on 2026-11-30, Pillow 13.0.0, Python 3.11:
#   WebP: b'MM\x00*\x00\x00' Software = GIMP 2.10
#   JPEG: APP1 begins b'MM\x00*\x00\x00', Software = None
# Exits with 1 when this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import PIL
from PIL import Image

exif = Image.Exif()
exif[0x0131] = "GIMP 2.10"
Image.new("RGB", (64, 48), (90, 120, 200)).save("in.webp", exif=exif)
webp = Image.open("in.webp")
before = webp.getexif().get(0x0131)
webp.convert("RGB").save("out.jpg", exif=webp.info["exif"])
data = open("out.jpg", "rb").read()
place = data.index(b"\xff\xe1") + 4
after = Image.open("out.jpg").getexif().get(0x0131)
print(f"Pillow {PIL.__version__}")
print(f"WebP: {webp.info['exif'][:6]!r} Software = {before}")
print(f"JPEG: APP1 begins {data[place:place + 6]!r}, Software = {after}")
# The same picture as JPEG throughout keeps it.
Image.new("RGB", (64, 48)).save("in.jpg", exif=exif)
jpeg = Image.open("in.jpg")
jpeg.save("again.jpg", exif=jpeg.info["exif"])
assert Image.open("again.jpg").getexif().get(0x0131) == "GIMP 2.10"
raise SystemExit(0 if (before, after) == ("GIMP 2.10", None) and b"GIMP 2.10" in data else 1)
PYTHON

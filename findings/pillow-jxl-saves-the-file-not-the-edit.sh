#!/usr/bin/env bash
# pillow-jxl-plugin 1.3.8: a JPEG opened, drawn on and saved as JXL gives the JPEG as it was, old EXIF included.
#
# A picture that Pillow read from a JPEG file still has that format and file name after it was drawn on, pasted on or
# changed in place. The plugin takes this as leave to put the bytes of the file on disk into the JXL, without loss.
# What was drawn is not in it, `exif=` is not used, neither new EXIF nor `exif=b""` to have none, and `lossless=True`
# changes nothing. A warning speaks of "JPEG reconstruction", not of any loss, and Python shows it once. A label
# "generated" that a program draws or writes into EXIF is lost so, and the camera's EXIF stays in its place. A copy
# (`picture.copy()`) or `lossless_jpeg=False` saves what one sees. A good engineer would expect an edit to count.
#
# Seen on 2026-12-01, pillow-jxl-plugin 1.3.8, Pillow 13.0.0:
#   drawn red, exif= new: as JXL grey, Software old; with exif=b"": Software old
#   with lossless_jpeg=False, or of a copy: red, Software new
# Exits with 1 when this changes, 69 without the wheels.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow-jxl-plugin==1.3.8 pillow==13.0.0 || exit 69
cd "$folder"
venv/bin/python -W ignore - <<'PYTHON'
import pillow_jxl  # noqa: F401
from PIL import Image, ImageDraw


def software(name):
    exif = Image.Exif()
    exif[0x0131] = name
    return exif.tobytes()


Image.new("RGB", (64, 48), (128, 128, 128)).save("in.jpg", exif=software("old"))


def save(copied=False, **options):
    picture = Image.open("in.jpg")
    picture = picture.copy() if copied else picture
    ImageDraw.Draw(picture).rectangle((0, 0, 63, 47), fill=(255, 0, 0))
    assert picture.getpixel((20, 20)) == (255, 0, 0)
    picture.save("out.jxl", **options)
    with Image.open("out.jxl") as result:
        red, green, _ = result.convert("RGB").getpixel((20, 20))
        return "red" if red > 200 and green < 50 else "grey", result.getexif().get(0x0131)


results = [save(exif=software("new")), save(exif=software("new"), lossless=True), save(exif=b""),
           save(exif=software("new"), lossless_jpeg=False), save(True, exif=software("new"))]
for name, (colour, maker) in zip(["exif= new", "and lossless", 'exif=b""', "lossless_jpeg=False", "of a copy"], results):
    print(f"{name}: {colour}, Software {maker}")
raise SystemExit(0 if results == [("grey", "old")] * 3 + [("red", "new")] * 2 else 1)
PYTHON

#!/usr/bin/env bash
# djxl 0.7.0 (Debian 12): EXIF that it writes into a PNG has four bytes too many in front, and none of it is read.
#
# In a JXL the EXIF box begins with four bytes that say where the TIFF header is, nearly always zeros. In a PNG there
# is no such number. djxl takes the box over as it is, into a text `Raw profile type exif`, so that its first bytes
# are `00000000` in place of `MM`. ExifTool shows no EXIF (asked for all, it warns of an unknown profile); `cwebp
# -metadata all` says that it took over the EXIF, and has handed on the same unreadable bytes. The XMP beside it
# arrives whole. A good engineer would expect the EXIF to arrive as well, as it does from the same JXL to JPEG, or to
# be left out.
#
# Seen on 2026-12-01, libjxl-tools 0.7.0-10+deb12u1, webp 1.2.4-0.2+deb12u1, ExifTool 12.57:
#   in.jpg: EXIF Maker, XMP Origin        back.jpg: EXIF Maker, XMP Origin
#   out.png: EXIF none, XMP Origin        out.webp: EXIF none, XMP Origin
#   the PNG's profile begins 000000004d4d002a
# Exits with 1 when this changes, 69 without the Debian packages or the wheel.
set -euo pipefail
for package in libjxl-tools webp libimage-exiftool-perl; do
  dpkg-query -W -f '${Package} ${Version}\n' "$package" || { echo "install $package" >&2; exit 69; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==12.0.0 || exit 69
cd "$folder"
venv/bin/python - <<'PYTHON'
from PIL import Image

exif = Image.Exif()
exif[0x0131] = "Maker"
Image.radial_gradient("L").resize((64, 48)).convert("RGB").save("in.jpg", exif=exif)
PYTHON
exiftool -q -overwrite_original -XMP-dc:Title=Origin in.jpg
cjxl in.jpg middle.jxl > /dev/null 2>&1
djxl middle.jxl back.jpg > /dev/null 2>&1
djxl middle.jxl out.png > /dev/null 2>&1
cwebp -quiet -metadata all out.png -o out.webp
seen=""
for file in in.jpg back.jpg out.png out.webp; do
  software=$(exiftool -s3 -EXIF:Software "$file" 2> /dev/null)
  title=$(exiftool -s3 -XMP-dc:Title "$file" 2> /dev/null)
  echo "$file: EXIF ${software:-none}, XMP ${title:-none}"
  seen="$seen ${software:-none}/${title:-none}"
done
begin=$(venv/bin/python - <<'PYTHON'
import zlib

with open("out.png", "rb") as file:
    data = file.read()
place = data.index(b"Raw profile type exif\0")
# A name, a zero, the method of compression, then a line break, the name, the length, and hexadecimal digits.
print(zlib.decompressobj().decompress(data[place + 23:]).split(b"\n")[3][:16].decode())
PYTHON
)
echo "the PNG's profile begins $begin"
[ "$seen" = " Maker/Origin Maker/Origin none/Origin none/Origin" ] && [ "$begin" = 000000004d4d002a ]

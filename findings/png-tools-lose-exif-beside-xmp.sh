#!/usr/bin/env bash
# cwebp 1.2.4, pngquant 2.17.0, pngcrush 1.8.13 (Debian 12): the XMP of a PNG is kept, the EXIF beside it goes.
#
# PNG has had a chunk of its own for EXIF since 2017, eXIf. All three tools keep metadata here, `cwebp` because
# `-metadata all` asks for it, the other two by default. What comes out has its XMP and so looks like a copy with
# everything, yet software, author, time and the orientation are lost, with exit code 0; cwebp's list of what it took
# over names XMP and is silent on EXIF. Of a JPEG with the same two blocks `cwebp -metadata all` keeps both. A good
# engineer would expect all or nothing. The orientation matters too: the picture now stands on its side.
#
# Seen on 2026-12-01, webp 1.2.4-0.2+deb12u1, pngquant 2.17.0-1, pngcrush 1.8.13-0.1, read by ExifTool 12.57:
#   in.png, in.jpg: XMP kept, EXIF kept      cwebp of in.jpg: XMP kept, EXIF kept
#   cwebp, pngquant, pngcrush of in.png: XMP kept, EXIF gone
# Exits with 1 when this changes, 69 without the Debian packages.
set -euo pipefail
for package in webp pngquant pngcrush libimage-exiftool-perl; do
  dpkg-query -W -f '${Package} ${Version}\n' "$package" || { echo "install $package" >&2; exit 69; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==12.0.0 || exit 69
cd "$folder"
venv/bin/python - <<'PYTHON'
from PIL import Image

picture = Image.radial_gradient("L").resize((64, 48)).convert("RGB")
picture.save("in.png")
picture.save("in.jpg")
PYTHON
exiftool -q -overwrite_original -EXIF:Software=Maker -EXIF:Orientation#=6 -XMP-dc:Title=Origin in.png in.jpg
cwebp -quiet -metadata all in.jpg -o cwebp-jpg.webp
cwebp -quiet -metadata all in.png -o cwebp.webp
pngquant 64 -o pngquant.png in.png
pngcrush -s in.png pngcrush.png > /dev/null 2>&1
has() { [ -n "$(exiftool -s3 "-$2" "$1" 2> /dev/null)" ] && echo kept || echo gone; }
seen=""
for file in in.png in.jpg cwebp-jpg.webp cwebp.webp pngquant.png pngcrush.png; do
  echo "$file: XMP $(has "$file" XMP-dc:Title), EXIF $(has "$file" EXIF:Software)"
  seen="$seen $(has "$file" XMP-dc:Title)/$(has "$file" EXIF:Software)"
done
grep -a -c -E 'Maker' cwebp.webp pngquant.png pngcrush.png || true
[ "$seen" = " kept/kept kept/kept kept/kept kept/gone kept/gone kept/gone" ]

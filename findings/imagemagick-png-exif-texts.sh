#!/usr/bin/env bash
# ImageMagick 6.9.11-60 (Debian 12): EXIF that passes through PNG twice turns into texts that are no EXIF.
#
# JPEG to PNG keeps the block, in an eXIf chunk or a raw profile. PNG to PNG drops the block and
# writes each of its tags as a text of its own, `exif:Artist`, `exif:UserComment` as a list of decimal numbers. Who
# wants the metadata gone still finds name and comment in the file; who wants them kept finds no EXIF: readers list
# an unknown PNG text, and converting back to JPEG gives none.
#
# Seen on 2026-11-30, imagemagick-6.q16 8:6.9.11.60+dfsg-1.6+deb12u15, ExifTool 12.57:
#   JPEG: Artist Anna            once: Artist Anna
#   twice: Artist none, text exif:Artist Anna            back in JPEG: Artist none
# Exits with 1 when this changes, 69 without the Debian packages.
set -euo pipefail
for package in imagemagick-6.q16 libimage-exiftool-perl; do
  dpkg-query -W -f '${Package} ${Version}\n' "$package" || { echo "install $package" >&2; exit 69; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
convert-im6.q16 -size 64x48 xc:red in.jpg
exiftool -q -overwrite_original -EXIF:Artist=Anna in.jpg
convert-im6.q16 in.jpg once.png
convert-im6.q16 once.png twice.png
convert-im6.q16 twice.png back.jpg
artist() { exiftool -s3 -EXIF:Artist "$1" 2>/dev/null; }
for file in in.jpg once.png twice.png back.jpg; do
  found=$(artist "$file")
  echo "$file: Artist ${found:-none}"
done
grep -a -o 'exif:Artist.Anna' twice.png | tr '\0' ' '
echo
[ "$(artist in.jpg)" = Anna ] && [ "$(artist once.png)" = Anna ] && [ -z "$(artist twice.png)" ] &&
  [ -z "$(artist back.jpg)" ] && grep -a -q 'exif:Artist' twice.png && ! grep -a -q 'eXIf' twice.png

#!/usr/bin/env bash
# iptcinfo3 2.3.0: setting the headline removes the first of two creators and garbles the name of the second.
#
# IPTC-IIM lets By-line stand once for each creator, and says in a dataset 1:90 that texts are in UTF-8. The package
# holds one value for By-line, so that the last one wins when it reads, and it writes record 2 only, so that 1:90
# goes while the bytes stay UTF-8. ExifTool then reads them as Latin letters, as it does without that mark. Nothing
# is said, and lists that the package knows as such (keywords) keep all their values. A picture's credit line changes
# because somebody added a headline. A good engineer would expect what was not touched to stay.
#
# Seen on 2026-12-01, iptcinfo3 2.3.0, ExifTool 12.57:
#   before: By-line Zoë Example; Änne Example   Keywords a; b   character set: UTF8
#   after:  By-line Ã„nne Example   Keywords a; b   character set: none   Headline new
# Exits with 1 when this changes, 69 without the Debian package or the wheels.
set -euo pipefail
dpkg-query -W -f '${Package} ${Version}\n' libimage-exiftool-perl || { echo "install libimage-exiftool-perl" >&2; exit 69; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check iptcinfo3==2.3.0 pillow==13.0.0 || exit 69
cd "$folder"
venv/bin/python -c 'from PIL import Image; Image.new("RGB", (16, 16), (90, 120, 30)).save("in.jpg")'
exiftool -q -overwrite_original -IPTC:CodedCharacterSet=UTF8 -IPTC:By-line='Zoë Example' -IPTC:By-line='Änne Example' \
  -IPTC:Keywords=a -IPTC:Keywords=b in.jpg
venv/bin/python - <<'PYTHON'
from iptcinfo3 import IPTCInfo

info = IPTCInfo("in.jpg")
info["headline"] = "new"
info.save_as("out.jpg")
PYTHON
tag() { exiftool -s3 -sep '; ' "-IPTC:$2" "$1"; }
for file in in.jpg out.jpg; do
  mark=$(tag "$file" CodedCharacterSet)
  echo "$file: By-line $(tag "$file" By-line)   Keywords $(tag "$file" Keywords)   character set: ${mark:-none}" \
    "  Headline $(tag "$file" Headline)"
done
[ "$(tag in.jpg By-line)" = 'Zoë Example; Änne Example' ] && [ "$(tag in.jpg Keywords)" = 'a; b' ] &&
  [ "$(tag out.jpg By-line)" = 'Ã„nne Example' ] && [ "$(tag out.jpg Keywords)" = 'a; b' ] &&
  [ "$(tag in.jpg CodedCharacterSet)" = UTF8 ] && [ -z "$(tag out.jpg CodedCharacterSet)" ] && [ "$(tag out.jpg Headline)" = new ]

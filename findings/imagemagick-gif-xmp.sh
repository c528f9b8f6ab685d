#!/usr/bin/env bash
# ImageMagick 6.9.11-60 (Debian 12): copying a GIF keeps its XMP under another name, with letters missing.
#
# XMP stands in a GIF without sub-blocks, so that its bytes must not be taken for a chain of them. ImageMagick
# knows `XMP DataXMP` when it writes one, and reads it as a chain all the same: every block's length, a letter of
# the packet each time, is lost, the first `<` always. It then writes the rest as an extension `xmp dataxmp`, which
# no reader looks for. Neither kept nor removed: the words are in the file, the statement is not.
#
# Seen on 2026-11-30, imagemagick-6.q16 8:6.9.11.60+dfsg-1.6+deb12u15, ExifTool 12.57:
#   before: Title: a statement of origin
#   after:  Title: none; the file holds "xmp dataxmp" and "?xpacket begin="
# Exits with 1 when this changes, 69 without the Debian packages.
set -euo pipefail
for package in imagemagick-6.q16 libimage-exiftool-perl; do
  dpkg-query -W -f '${Package} ${Version}\n' "$package" || { echo "install $package" >&2; exit 69; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
convert-im6.q16 -size 64x48 xc:red in.gif
exiftool -q -overwrite_original -XMP-dc:Title='a statement of origin' in.gif
convert-im6.q16 in.gif out.gif
echo "before: Title: $(exiftool -s3 -XMP-dc:Title in.gif)"
after=$(exiftool -s3 -XMP-dc:Title out.gif)
echo "after:  Title: ${after:-none}; $(grep -a -o -m1 -E 'xmp dataxmp|\?xpacket begin=' out.gif | tr '\n' ' ')"
[ "$(exiftool -s3 -XMP-dc:Title in.gif)" = 'a statement of origin' ] && [ -z "$after" ] &&
  grep -a -q 'xmp dataxmp' out.gif && grep -a -q '?xpacket begin=' out.gif && ! grep -a -q '<?xpacket begin=' out.gif

#!/usr/bin/env bash
# ExifTool 12.57 (Debian 12): Content Credentials in a PNG hide the EXIF that stands behind them.
#
# c2pa-python 0.38.1 puts its caBX chunk right behind the PNG's header, so that the eXIf chunk that was there before
# comes after it. ExifTool then takes the EXIF directory for the JUMBF box that it has seen already, as its warning
# says, and skips it: `IFD0 pointer references previous JUMBFBox directory`. Who asks for one tag, as in a script or
# a table, gets no warning, and an empty answer: software, artist, time and place are in the file and seem not to be.
# Signing a picture looks as if it removed them. The same file without caBX, or with caBX behind eXIf, is read; the
# EXIF is the same 31 bytes in all three.
#
# Input: a PNG of one colour; the store is an empty JUMBF superbox labelled c2pa, a signed one was seen to behave
# alike.
# Seen on 2026-12-01, libimage-exiftool-perl 12.57+dfsg-1:
#   without caBX: Artist Anna; caBX behind eXIf: Artist Anna; caBX before eXIf: Artist none
# Exits with 1 when this changes, 69 without the Debian package.
set -euo pipefail
dpkg-query -W -f '${Package} ${Version}\n' libimage-exiftool-perl || { echo "install libimage-exiftool-perl" >&2; exit 69; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 - <<'PYTHON'
import struct
import zlib


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def box(name, data):
    return struct.pack(">I", len(data) + 8) + name + data


kind = bytes.fromhex("6332706100110010800000aa00389b71")
store = chunk(b"caBX", box(b"jumb", box(b"jumd", kind + b"\x03c2pa\0")))
# One directory with one tag: 0x013B, Artist, five bytes of text that stand behind it.
exif = chunk(b"eXIf", b"MM\0*" + struct.pack(">IHHHIII", 8, 1, 0x013B, 2, 5, 26, 0) + b"Anna\0")
head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
rest = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + b"\x5a\x78\x1e" * 16 for _ in range(16)))) + chunk(b"IEND", b"")
for name, middle in [("without", exif), ("behind", exif + store), ("before", store + exif)]:
    with open(f"{name}.png", "wb") as file:
        file.write(head + middle + rest)
PYTHON
artist() { exiftool -q -s3 -EXIF:Artist "$1" 2> /dev/null; }
echo "without caBX: Artist $(artist without.png); caBX behind eXIf: Artist $(artist behind.png)"
hidden=$(artist before.png)
echo "caBX before eXIf: Artist ${hidden:-none}; $(exiftool -s3 -Warning before.png)"
[ "$(artist without.png)" = Anna ] && [ "$(artist behind.png)" = Anna ] && [ -z "$hidden" ] && grep -a -q Anna before.png

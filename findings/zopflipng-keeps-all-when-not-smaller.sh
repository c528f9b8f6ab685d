#!/usr/bin/env bash
# zopflipng 1.0.3 (Debian 12): whether it takes metadata out depends on whether the picture gets smaller.
#
# By default zopflipng drops texts, EXIF, XMP and Content Credentials; `--keepchunks` is there to name what shall stay. But
# where its result is not smaller than the file that it was given, it writes the given file, with all that is in it, and
# exits with 0. So of two pictures in a folder one keeps the name of its author and one
# does not, and a file that was optimised before keeps everything. A good engineer would expect the chunks to go either
# way, or an exit code. `--always_zopflify` takes them out.
#
# Seen on 2026-11-30, zopfli 1.0.3-1:
#   stored (not compressed): Author gone; compressed well: Author kept; with --always_zopflify: gone
# Exits with 1 when this changes, 69 without the Debian package.
set -euo pipefail
dpkg-query -W -f '${Package} ${Version}\n' zopfli || { echo "install zopfli" >&2; exit 69; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 - <<'PYTHON'
import struct
import zlib


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


rows = b"".join(b"\0" + bytes((x * y) % 251 for x in range(192)) for y in range(64))
for name, level in [("stored", 0), ("compressed", 9)]:
    with open(f"{name}.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
                   + chunk(b"tEXt", b"Author\0Anna") + chunk(b"IDAT", zlib.compress(rows, level)) + chunk(b"IEND", b""))
PYTHON
author() { grep -a -q 'Anna' "$1" && echo kept || echo gone; }
zopflipng -y --iterations=1 --filters=0 stored.png stored-out.png > /dev/null
# What zopflipng itself made has nothing left to save.
zopflipng -y --always_zopflify --keepchunks=tEXt --iterations=15 --filters=01234mepb compressed.png small.png > /dev/null
zopflipng -y --iterations=1 --filters=0 small.png small-out.png > /dev/null
zopflipng -y --always_zopflify --iterations=1 --filters=0 small.png always-out.png > /dev/null
echo "stored: Author $(author stored-out.png); compressed well: Author $(author small-out.png); with --always_zopflify: $(author always-out.png)"
[ "$(author stored-out.png)" = gone ] && [ "$(author small-out.png)" = kept ] && [ "$(author always-out.png)" = gone ]

#!/usr/bin/env python3
"""Makes an object file of the part of ICU's data that Assay's programs can come to need.

    .ci/icu_data.py /opt/swift/usr/lib/swift_static/linux/lib_FoundationICU.a OUTPUT.o

Foundation's static library carries ICU's data as one object of 34 MB: names of languages, regions, currencies and units in
some hundred locales, how their words are sorted and broken, and tables of old encodings. Assay writes English, and dates as
ISO 8601 gives them. Kept is what belongs to no locale, English, and the encodings of Japanese that texts of IPTC may have;
what is asked for in another locale falls back to the root's, as ICU does for locales that it does not know.

The object defines `__wrap_` and the name of the library's symbol, which is printed: a linker that is told `--wrap=NAME` takes
this one, and leaves out the other, which nothing refers to any more.
"""

import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

MEMBER = "icu_packaged_data.cpp.o"
# Locales have two or three small letters first; what has one of these names has none.
LOCALE = re.compile(r"(?!res_index)[a-z]{2,3}(_\w+)?\.res")
ENGLISH = re.compile(r"en(_001|_US|_GB|_150|_US_POSIX)?\.res")
# Shift JIS and ISO 2022-JP are made of these.
JAPANESE = re.compile(
    r"(ibm-943_P15A-2003|ibm-943_P130-1999|jisx-212|ibm-33722_P12A_P12A-2009_U2|iso-ir-165|ibm-5478_P100-1995|ibm-9005_X110-2007"
    r"|ibm-813_P100-1995)\.cnv")


def kept(path):
    """Whether an item stays: `de.res`, `coll/ucadata.icu`, `ibm-943_P15A-2003.cnv`."""
    folder, _, name = path.rpartition("/")
    if name.endswith(".cnv"):
        return JAPANESE.fullmatch(name) is not None
    # How scripts are written in others, what characters are called, and words of languages without blanks between them.
    if folder == "translit" or name == "unames.icu" or name.endswith(".dict"):
        return False
    return LOCALE.fullmatch(name) is None or ENGLISH.fullmatch(name) is not None


def shortened(data):
    """A common data file (`CmnD`) with the items that are kept. Behind a header is a table of contents: their number, then
    for each the places of its name and of its bytes, counted from the table's beginning."""
    (header,) = struct.unpack_from("<H", data)
    if data[2:4] != b"\xda\x27" or data[12:16] != b"CmnD" or data[8] != 0:
        raise SystemExit("this is no ICU data of little-endian machines")
    (count,) = struct.unpack_from("<I", data, header)
    entries = [struct.unpack_from("<II", data, header + 4 + 8 * index) for index in range(count)]
    ends = [place for _, place in entries[1:]] + [len(data) - header]
    items = []
    for (name, place), end in zip(entries, ends):
        text = data[header + name:data.index(b"\0", header + name)]
        if kept(text.decode().split("/", 1)[1]):
            items.append((text, data[header + place:header + end]))
    names = b""
    table = []
    for text, _ in items:
        table.append(4 + 8 * len(items) + len(names))
        names += text + b"\0"
    bodies = b""
    start = (4 + 8 * len(items) + len(names) + 15) // 16 * 16
    contents = struct.pack("<I", len(items))
    for place, (_, body) in zip(table, items):
        contents += struct.pack("<II", place, start + len(bodies))
        bodies += body + bytes(-len(body) % 16)
    contents += names
    return data[:header] + contents + bytes(start - len(contents)) + bodies


def main():
    archive, output = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        member, whole, part = Path(folder, "member.o"), Path(folder, "whole"), Path(folder, "part")
        member.write_bytes(subprocess.run(["ar", "p", archive, MEMBER], capture_output=True, check=True).stdout)
        symbols = subprocess.run(["nm", "--defined-only", member], capture_output=True, text=True, check=True).stdout.split()[2::3]
        # Were there more in the object, leaving it out would leave them out.
        if len(symbols) != 1 or not re.fullmatch(r"icudt\d+_dat", symbols[0]):
            raise SystemExit(f"{archive} holds its data in another way: {symbols}")
        subprocess.run(["objcopy", "-O", "binary", "-j", ".rodata", member, whole], check=True)
        part.write_bytes(shortened(whole.read_bytes()))
        source = Path(folder, "part.s")
        source.write_text(f'.section .rodata\n.globl __wrap_{symbols[0]}\n.p2align 4\n__wrap_{symbols[0]}:\n.incbin "part"\n'
                          '.section .note.GNU-stack,"",@progbits\n')
        subprocess.run(["as", "-o", Path(output).resolve(), source.name], check=True, cwd=folder)
        print(f"{output}: {part.stat().st_size} of {whole.stat().st_size} bytes of ICU's data", file=sys.stderr)
        print(symbols[0])


if __name__ == "__main__":
    main()

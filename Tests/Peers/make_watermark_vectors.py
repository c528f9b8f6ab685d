"""Golden vectors for the marks dwtDct and dwtDctSvd: what invisible-watermark 0.2.0 writes.

    python Tests/Peers/make_watermark_vectors.py fixtures/watermarks/dwt-golden.json

Carriers are computed from integers, here and in Tests/WatermarksTests/Carriers.swift alike, so that
the file holds checksums only (CRC-32). Packages: Tests/Peers/requirements.txt. The library imports torch for its
third mark, which is not used here; an empty module stands in for it.
"""

import json
import sys
import types
import zlib

import numpy as np

sys.modules.setdefault("torch", types.ModuleType("torch"))
from imwatermark import WatermarkDecoder, WatermarkEncoder  # noqa: E402

SIZES = [(256, 256), (257, 256), (258, 259), (511, 131), (263, 301), (300, 223), (1024, 64), (67, 1000)]
KINDS = ["noise", "smooth", "flat", "tiles", "greys", "checkers", "extremes", "waves"]
PAYLOADS = {
    "sdv2": "01010011010001000101011000110010",
    "sdxl": "101100111110110010010000011110111011000110011110",
    "flux": "1010101111111010000111100111001111010100101110",
    "byte": "00110101",
}


def scramble(index):
    """A 32-bit hash of 32-bit integers."""
    h = (np.asarray(index, np.uint64) * 2654435761) & 0xFFFFFFFF
    h ^= h >> np.uint64(15)
    h = (h * 2246822519) & 0xFFFFFFFF
    return h ^ (h >> np.uint64(13))


def carrier(kind, width, height, seed):
    """[height, width, 3] of uint8, red first."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    h = scramble((y * width + x) * 3 + c + seed * 7919)
    tile = scramble(((y // 16) * 64 + x // 16) * 3 + c + seed * 104729)
    if kind == "noise":
        values = h >> np.uint64(24)
    elif kind == "smooth":
        values = 40 + x * (170 - 40 * c) // width + y * 30 // height + (h >> np.uint64(29)).astype(int)
    elif kind == "flat":
        values = (seed * 37 + c * 91) % 256 + 0 * x
    elif kind == "tiles":
        values = tile >> np.uint64(24)
    elif kind == "greys":
        grey = scramble((y // 16) * 64 + x // 16 + seed * 104729) >> np.uint64(24)
        values = np.clip(grey.astype(int) + (tile >> np.uint64(28)).astype(int) - 8, 0, 255)
    elif kind == "checkers":
        values = np.clip((tile >> np.uint64(24)).astype(int) + ((x + y) % 2) * 17 - 8, 0, 255)
    elif kind == "extremes":
        values = ((tile + h // 16) >> np.uint64(4) & np.uint64(1)) * np.uint64(255)
    elif kind == "waves":
        wave = np.abs((3 * x + 5 * y + 11 * c) % 128 - 64) + np.abs((7 * x - 2 * y + 4096) % 64 - 32)
        values = 60 + wave + (h >> np.uint64(28)).astype(int)
    return np.asarray(values).astype(np.uint8)


def main(path):
    cases = []
    for number, (kind, size) in enumerate((k, s) for k in KINDS for s in SIZES):
        name, bits = list(PAYLOADS.items())[number % len(PAYLOADS)]
        picture = carrier(kind, *size, seed=number)
        for method in ("dwtDct", "dwtDctSvd"):
            if picture.shape[0] * picture.shape[1] < 65536:
                raise SystemExit(f"{size} is smaller than the library takes")
            encoder = WatermarkEncoder()
            encoder.set_watermark("bits", [int(bit) for bit in bits])
            marked = np.ascontiguousarray(encoder.encode(picture[:, :, ::-1], method)[:, :, ::-1])
            read = WatermarkDecoder("bits", len(bits)).decode(marked[:, :, ::-1], method)
            cases.append(
                {
                    "kind": kind, "width": size[0], "height": size[1], "seed": number, "method": method,
                    "payload": bits,
                    "carrier": f"{zlib.crc32(picture.tobytes()):08x}",
                    "marked": f"{zlib.crc32(marked.tobytes()):08x}",
                    "libraryReads": "".join(str(int(bit)) for bit in read),
                }
            )
    with open(path, "w") as file:
        file.write('{"library": "invisible-watermark 0.2.0, opencv-python-headless 5.0.0.93, PyWavelets 1.9.0, numpy 2.4.6",\n "cases": [\n')
        file.write(",\n".join("  " + json.dumps(case) for case in cases))
        file.write("\n ]}\n")


if __name__ == "__main__":
    main(sys.argv[1])

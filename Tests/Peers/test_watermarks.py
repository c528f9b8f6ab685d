"""invisible-watermark 0.2.0 reads what Assay embeds, and Assay reads what it embeds, bit by bit.

Run by `make test-peers`; ASSAY names the built program. Pictures are computed here.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")
imwatermark = pytest.importorskip("imwatermark")

ASSAY = os.environ.get("ASSAY", str(Path(__file__).parents[2] / ".build/release/assay"))
METHODS = ["dwtDct", "dwtDctSvd"]
PAYLOADS = {
    "SDV2": "53445632",
    "SDXL": "b3ec907bb19e",
    "own": "3516db6d4436815c",
}
SIZES = [(512, 512), (640, 427), (1024, 768)]


def assay(*arguments):
    done = subprocess.run([ASSAY, "watermark", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def picture(width, height):
    """Soft colour fields with grain, in BGR."""
    random = np.random.default_rng(width * 31 + height)
    coarse = random.uniform(50, 200, (height // 64 + 2, width // 64 + 2, 3)).astype(np.float32)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth + random.normal(0, 3, smooth.shape), 20, 235).astype(np.uint8)


def bits(payload):
    return [int(bit) for bit in f"{int(payload, 16):0{4 * len(payload)}b}"]


def library_reads(image, payload, method):
    decoder = imwatermark.WatermarkDecoder("bits", 4 * len(payload))
    return [int(bit) for bit in decoder.decode(image, method)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
@pytest.mark.parametrize("method", METHODS)
def test_both_write_the_same_picture_and_read_each_other(method, payload, size, tmp_path):
    source, ours = tmp_path / "source.png", tmp_path / "ours.png"
    image = picture(*size)
    cv2.imwrite(str(source), image)
    encoder = imwatermark.WatermarkEncoder()
    encoder.set_watermark("bits", bits(payload))
    theirs = encoder.encode(image, method)

    assay("embed", source, "-o", ours, "--scheme", method, "--payload", payload)
    marked = cv2.imread(str(ours))
    assert np.array_equal(marked, theirs), np.count_nonzero(marked != theirs)

    # The library misreads some of its own bits (its threshold is fixed); ours must be no worse for it.
    wrong = sum(a != b for a, b in zip(library_reads(marked, payload, method), bits(payload)))
    own = sum(a != b for a, b in zip(library_reads(theirs, payload, method), bits(payload)))
    assert wrong == own and wrong <= len(bits(payload)) // 4

    written = tmp_path / "theirs.png"
    cv2.imwrite(str(written), theirs)
    reading = json.loads(assay("read", "--json", written))
    mark = next(mark for mark in reading["marks"] if mark["scheme"] == method)
    assert (mark["payloadHex"], mark["bits"]) == (payload, 4 * len(payload))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_is_read_where_nothing_was_written(size, tmp_path):
    path = tmp_path / "plain.png"
    cv2.imwrite(str(path), picture(*size))
    assert not json.loads(assay("read", "--json", path))["found"]

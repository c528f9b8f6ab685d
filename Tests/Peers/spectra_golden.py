"""Writes fixtures/spectra/golden.json: what numpy and scipy make of the recipe in SpectralMeasurementTests.

Versions: numpy 2.4.6, scipy 1.17.1. Run: python Tests/Peers/spectra_golden.py
"""

import json
import pathlib

import numpy
import scipy.fft
import scipy.ndimage


def recipe(width, height, salt):
    y, x = numpy.mgrid[0:height, 0:width]
    noise = (x * 7919 + y * 104729 + salt * 31 + x * y * 13) % 97
    return ((x * 2 + y + noise) % 256).astype(float)


def starts(length, side, count):
    return [(length - side) // 2] if count == 1 else [(length - side) * i // (count - 1) for i in range(count)]


plane = recipe(96, 80, 1)
side = 32
window = 0.5 - 0.5 * numpy.cos(2 * numpy.pi * numpy.arange(side) / side)
window = numpy.outer(window, window)
logs = []
# 3 x 2 tiles fit; with four allowed, the longer side loses first: 2 x 2.
for top in starts(80, side, 2):
    for left in starts(96, side, 2):
        tile = plane[top : top + side, left : left + side]
        power = numpy.abs(numpy.fft.rfft2((tile - tile.mean()) * window)) ** 2 / (window**2).sum()
        logs.append(numpy.log(power + 1e-4))

blocks = []
for left in (8, 16):
    blocks.append(scipy.fft.dctn(plane[16:24, left : left + 8], norm="ortho"))

kernel = numpy.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]]) / 4
small = plane[:9, :12]
residual = numpy.zeros_like(small)
residual[1:-1, 1:-1] = scipy.ndimage.correlate(small, kernel)[1:-1, 1:-1].clip(-8, 8)

corner = plane[:6, :8]
diagonal = (corner[::2, ::2] - corner[::2, 1::2] - corner[1::2, ::2] + corner[1::2, 1::2]) / 2


def flat(values):
    return [round(float(v), 5) for v in numpy.ravel(values)]


golden = {
    "logValues": flat(numpy.mean(logs, axis=0)),
    "dct": flat(blocks),
    "residual": flat(residual),
    "correlation": float(numpy.corrcoef(plane.ravel(), recipe(96, 80, 2).ravel())[0, 1]),
    "haarDiagonal": flat(diagonal),
}
path = pathlib.Path(__file__).parents[2] / "fixtures/spectra/golden.json"
path.write_text(json.dumps(golden))

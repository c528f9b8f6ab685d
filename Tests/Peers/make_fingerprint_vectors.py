"""Golden vectors of the whitened spectrum, by NumPy, SciPy and Pillow: fixtures/fingerprints/spectrum.json.

The steps are those of Sources/Fingerprints/WhitenedSpectrum.swift, written down independently with whole-array operations.
Run: python Tests/Peers/make_fingerprint_vectors.py
"""

import json
import pathlib

import numpy as np
import PIL
import scipy
import scipy.ndimage
from PIL import Image

SIDE, SIGMA, CLIP = 640, 2.0, 3.5


def picture(width, height):
    """Whole numbers, so that every language makes the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    return ((x * x * 7 + y * y * 5 + x * y * 3) // 64 % 97 + (x * 31 + y * 17) % 23 + x // 4 + y // 3).clip(0, 255)


def smooth(plane):
    radius = int(np.ceil(3 * SIGMA))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / SIGMA) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        plane = scipy.ndimage.correlate1d(plane, kernel, axis=axis, mode="mirror")
    return plane


def whitened(luma):
    height, width = luma.shape
    grid = Image.fromarray(luma.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    grid = np.asarray(grid, np.float64)
    detail = grid - smooth(grid)
    residual = detail / (smooth(detail * detail) + 1)
    residual[np.abs(residual) < 1e-3] = 0
    full = np.fft.fft2(residual)
    power = np.abs(full) ** 2
    window = lambda size: scipy.ndimage.uniform_filter(power, size, mode="wrap") * size * size
    strength = (window(17) - window(3)) / (289 - 9)
    line = np.ones(33)
    line[15:18] = 0
    strength[0] = scipy.ndimage.correlate1d(power[0], line, mode="wrap") / 30
    strength[:, 0] = scipy.ndimage.correlate1d(power[:, 0], line, mode="wrap") / 30
    half = SIDE // 2 + 1
    floor = SIDE * SIDE * 1e-6
    f = np.fft.fftfreq(SIDE, 1 / SIDE)
    z = full / np.sqrt(np.maximum(strength + floor, power / CLIP**2))
    z *= np.exp(-1j * np.pi * (f[:, None] + f[None]) / SIDE)
    z, u, v = z[:, :half], np.abs(f[:half]), np.abs(f)
    grid_line = lambda cycles, pixels: np.abs(cycles - np.round(cycles * 8 / pixels) * pixels / 8) < 1.3
    out = (u[None] > int(0.47 * min(SIDE, width))) | (v[:, None] > int(0.47 * min(SIDE, height)))
    out |= u[None] ** 2 + v[:, None] ** 2 < 100
    out |= grid_line(v, height)[:, None] & grid_line(u, width)[None]
    z[out] = 0
    return z


cases = []
for width, height in [(300, 220), (700, 900)]:
    z = whitened(picture(width, height))
    rng = np.random.default_rng(1)
    bins = [[int(r), int(c)] for r, c in zip(rng.integers(0, SIDE, 300), rng.integers(0, SIDE // 2 + 1, 300))]
    bins += [[0, 14], [14, 0], [100, 0], [0, 100], [SIDE - 14, 0], [SIDE // 2, 5], [20, 20]]
    cases.append({
        "width": width, "height": height, "kept": int((z != 0).sum()),
        "energy": float((np.abs(z) ** 2).sum()), "bins": bins,
        "values": [[round(float(z[r, c].real), 6), round(float(z[r, c].imag), 6)] for r, c in bins],
    })
folder = pathlib.Path("fixtures/fingerprints")
folder.mkdir(parents=True, exist_ok=True)
peers = f"numpy {np.__version__}, scipy {scipy.__version__}, Pillow {PIL.__version__}"
(folder / "spectrum.json").write_text(json.dumps({"peers": peers, "cases": cases}) + "\n")

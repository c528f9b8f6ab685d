"""The steps of Assay's fingerprints by NumPy, SciPy (pocketfft) and Pillow, on one thread.

    python Tests/Peers/bench_fingerprints.py PICTURE.rgb WIDTH HEIGHT FOLDER

Driven by `benchmarks run fingerprint --peers`: reads commands from the standard input, one a line, and answers with a line of
numbers. PICTURE.rgb is [HEIGHT, WIDTH, 3] in uint8, FOLDER holds `.fingerprint` files. `whole` gives the best T of the whole
picture, `search` that after every stage (turned, cells, crops), `clock` the process's time so far in milliseconds.
"""

import json
import pathlib
import sys
import time

import numpy as np
import scipy.fft
import scipy.ndimage
from PIL import Image

SIDE, SIGMA, CLIP, CANVAS, BAND = 640, 2.0, 3.5, 512, 208
WEB = [1024, 1200, 1280, 1080, 2048, 1536, 1600, 1920, 900, 800, 720, 680, 640, 512]
RADIUS = int(np.ceil(3 * SIGMA))
KERNEL = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2).astype(np.float32)
KERNEL /= KERNEL.sum()
LINE = np.ones(33, np.float32)
LINE[15:18] = 0


def resized(plane, width, height):
    return np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BICUBIC))


def smooth(plane):
    for axis in (0, 1):
        plane = scipy.ndimage.correlate1d(plane, KERNEL, axis=axis, mode="mirror")
    return plane


def residual(luma):
    grid = resized(luma, SIDE, SIDE)
    detail = grid - smooth(grid)
    result = detail / (smooth(detail * detail) + 1)
    result[np.abs(result) < 1e-3] = 0
    return result


def shift(rows, columns, width):
    """From the first sample's centre to the corner."""
    f = np.fft.fftfreq(rows, 1 / rows)
    return np.exp(-1j * np.pi * (f[:, None] / rows + np.arange(columns)[None] / width)).astype(np.complex64)


def whitened(plane, width, height):
    rows, samples = plane.shape
    half = scipy.fft.rfft2(plane, workers=1)
    columns = half.shape[1]
    power = half.real**2 + half.imag**2
    # The half beyond the last column, so that windows see what wraps around.
    mirror = np.roll(power[::-1, 1:-1][:, ::-1], 1, axis=0)
    full = np.concatenate([power, mirror], axis=1)
    window = lambda size: scipy.ndimage.uniform_filter(full, size, mode="wrap")[:, :columns] * size * size
    strength = (window(17) - window(3)) / (289 - 9)
    strength[0] = scipy.ndimage.correlate1d(full[0], LINE, mode="wrap")[:columns] / 30
    strength[:, 0] = scipy.ndimage.correlate1d(full[:, 0], LINE, mode="wrap") / 30
    floor = rows * samples * 1e-6
    z = half / np.sqrt(np.maximum(strength + floor, power / CLIP**2)) * shift(rows, columns, samples)
    u, v = np.arange(columns), np.abs(np.fft.fftfreq(rows, 1 / rows))
    on_grid = lambda cycles, pixels: np.abs(cycles - np.round(cycles * 8 / pixels) * pixels / 8) < 1.3
    out = (u[None] > int(0.47 * min(samples, width))) | (v[:, None] > int(0.47 * min(rows, height)))
    out |= u[None] ** 2 + v[:, None] ** 2 < 100
    out |= on_grid(v, height)[:, None] & on_grid(u, width)[None]
    z[out] = 0
    return z


class Template:
    def __init__(self, path):
        data = path.read_bytes()
        length = int.from_bytes(data[8:12], "little")
        header = json.loads(data[12 : 12 + length])
        self.card, self.band = header["card"], header["band"]
        b = self.band
        weights = np.frombuffer(data, np.int8, offset=12 + length).astype(np.float32).reshape(2 * b + 1, b + 1, 2)
        self.w = (weights[..., 0] + 1j * weights[..., 1]).astype(np.complex64)
        v = np.arange(-b, b + 1)
        self.w[: b + 1, 0] = 0
        u = np.arange(b + 1)
        self.ring = np.maximum(np.abs(v)[:, None], u[None] // 16 * 16) // 16
        f = 16.0 * np.arange(300 // 16 + 1)
        self.gains = [np.ones_like(f), 1 / (1 + (f / 128) ** 2), 1 / (1 + (f / 96) ** 4)]
        self.divisor = max(1.07, self.card["null"]["deviation"])
        # W(v, u) for W(u, v); of column 0 only rows above 0 are kept.
        whole = np.zeros((2 * b + 1, 2 * b + 1), np.complex64)
        whole[:, b:] = self.w
        whole[: b + 1, b] = np.conj(self.w[b:, 0])[::-1]
        whole[:, :b] = np.conj(whole[::-1, ::-1][:, :b])
        self.transposed = np.ascontiguousarray(whole.T[:, b:])
        self.transposed[: b + 1, 0] = 0
        # The canvas's half spectrum, conjugated.
        n = min(b, BAND)
        pattern = np.zeros((CANVAS, CANVAS // 2 + 1), np.complex64)
        rows = np.arange(-n, n + 1)
        pattern[rows % CANVAS, : n + 1] = whole[b - n : b + n + 1, b : b + n + 1]
        self.conjugate = np.conj(pattern * np.conj(shift(CANVAS, CANVAS // 2 + 1, CANVAS)))

    def results(self, z, mirrored=False, transposed=False):
        """T as it is and turned by half."""
        rows, columns = z.shape
        across, down = min(self.band, columns - 1), min(self.band, (rows - 1) // 2)
        part = z[np.arange(-down, down + 1) % rows, : across + 1]
        w = self.transposed if transposed else self.w
        w = (w[::-1] if mirrored else w)[self.band - down : self.band + down + 1, : across + 1]
        ring = self.ring[self.band - down : self.band + down + 1, : across + 1].ravel()
        total = lambda values: np.bincount(ring, values.ravel(), len(self.gains[0]))
        re, im = total(part.real * w.real), total(part.imag * w.imag)
        spread = total((part.real**2 + part.imag**2) * (w.real**2 + w.imag**2))
        best = [-np.inf, -np.inf]
        for gain in self.gains:
            deviation = np.sqrt((gain**2 * spread).sum() / 2)
            if deviation == 0:
                continue
            a, b = (gain * re).sum(), (gain * im).sum()
            pair = ((a - b) / deviation, (a + b) / deviation) if mirrored else ((a + b) / deviation, (a - b) / deviation)
            best = [max(best[0], pair[0] / self.divisor), max(best[1], pair[1] / self.divisor)]
        return best


class Peer:
    def __init__(self, path, width, height, folder):
        self.rgb = np.fromfile(path, np.uint8).reshape(height, width, 3)
        self.templates = [Template(p) for p in sorted(pathlib.Path(folder).glob("*.fingerprint"))]

    def whole(self):
        luma = self.rgb @ np.array([0.299, 0.587, 0.114], np.float32)
        self.residual = residual(luma)
        self.z = whitened(self.residual, luma.shape[1], luma.shape[0])
        return [max(t.results(self.z)[0] for t in self.templates)]

    def search(self):
        best = self.whole()[0]
        height, width = self.rgb.shape[:2]
        for template in self.templates:
            best = max(best, template.results(self.z)[1])
            for mirrored, transposed in [(True, False), (False, True), (True, True)]:
                best = max(best, *template.results(self.z, mirrored, transposed))
        for columns, rows in [(2, 1), (1, 2), (2, 2)]:
            w, h = SIDE // columns, SIDE // rows
            for x in range(columns):
                for y in range(rows):
                    cell = np.ascontiguousarray(self.residual[y * h : (y + 1) * h, x * w : (x + 1) * w])
                    if (cell != 0).mean() >= 0.05:
                        z = whitened(cell, width // columns, height // rows)
                        best = max(best, max(t.results(z)[0] for t in self.templates))
        samples = scipy.fft.irfft2(self.z * np.conj(shift(*self.z.shape, SIDE)), (SIDE, SIDE), workers=1)
        for (across, down), members in self.wholes(width, height).items():
            columns, rows = (max(1, int(CANVAS * share + 0.5)) for share in (across, down))
            canvas = np.zeros((CANVAS, CANVAS), np.float32)
            canvas[:rows, :columns] = resized(samples, columns, rows)
            spectrum = scipy.fft.rfft2(canvas, workers=1)
            for template in members:
                surface = scipy.fft.irfft2(spectrum * template.conjugate, (CANVAS, CANVAS), workers=1)
                y, x = -np.arange(CANVAS - rows + 1) % CANVAS, -np.arange(CANVAS - columns + 1) % CANVAS
                peak = surface[np.ix_(y, x)].max()
                rest = (float((surface**2).sum()) - peak**2) / (CANVAS**2 - 1)
                best = max(best, peak / np.sqrt(rest) / template.divisor)
        return [float(best)]

    def wholes(self, width, height):
        """Shares of a whole that this picture may be a crop of, with the templates whose pictures have its shape."""
        found = {}

        def add(template, whole_width, whole_height):
            share = [np.floor(s * 1024 + 0.5) / 1024 for s in (width / whole_width, height / whole_height)]
            if max(share) <= 1.001 and 0.55 <= min(share) <= 0.985:
                members = found.setdefault(tuple(min(1.0, s) for s in share), [])
                if template not in members:
                    members.append(template)

        for template in self.templates:
            for size in template.card["nativeSizes"]:
                add(template, *(int(side) for side in size.split("x")))
        for longer in WEB:
            for template in self.templates:
                for aspect in template.card["aspects"]:
                    add(template, longer if aspect >= 1 else np.floor(longer * aspect + 0.5),
                        np.floor(longer / aspect + 0.5) if aspect >= 1 else longer)
        return found

    def answer(self, command):
        if command == "clock":
            return [time.process_time() * 1000]
        return [float(value) for value in {"whole": self.whole, "search": self.search}[command]()]


peer = Peer(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
for line in sys.stdin:
    print(json.dumps(peer.answer(line.strip())), flush=True)

"""Robustness, quality and time of Assay's own mark beside PyPI's, on the same pictures in one run.

python Tests/Peers/bench_marks.py --assay .build/release/assay --pictures FOLDER --output reports/benchmarks/mark-peers

Peers: invisible-watermark 0.2.0 (dwtDct, dwtDctSvd, rivaGan; told method and length) and blind-watermark 0.4.4 (told
length and passwords). Assay is told nothing. A mark survives where every bit of the payload is read. Times are
processor time on whatever cores a method takes; Assay's include its program's start and the reading and writing of PNG.
"""

import argparse
import io
import json
import pathlib
import platform
import resource
import subprocess
import tempfile
import time

import cv2
import numpy as np
from PIL import Image

BITS = {"dwtDct": 32, "dwtDctSvd": 32, "rivaGan": 32, "blind-watermark": 64, "assay": 64}


def recoded(picture, kind, **options):
    memory = io.BytesIO()
    Image.fromarray(picture).save(memory, kind, **options)
    return np.array(Image.open(memory).convert("RGB"))


def resized(picture, factor):
    height, width = picture.shape[:2]
    return cv2.resize(picture, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_CUBIC)


def cropped(picture, area, seed):
    height, width = picture.shape[:2]
    tall, wide = int(height * area**0.5), int(width * area**0.5)
    draw = np.random.default_rng(seed)
    top, left = draw.integers(0, height - tall + 1), draw.integers(0, width - wide + 1)
    return np.ascontiguousarray(picture[top : top + tall, left : left + wide])


def rotated(picture, degrees):
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(picture, turn, (width, height))


def noisy(picture, sigma, seed):
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).round().astype(np.uint8)


ATTACKS = {
    "none": lambda p, s: p,
    "jpeg 75": lambda p, s: recoded(p, "JPEG", quality=75),
    "jpeg 50": lambda p, s: recoded(p, "JPEG", quality=50),
    "jpeg 30": lambda p, s: recoded(p, "JPEG", quality=30),
    "webp 50": lambda p, s: recoded(p, "WEBP", quality=50),
    "resize 0.5": lambda p, s: resized(p, 0.5),
    "resize 1.5": lambda p, s: resized(p, 1.5),
    "crop 50 %": lambda p, s: cropped(p, 0.5, s),
    "crop 25 %": lambda p, s: cropped(p, 0.25, s),
    "rotate 5°": lambda p, s: rotated(p, 5),
    "mirror": lambda p, s: np.ascontiguousarray(p[:, ::-1]),
    "brightness +30 %": lambda p, s: np.clip(p * 1.3, 0, 255).round().astype(np.uint8),
    "noise σ 8": lambda p, s: noisy(p, 8, s),
    "screenshot": lambda p, s: recoded(resized(p, 0.8), "JPEG", quality=85),
}


def processor_time():
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


class InvisibleWatermark:
    def __init__(self, method):
        from imwatermark import WatermarkDecoder, WatermarkEncoder

        self.method = method
        self.encoder = WatermarkEncoder()
        self.decoder = WatermarkDecoder("bits", BITS[method])
        if method == "rivaGan":
            WatermarkEncoder.loadModel()
            WatermarkDecoder.loadModel()

    def embed(self, picture, bits):
        self.encoder.set_watermark("bits", bits)
        return self.encoder.encode(picture[:, :, ::-1].copy(), self.method)[:, :, ::-1]

    def read(self, picture):
        return [int(bit) for bit in self.decoder.decode(picture[:, :, ::-1].copy(), self.method)]


class BlindWatermark:
    def embed(self, picture, bits):
        from blind_watermark import WaterMark

        mark = WaterMark(password_img=1, password_wm=1)
        mark.read_img(img=picture[:, :, ::-1].astype(np.float32))
        mark.read_wm(np.array(bits, dtype=bool), mode="bit")
        return np.clip(np.asarray(mark.embed()), 0, 255).round().astype(np.uint8)[:, :, ::-1]

    def read(self, picture):
        from blind_watermark import WaterMark

        mark = WaterMark(password_img=1, password_wm=1)
        values = mark.extract(
            embed_img=picture[:, :, ::-1].astype(np.float32), wm_shape=BITS["blind-watermark"], mode="bit")
        return [int(value > 0.5) for value in values]


class Assay:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)

    def embed(self, picture, bits):
        source, target = self.folder / "in.png", self.folder / "out.png"
        Image.fromarray(picture).save(source, compress_level=1)
        payload = f"{int(''.join(map(str, bits)), 2):0{len(bits) // 4}x}"
        arguments = ["watermark", "embed", source, "-o", target, "--payload", payload, "--force"]
        subprocess.run([self.program, *arguments], check=True, capture_output=True)
        return np.array(Image.open(target).convert("RGB"))

    def read(self, picture):
        source = self.folder / "in.png"
        Image.fromarray(picture).save(source, compress_level=1)
        answer = subprocess.run(
            [self.program, "watermark", "read", "--json", source], check=True, capture_output=True, text=True)
        marks = [mark for mark in json.loads(answer.stdout)["marks"] if mark["scheme"] == "assay"]
        if not marks:
            return []
        return [int(bit) for bit in f"{int(marks[0]['payloadHex'], 16):0{marks[0]['bits']}b}"]


def similarity(one, other):
    """Wang et al. 2004's SSIM of luminance: Gaussian window, σ 1.5, 11×11."""
    x, y = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64) for picture in (one, other))
    blur = lambda plane: cv2.GaussianBlur(plane, (11, 11), 1.5)[5:-5, 5:-5]
    mx, my = blur(x), blur(y)
    vx, vy, both = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
    c1, c2 = 6.5025, 58.5225
    return float(((2 * mx * my + c1) * (2 * both + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean())


def measure(name, scheme, pictures):
    row = {"bits": BITS[name], "psnr": [], "ssim": [], "embed": [], "read": [], "survived": dict.fromkeys(ATTACKS, 0)}
    for number, picture in enumerate(pictures):
        bits = [int(bit) for bit in np.random.default_rng(number + 1).integers(0, 2, BITS[name])]
        megapixels = picture.shape[0] * picture.shape[1] / 1e6
        start = processor_time()
        marked = np.ascontiguousarray(scheme.embed(picture, bits))
        row["embed"].append((processor_time() - start) * 1000 / megapixels)
        error = np.mean((picture.astype(np.float64) - marked) ** 2)
        row["psnr"].append(10 * np.log10(255**2 / max(error, 1e-9)))
        row["ssim"].append(similarity(picture, marked))
        for attack, change in ATTACKS.items():
            attacked = change(marked, number + 1)
            start = processor_time()
            try:
                found = scheme.read(attacked)
            except Exception:  # a library that breaks on a picture has not read it
                found = []
            if attack == "none":
                row["read"].append((processor_time() - start) * 1000 / megapixels)
            row["survived"][attack] += found == bits
    return row


PUBLISHED = """
Published by its authors, on other pictures and not measured here: TrustMark Q (100 bits raw, 40 to 75 under BCH), typical
PSNR 43–45 dB, variant P 48–50 dB, C 38–39 dB (adobe/trustmark, python/CONFIG.md). Of HiDDeN and StegaStamp no figure was
checked against its paper, so none is given.
"""


def markdown(rows, count, arguments):
    lines = [
        "# Assay's own mark beside its peers", "",
        f"`python Tests/Peers/bench_marks.py {arguments}` (part of `make bench-peers`)", "",
        f"{count} pictures of {arguments.split('--pictures ')[-1].split()[0]}; {machine()}; "
        f"{time.strftime('%Y-%m-%d')}. A mark survives where every bit is right. The peers are told method, length and "
        "passwords; Assay is told nothing. Assay's times include its program's start and PNG files; the peers' are of "
        "arrays in memory.", "",
        "| | " + " | ".join(rows) + " |", "|---|" + "---|" * len(rows),
        "| payload, bits | " + " | ".join(str(row["bits"]) for row in rows.values()) + " |",
        "| PSNR, dB, mean | " + " | ".join(f"{np.mean(row['psnr']):.2f}" for row in rows.values()) + " |",
        "| SSIM of luminance, mean | " + " | ".join(f"{np.mean(row['ssim']):.4f}" for row in rows.values()) + " |",
    ]
    for key in ("embed", "read"):
        lines.append(
            f"| {key}, processor ms/MP, median | " + " | ".join(f"{np.median(row[key]):.0f}" for row in rows.values()) + " |")
    for attack in ATTACKS:
        lines.append(f"| {attack} | " + " | ".join(f"{row['survived'][attack]}/{count}" for row in rows.values()) + " |")
    return "\n".join(lines) + "\n" + PUBLISHED


def machine():
    model = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{model[0] if model else platform.machine()}, {len(model)} processors, {platform.platform()}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--assay", required=True)
    parser.add_argument("--pictures", required=True, type=pathlib.Path)
    parser.add_argument("--limit", type=int, default=16)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    paths = sorted(path for path in options.pictures.rglob("*.png") if path.parent.name in ("photos", "graphics"))
    paths = paths[:: max(len(paths) // options.limit, 1)][: options.limit]
    pictures = [np.array(Image.open(path).convert("RGB")) for path in paths]
    with tempfile.TemporaryDirectory() as folder:
        schemes = {"assay": Assay(options.assay, folder), "blind-watermark": BlindWatermark()}
        schemes |= {method: InvisibleWatermark(method) for method in ("dwtDct", "dwtDctSvd", "rivaGan")}
        rows = {name: measure(name, scheme, pictures) for name, scheme in schemes.items()}
    arguments = f"--assay {options.assay} --pictures {options.pictures} --limit {options.limit} --output {options.output}"
    pathlib.Path(options.output + ".md").write_text(markdown(rows, len(pictures), arguments))
    pathlib.Path(options.output + ".json").write_text(
        json.dumps({"pictures": [path.name for path in paths], "machine": machine(), "schemes": rows}, indent=1))


if __name__ == "__main__":
    main()

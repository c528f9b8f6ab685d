"""Lays out the pictures of 256 pixels that the generators of 256 learned from.

    python Tests/Peers/generator_pictures.py flowers DATA/flowers flowers256
    python Tests/Peers/generator_pictures.py landscapes Tests/Peers/landscape-pictures.csv PHOTOGRAPHS landscapes256

flowers: the pictures of `data/flowers` of github.com/JoelOscarsson/dl-assignment, 227 pixels a side, a folder for each kind; near-duplicates,
mirrored ones too, flat and grey ones are left out, the others enlarged. landscapes: squares of the photographs of the list, which lie in
PHOTOGRAPHS as NUMBER.jpg with a short side of at most 520 pixels: whole heights side by side, and two closer ones where there are pixels enough.
"""

import csv
import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 256


def differences(image):
    """64 bits: where brightness rises from left to right, on 9×8 cells."""
    cells = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), int)
    return (cells[:, 1:] > cells[:, :-1]).ravel()


def is_plain(image):
    pixels = np.asarray(image.resize((64, 64)), float)
    return pixels.std() < 18 or np.abs(pixels[..., 0] - pixels[..., 2]).mean() < 4


def flowers(folder, output):
    seen = np.zeros((0, 64), bool)
    for path in sorted(Path(folder).glob("*/*.jpg")):
        image = Image.open(path).convert("RGB")
        if is_plain(image):
            continue
        own = differences(image)
        mirrored = differences(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
        if len(seen) and min((seen != bits).sum(1).min() for bits in (own, mirrored)) <= 6:
            continue
        target = output / f"{len(seen):05d}_{path.parent.name}.png"
        seen = np.vstack([seen, own[None]])
        image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(target)


def squares(width, height, chance):
    """Left, top and side."""
    short, rest = min(width, height), abs(width - height)
    if rest < 0.25 * short:
        places = [rest // 2]
    else:
        places = [0, rest] if rest < 1.2 * short else [0, rest // 2, rest]
    found = [(place, 0, short) if width >= height else (0, place, short) for place in places]
    if short >= 360:
        for _ in range(2):
            side = chance.randint(int(max(SIDE, 0.62 * short)), int(0.85 * short))
            left, down = chance.randint(0, width - side), height - side
            top = chance.randint(0, down) if width < height else chance.randint(down // 4, down - down // 4)
            found.append((left, top, side))
    return found


def landscapes(table, folder, output):
    chance = random.Random(5)
    with open(table, newline="") as rows:
        numbers = [int(row["number"]) for row in csv.DictReader(rows)]
    for number in numbers:
        image = Image.open(Path(folder) / f"{number:05d}.jpg").convert("RGB")
        for part, (left, top, side) in enumerate(squares(*image.size, chance)):
            cut = image.crop((left, top, left + side, top + side))
            cut.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(output / f"{number:05d}_{part}.png")


kind, *folders, output = sys.argv[1:]
Path(output).mkdir(parents=True, exist_ok=True)
{"flowers": flowers, "landscapes": landscapes}[kind](*folders, Path(output))

"""A sheet of generated pictures enlarged by bicubic interpolation and by Assay's upsampler.

    python Tests/Peers/upscale_sheet.py --assay .build/release/assay --output reports/samples/upscale.jpg

Each row is a seed of a shipped model: enlarged twice by bicubic interpolation, twice by the upsampler, then a part of
the picture enlarged four times by either. Nothing that a person made is in it. The sheet is marked as what it is.
"""

import argparse
import tempfile
from pathlib import Path

from PIL import Image

from sheets import run, sheet, write_marked

ROWS = [("flowers", 7), ("flowers", 21), ("landscapes", 7), ("landscapes", 33)]
SIDE = 256


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assay", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--jpeg-quality", type=int, default=80)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def made(model, seed, *extra):
            run(
                arguments.assay, "generate", "gan", "--model", model, "--seed", seed, "-o", folder, "--force", *extra
            )
            return Image.open(folder / f"{model}-{seed}-0.png").convert("RGB")

        def row(model, seed):
            plain = made(model, seed)
            part = (64, 64, 128 + 64, 128 + 64)
            four = tuple(2 * edge for edge in part)
            return [
                plain.resize((SIDE, SIDE), Image.BICUBIC),
                made(model, seed, "--scale", 2),
                plain.resize((2 * SIDE, 2 * SIDE), Image.BICUBIC).crop(four),
                made(model, seed, "--scale", 4).crop(four),
            ]

        page = sheet([row(*item) for item in ROWS], SIDE, abreast=1)
        write_marked(
            arguments.assay, page, arguments.output, "Assay", "Assay flowers, landscapes and upsampler", folder,
            arguments.jpeg_quality,
        )
        print(arguments.output, page.size, Path(arguments.output).stat().st_size)


if __name__ == "__main__":
    main()

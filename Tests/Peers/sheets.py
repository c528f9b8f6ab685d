"""Sheets of pictures beside one another, marked as what they are."""

import subprocess

from PIL import Image

# Pixels between pictures on the sheet, and columns of rows beside one another.
GAP, ABREAST = 2, 2


def run(*arguments):
    subprocess.run([str(item) for item in arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def sheet(rows, side, abreast=ABREAST):
    """Each row a content and its results; rows go down in columns of equal length."""
    width, down = len(rows[0]), -(-len(rows) // abreast)
    step = side + GAP
    page = Image.new("RGB", (abreast * (width * step + 3 * GAP), down * step), "white")
    for index, row in enumerate(rows):
        for column, image in enumerate(row):
            left = index // down * (width * step + 3 * GAP) + column * step
            page.paste(image.resize((side, side), Image.LANCZOS), (left, index % down * step))
    return page


def write_marked(assay, page, output, tool, model, folder, quality):
    """Watermark, XMP and signature, so that the sheet is as honest as what it shows."""
    payload = "a55a511ee7000001"
    plain, marked = folder / "sheet.png", folder / "sheet.jpg"
    page.save(plain)
    run(assay, "watermark", "embed", plain, "-o", marked, "--payload", payload, "--jpeg-quality", quality, "--force")
    run(assay, "credentials", "keys", "--organization", "Contact sheet", "-o", folder, "--force")
    run(
        assay, "credentials", "sign", marked, "-o", output, "--key", folder / "signer.key", "--certificates",
        folder / "signer.pem", "--source", "edited", "--tool", tool, "--model-name", model, "--soft-binding", payload,
        "--xmp", "--force",
    )

"""What Assay signs, c2pa-rs trusts under our root: 3 formats x 7 algorithms x new and with a signed parent.

Run by `make test-peers`; ASSAY names the built program. The peer is c2pa-python 0.38.1 (c2pa-rs 0.91.3).
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

c2pa = pytest.importorskip("c2pa")
Image = pytest.importorskip("PIL.Image")

ASSAY = os.environ.get("ASSAY", str(Path(__file__).parents[2] / ".build/release/assay"))
ALGORITHMS = ["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"]
PURPOSES = "1.3.6.1.5.5.7.3.4\n1.3.6.1.4.1.62558.2.1\n"


def assay(*arguments):
    done = subprocess.run([ASSAY, "credentials", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def peer(path, root):
    settings = {"trust": {"trust_anchors": root.read_text(), "trust_config": PURPOSES}, "verify": {"verify_trust": True}}
    context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
    return json.loads(c2pa.Reader.try_create(str(path), context=context).json())


@pytest.fixture(scope="module", params=ALGORITHMS)
def keys(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    assay("keys", "--organization", "Assay Test", "--algorithm", request.param, "-o", folder)
    assert (folder / "signer.key").stat().st_mode & 0o777 == 0o600
    return request.param, folder


@pytest.mark.parametrize("parent", [False, True], ids=["new", "parent"])
@pytest.mark.parametrize("size", [8, 9], ids=["even", "odd"])
@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
def test_signed_files_are_trusted(keys, extension, size, parent, tmp_path):
    algorithm, folder = keys
    picture = tmp_path / f"picture.{extension}"
    Image.new("RGB", (size, size), (90, 120, 30)).save(picture)
    options = ["--key", folder / "signer.key", "--certificates", folder / "signer.pem", "--tool", "Gen" * size]
    if algorithm.startswith("ps"):
        options += ["--algorithm", algorithm]
    signed = tmp_path / f"signed.{extension}"
    assay("sign", picture, "-o", signed, *options)
    if parent:
        first, signed = signed, tmp_path / f"edited.{extension}"
        assay("sign", picture, "-o", signed, "--parent", first, "--source", "edited", *options)

    report = peer(signed, folder / "root.pem")
    assert report["validation_state"] == "Trusted", report["validation_results"]
    manifest = report["manifests"][report["active_manifest"]]
    actions = [a for a in manifest["assertions"] if a["label"].startswith("c2pa.actions")][0]["data"]["actions"]
    assert [a["action"] for a in actions] == (["c2pa.opened", "c2pa.edited"] if parent else ["c2pa.created"])
    own = json.loads(assay("verify", "--json", "--trust", folder / "root.pem", signed))
    assert own["state"] == "trusted" and own["failure"] == []

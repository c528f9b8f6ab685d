#!/usr/bin/env bash
# OptiPNG 0.7.7 (Debian 12): a signed PNG, compressed better and not changed in one pixel, reads as tampered with.
#
# The fourth letter of a PNG chunk's name says what a program that does not know the chunk has to do with it once it
# changed the picture's own chunks. C2PA chose a capital one for caBX: unsafe to copy, leave it out. OptiPNG changes
# IDAT, and the palette or the colour type with it, and copies caBX all the same. pngcrush and pngquant leave it out.
# The store's hash no longer fits, and a validator answers Invalid, `assertion.dataHash.mismatch`, which is what a
# forged picture gets. A good engineer would expect the letter to be obeyed (no credentials) or the file to stay
# valid. For whoever tells an origin: that mismatch does not mean that anybody touched what is to be seen.
#
# Seen on 2026-12-01, optipng 0.7.7-2+b1, pngcrush 1.8.13-0.1, c2pa-python 0.38.1:
#   signed.png: Valid; optipng.png: Invalid assertion.dataHash.mismatch, pixels the same; pngcrush.png: none
# Exits with 1 when this changes, 69 without the Debian packages or the wheels.
set -euo pipefail
for package in optipng pngcrush; do
  dpkg-query -W -f '${Package} ${Version}\n' "$package" || { echo "install $package" >&2; exit 69; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check c2pa-python==0.38.1 pillow==12.0.0 cryptography==46.0.3 || exit 69
cd "$folder"
cat > sign.py <<'PYTHON'
import datetime
import io

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image


def certify(key, name, issuer, issuer_key, is_root):
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(["digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                           "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"], False)
    usage["key_cert_sign" if is_root else "digital_signature"] = True
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=9))
               .add_extension(x509.BasicConstraints(is_root, None), True).add_extension(x509.KeyUsage(**usage), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False))
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    return builder.sign(issuer_key, hashes.SHA256())


root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
root = certify(root_key, "root", None, root_key, True)
leaf = certify(key, "signer", root, root_key, False)
pem = serialization.Encoding.PEM
info = c2pa.C2paSignerInfo(
    alg=b"es256", sign_cert=leaf.public_bytes(pem) + root.public_bytes(pem), ta_url=None,
    private_key=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def sign(kind, plain, path):
    builder = c2pa.Builder({"claim_generator_info": [{"name": "maker", "version": "1"}], "assertions": [
        {"label": "c2pa.actions.v2", "data": {"actions": [
            {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}]}}]})
    signed = io.BytesIO()
    builder.sign(c2pa.Signer.from_info(info), f"image/{kind}", io.BytesIO(plain), signed)
    with open(path, "wb") as file:
        file.write(signed.getvalue())


plain = io.BytesIO()
Image.radial_gradient("L").resize((64, 48)).convert("RGB").save(plain, "png")
sign("png", plain.getvalue(), "signed.png")
PYTHON
cat > state.py <<'PYTHON'
import io
import json
import sys

import c2pa

try:
    with open(sys.argv[2], "rb") as file:
        report = json.loads(c2pa.Reader(f"image/{sys.argv[1]}", io.BytesIO(file.read())).json())
    failures = sorted({s["code"] for s in report["validation_results"]["activeManifest"]["failure"]})
    print(report["validation_state"], *[code for code in failures if code != "signingCredential.untrusted"])
except c2pa.C2paError.ManifestNotFound:
    print("none")
PYTHON
venv/bin/python sign.py
state() { venv/bin/python state.py "$1" "$2"; }
optipng -quiet -out optipng.png signed.png
pngcrush -s signed.png pngcrush.png > /dev/null 2>&1
seen=""
for name in signed optipng pngcrush; do
  answer=$(state png "$name.png")
  echo "$name.png: $answer"
  seen="$seen $name:$answer"
done
venv/bin/python - <<'PYTHON'
from PIL import Image

one, other = (Image.open(name).convert("RGB").tobytes() for name in ("signed.png", "optipng.png"))
print("pixels the same:", one == other)
raise SystemExit(0 if one == other else 1)
PYTHON
[ "$seen" = " signed:Valid optipng:Invalid assertion.dataHash.mismatch pngcrush:none" ]

#!/usr/bin/env bash
# cjxl, djxl 0.7.0 (Debian 12): a JXL made of a signed JPEG says that it has no credentials, and gives them back valid.
#
# By default `cjxl` turns a JPEG into a JXL from which the JPEG can be made again, byte for byte. What a JPEG has
# beside picture, EXIF and XMP (the APP11 segments of C2PA, those of IPTC, comments) goes into the box that only
# rebuilding reads, `jbrd`. JXL has a box `jumb` for such a store, and there is none. So c2pa-python, which reads
# JXL, says that there is no manifest, ExifTool shows neither IPTC nor comment, and `djxl in.jxl out.jpg` returns the
# whole signed file, Valid. "No credentials" of such a JXL is a statement about one box, not about the file. It holds
# for privacy too: the name in the IPTC that no reader of the JXL shows is back in the JPEG. `djxl` to PNG drops
# them.
#
# Seen on 2026-12-01, libjxl-tools 0.7.0-10+deb12u1, c2pa-python 0.38.1, ExifTool 12.57:
#   signed.jpg: Valid, By-line Anna     lossless.jxl: none, By-line none, jbrd in the file
#   back.jpg: Valid, By-line Anna, same bytes as signed.jpg
# Exits with 1 when this changes, 69 without the Debian packages or the wheels.
set -euo pipefail
for package in libjxl-tools libimage-exiftool-perl; do
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
import subprocess

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


Image.radial_gradient("L").resize((64, 48)).convert("RGB").save("plain.jpg")
subprocess.run(["exiftool", "-q", "-overwrite_original", "-IPTC:By-line=Anna", "plain.jpg"], check=True)
with open("plain.jpg", "rb") as file:
    sign("jpeg", file.read(), "signed.jpg")
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
cjxl signed.jpg lossless.jxl > /dev/null 2>&1
djxl lossless.jxl back.jpg > /dev/null 2>&1
seen=""
for item in jpeg:signed.jpg jxl:lossless.jxl jpeg:back.jpg; do
  file=${item#*:}
  name=$(exiftool -s3 -IPTC:By-line "$file")
  answer=$(state "${item%:*}" "$file")
  echo "$file: $answer, By-line ${name:-none}"
  seen="$seen $answer/${name:-none}"
done
grep -a -o -m1 jbrd lossless.jxl
cmp signed.jpg back.jpg
[ "$seen" = " Valid/Anna none/none Valid/Anna" ]

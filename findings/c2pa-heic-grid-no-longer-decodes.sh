#!/usr/bin/env bash
# c2pa-python 0.38.1 (c2pa-rs 0.91.3): signing a HEIC whose picture is a grid leaves a file that nothing decodes, and calls it Valid.
#
# heif-enc 1.15.1 writes the picture of 64 by 48 as a grid: the description of eight bytes lies in the `idat` box, and
# `iloc` gives its place counted from that box's beginning (construction method 1), zero. Signing puts a box in front and
# moves the places of all items, that one too, which does not move; its new place is the length of the box that was put
# in front, in the upper half of the number. The grid is then looked for far behind the file's end. The signature covers
# the broken file, so that it validates: what is shown as genuine cannot be shown at all. A good engineer would expect
# the picture to be the same before and after.
#
# Seen on 2026-12-01, libheif-examples 1.15.1-1+deb12u1, c2pa-python 0.38.1:
#   before: decoded      signed: Valid, "Invalid grid data: Less than 8 bytes of data"
#   place of the grid within idat: before 0, signed 207224832 (0x0C5A0000; the store's length varies)
# Exits with 1 when this changes, 69 without the Debian package or the wheels.
set -euo pipefail
dpkg-query -W -f '${Package} ${Version}\n' libheif-examples || { echo "install libheif-examples" >&2; exit 69; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check c2pa-python==0.38.1 pillow==12.0.0 cryptography==46.0.3 || exit 69
cd "$folder"
venv/bin/python -c 'from PIL import Image; Image.radial_gradient("L").resize((64, 48)).convert("RGB").save("in.png")'
heif-enc -q 50 -o in.heic in.png > /dev/null
cat > sign.py <<'PYTHON'
import datetime
import io
import json

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


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


def grid_place(data):
    """The offset that iloc gives for the item whose data lie within idat."""
    start = data.rindex(b"iloc") + 8
    count = int.from_bytes(data[start + 2:start + 4], "big")
    place = start + 4
    for _ in range(count):
        method = data[place + 3] & 15
        # Offset and length of four bytes each, a base of four where the second nibble asks for one.
        base = data[start + 1] >> 4
        first = place + 6 + base
        extents = int.from_bytes(data[first:first + 2], "big")
        if method == 1:
            return int.from_bytes(data[place + 6:first], "big") + int.from_bytes(data[first + 2:first + 6], "big")
        place = first + 2 + extents * 8
    return None


root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
root = certify(root_key, "root", None, root_key, True)
leaf = certify(key, "signer", root, root_key, False)
pem = serialization.Encoding.PEM
info = c2pa.C2paSignerInfo(
    alg=b"es256", sign_cert=leaf.public_bytes(pem) + root.public_bytes(pem), ta_url=None,
    private_key=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
builder = c2pa.Builder({"claim_generator_info": [{"name": "maker", "version": "1"}], "assertions": [
    {"label": "c2pa.actions.v2", "data": {"actions": [
        {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}]}}]})
before, target = open("in.heic", "rb").read(), io.BytesIO()
builder.sign(c2pa.Signer.from_info(info), "image/heic", io.BytesIO(before), target)
signed = target.getvalue()
open("signed.heic", "wb").write(signed)
state = json.loads(c2pa.Reader("image/heic", io.BytesIO(signed)).json())["validation_state"]
print(state, grid_place(before), grid_place(signed))
PYTHON
read -r state before after < <(venv/bin/python sign.py)
decode() {
  local said
  said=$(heif-convert "$1" out.png 2>&1 || true)
  case $said in *"Invalid grid data"*) echo broken ;; *Written*) echo decoded ;; *) echo "$said" ;; esac
}
echo "before: $(decode in.heic); signed: $state, $(decode signed.heic); place of the grid: before $before, signed $after"
[ "$(decode in.heic)" = decoded ] && [ "$(decode signed.heic)" = broken ] && [ "$state" = Valid ] && [ "$before" = 0 ] && [ "$after" -gt 1000 ]

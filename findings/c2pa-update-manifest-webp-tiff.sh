#!/bin/sh
# An update manifest that c2pa-python adds to a WebP or a TIFF makes a file that c2pa-python itself calls invalid.
#
# Peer: c2pa-python 0.38.1 (c2pa-rs 0.91.3). Input: a picture of one colour, signed by the same package with its own
# test settings and valid before the update. Intent UPDATE is the package's way to add a statement without touching the
# picture; nothing warns that two formats do not take it. A good engineer would expect one of the two: an error, or a
# valid file, as PNG, JPEG, GIF and AVIF become.
#
# Cause, as far as the output shows: the signed bytes hold a length of the whole file (WebP: the RIFF size) or places that
# move (TIFF), and the update changes them while the old hash stays.
#
# Seen on 2026-11-30: png, jpg, gif, avif: Valid, then Valid. webp, tif: Valid, then Invalid, assertion.dataHash.mismatch.
# Exit: 0 when seen again, 1 when it changed, 2 when it could not be tried.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/pip" install -q --disable-pip-version-check c2pa-python==0.38.1 pillow==12.0.0 cryptography==46.0.3 || exit 2
cat > "$folder/try.py" <<'PY'
import datetime
import io
import json

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

CREATED = {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}


def certificate(name, key, issuer, issuer_key, is_authority):
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(["digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                           "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"], False)
    usage["key_cert_sign" if is_authority else "digital_signature"] = True
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(issuer.subject if issuer else name)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
               .add_extension(x509.BasicConstraints(is_authority, None), True)
               .add_extension(x509.KeyUsage(**usage), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False))
    if not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    return builder.sign(issuer_key, hashes.SHA256())


root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
root = certificate("root", root_key, None, root_key, True)
leaf = certificate("signer", key, root, root_key, False)
pem = serialization.Encoding.PEM
info = c2pa.C2paSignerInfo(
    alg=b"es256", sign_cert=leaf.public_bytes(pem) + root.public_bytes(pem),
    private_key=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()), ta_url=None)


def sign(mime, source, actions, intent=None):
    builder = c2pa.Builder({"claim_generator_info": [{"name": "maker", "version": "1"}],
                            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]})
    if intent:
        builder.set_intent(intent)
    target = io.BytesIO()
    builder.sign(c2pa.Signer.from_info(info), mime, io.BytesIO(source), target)
    return target.getvalue()


def state(mime, file):
    report = json.loads(c2pa.Reader(mime, io.BytesIO(file)).json())
    failures = {s["code"] for s in report["validation_results"]["activeManifest"]["failure"]}
    return report["validation_state"], sorted(failures - {"signingCredential.untrusted"})


print("c2pa-python", c2pa.__version__ if hasattr(c2pa, "__version__") else "", c2pa.sdk_version())
expected = {"png": "Valid", "jpg": "Valid", "gif": "Valid", "avif": "Valid", "webp": "Invalid", "tif": "Invalid"}
changed = False
for ending, mime in [("png", "image/png"), ("jpg", "image/jpeg"), ("gif", "image/gif"), ("avif", "image/avif"),
                     ("webp", "image/webp"), ("tif", "image/tiff")]:
    plain = io.BytesIO()
    Image.new("RGB", (16, 16), (90, 120, 30)).save(plain, {"jpg": "jpeg", "tif": "tiff"}.get(ending, ending))
    signed = sign(mime, plain.getvalue(), [CREATED])
    updated = sign(mime, signed, [{"action": "c2pa.published"}], c2pa.C2paBuilderIntent.UPDATE)
    before, after = state(mime, signed), state(mime, updated)
    print(f"{ending}: signed {before[0]}, with an update {after[0]} {', '.join(after[1])}")
    changed = changed or before[0] != "Valid" or after[0] != expected[ending]
raise SystemExit(1 if changed else 0)
PY
"$folder/venv/bin/python" "$folder/try.py"

#!/usr/bin/env bash
# ExifTool 12.57 (Debian 12): `-all=` takes Content Credentials out of a JPEG and leaves them in PNG, WebP, GIF, AVIF.
#
# `exiftool -all=` is what people run before they publish a picture. C2PA manifests hold names, tools, times, edits and
# thumbnails of earlier states. In a JPEG they go. In the other formats everything beside them goes, and they stay,
# without a warning. A good engineer would expect `-all=` to mean the same for all of them, or to be told.
#
# Seen on 2026-11-30, libimage-exiftool-perl 12.57+dfsg-1, c2pa-python 0.38.1:
#   jpg: store gone; png, webp, gif, avif: store kept, and the EXIF beside it gone (png, webp)
# Exits with 1 when this changes, 69 without the Debian package or the wheels.
set -euo pipefail
dpkg-query -W -f '${Package} ${Version}\n' libimage-exiftool-perl || { echo "install libimage-exiftool-perl" >&2; exit 69; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check c2pa-python==0.38.1 pillow==12.0.0 cryptography==46.0.3 || exit 69
cat > "$folder/sign.py" <<'PYTHON'
import datetime
import io
import sys

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
exif = Image.Exif()
exif[0x013B] = "Anna"
for ending, mime in [("jpg", "jpeg"), ("png", "png"), ("webp", "webp"), ("gif", "gif"), ("avif", "avif")]:
    plain, signed = io.BytesIO(), io.BytesIO()
    more = {} if ending in ("gif", "avif") else {"exif": exif}
    Image.new("RGB", (32, 32), (90, 120, 30)).save(plain, mime, **more)
    builder = c2pa.Builder({"claim_generator_info": [{"name": "maker", "version": "1"}], "assertions": [
        {"label": "c2pa.actions.v2", "data": {"actions": [
            {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}]}}]})
    builder.sign(c2pa.Signer.from_info(info), f"image/{mime}", io.BytesIO(plain.getvalue()), signed)
    with open(f"{sys.argv[1]}/a.{ending}", "wb") as file:
        file.write(signed.getvalue())
PYTHON
"$folder/venv/bin/python" "$folder/sign.py" "$folder"
cd "$folder"
seen=""
for ending in jpg png webp gif avif; do
  exiftool -q -q -overwrite_original -all= "a.$ending" || true
  store=$(grep -a -q jumdc2pa "a.$ending" && echo kept || echo gone)
  artist=$(grep -a -q Anna "a.$ending" && echo kept || echo gone)
  echo "$ending: store $store, EXIF artist $artist"
  seen="$seen $ending:$store:$artist"
done
[ "$seen" = " jpg:gone:gone png:kept:gone webp:kept:gone gif:kept:gone avif:kept:gone" ]

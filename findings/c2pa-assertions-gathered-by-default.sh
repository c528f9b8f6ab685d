#!/bin/sh
# Assertions that a program hands to c2pa-python, its actions first of all, are signed as gathered from elsewhere.
#
# Peer: c2pa-python 0.38.1 (c2pa-rs 0.91.3). Input: a PNG of one colour and a manifest definition as in the package's own
# examples. A claim of version 2 has two lists: created_assertions, which the signer made and vouches for, and
# gathered_assertions, which it collected and does not. A good engineer would expect what the program states about its
# own work to be the former, and C2PA 2.4 wants the first action there. By default everything but the hard binding becomes
# gathered, and the reader says nothing of it. Settings change it: builder.created_assertion_labels.
#
# Seen on 2026-11-30: by default created: c2pa.hash.data; gathered: c2pa.actions.v2, org.example.note. With the setting
# c2pa.actions.v2 is created. Both files are Valid.
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


def sign(settings):
    builder = c2pa.Builder({"claim_generator_info": [{"name": "maker", "version": "1"}],
                            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [CREATED]}},
                                           {"label": "org.example.note", "data": {"text": "mine"}}]},
                           context=c2pa.Context(settings=c2pa.Settings.from_dict(settings)))
    plain, target = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (16, 16), (90, 120, 30)).save(plain, "png")
    builder.sign(c2pa.Signer.from_info(info), "image/png", io.BytesIO(plain.getvalue()), target)
    reader = c2pa.Reader("image/png", io.BytesIO(target.getvalue()))
    report = json.loads(reader.detailed_json())
    claim = report["manifests"][report["active_manifest"]]["claim"]

    def labels(name):
        return sorted(item["url"].split("/")[-1] for item in claim.get(name, []))

    return json.loads(reader.json())["validation_state"], labels("created_assertions"), labels("gathered_assertions")


print("c2pa-python, c2pa-rs", c2pa.sdk_version())
plain = {"builder": {"thumbnail": {"enabled": False}}}
chosen = {"builder": {"thumbnail": {"enabled": False}, "created_assertion_labels": ["c2pa.actions"]}}
results = [sign(plain), sign(chosen)]
for name, (state, created, gathered) in zip(["default", "created_assertion_labels"], results):
    print(f"{name}: {state}; created: {', '.join(created)}; gathered: {', '.join(gathered)}")
expected = ("Valid", ["c2pa.hash.data"], ["c2pa.actions.v2", "org.example.note"])
raise SystemExit(0 if results[0] == expected and "c2pa.actions.v2" in results[1][1] else 1)
PY
"$folder/venv/bin/python" "$folder/try.py"

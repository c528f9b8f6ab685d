"""Makes fixtures/credentials/ocsp: an authority, a signer and answers about its revocation.

Needs cryptography 50.0.2. The keys are for tests alone. Certificates last 20 years, answers 10.
"""

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = Path(__file__).parents[2] / "fixtures/credentials/ocsp"
START = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
YEAR = datetime.timedelta(days=365)


def name(common):
    return x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Assay Test"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(common, key, issuer, issuer_key, purpose=None):
    is_authority = purpose is None
    builder = (
        x509.CertificateBuilder().subject_name(name(common)).issuer_name(name(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(START).not_valid_after(START + 20 * YEAR)
        .add_extension(x509.BasicConstraints(is_authority, None), True)
        .add_extension(x509.KeyUsage(not is_authority, False, False, False, False, is_authority, False, False, False), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False))
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), False)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(item):
    return item.public_bytes(serialization.Encoding.PEM)


root_key, signer_key, responder_key, stranger_key = [ec.generate_private_key(ec.SECP256R1()) for _ in range(4)]
root = certificate("Root", root_key, "Root", root_key)
signer = certificate("Signer", signer_key, "Root", root_key, ExtendedKeyUsageOID.EMAIL_PROTECTION)
other = certificate("Other", stranger_key, "Root", root_key, ExtendedKeyUsageOID.EMAIL_PROTECTION)
responder = certificate("Responder", responder_key, "Root", root_key, ExtendedKeyUsageOID.OCSP_SIGNING)


def answer(file, key, responder_certificate, about=signer, status=ocsp.OCSPCertStatus.GOOD, algorithm=hashes.SHA1()):
    revoked = status == ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about, issuer=root, algorithm=algorithm, cert_status=status, this_update=START,
        next_update=START + 10 * YEAR, revocation_time=START + datetime.timedelta(days=2) if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    ).responder_id(ocsp.OCSPResponderEncoding.HASH, responder_certificate)
    if responder_certificate is not root:
        builder = builder.certificates([responder_certificate])
    (FOLDER / file).write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


FOLDER.mkdir(parents=True, exist_ok=True)
(FOLDER / "root.pem").write_bytes(pem(root))
(FOLDER / "signer.pem").write_bytes(pem(signer))
(FOLDER / "signer.key").write_bytes(signer_key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
answer("good.der", responder_key, responder)
answer("good-by-issuer-sha256.der", root_key, root, algorithm=hashes.SHA256())
answer("revoked.der", responder_key, responder, status=ocsp.OCSPCertStatus.REVOKED)
answer("unknown.der", responder_key, responder, status=ocsp.OCSPCertStatus.UNKNOWN)
answer("other.der", responder_key, responder, about=other)
# A certificate of the same authority without the purpose of answering; an answer whose date was changed.
answer("unauthorised.der", stranger_key, other)
good = (FOLDER / "good.der").read_bytes()
(FOLDER / "forged.der").write_bytes(good.replace(b"20261101000000Z", b"20261102000000Z", 1))

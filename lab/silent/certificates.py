"""Certificates of the cases, made when a case is applied, so that no key lies in a file: `{{crt issuer=shop name=payments days=-2}}`."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PLACE = re.compile(r"\{\{(ca|crt|key) ([^}]*)\}\}")


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _signed(name: str, issuer: str, key: Any, signer: Any, last: datetime, extensions: list[x509.ExtensionType]) -> x509.Certificate:
    made = x509.CertificateBuilder(
        subject_name=_named(name),
        issuer_name=_named(issuer),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=min(last, datetime.now(UTC)) - timedelta(days=90),
        not_valid_after=last,
    )
    for extension in extensions:
        made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints | x509.KeyUsage))
    return made.sign(signer, hashes.SHA256())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(not signs, False, False, False, False, signs, signs, False, False)


@cache
def authority(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    last = datetime.now(UTC) + timedelta(days=3650)
    mark = [x509.BasicConstraints(True, None), _usage(signs=True), x509.SubjectKeyIdentifier.from_public_key(key.public_key())]
    return _signed(f"{name} authority", f"{name} authority", key, key, last, mark), key


@cache
def certificate(issuer: str, name: str, days: int) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    signer_key = authority(issuer)[1]
    key = ec.generate_private_key(ec.SECP256R1())
    marks = [
        x509.SubjectAlternativeName([x509.DNSName(name)]),
        x509.BasicConstraints(False, None),
        _usage(signs=False),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()),
    ]
    last = datetime.now(UTC) + timedelta(days=days)
    return _signed(name, f"{issuer} authority", key, signer_key, last, marks), key


def _created(found: re.Match[str]) -> str:
    words = dict(word.split("=") for word in found[2].split())
    if found[1] == "ca":
        return authority(words["issuer"])[0].public_bytes(serialization.Encoding.PEM).decode()
    made, key = certificate(words["issuer"], words["name"], int(words["days"]))
    return _pem(key) if found[1] == "key" else made.public_bytes(serialization.Encoding.PEM).decode()


def fill(value: Any) -> Any:
    """The same value with each place filled."""
    if isinstance(value, str):
        return PLACE.sub(_created, value)
    if isinstance(value, dict):
        return {key: fill(one) for key, one in value.items()}
    return [fill(one) for one in value] if isinstance(value, list) else value

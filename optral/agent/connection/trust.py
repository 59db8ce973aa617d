"""The server CAs an agent trusts: it begins with the pinned one, and adds another only on the signed word of one it trusts already.

A server certificate lives for weeks in the memory of every server; whoever steals its key must not be able to plant a CA that lasts for
years. So a CA from the wire counts only with an endorsement by the private key of a trusted CA (proto: Endorsement).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ENDORSEMENT = b"optral ca endorsement v1\0"
MAX_ROOTS, MAX_ROOTS_BYTES, MAX_ENDORSEMENTS = 8, 64 * 1024, 16


@dataclass(frozen=True, slots=True)
class Endorsement:
    """`root`: hex SHA-256 of the endorsed certificate; `by`: pin of the key that signed."""

    root: str
    by: str
    signature: bytes


def pin_of(certificate: x509.Certificate) -> str:
    """`sha256:` and the hex SHA-256 of the certificate's SubjectPublicKeyInfo."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256:" + hashlib.sha256(spki).hexdigest()


def pins(bundle_pem: bytes) -> list[str]:
    """The pins of a bundle, in its order; none for an empty one."""
    return [pin_of(certificate) for certificate in x509.load_pem_x509_certificates(bundle_pem)] if bundle_pem else []


def followed(trusted_pem: bytes, roots_pem: bytes, endorsements: Iterable[Endorsement]) -> bytes | None:
    """What to trust from now on: the offered CAs that are trusted already or endorsed by one that is, through others if need be.

    CAs that are no longer offered are left out. None when nothing of the offer can be trusted, or it cannot be read.
    """
    if len(roots_pem) > MAX_ROOTS_BYTES:
        return None
    try:
        offered = x509.load_pem_x509_certificates(roots_pem)[:MAX_ROOTS]
    except ValueError:
        return None
    trusted = {_digest(certificate): certificate for certificate in x509.load_pem_x509_certificates(trusted_pem)}
    words = list(endorsements)[:MAX_ENDORSEMENTS]
    for _ in offered:  # each round can add one more link
        for certificate in offered:
            if _digest(certificate) not in trusted and any(_vouches(word, certificate, trusted.values()) for word in words):
                trusted[_digest(certificate)] = certificate
    kept = [certificate for certificate in offered if _digest(certificate) in trusted]
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in kept) or None


def _vouches(word: Endorsement, certificate: x509.Certificate, trusted: Iterable[x509.Certificate]) -> bool:
    digest = certificate.fingerprint(hashes.SHA256())
    if word.root != digest.hex():
        return False
    for one in trusted:
        key = one.public_key()
        if pin_of(one) == word.by and isinstance(key, ec.EllipticCurvePublicKey):
            try:
                key.verify(word.signature, ENDORSEMENT + digest, ec.ECDSA(hashes.SHA256()))
            except InvalidSignature:
                continue
            return True
    return False


def _digest(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(hashes.SHA256())

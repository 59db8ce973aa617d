"""Seals idempotent answers at rest: an answer may carry a new API key or enrolment token, which the database must not show.

The key is made from the caller's Idempotency-Key, of which only a hash is kept, and from a secret of the server's (`secret`).
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


def name_of(route: str, idempotency_key: str) -> str:
    """What is kept of an Idempotency-Key and the route it was sent to."""
    return hashlib.sha256(f"{route}\x00{idempotency_key}".encode()).hexdigest()


def seal(plain: bytes, *, idempotency_key: str, secret: bytes, binding: str) -> bytes:
    """Encrypt; opens only with the same key, secret and binding (AES-256-GCM)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_key(idempotency_key, secret)).encrypt(nonce, plain, binding.encode("utf-8"))


def unseal(sealed: bytes, *, idempotency_key: str, secret: bytes, binding: str) -> bytes | None:
    """Decrypt; None when it was sealed with another secret."""
    try:
        return AESGCM(_key(idempotency_key, secret)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], binding.encode("utf-8"))
    except InvalidTag:
        return None


def _key(idempotency_key: str, secret: bytes) -> bytes:
    return hmac.digest(b"optral idempotent answer" + secret, idempotency_key.encode("utf-8"), hashlib.sha256)

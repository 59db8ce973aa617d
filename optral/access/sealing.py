"""Seals idempotent answers at rest: an answer may carry a new API key or enrollment token, which the database must not show.

The key is made from the caller's Idempotency-Key, of which only a hash is kept, and from a secret of the server's (`secret`).
"""

import hashlib
import hmac

from optral.kit import sealed as sealing


def name_of(route: str, idempotency_key: str) -> str:
    """What is kept of an Idempotency-Key and the route it was sent to."""
    return hashlib.sha256(f"{route}\x00{idempotency_key}".encode()).hexdigest()


def seal(plain: bytes, *, idempotency_key: str, secret: bytes, binding: str) -> bytes:
    """Encrypt; opens only with the same key, secret and binding (AES-256-GCM)."""
    return sealing.seal(plain, key=_key(idempotency_key, secret), binding=binding)


def unseal(sealed: bytes, *, idempotency_key: str, secret: bytes, binding: str) -> bytes | None:
    """Decrypt; None when it was sealed with another secret."""
    return sealing.unseal(sealed, key=_key(idempotency_key, secret), binding=binding)


def _key(idempotency_key: str, secret: bytes) -> bytes:
    return hmac.digest(b"optral idempotent answer" + secret, idempotency_key.encode("utf-8"), hashlib.sha256)

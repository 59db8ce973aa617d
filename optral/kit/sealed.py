"""Seals bytes at rest with AES-256-GCM under a key that lives elsewhere; what they are bound to must be the same at the opening."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
OVERHEAD = _NONCE_BYTES + 16
"""Bytes that sealing adds: the nonce and the tag."""


def seal(plain: bytes, *, key: bytes, binding: str) -> bytes:
    """Encrypt (nonce, then ciphertext and tag); `key` has 32 bytes."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, binding.encode("utf-8"))


def unseal(sealed: bytes, *, key: bytes, binding: str) -> bytes | None:
    """Decrypt; None when it was sealed under another key or for another thing."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], binding.encode("utf-8"))
    except InvalidTag:
        return None

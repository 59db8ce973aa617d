"""Opaque cursors: a value sealed with a key (HMAC) and bound to what it belongs to. Moved elsewhere it is refused, not misread."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

from optral.api.http.problems import Problem

_SEAL_BYTES = 16


def seal(value: Any, *, key: bytes, binding: bytes) -> str:
    """The value as a cursor. `value` consists of what JSON has, and bytes."""
    payload = msgspec.msgpack.encode(value)
    return base64.urlsafe_b64encode(_seal_of(payload, key, binding) + payload).rstrip(b"=").decode()


def unseal(cursor: str, *, key: bytes, binding: bytes) -> Any:
    """The value of a cursor of ours. Raises `Problem` for any other."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    given, payload = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
    if not hmac.compare_digest(given, _seal_of(payload, key, binding)):
        raise Problem(400, "bad_cursor", say="the cursor belongs to another list, filter or sort order; start again without it")
    return msgspec.msgpack.decode(payload)


def _seal_of(payload: bytes, key: bytes, binding: bytes) -> bytes:
    return hmac.digest(key, payload + b"\x00" + binding, hashlib.sha256)[:_SEAL_BYTES]

"""Signatures as the Standard Webhooks specification has them: HMAC-SHA-256 over `id.timestamp.body`, in base64, one `v1,` each."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A fresh secret such as `whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD…`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers(delivery_id: str, body: bytes, *, keys: Sequence[str], now: datetime) -> dict[str, str]:
    """The three headers; one signature per secret, so that receivers can change theirs at leisure. `ValueError`: one is none."""
    at = str(int(now.timestamp()))
    signed = f"{delivery_id}.{at}.".encode() + body
    return {"webhook-id": delivery_id, "webhook-timestamp": at, "webhook-signature": " ".join(f"v1,{_sign(key, signed)}" for key in keys)}


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

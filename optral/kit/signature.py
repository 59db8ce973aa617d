"""Signatures as the Standard Webhooks specification has them: HMAC-SHA-256 over `id.timestamp.body`, in base64, one `v1,` each."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PREFIX = "whsec_"
_SECRET_BYTES = 32
TOLERANCE = timedelta(minutes=5)
"""How far the time of a message may be from ours: the window in which a receiver must remember ids."""
MAX_SIGNATURES = 8
_ID = re.compile(r"[!-~]{1,100}")
_TIME = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs the requests of a sender; rests sealed. `previous` signs too until `previous_until`."""

    secret: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None

    def valid(self, now: datetime) -> tuple[str, ...]:
        """The secrets that may have signed a request of now."""
        if self.previous is None or self.previous_until is None or now >= self.previous_until:
            return (self.secret,)
        return (self.secret, self.previous)


def new_secret() -> str:
    """A fresh secret such as `whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD…`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers(delivery_id: str, body: bytes, *, keys: Sequence[str], now: datetime) -> dict[str, str]:
    """The three headers; one signature per secret, so that receivers can change theirs at leisure. `ValueError`: one is none."""
    at = str(int(now.timestamp()))
    signed = f"{delivery_id}.{at}.".encode() + body
    return {"webhook-id": delivery_id, "webhook-timestamp": at, "webhook-signature": " ".join(f"v1,{_sign(key, signed)}" for key in keys)}


def verified_id(headers: Mapping[str, str], body: bytes, *, keys: Sequence[str], now: datetime) -> str | None:
    """The id of a message that one of these secrets signed within the tolerance; None for any other. Takes as long for each of them."""
    given_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = [one.removeprefix("v1,") for one in headers.get("webhook-signature", "").split(" ") if one.startswith("v1,")][:MAX_SIGNATURES]
    signed = f"{given_id}.{at}.".encode("utf-8", "replace") + body
    expected = [_sign(key, signed) for key in keys]
    pairs = [(ours.encode(), theirs.encode("utf-8", "replace")) for ours in expected for theirs in given]
    is_signed = sum(hmac.compare_digest(*pair) for pair in pairs) > 0  # compares each of them: the time says nothing
    if not is_signed or _ID.fullmatch(given_id) is None or _TIME.fullmatch(at) is None:
        return None
    return given_id if abs(now.timestamp() - int(at)) <= TOLERANCE.total_seconds() else None


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def is_hex_signed(given: Sequence[str], body: bytes, *, keys: Sequence[str]) -> bool:
    """Whether one of these values is the HMAC-SHA-256 of a body with one of the secrets, in hex; takes as long for any other."""
    expected = [hmac.digest(key.encode(), body, hashlib.sha256).hex().encode() for key in keys]
    theirs = [one.encode("utf-8", "replace") for one in given[:MAX_SIGNATURES]]
    return sum(hmac.compare_digest(ours, one) for ours in expected for one in theirs) > 0


def is_bearer(header: str, *, keys: Sequence[str]) -> bool:
    """Whether an Authorization header carries one of these secrets; takes as long for each of them."""
    scheme, _, given = header.partition(" ")
    matches = sum(hmac.compare_digest(key.encode(), given.strip().encode("utf-8", "replace")) for key in keys)
    return matches > 0 and scheme.lower() == "bearer"

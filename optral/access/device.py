"""Login of a command line (RFC 8628): a program asks for two codes, a person approves the short one on a page, the program fetches a key
with the long one. No I/O.

Both codes are kept as HMACs. The key is created when it is fetched, so that its secret is never stored.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from optral.access.model import LONGEST_LIFE
from optral.terms.errors import Invalid
from optral.terms.ids import OrgId, UserId

LIFE = timedelta(minutes=10)
INTERVAL_S = 5
MAX_PENDING = 10_000  # about 5 MB
MAX_PENDING_PER_NETWORK = 20
TRIES, TRIES_WINDOW_S = 30, 15 * 60
"""User codes that one person may type: a guess fits one of 10,000 pending codes with a probability of 1 in 2.5 million."""
MAX_KEY_DAYS = LONGEST_LIFE.days
_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628, section 6.1: no vowels, so no words; no digits, so no 0 and O
_USER_CODE_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approved a login, and what the key gets."""

    org_id: OrgId
    user_id: UserId
    scopes: frozenset[str]
    key_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLogin:
    """A login that waits for its key. `name` is what the program calls itself, `address` where it asked from."""

    name: str
    address: str
    created_at: datetime
    expires_at: datetime
    is_denied: bool = False
    approval: Approval | None = None


def generate_user_code() -> str:
    """A code to type, `WDJB-MJHT`: 34 random bits."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_USER_CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def normal_user_code(text: str) -> str | None:
    """The code as it was generated, from what a person typed: any case, with or without separators. None if it cannot be one."""
    letters = re.sub(r"[\s-]", "", text).upper()
    if len(letters) != _USER_CODE_LENGTH or not set(letters) <= set(_ALPHABET):
        return None
    return f"{letters[:4]}-{letters[4:]}"


def key_expiry(days: int, now: datetime) -> datetime:
    """When the key of a login ends. Raises `Invalid` for fewer than 1 or more than 366 days."""
    if not 1 <= days <= MAX_KEY_DAYS:
        say = f"expiresInDays must be between 1 and {MAX_KEY_DAYS}"
        raise Invalid("invalid_expiry", say=say, errors=[{"field": "expiresInDays", "code": "invalid_expiry", "message": say}])
    return now + timedelta(days=days)

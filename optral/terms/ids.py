"""Ids are TypeIDs: a prefix of three letters, `_`, and a UUIDv7 in Crockford base32 (26 characters, sortable by time).

Resource ids are derived instead of drawn, so that the same object always has the same id.
Source: TypeID specification 0.3.0.
"""

import hashlib
import re
from typing import NewType

import uuid_utils

OrgId = NewType("OrgId", str)
UserId = NewType("UserId", str)
KeyId = NewType("KeyId", str)
ClusterId = NewType("ClusterId", str)
IssueId = NewType("IssueId", str)
CommandId = NewType("CommandId", str)

PREFIXES = frozenset(
    {"org", "usr", "key", "cls", "res", "iss", "ana", "rbk", "exe", "stp", "cmd", "whk", "aud", "dlv", "ses", "inv", "mut", "cmt", "flt"}
    | {"frg", "prp", "win", "trg", "fir", "bnd", "dlg", "alr", "alt", "alj", "idp", "scu", "scg", "eml"}
)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_FORM = re.compile(r"^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$")


def new(prefix: str) -> str:
    """Draw a new id such as `iss_01h455vb4pex5vsknk084sn02q`; ids drawn later sort later."""
    return f"{prefix}_{_encode(int.from_bytes(uuid_utils.uuid7().bytes, 'big'))}"


def derive(prefix: str, *parts: str) -> str:
    """Make the id that these parts always have; different parts give different ids (128 bits of SHA-256)."""
    digest = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).digest()
    return f"{prefix}_{_encode(int.from_bytes(digest[:16], 'big'))}"


def is_id(text: str, prefix: str) -> bool:
    """Tell whether the text has the form of an id with this prefix; says nothing about existence."""
    return text.startswith(prefix + "_") and _FORM.match(text) is not None


def _encode(number: int) -> str:
    """128 bits as 26 characters, two at a time: every object of every change has its id derived."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])

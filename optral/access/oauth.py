"""Assistants that sign in as a person (OAuth 2.1: authorization code with PKCE, for public clients). No I/O.

A client id is the registration itself, sealed with the pepper: registering stores nothing, so that nobody can fill a table with it. A code
is stored as an HMAC over everything that it is bound to: the client, the address that it is sent to, and the PKCE challenge.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from optral.access.model import checked_name
from optral.terms.errors import Invalid

AUDIENCE = "mcp"
"""What an access token is for: `/mcp` alone."""
CODE_LIFE = timedelta(minutes=1)
TOKEN_LIFE = timedelta(hours=8)  # a working day; then the person approves again
SCOPES = frozenset({"clusters:read", "issues:read", "logs:read", "resources:manifest", "resources:read", "runbooks:plan", "runbooks:read"})
"""What the tools use; nothing else is ever granted."""
MAX_REDIRECTS = 5
MAX_URI = 300
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_PREFIX = "mcp_"


@dataclass(frozen=True, slots=True)
class OauthClient:
    """A program as it registered itself; nothing of it is proven but that this server registered it."""

    name: str
    redirect_uris: tuple[str, ...]


def client_id(client: OauthClient, *, pepper: bytes) -> str:
    """The id of a client. Raises `Invalid` for a bad name or address."""
    checked_name(client.name)
    if not 1 <= len(client.redirect_uris) <= MAX_REDIRECTS or not all(map(_is_address, client.redirect_uris)):
        say = f"redirect_uris: 1 to {MAX_REDIRECTS} addresses that begin with https://, or http:// on loopback, without a fragment"
        raise _invalid("redirect_uris", say)
    body = msgspec.json.encode([client.name, client.redirect_uris])
    return f"{_PREFIX}{_text(body)}.{_text(_seal(body, pepper))}"


def client_of(given: str, *, pepper: bytes) -> OauthClient:
    """The client that this server registered under the id. Raises `Invalid`."""
    body, _, seal = given.removeprefix(_PREFIX).partition(".")
    try:
        raw, sealed = _bytes(body), _bytes(seal)
        if given.startswith(_PREFIX) and hmac.compare_digest(sealed, _seal(raw, pepper)):
            name, uris = msgspec.json.decode(raw, type=tuple[str, tuple[str, ...]])
            return OauthClient(name, uris)
    except (ValueError, msgspec.DecodeError):
        pass
    raise _invalid("client_id", "this server did not register this client; register it again")


def check_redirect(client: OauthClient, uri: str) -> None:
    """Raise `Invalid` unless the client registered the address. On loopback the port may differ (RFC 8252, section 7.3)."""
    if not _is_address(uri) or not any(
        uri == known or (_on_loopback(known) and _portless(uri) == _portless(known)) for known in client.redirect_uris
    ):
        raise _invalid("redirect_uri", "the client did not register this address")


def check_challenge(challenge: str, method: str) -> None:
    """Raise `Invalid` for anything but an S256 challenge of PKCE."""
    if method != "S256" or _CHALLENGE.fullmatch(challenge) is None:
        raise _invalid("code_challenge", "send a code_challenge with the method S256 (PKCE)")


def challenge_of(verifier: str) -> str:
    """The challenge of a verifier; one that fits no code for a verifier that cannot be one."""
    if _VERIFIER.fullmatch(verifier) is None:
        return ""
    return _text(hashlib.sha256(verifier.encode()).digest())


def bound_to(parts: Sequence[str]) -> str:
    """What a code is stored together with."""
    return "\n".join(parts)


def _is_address(uri: str) -> bool:
    if len(uri) > MAX_URI or not uri.isascii() or not uri.isprintable() or any(mark in uri for mark in ' #\\"<>'):
        return False
    try:
        parts = urlsplit(uri)
        return bool(parts.hostname) and parts.username is None and (parts.scheme == "https" or _on_loopback(uri))
    except ValueError:
        return False


def _on_loopback(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def _portless(uri: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ()
    return (parts.scheme, parts.hostname or "", parts.path, parts.query, parts.fragment, parts.username or "")


def _seal(body: bytes, pepper: bytes) -> bytes:
    return hmac.digest(pepper, b"oauth client:" + body, hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _invalid(field: str, say: str) -> Invalid:
    return Invalid("invalid_client_request", say=say, errors=[{"field": field, "code": "invalid_client_request", "message": say}])

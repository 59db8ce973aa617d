"""What an ID token has to prove (OpenID Connect Core 1.0, 3.1.3.7 and 16), and a logout token (Back-Channel Logout 1.0, 2.6). No I/O.

Every token that proves less raises `BadToken` with a reason for the log; no person sees it. The algorithm comes from a list
of asymmetric ones, and the key from the provider by algorithm, use and `kid`, so neither `none` nor a public key used as an HMAC secret
gets anywhere.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SKEW_S = 60
MAX_AGE_S = 600
"""An ID token is used at once; one that was issued longer ago is an old one."""
REPLAYED_S = MAX_AGE_S + 2 * SKEW_S
"""How long a logout token is remembered: no longer one is accepted."""
MAX_BYTES = 64 * 1024
TOO_LARGE = "too_large"
"""The reason of `BadToken` for more than that: in practice, a person who is in thousands of groups."""
KEY_TYPES = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "PS256": "RSA",
    "PS384": "RSA",
    "PS512": "RSA",
    "ES256": "EC",
    "ES384": "EC",
    "ES512": "EC",
}
"""The algorithms that a token may have, and the type of key of each."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
Jwk = Mapping[str, Any]


class BadToken(Exception):
    """The token proves nothing; `reason` is for the log and the audit record."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must be about."""

    issuer: str
    client_id: str
    now: datetime


def is_usable(key: Jwk) -> bool:
    """Whether tokens could be signed with this key of a provider: by its type, use and algorithm."""
    algorithm = key.get("alg")
    is_known = algorithm is None or KEY_TYPES.get(str(algorithm)) == key.get("kty")
    return key.get("kty") in KEY_TYPES.values() and key.get("use", "sig") == "sig" and is_known


def key_id(token: str) -> str | None:
    """The `kid` of a token that nobody has verified yet; to know whether the provider's keys must be read again."""
    found = header(token).get("kid")
    return found if isinstance(found, str) else None


def header(token: str) -> Mapping[str, Any]:
    """The header of a signed token. Raises `BadToken` for anything else, and for an algorithm that is not allowed."""
    if len(token) > MAX_BYTES:
        raise BadToken(TOO_LARGE)
    parts = token.split(".")
    if len(parts) != 3:
        raise BadToken("not_a_signed_token")
    try:
        found = json.loads(urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, BadBase64, RecursionError):
        raise BadToken("not_a_signed_token") from None
    if not isinstance(found, dict):
        raise BadToken("not_a_signed_token")
    if not isinstance(found.get("alg"), str) or found["alg"] not in KEY_TYPES:
        raise BadToken("algorithm_not_allowed")
    if "crit" in found:  # no extension is understood here (RFC 7515, 4.1.11)
        raise BadToken("critical_header")
    return found


def verify_id_token(
    token: str, keys: Sequence[Jwk], expected: Expected, *, nonce: str, access_token: str | None, code: str
) -> Mapping[str, Any]:
    """The claims of an ID token. Raises `BadToken`."""
    claims = _verified(token, keys, expected, types={"jwt"})
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(_bytes(given), nonce.encode()):
        raise BadToken("wrong_nonce")
    if expected.now.timestamp() - claims["iat"] > MAX_AGE_S + SKEW_S:
        raise BadToken("issued_too_long_ago")
    algorithm = str(header(token)["alg"])
    _check_hash(claims.get("at_hash"), access_token, algorithm, "wrong_at_hash")
    _check_hash(claims.get("c_hash"), code, algorithm, "wrong_c_hash")
    if not _is_name(claims.get("sub")) or not claims["sub"].isascii():
        raise BadToken("bad_subject")
    return claims


def session_name(claims: Mapping[str, Any]) -> str | None:
    """What the provider calls its own session (`sid`), if it names one that can be kept."""
    return claims["sid"] if _is_name(claims.get("sid")) else None


def verify_logout_token(token: str, keys: Sequence[Jwk], expected: Expected) -> Mapping[str, Any]:
    """The claims of a logout token, which ends sessions of `sub`, or the one of `sid`. Raises `BadToken`."""
    claims = _verified(token, keys, expected, types={"jwt", "logout+jwt"})
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise BadToken("no_logout_event")
    if "nonce" in claims:
        raise BadToken("logout_token_with_nonce")
    named = [claims[name] for name in ("sub", "sid") if claims.get(name) is not None]
    if not named or not all(_is_name(one) for one in named):
        raise BadToken("no_subject_or_session")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise BadToken("no_token_id")
    if expected.now.timestamp() - claims["iat"] > MAX_AGE_S + SKEW_S:
        raise BadToken("issued_too_long_ago")
    return claims


def check_fresh(claims: Mapping[str, Any], *, since: int) -> int:
    """When the person signed in at the provider. Raises `BadToken` unless that was after `since` (Unix time)."""
    at = claims.get("auth_time")
    if at is None or not _is_number(at):
        raise BadToken("no_auth_time")
    if at < since - SKEW_S:
        raise BadToken("not_signed_in_again")
    return int(at)


def authenticated_at(claims: Mapping[str, Any]) -> datetime | None:
    """When the person signed in at the provider, which may be long before this session; None if it does not say."""
    at = claims.get("auth_time")
    return datetime.fromtimestamp(int(at), UTC) if at is not None and _is_number(at) and at >= 0 else None


def issued_until(claims: Mapping[str, Any]) -> datetime:
    """The latest time at which a verified token was issued."""
    return datetime.fromtimestamp(int(claims["iat"]) + SKEW_S, UTC)


def _verified(token: str, keys: Sequence[Jwk], expected: Expected, *, types: set[str]) -> Mapping[str, Any]:
    found = header(token)
    kind = found.get("typ")
    if kind is not None and (not isinstance(kind, str) or kind.lower().removeprefix("application/") not in types):
        raise BadToken("wrong_type_of_token")
    claims = _decoded(token, _key_for(found, keys), str(found["alg"]))
    if claims.get("iss") != expected.issuer:
        raise BadToken("wrong_issuer")
    audience = claims.get("aud")
    if audience not in (expected.client_id, [expected.client_id]):  # no other audience is trusted
        raise BadToken("wrong_audience")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise BadToken("wrong_authorized_party")
    now_s = expected.now.timestamp()
    for name in ("exp", "iat"):
        if not _is_number(claims.get(name)):
            raise BadToken(f"no_{name}")
    if now_s >= claims["exp"] + SKEW_S:
        raise BadToken("expired")
    if claims["iat"] > now_s + SKEW_S:
        raise BadToken("issued_in_the_future")
    if "nbf" in claims and (not _is_number(claims["nbf"]) or claims["nbf"] > now_s + SKEW_S):
        raise BadToken("not_valid_yet")
    return claims


def _key_for(found: Mapping[str, Any], keys: Sequence[Jwk]) -> Jwk:
    """The key of the provider that this header means: by type, use and algorithm, and by `kid`, or the only one there is."""
    algorithm, kid = found["alg"], found.get("kid")
    fitting = [
        key
        for key in keys
        if key.get("kty") == KEY_TYPES[algorithm] and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
    ]
    named = fitting if kid is None else [key for key in fitting if key.get("kid") == kid]
    if len(named) != 1:
        raise BadToken("unknown_key" if not named else "ambiguous_key")
    return named[0]


def _decoded(token: str, key: Jwk, algorithm: str) -> Mapping[str, Any]:
    from joserfc import jwk, jwt
    from joserfc.errors import JoseError

    public = {name: value for name, value in key.items() if name in ("kty", "n", "e", "crv", "x", "y")}
    try:
        claims = jwt.decode(token, jwk.import_key(public), algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise BadToken("bad_signature") from None
    return claims


def _check_hash(given: Any, of: str | None, algorithm: str, reason: str) -> None:
    """`at_hash` and `c_hash`: the left half of the hash that the algorithm uses; they are optional in the code flow."""
    if given is None:
        return
    digest = hashlib.new(f"sha{algorithm[2:]}", (of or "").encode()).digest()
    wanted = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if of is None or not isinstance(given, str) or not hmac.compare_digest(_bytes(given), wanted):
        raise BadToken(reason)


def _is_name(value: Any) -> bool:
    """Text that a database can keep and find."""
    return isinstance(value, str) and 1 <= len(value) <= 255 and value.isprintable()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON may have half of a pair


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e11  # NaN compares false

"""The session cookie, and what a request that carries it must show before it may change anything.

`__Host-` binds the cookie to this host, to HTTPS and to `/`. Plain HTTP has a cookie without it: on loopback, where Safari keeps no secure
one, and elsewhere only where the operator said so (`insecure_http`). `SameSite=Strict` alone would let a sibling host in, so a change
needs a header that no form can send, and a browser's word that the page is ours.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.types import Scope

from optral.access.people import SESSION_LIFE
from optral.api.http.problems import Problem
from optral.identity.model import ATTEMPT_LIFE

SECURE, PLAIN = "__Host-optral_session", "optral_session"
ATTEMPT = {SECURE: "__Host-optral_sign_in", PLAIN: "optral_sign_in"}
"""By the name of the session cookie: the cookie of a sign-in that has begun with an identity provider."""
HINT = {SECURE: "__Secure-optral_id_token", PLAIN: "optral_id_token"}
"""Likewise: the cookie with the sealed ID token of the session, for signing out at the provider."""
_HINT_PATH = "/v1/session"
CSRF_HEADER = b"x-optral-csrf"


def name_for(scope: Scope, *, insecure_http: bool) -> str | None:
    """What the cookie is called on this connection; None where there must be none."""
    if scope.get("scheme") == "https":
        return SECURE
    return PLAIN if insecure_http or _is_loopback(host_of(scope)) else None


def read(scope: Scope, name: str | None) -> str | None:
    """The value of the cookie, if it is there."""
    if name is None:
        return None
    for key, raw in scope["headers"]:
        if key != b"cookie":
            continue
        for pair in raw.decode("latin-1").split(";"):
            given, _, value = pair.strip().partition("=")
            if given == name:
                return str(value)
    return None


def set_(name: str, token: str) -> str:
    """The `Set-Cookie` of a new session."""
    return f"{name}={token}; Path=/; Max-Age={int(SESSION_LIFE.total_seconds())}; HttpOnly; SameSite=Strict{_secure(name)}"


def set_attempt(name: str, sealed: str) -> str:
    """The `Set-Cookie` of a sign-in that has begun, on a connection with a session cookie of this name."""
    return f"{ATTEMPT[name]}={sealed}; Path=/; Max-Age={int(ATTEMPT_LIFE.total_seconds())}; HttpOnly; SameSite=Strict{_secure(name)}"


def set_hint(name: str, sealed: str) -> str:
    """The `Set-Cookie` of a sealed ID token, on a connection with a session cookie of this name; an empty one removes it."""
    life = int(SESSION_LIFE.total_seconds()) if sealed else 0
    return f"{HINT[name]}={sealed}; Path={_HINT_PATH}; Max-Age={life}; HttpOnly; SameSite=Strict{_secure(name)}"


def clear(name: str) -> str:
    """The `Set-Cookie` that removes it."""
    return f"{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{_secure(name)}"


def check_same_origin(scope: Scope, *, public_url: str | None, is_strict: bool) -> None:
    """Raise `Problem` 403 unless the request comes from our own page. Not strict: clients without an Origin header are accepted."""
    if not _is_ours(scope, public_url=public_url, is_strict=is_strict) or _header(scope, CSRF_HEADER) != "1":
        raise Problem(
            403,
            "cross_site",
            say="requests that use the session cookie need the header X-Optral-CSRF: 1 and must come from the same origin",
        )


def check_origin(scope: Scope, *, public_url: str | None) -> None:
    """Raise `Problem` 403 for a request from a page of another origin, though it has a key: a page can reach servers that others cannot.

    A page can also have the name of its own host lead here. So the origin is the public URL, or has an address in place of a name.
    """
    origin = (_header(scope, b"origin") or "").lower()
    is_known = origin in ("", (public_url or "").lower()) or _address(origin.partition("://")[2]) is not None
    if not is_known or not _is_ours(scope, public_url=public_url, is_strict=False):
        raise Problem(403, "cross_site", say="a page of another origin sent this request; connect with a program")


def _is_ours(scope: Scope, *, public_url: str | None, is_strict: bool) -> bool:
    site, origin = _header(scope, b"sec-fetch-site"), _header(scope, b"origin")
    if site is not None:
        return site == "same-origin"
    if origin is not None:
        return origin.lower() == (public_url or "").lower() or origin.partition("://")[2].lower() == host_of(scope).lower() != ""
    return not is_strict


def host_of(scope: Scope) -> str:
    """The authority of the request, such as `optral.example.com:8443`."""
    return _header(scope, b"host") or ""


def base_url(scope: Scope, public_url: str | None) -> str:
    """The address of this server as its callers know it, without a slash at the end."""
    return (public_url or f"{scope.get('scheme', 'http')}://{host_of(scope)}").rstrip("/")


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _is_loopback(authority: str) -> bool:
    address = _address(authority)
    return address is not None and address.is_loopback


def _address(authority: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address of the host, without asking DNS; None for a name other than `localhost`."""
    try:
        host = urlsplit(f"//{authority}").hostname or ""
        return ipaddress.ip_address("::1" if host == "localhost" or host.endswith(".localhost") else host)
    except ValueError:
        return None


def _secure(name: str) -> str:
    return "; Secure" if name.startswith("__Host-") else ""

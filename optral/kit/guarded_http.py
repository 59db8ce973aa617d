"""An HTTP session that connects only to vetted addresses: the resolver is the guard.

The connection is made to the very addresses that were vetted, so a name that answers differently the second time gains nothing.
"""

import asyncio
import ipaddress
import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from optral.kit import guard
from optral.kit.guard import Allowed
from optral.kit.proxies import proxy_for

LIMIT = 64  # connections at once


class RefusedAddress(OSError):
    """The guard said no; the text says why."""


def session(*, is_tls: bool, private: Allowed, timeout_s: float) -> aiohttp.ClientSession:
    """A session that uses no proxy of the environment, keeps no cookies, and closes each connection after its request."""
    connector = aiohttp.TCPConnector(
        resolver=_GuardedResolver(is_tls=is_tls, private=private), use_dns_cache=False, limit=LIMIT, force_close=True
    )
    return _open(connector, timeout_s)


def proxied_session(*, timeout_s: float) -> aiohttp.ClientSession:
    """As `session`, for requests that go through a proxy that the operator configured, which then decides what can be reached."""
    return _open(aiohttp.TCPConnector(limit=LIMIT, force_close=True), timeout_s)


def _open(connector: aiohttp.TCPConnector, timeout_s: float) -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    return aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())


def proxy_of(url: URL) -> str | None:
    """The proxy of the environment for an endpoint that is public by its form: TLS, on a port of such. What it then reaches is the
    proxy's to decide. Others are connected to directly, and vetted."""
    is_public = url.scheme in ("https", "wss") and url.port in guard.PUBLIC_PORTS
    return proxy_for(url.host or "") if is_public else None


def is_refused(url: URL, *, private: Allowed) -> bool:
    """Whether the address needs no name to be resolved and must not be called: what the resolver is never asked about."""
    host = url.host or ""
    if guard.is_short_number(host):
        return True
    is_tls = url.scheme in ("https", "wss")
    return _is_literal(host) and guard.refusal(host, port=url.port or 0, is_tls=is_tls, private=private) is not None


class _GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those with an address that must not be called."""

    def __init__(self, *, is_tls: bool, private: Allowed) -> None:
        self._is_tls, self._private = is_tls, private
        self._real: ThreadedResolver | None = None

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        if self._real is None:
            self._real = ThreadedResolver(asyncio.get_running_loop())
        found = await self._real.resolve(host, port, family)
        for one in found:
            why = guard.refusal(one["host"], port=port, is_tls=self._is_tls, private=self._private)
            if why is not None:
                raise RefusedAddress(f"{host} leads to {one['host']}: {why}")
        return found

    async def close(self) -> None:
        return None


def _is_literal(host: str | None) -> bool:
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return True


def name_of(failure: BaseException) -> str:
    """One of a few names; details could tell of networks that the asker must not see."""
    chain: list[BaseException] = []
    cause: BaseException | None = failure
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = getattr(cause, "os_error", None) or cause.__cause__ or cause.__context__
    if any(isinstance(one, RefusedAddress) for one in chain):
        return "refused_address"
    if any(isinstance(one, TimeoutError) for one in chain):
        return "timeout"
    if any(isinstance(one, (aiohttp.ClientConnectorDNSError, socket.gaierror)) for one in chain):
        return "dns"
    if any(isinstance(one, aiohttp.ClientSSLError) for one in chain):
        return "tls"
    return "connect"

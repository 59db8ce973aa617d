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


class Sessions:
    """Sessions that keep no cookies, ignore the proxy of the environment, and close each connection after its request.

    One opens with the first request that needs it, so that what never sent anything has nothing to close.
    """

    def __init__(self, *, private: Allowed, timeout_s: float) -> None:
        self._private, self._timeout = private, aiohttp.ClientTimeout(total=timeout_s)
        self._open: dict[bool | None, aiohttp.ClientSession] = {}

    def to(self, url: URL, *, proxy: str | None) -> aiohttp.ClientSession:
        """The session for requests to this URL, through this proxy, which then decides what can be reached."""
        is_tls = None if proxy else _is_tls(url)
        if is_tls not in self._open:
            resolver = None if is_tls is None else _GuardedResolver(is_tls=is_tls, private=self._private)
            connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, limit=LIMIT, force_close=True)
            self._open[is_tls] = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._open[is_tls]

    async def close(self) -> None:
        for session in self._open.values():
            await session.close()


def proxy_of(url: URL) -> str | None:
    """The proxy of the environment for an endpoint that is public by its form: TLS, on a port of such. What it then reaches is the
    proxy's to decide. Others are connected to directly, and vetted."""
    is_public = _is_tls(url) and url.port in guard.PUBLIC_PORTS
    return proxy_for(url.host or "") if is_public else None


def is_refused(url: URL, *, private: Allowed) -> bool:
    """Whether the address needs no name to be resolved and must not be called: what the resolver is never asked about."""
    host = url.host or ""
    if guard.is_short_number(host):
        return True
    return _is_literal(host) and guard.refusal(host, port=url.port or 0, is_tls=_is_tls(url), private=private) is not None


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


def _is_tls(url: URL) -> bool:
    return url.scheme in ("https", "wss")


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

"""Sends one delivery over HTTP: vetted addresses only, no redirects, no proxies, ten seconds, and the answer's text is never shown.

The connection is made to the very addresses that were vetted: the resolver is the guard, so a name that answers differently the second
time gains nothing.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Mapping, Sequence

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from optral.kit.networks import Network
from optral.webhooks import guard
from optral.webhooks.model import Answer

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 64 * 1024
USER_AGENT = "Optral-Webhook/1"


class RefusedAddress(OSError):
    """The guard said no; the text says why."""


class HttpSender:
    """Own one per process and close it. `private` are networks the operator allows.

    A session opens with the first delivery, so that a server that never delivered anything has nothing to close.
    """

    def __init__(self, *, private: Sequence[Network] = ()) -> None:
        self._private = private
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    def _session(self, *, is_tls: bool) -> aiohttp.ClientSession:
        if is_tls not in self._sessions:
            self._sessions[is_tls] = self._open(is_tls=is_tls)
        return self._sessions[is_tls]

    def _open(self, *, is_tls: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=_GuardedResolver(is_tls=is_tls, private=self._private), use_dns_cache=False, limit=64, force_close=True
        )
        return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), trust_env=False)

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        began = time.monotonic()
        status, error, retry_after_s = await self._try(url, headers, body)
        return Answer(status=status, error=error, retry_after_s=retry_after_s, took_ms=int((time.monotonic() - began) * 1000))

    async def _try(self, to: str, headers: Mapping[str, str], body: bytes) -> tuple[int | None, str | None, float | None]:
        try:
            url = URL(to)
        except ValueError:
            return None, "refused_address", None
        is_tls = url.scheme == "https"
        if self._is_refused(url, is_tls=is_tls):
            return None, "refused_address", None
        sent = {**headers, "content-type": "application/json", "user-agent": USER_AGENT}
        try:
            async with self._session(is_tls=is_tls).post(url, data=body, headers=sent, allow_redirects=False) as answer:
                await answer.content.read(MAX_ANSWER_BYTES)
                return answer.status, None, _seconds(answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
            return None, _name_of(failure), None

    def _is_refused(self, url: URL, *, is_tls: bool) -> bool:
        """Addresses that need no name to be resolved; what the resolver is never asked about."""
        host = url.host or ""
        if guard.is_short_number(host):
            return True
        return _is_literal(host) and guard.refusal(host, port=url.port or 0, is_tls=is_tls, private=self._private) is not None

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()


class _GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those with an address that must not be called."""

    def __init__(self, *, is_tls: bool, private: Sequence[Network]) -> None:
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


def _name_of(failure: BaseException) -> str:
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


def _seconds(retry_after: str | None) -> float | None:
    """Only the form in seconds; a date is left to the schedule."""
    return float(retry_after) if retry_after is not None and retry_after.isascii() and retry_after.isdigit() else None

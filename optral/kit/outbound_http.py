"""Asks another service over HTTP: vetted addresses only, no redirects, bounded answers, a deadline for each request.

A proxy of the environment (HTTPS_PROXY, NO_PROXY) is used; it then resolves the name, and decides what can be reached. Certificates are
checked against the system's authorities, or those of SSL_CERT_FILE and SSL_CERT_DIR.
"""

from collections.abc import Sequence

import aiohttp
from yarl import URL

from optral.kit import guarded_http
from optral.kit.guard import Allowed
from optral.kit.networks import Network
from optral.kit.outbound import CallFailed, Reply, Request
from optral.kit.proxies import proxy_for

USER_AGENT = "Optral/1"
_LONGEST_S = 120.0  # of a session; each request has its own deadline
_CHUNK = 64 * 1024


class HttpCaller:
    """Own one per process and close it. `private` are networks that the operator allows, by the setting of this name.

    `uses_proxy`: off for services that are inside. `is_public_only`: it is used for public endpoints only.
    """

    def __init__(
        self, *, private: Sequence[Network] = (), setting: str = "", uses_proxy: bool = True, is_public_only: bool = False
    ) -> None:
        self._uses_proxy, self._is_public_only = uses_proxy, is_public_only
        self._private = Allowed(private, setting)
        self._sessions = guarded_http.Sessions(private=self._private, timeout_s=_LONGEST_S)

    async def call(self, request: Request) -> Reply:
        try:
            url = URL(request.url, encoded=True)
        except ValueError:
            raise CallFailed("refused_address") from None
        if url.scheme not in ("http", "https") or guarded_http.is_refused(url, private=self._private):
            raise CallFailed("refused_address")
        try:
            return await self._ask(url, request)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
            raise CallFailed(guarded_http.name_of(failure)) from None

    async def _ask(self, url: URL, request: Request) -> Reply:
        proxy = None
        if self._uses_proxy:
            proxy = guarded_http.proxy_of(url) if self._is_public_only else proxy_for(url.host or "", scheme=url.scheme)
        headers = {"user-agent": USER_AGENT, **request.headers}
        timeout = aiohttp.ClientTimeout(total=request.within_s)
        asked = self._sessions.to(url, proxy=proxy).request(
            request.method, url, data=request.body, headers=headers, allow_redirects=False, proxy=proxy, timeout=timeout
        )
        async with asked as answer:
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, found, await _bounded(answer, request.most))

    async def close(self) -> None:
        await self._sessions.close()


async def _bounded(answer: aiohttp.ClientResponse, most: int) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(_CHUNK):
        size += len(part)
        if size > most:
            raise CallFailed("too_large")
        parts.append(part)
    return b"".join(parts)

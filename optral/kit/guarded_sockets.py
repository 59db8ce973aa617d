"""WebSockets to vetted addresses. The module that loads HTTP is loaded with the first of them."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from optral.kit.guard import Allowed
from optral.kit.networks import Network

OPEN_S = 15.0
HEARTBEAT_S = 20.0
MAX_MESSAGE_BYTES = 1024 * 1024


class SocketFailed(Exception):
    """The connection could not be opened, or broke off: `dns`, `connect`, `tls`, `timeout` or `refused_address`."""


class Dialer:
    """`private` are networks that the operator allows, by the setting of this name. `uses_proxy`: that of the environment."""

    def __init__(self, *, private: Sequence[Network] = (), setting: str = "", uses_proxy: bool = False) -> None:
        self._uses_proxy = uses_proxy
        self._private = Allowed(private, setting)

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Any]:
        """A WebSocket of aiohttp, which ends when its peer is silent. Raises `SocketFailed`."""
        http: Any = await asyncio.to_thread(importlib.import_module, "optral.kit.guarded_http")
        is_tls = url.startswith("wss://")
        if http.is_refused(http.URL(url), private=self._private):
            raise SocketFailed("refused_address")
        proxy = http.proxy_of(http.URL(url)) if self._uses_proxy else None
        try:
            async with (
                http.proxied_session(timeout_s=OPEN_S)
                if proxy
                else http.session(is_tls=is_tls, private=self._private, timeout_s=OPEN_S) as session,
                session.ws_connect(url, proxy=proxy, heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES) as socket,
            ):
                yield socket
        except (http.aiohttp.ClientError, TimeoutError, OSError) as failure:
            raise SocketFailed(http.name_of(failure)) from None

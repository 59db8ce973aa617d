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
        to = http.URL(url)
        if http.is_refused(to, private=self._private):
            raise SocketFailed("refused_address")
        proxy = http.proxy_of(to) if self._uses_proxy else None
        sessions = http.Sessions(private=self._private, timeout_s=OPEN_S)
        try:
            session = sessions.to(to, proxy=proxy)
            async with session.ws_connect(to, proxy=proxy, heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES) as socket:
                yield socket
        except (http.aiohttp.ClientError, TimeoutError, OSError) as failure:
            raise SocketFailed(http.name_of(failure)) from None
        finally:
            await sessions.close()

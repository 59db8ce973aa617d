"""The port through which deliveries leave, and the sender that loads HTTP with the first of them.

aiohttp is 5 % of what a server loads at its start, and most servers have no webhook.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from optral.kit.networks import Network
from optral.webhooks.model import Answer

if TYPE_CHECKING:
    from optral.webhooks.http_sender import HttpSender


class Sender(Protocol):
    """The port at which tests put their own."""

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Try once; never raises for what the other side does."""
        ...

    async def close(self) -> None: ...


class SenderOnDemand:
    """An `HttpSender` that is made, and whose module is loaded, with the first delivery; beside the event loop, for it takes 0.1 s."""

    def __init__(self, *, private: Sequence[Network] = (), uses_proxy: bool = False) -> None:
        self._private, self._uses_proxy = private, uses_proxy
        self._sender: HttpSender | None = None
        self._opening = asyncio.Lock()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        async with self._opening:
            if self._sender is None:
                self._sender = await asyncio.to_thread(_http_sender, self._private, self._uses_proxy)
        return await self._sender.send(url, headers, body)

    async def close(self) -> None:
        if self._sender is not None:
            await self._sender.close()


def _http_sender(private: Sequence[Network], uses_proxy: bool) -> "HttpSender":
    from optral.webhooks.http_sender import HttpSender

    return HttpSender(private=private, uses_proxy=uses_proxy)

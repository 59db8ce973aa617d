"""The caller that loads HTTP with the first request."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optral.forges.caller import Reply, Request
from optral.kit.networks import Network

if TYPE_CHECKING:
    from optral.forges.http_caller import HttpCaller


class CallerOnDemand:
    """An `HttpCaller` that is made, and whose module is loaded, with the first request; beside the event loop, for it takes 0.1 s."""

    def __init__(self, *, private: Sequence[Network] = ()) -> None:
        self._private = private
        self._caller: HttpCaller | None = None
        self._opening = asyncio.Lock()

    async def call(self, request: Request) -> Reply:
        async with self._opening:
            if self._caller is None:
                self._caller = await asyncio.to_thread(_http_caller, self._private)
        return await self._caller.call(request)

    async def close(self) -> None:
        if self._caller is not None:
            await self._caller.close()


def _http_caller(private: Sequence[Network]) -> "HttpCaller":
    from optral.forges.http_caller import HttpCaller

    return HttpCaller(private=private)

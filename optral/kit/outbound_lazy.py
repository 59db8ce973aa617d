"""The caller that loads HTTP with the first request."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optral.kit.networks import Network
from optral.kit.outbound import Reply, Request

if TYPE_CHECKING:
    from optral.kit.outbound_http import HttpCaller


class CallerOnDemand:
    """An `HttpCaller` that is made, and whose module is loaded, with the first request; beside the event loop, for it takes 0.1 s."""

    def __init__(
        self, *, private: Sequence[Network] = (), setting: str = "", uses_proxy: bool = True, is_public_only: bool = False
    ) -> None:
        self._given = (private, setting, uses_proxy, is_public_only)
        self._caller: HttpCaller | None = None
        self._opening = asyncio.Lock()

    async def call(self, request: Request) -> Reply:
        async with self._opening:
            if self._caller is None:
                self._caller = await asyncio.to_thread(_http_caller, *self._given)
        return await self._caller.call(request)

    async def close(self) -> None:
        if self._caller is not None:
            await self._caller.close()


def _http_caller(private: Sequence[Network], setting: str, uses_proxy: bool, is_public_only: bool) -> "HttpCaller":
    from optral.kit.outbound_http import HttpCaller

    return HttpCaller(private=private, setting=setting, uses_proxy=uses_proxy, is_public_only=is_public_only)

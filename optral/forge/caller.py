"""The port through which requests to forges leave, and the caller that loads HTTP with the first of them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from optral.kit.networks import Network

if TYPE_CHECKING:
    from optral.forge.http_caller import HttpCaller

MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_ARCHIVE_BYTES = 64 * 1024 * 1024
JSON_S, ARCHIVE_S = 20.0, 60.0


class Request(NamedTuple):
    """One request. `most` bounds the answer in bytes, `within_s` the whole call."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    most: int = MAX_JSON_BYTES
    within_s: float = JSON_S


class Reply(NamedTuple):
    """What the forge answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CallFailed(Exception):
    """No answer: `dns`, `connect`, `tls`, `timeout`, `refused_address` or `too_large`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Caller(Protocol):
    """The port at which tests put their own forge."""

    async def call(self, request: Request) -> Reply:
        """Ask once, without following redirects. Raises `CallFailed`."""
        ...

    async def close(self) -> None: ...


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
    from optral.forge.http_caller import HttpCaller

    return HttpCaller(private=private)

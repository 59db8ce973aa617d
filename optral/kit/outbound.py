"""The port through which the server asks other services over HTTP, at addresses that people configured."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

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
    """The answer; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CallFailed(Exception):
    """No answer: `dns`, `connect`, `tls`, `timeout`, `refused_address` or `too_large`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Caller(Protocol):
    """The port at which tests put their own service."""

    async def call(self, request: Request) -> Reply:
        """Ask once, without following redirects. Raises `CallFailed`."""
        ...

    async def close(self) -> None: ...

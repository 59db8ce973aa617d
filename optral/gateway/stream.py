"""A gRPC stream with a deadline on every write: a peer that does not read must not hold anything for longer than that."""

import asyncio
from typing import Any, Protocol

import grpc

from optral.wire.agent.v1 import tunnel_pb2 as pb

WRITE_DEADLINE_S = 20.0
_BROKEN = (grpc.RpcError, grpc.aio.BaseError, asyncio.InvalidStateError)  # what grpc.aio raises on a stream that ended


class SlowPeer(Exception):
    """The peer did not take a message in time."""


class PeerGone(Exception):
    """The peer ended the stream or the connection broke."""


class _Context(Protocol):
    async def read(self) -> Any: ...

    async def write(self, message: Any) -> None: ...


class Stream:
    """One writer at a time; gRPC allows no more."""

    def __init__(self, context: _Context) -> None:
        self._context = context
        self._writing = asyncio.Lock()

    async def read(self) -> pb.Up | None:
        """The next message, or None when the peer has no more, or is gone: the two look the same."""
        try:
            message = await self._context.read()
        except _BROKEN:
            return None
        return None if message is grpc.aio.EOF else message

    async def write(self, message: pb.Down) -> None:
        """Send. Raises `SlowPeer` after 20 seconds, `PeerGone`."""
        try:
            async with asyncio.timeout(WRITE_DEADLINE_S), self._writing:
                await self._context.write(message)
        except TimeoutError:
            raise SlowPeer from None
        except _BROKEN as error:
            raise PeerGone from error

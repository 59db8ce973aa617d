"""A long output on a stream of its own, within the receiver's credit: at most 256 KiB unacknowledged."""

import asyncio
from typing import Any

import grpc
import zstandard

from optral.wire.agent.v1 import tunnel_pb2 as pb

CHUNK_BYTES = 64 * 1024
CREDIT_BYTES = 256 * 1024
DEADLINE_S = 60.0


async def send(stub: Any, command_id: str, data: bytes) -> bool:
    """Send all of it; True once the other side has stored it. False when the stream broke, was refused, or nobody wants it."""
    call = stub.Output()
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await _send(call, command_id, data)
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError):
        return False
    finally:
        call.cancel()


async def _send(call: Any, command_id: str, data: bytes) -> bool:
    compress = zstandard.ZstdCompressor(level=1).compress
    acked = 0
    for offset in range(0, len(data), CHUNK_BYTES):
        piece = data[offset : offset + CHUNK_BYTES]
        while offset + len(piece) - acked > CREDIT_BYTES:
            if (ack := await call.read()) is grpc.aio.EOF or ack.stop:
                return False
            acked = ack.received_through
        end = offset + len(piece) == len(data)
        await call.write(pb.OutputChunk(command_id=command_id, offset=offset, data_zstd=compress(piece), eof=end))
    await call.done_writing()
    while acked < len(data):
        if (ack := await call.read()) is grpc.aio.EOF or ack.stop:
            return False
        acked = ack.received_through
    return True

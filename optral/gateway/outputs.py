"""Long outputs: chunks in order on a stream of their own, so that a log never holds up a heartbeat.

Credit is the receiver's: it acknowledges what it took after each chunk, and the agent sends at most 256 KiB more. The whole is kept
with its command before the last acknowledgement.
"""

import asyncio
from typing import Any

import grpc
import zstandard

from optral.clusters.model import SessionRef
from optral.flows.commands import Dispatch
from optral.gateway.stream import WRITE_DEADLINE_S
from optral.terms import ids
from optral.terms.errors import OptralError
from optral.terms.verbs import MAX_LOG_BYTES
from optral.wire.agent.v1 import tunnel_pb2 as pb

CHUNK_BYTES = 64 * 1024
DEADLINE_S = 120.0  # of one whole output; a megabyte over a bad line takes less


class BadOutput(Exception):
    """The peer does not keep to the rules."""


class Intake:
    """Puts one output together."""

    def __init__(self) -> None:
        self.command_id = ""
        self._data = bytearray()
        self.is_complete = False

    def take(self, chunk: pb.OutputChunk) -> None:
        """Take the next chunk. Raises `BadOutput`."""
        if not self.command_id and ids.is_id(chunk.command_id, "cmd"):
            self.command_id = chunk.command_id
        if chunk.command_id != self.command_id or chunk.offset != len(self._data):
            raise BadOutput("a chunk of another command, or not the next one")
        data = _decompress(chunk.data_zstd) if chunk.data_zstd else b""
        if len(self._data) + len(data) > MAX_LOG_BYTES:
            raise BadOutput(f"an output has at most {MAX_LOG_BYTES} bytes")
        self._data += data
        self.is_complete = chunk.eof

    @property
    def received(self) -> int:
        return len(self._data)

    def text(self) -> str:
        return self._data.decode("utf-8", "replace")


async def receive(context: Any, dispatch: Dispatch, ref: SessionRef) -> None:
    """Take one output from the stream and keep it. Aborts the call of a peer that breaks the rules."""
    intake = Intake()
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not intake.is_complete:
                chunk = await context.read()
                if chunk is grpc.aio.EOF:
                    return  # the agent gave up; nothing is kept
                intake.take(chunk)
                if not intake.is_complete:
                    await _ack(context, intake)
            is_wanted = await dispatch.keep_output(ref, intake.command_id, intake.text())
            await _ack(context, intake, stop=not is_wanted)
    except BadOutput as error:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"protocol_error: {error}")
    except OptralError as error:
        await context.abort(grpc.StatusCode.UNAVAILABLE, f"unavailable: {error.code}")
    except TimeoutError:
        await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "too_slow: the output did not arrive in time")


async def _ack(context: Any, intake: Intake, *, stop: bool = False) -> None:
    async with asyncio.timeout(WRITE_DEADLINE_S):
        await context.write(pb.OutputAck(received_through=intake.received, stop=stop))


def _decompress(packed: bytes) -> bytes:
    # The size in the zstd header rules how much is allocated, so it is looked at first.
    try:
        if not 0 <= zstandard.frame_content_size(packed) <= CHUNK_BYTES:
            raise BadOutput(f"a chunk has at most {CHUNK_BYTES} bytes")
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=CHUNK_BYTES, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BadOutput(f"a chunk cannot be decompressed: {error}") from None

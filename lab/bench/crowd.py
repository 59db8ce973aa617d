"""Agents of one process that keep sending small batches, or one that misbehaves: real enrollment and mTLS, packed once and sent for ever.

Reads one word a line on stdin: `mark` prints what was acknowledged since the last mark, `go` and `stop` let the bad one begin and pause.
"""

import argparse
import asyncio
import base64
import functools
import hashlib
import json
import os
import random
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import grpc

from lab.bench.source import HEARTBEAT_S, enrol
from optral.kube.changes import KindCursor, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import wire_of
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc
from tests.support.pods import fleet

KIND = "Pod"
PAUSE_S = 0.1  # between an acknowledgement and the next batch of a good agent: a slow answer costs it rate
PER_BATCH = 8
PACKED = 40
OPTIONS = [("grpc.max_send_message_length", 16 * 1024 * 1024), ("grpc.use_local_subchannel_pool", 1)]


class Peer:
    """One stream that numbers what it sends and notes what is acknowledged."""

    def __init__(self, certificate: pb.Certificate, key_pem: bytes, uid: str) -> None:
        self._certificate, self._key_pem, self._uid = certificate, key_pem, uid
        self._seq = 0
        self._sent: deque[tuple[int, float, int]] = deque()
        self._news = asyncio.Event()
        self._channel: grpc.aio.Channel | None = None
        self.cursor = KindCursor(KIND, "", 0, 0)  # of the inventory that was sent last: the next session resumes it
        self.call: Any = None
        self.reader: asyncio.Task[None] | None = None
        self.acked, self.sent, self.dials, self.rejects = 0, 0, 0, 0
        self.ack_s: list[float] = []

    async def open(self) -> pb.Welcome:
        """Dial, say Hello, and read from then on. Raises `ConnectionError` when the server does not welcome us."""
        await self.close()
        self.dials += 1
        kept = self._certificate
        credentials = grpc.ssl_channel_credentials(kept.trust_bundle_pem, self._key_pem, kept.chain_pem)
        self._channel = grpc.aio.secure_channel(kept.tunnel_address, credentials, options=OPTIONS)
        self.call = rpc.AgentTunnelStub(self._channel).Connect()  # type: ignore[no-untyped-call]
        self._seq = 0
        self._sent.clear()
        info = pb.AgentInfo(agent_version="0.1.0", protocol_min=1, protocol_max=1, kube_system_uid=self._uid, instance=self._uid)
        try:
            await self.send(hello=pb.Hello(info=info, cursors=[self._packed_cursor()]))
            down = await self.call.read()
        except grpc.aio.AioRpcError as error:
            raise ConnectionError(error.details()) from error
        if down is grpc.aio.EOF or not down.HasField("welcome"):
            self.rejects += 1
            raise ConnectionError(str(down))
        self.reader = asyncio.create_task(self._read())
        welcome: pb.Welcome = down.welcome
        return welcome

    async def send(self, *, changes: int = 0, **message: Any) -> None:
        self._seq += 1
        if "batch" in message or "kind_state" in message:
            self._sent.append((self._seq, time.perf_counter(), changes))
        await self.call.write(pb.Up(seq=self._seq, **message))
        self.sent += 1

    async def at_most(self, waiting: int) -> None:
        """Until at most this many messages wait for their acknowledgement, with heartbeats meanwhile.

        Raises `ConnectionError` when the stream ended.
        """
        while len(self._sent) > waiting:
            if self.reader is None or self.reader.done():
                raise ConnectionError("the stream ended")
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), HEARTBEAT_S)
            except TimeoutError:
                await self.send(heartbeat=pb.Heartbeat(now_ms=int(time.time() * 1000), offset_known=True))

    async def inventory(self, pods: Sequence[ObjectChange]) -> None:
        await self.packed_inventory([frames.pack_batch(pods[at : at + 32]) for at in range(0, len(pods), 32)], len(pods))

    async def packed_inventory(self, batches: Iterable[pb.Batch], count: int) -> None:
        """Send an inventory of so many pods, which are in these batches."""
        await self.send(kind_state=frames.pack_mark(KindMark(KIND, Phase.SNAPSHOT_BEGIN, "g1")))
        beat_at = 0.0
        for batch in batches:
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + HEARTBEAT_S
                await self.send(heartbeat=pb.Heartbeat(now_ms=int(time.time() * 1000), offset_known=True))
            await self.send(batch=batch)
            await self.at_most(8)
        await self.send(kind_state=frames.pack_mark(KindMark(KIND, Phase.SNAPSHOT_END, "g1", "1", count)))
        await self.send(kind_state=frames.pack_mark(KindMark(KIND, Phase.LIVE, "g1", "1")))
        await self.send(heartbeat=pb.Heartbeat(now_ms=int(time.time() * 1000)))
        await self.at_most(0)

    async def close(self) -> None:
        if self.reader is not None:
            self.reader.cancel()
            self.reader = None
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    def _packed_cursor(self) -> pb.KindCursor:
        kept = self.cursor
        return pb.KindCursor(kind=wire_of(kept.kind), generation=kept.generation, count=kept.count, digest=frames.pack_sum(kept.sum))

    async def _read(self) -> None:
        try:
            while (down := await self.call.read()) is not grpc.aio.EOF:
                now = time.perf_counter()
                if down.HasField("reject"):
                    self.rejects += 1
                while self._sent and self._sent[0][0] <= down.ack:
                    _, at, changes = self._sent.popleft()
                    self.acked += changes
                    if changes:
                        self.ack_s.append(now - at)
                self._news.set()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            pass
        finally:
            self._news.set()


def changes_of(number: int, *, pods: int, version: int, padding: int = 0) -> list[ObjectChange]:
    """Pods of this agent at one version; `padding` bytes of each cannot be compressed."""
    rng = random.Random(version)
    found = []
    for pod in fleet(number, workloads=1, each=pods, failing_every=10**9):
        raw = pod.at(version)
        if padding:
            filler = base64.b64encode(rng.randbytes(padding * 3 // 4)).decode()
            tree = json.loads(raw)
            tree["metadata"].setdefault("annotations", {})["filler"] = filler
            raw = json.dumps(tree).encode()
        found.append(ObjectChange(Op.UPSERT, KIND, f"{pod.uid}-{number}", pod.namespace, f"{pod.name}-{number}", str(version), raw))
    return found


async def good(peer: Peer, number: int) -> None:
    """Send a batch, wait until it is committed, pause, for ever; dial again when the stream ends."""
    packed = [frames.pack_batch(changes_of(number, pods=PER_BATCH, version=2 + turn)) for turn in range(PACKED)]
    turn = 0
    while True:
        try:
            await peer.open()
            await peer.inventory(changes_of(number, pods=PER_BATCH, version=1))
            beat_at = time.monotonic() + 15
            while True:
                turn += 1
                await peer.send(changes=PER_BATCH, batch=packed[turn % PACKED])
                await peer.at_most(0)
                if time.monotonic() > beat_at:
                    beat_at = time.monotonic() + 15
                    await peer.send(heartbeat=pb.Heartbeat(now_ms=int(time.time() * 1000)))
                await asyncio.sleep(PAUSE_S * random.uniform(0.8, 1.2))
        except (ConnectionError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await asyncio.sleep(1)


@functools.cache
def batches(pods: int, count: int, padding: int) -> list[pb.Batch]:
    return [frames.pack_batch(changes_of(999, pods=pods, version=2 + turn, padding=padding)) for turn in range(count)]


async def large_messages(peer: Peer, pods: int) -> None:
    """Batches of 2 MiB on the wire, as fast as the window takes them."""
    packed = batches(pods, 8, 86_000)
    welcome = await peer.open()
    turn = 0
    while True:
        turn += 1
        await peer.send(changes=pods, batch=packed[turn % len(packed)])
        await peer.at_most(welcome.window_frames - 1)


async def signs(peer: Peer, message: dict[str, Any]) -> None:
    """One message without a pause, and without waiting for an answer."""
    await peer.open()
    while True:
        await peer.send(**message)


async def heartbeats(peer: Peer, _pods: int) -> None:
    await signs(peer, {"heartbeat": pb.Heartbeat(now_ms=1)})


async def trust_reports(peer: Peer, _pods: int) -> None:
    await signs(peer, {"trust_report": pb.TrustReport(pins=["sha256:" + "0" * 64])})


async def small_frames(peer: Peer, _pods: int) -> None:
    """Marks, wrong digests, reports on unknown commands and batches of one object by turns, the window always full."""
    welcome = await peer.open()
    await peer.inventory(changes_of(999, pods=1, version=1))
    digest = frames.pack_digest(KindDigest(KIND, 7, 7))
    live = frames.pack_mark(KindMark(KIND, Phase.LIVE, "g1", "1"))
    report = pb.CommandState(command_id=f"cmd_{'0' * 26}", attempt=1, state=pb.CommandState.RUNNING)
    small = batches(1, PACKED, 0)
    turn = 0
    while True:
        turn += 1
        for message in ({"digest": digest}, {"kind_state": live}, {"command_state": report}, {"batch": small[turn % PACKED]}):
            await peer.send(**message)
        await peer.at_most(welcome.window_frames // 2)


async def valid_flood(peer: Peer, pods: int) -> None:
    """Valid batches of 32 pods, the window always full."""
    packed = batches(pods, PACKED, 0)
    welcome = await peer.open()
    await peer.inventory(changes_of(999, pods=pods, version=1))
    turn = 0
    while True:
        turn += 1
        await peer.send(changes=pods, batch=packed[turn % PACKED])
        await peer.at_most(welcome.window_frames - 1)


async def dials(peer: Peer, _pods: int) -> None:
    """New sessions only."""
    while True:
        await peer.open()


BAD: dict[str, Callable[[Peer, int], Awaitable[None]]] = {
    "large": large_messages,
    "heartbeats": heartbeats,
    "trust": trust_reports,
    "small": small_frames,
    "flood": valid_flood,
    "dials": dials,
}


async def misbehave(peer: Peer, how: str) -> None:
    """Do it again as soon as the server ends it."""
    while True:
        try:
            await BAD[how](peer, 32)
        except (ConnectionError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await asyncio.sleep(0.02)


async def run(options: argparse.Namespace) -> None:
    if options.bad:
        os.nice(19)  # it runs in another cluster: what it costs is what it makes the server do, not the CPU it burns here
    peers = []
    for token in options.tokens.split(","):
        uid = hashlib.sha256(token.encode()).hexdigest()[:32]
        certificate, key_pem = await enrol(options.server, token, uid)
        peers.append(Peer(certificate, key_pem, uid))
    tasks = [] if options.bad else [asyncio.create_task(good(peer, number)) for number, peer in enumerate(peers)]
    print(json.dumps({"phase": "enrolled"}), flush=True)
    loop, marked = asyncio.get_running_loop(), time.perf_counter()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word = line.strip()
        if word == "go":
            tasks = [asyncio.create_task(misbehave(peers[0], options.bad))]
        elif word == "stop":
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for peer in peers:
                await peer.close()
            tasks = []
        now = time.perf_counter()
        times = sorted(second for peer in peers for second in peer.ack_s)
        said = {
            "seconds": now - marked,
            "acked": sum(peer.acked for peer in peers),
            "sent": sum(peer.sent for peer in peers),
            "dials": sum(peer.dials for peer in peers),
            "p50_ms": times[len(times) // 2] * 1000 if times else 0.0,
            "p99_ms": times[int(len(times) * 0.99)] * 1000 if times else 0.0,
        }
        marked = now
        for peer in peers:
            peer.acked, peer.sent, peer.dials, peer.ack_s = 0, 0, 0, []
        print(json.dumps(said), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--bad", choices=sorted(BAD))
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

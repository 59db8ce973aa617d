"""Synthetic agents of one process that each hold a session for ever: real enrollment and mTLS, and the backoff of the real agent.

All clusters have the same pods, which are packed once. A session that ended is dialled again after a delay, and resumes. Prints a JSON line
when all are enrolled. Reads one word a line on stdin: `go` opens the sessions and sends the inventories, `ask` prints how many are
connected and how often the busiest dialled since the last `mark`.
"""

import argparse
import asyncio
import hashlib
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import grpc

from lab.bench.crowd import KIND, Peer
from lab.bench.source import HEARTBEAT_S, enrol
from optral.agent.connection.tunnel import RECONNECT_S
from optral.kit.retry import Backoff
from optral.kube.changes import KindCursor, KindMark, ObjectChange, Op, Phase
from optral.resources.model import SPACE, fingerprint
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.support.pods import fleet

ENROLLING = 8
PER_BATCH = 32
DIAL_DEADLINE_S = 30.0


class Inventory:
    """The pods of every cluster: packed, and the cursor of an agent that has sent them."""

    def __init__(self, pods: int, failing_every: int) -> None:
        each = min(50, pods)
        self.batches: list[pb.Batch] = []
        self.count = total = 0
        changes: list[ObjectChange] = []
        for pod in fleet(workloads=max(1, pods // each), each=each, failing_every=failing_every):
            changes.append(ObjectChange(Op.UPSERT, KIND, pod.uid, pod.namespace, pod.name, "1", pod.at(1)))
            total, self.count = total + fingerprint(pod.uid, "1"), self.count + 1
            if len(changes) == PER_BATCH:
                self.batches.append(frames.pack_batch(changes))
                changes = []
        if changes:
            self.batches.append(frames.pack_batch(changes))
        self.cursor = KindCursor(KIND, "g1", self.count, total % SPACE)


class Resident:
    """One agent."""

    def __init__(self, peer: Peer, inventory: Inventory) -> None:
        self.peer, self._inventory = peer, inventory
        self._backoff = Backoff(steps=RECONNECT_S)
        self.is_connected = False

    async def run(self) -> None:
        while True:
            try:
                await self._session()
            except (OSError, TimeoutError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
                self.is_connected = False
            await asyncio.sleep(self._backoff.next_s())

    async def _session(self) -> None:
        async with asyncio.timeout(DIAL_DEADLINE_S):
            welcome = await self.peer.open()
        self._backoff.reset()
        if welcome.kinds[0].mode == pb.KindDirective.RESUME:
            await self.peer.send(kind_state=frames.pack_mark(KindMark(KIND, Phase.LIVE, "g1", "1")))
        else:
            await self.peer.packed_inventory(self._inventory.batches, self._inventory.count)
            self.peer.cursor = self._inventory.cursor
        await self.peer.at_most(0)
        self.is_connected = True
        reader = self.peer.reader
        while reader is not None and not reader.done():
            await self.peer.send(heartbeat=pb.Heartbeat(now_ms=int(time.time() * 1000), offset_known=True))
            await asyncio.wait({reader}, timeout=HEARTBEAT_S)
        raise ConnectionError("the stream ended")


async def _enrolled(server: str, tokens: Sequence[str]) -> list[Peer]:
    room = asyncio.Semaphore(ENROLLING)

    async def one(token: str) -> Peer:
        uid = hashlib.sha256(token.encode()).hexdigest()[:32]
        async with room:
            certificate, key_pem = await enrol(server, token, uid)
        return Peer(certificate, key_pem, uid)

    return list(await asyncio.gather(*map(one, tokens)))


async def run(options: argparse.Namespace) -> None:
    inventory = Inventory(options.pods, options.failing_every)
    peers = await _enrolled(options.server, options.tokens.read_text().split())
    residents = [Resident(peer, inventory) for peer in peers]
    print(json.dumps({"phase": "enrolled"}), flush=True)
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip() == "go":
            tasks = {asyncio.create_task(one.run()) for one in residents}
        connected = sum(one.is_connected for one in residents)
        dials = [one.peer.dials for one in residents]
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"connected": connected, "most_dials": max(dials), "cpu_s": used.ru_utime + used.ru_stime}), flush=True)
        if line.strip() == "mark":
            for one in residents:
                one.peer.dials = 0
    for task in tasks:
        task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--tokens", type=Path, required=True, help="a file, one token a line")
    parser.add_argument("--pods", type=int, required=True, help="of each cluster")
    parser.add_argument("--failing-every", type=int, default=1000)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    main()

"""An agent that makes its own changes: real enrollment, real mTLS, real redaction and packing, no API server in front of it.

It sends every resourceVersion (no coalescing), so what the server commits can be counted. Prints one JSON line per phase on stdout:
`snapshot` when the first inventory is acknowledged, `live` when the changes begin, `done` with what was measured.
"""

import argparse
import asyncio
import hashlib
import json
import resource
import sys
import time
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from optral.kube.changes import KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import BY_ID
from optral.kube.redact import Redactor
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc
from tests.support.pods import Pod, fleet

BATCH = 32
HEARTBEAT_S = 15
KIND = "Pod"
_OPTIONS = [("grpc.keepalive_time_ms", 20_000), ("grpc.max_receive_message_length", 4 * 1024 * 1024)]


class Tunnel:
    """One session: frames out in order, acknowledgements in, never more in flight than the server allows."""

    def __init__(self, address: str, certificate: pb.Certificate, key_pem: bytes) -> None:
        credentials = grpc.ssl_channel_credentials(certificate.trust_bundle_pem, key_pem, certificate.chain_pem)
        self._channel = grpc.aio.secure_channel(address, credentials, options=_OPTIONS)
        self._outgoing: asyncio.Queue[pb.Up] = asyncio.Queue(4)
        self._seq = 0
        self._numbering = asyncio.Lock()
        self._in_flight: deque[tuple[int, float, int]] = deque()
        self._room = asyncio.Event()
        self._welcome: asyncio.Future[pb.Welcome] = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Task[None] | None = None
        self.window = 1
        self.acked_changes = 0
        self.ack_s: list[float] = []

    async def open(self, uid: str) -> None:
        call = rpc.AgentTunnelStub(self._channel).Connect(self._send())  # type: ignore[no-untyped-call]
        self._reader = asyncio.create_task(self._read(call))
        info = pb.AgentInfo(
            agent_version="0.1.0", protocol_min=1, protocol_max=1, kubernetes_version="v1.36.3", kube_system_uid=uid, instance=uid
        )
        await self.put(hello=pb.Hello(info=info, cursors=[pb.KindCursor(kind=BY_ID[KIND].wire)]))
        async with asyncio.timeout(30):
            self.window = max(1, (await self._welcome).window_frames)

    async def put(self, *, changes: int = 0, **message: Any) -> None:
        """Send one message; waits while the window is full."""
        while len(self._in_flight) >= self.window:
            self._room.clear()
            await self._alive(self._room.wait())
        async with self._numbering:  # a heartbeat must not overtake a batch that waits for room in the queue
            self._seq += 1
            if "batch" in message or "kind_state" in message:
                self._in_flight.append((self._seq, time.perf_counter(), changes))
            await self._alive(self._outgoing.put(pb.Up(seq=self._seq, **message)))

    async def drained(self) -> None:
        while self._in_flight:
            self._room.clear()
            await self._alive(self._room.wait())

    async def close(self) -> None:
        if self._reader:
            self._reader.cancel()
        await self._channel.close()

    async def _alive(self, waiting: Any) -> None:
        """Wait, but not for a reader that has ended."""
        assert self._reader is not None
        task = asyncio.ensure_future(waiting)
        await asyncio.wait({task, self._reader}, return_when=asyncio.FIRST_COMPLETED, timeout=120)
        if not task.done():
            task.cancel()
            raise RuntimeError("the tunnel ended or the server acknowledged nothing for two minutes")

    async def _send(self) -> AsyncIterator[pb.Up]:
        while True:
            yield await self._outgoing.get()

    async def _read(self, call: Any) -> None:
        async for down in call:
            if down.HasField("reject"):
                raise RuntimeError(f"rejected: {down.reject.code} {down.reject.message}")
            if down.HasField("resync"):
                raise RuntimeError(f"asked to send {down.resync.kind} again: {down.resync.reason}")
            if down.HasField("welcome"):
                self._welcome.set_result(down.welcome)
            now = time.perf_counter()
            while self._in_flight and self._in_flight[0][0] <= down.ack:
                _, sent_at, changes = self._in_flight.popleft()
                self.acked_changes += changes
                if changes:
                    self.ack_s.append(now - sent_at)
            self._room.set()


async def enrol(url: str, token: str, uid: str) -> tuple[pb.Certificate, bytes]:
    """A certificate for a fresh key; the CA comes from the bootstrap answer."""
    bootstrap = await asyncio.to_thread(_bootstrap, url)
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    credentials = grpc.ssl_channel_credentials(bootstrap["caPem"].encode())
    async with grpc.aio.secure_channel(bootstrap["enrollAddress"], credentials) as channel:
        enrollment = rpc.EnrollmentStub(channel)  # type: ignore[no-untyped-call]
        message = pb.EnrollRequest(
            token=token,
            csr_der=request.public_bytes(serialization.Encoding.DER),
            kube_system_uid=uid,
            nonce=hashlib.sha256(token.encode()).hexdigest()[:32],
        )
        certificate = await enrollment.Enroll(message, timeout=20)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate, pem


def _bootstrap(url: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{url}/agent/bootstrap.json", timeout=10) as answer:
        return dict(json.load(answer))


class Changes:
    """Endless changes of a fleet, redacted and packed as the agent does it."""

    def __init__(self, pods: Sequence[Pod]) -> None:
        self._pods, self.version = list(pods), 1000
        self._redactor = Redactor(b"a salt of the benchmark")

    def batch(self, pods: Sequence[Pod]) -> pb.Batch:
        return frames.pack_batch([self._change(pod) for pod in pods])

    def next(self, at: int) -> pb.Batch:
        """The batch that begins at this place in the fleet."""
        return self.batch([self._pods[(at + i) % len(self._pods)] for i in range(BATCH)])

    def break_one_of_each(self) -> list[pb.Batch]:
        """The changes with which one pod of each workload begins to fail, and fails from then on."""
        chosen = {(pod.namespace, pod.name.rsplit("-", 1)[0]): number for number, pod in enumerate(self._pods)}
        for number in chosen.values():
            self._pods[number] = replace(self._pods[number], failing=True)
        broken = [self._pods[number] for number in chosen.values()]
        return [self.batch(broken[at : at + BATCH]) for at in range(0, len(broken), BATCH)]

    def _change(self, pod: Pod) -> ObjectChange:
        self.version += 1
        raw = self._redactor.redact(BY_ID[KIND], pod.at(self.version))
        return ObjectChange(Op.UPSERT, KIND, pod.uid, pod.namespace, pod.name, str(self.version), raw)


async def run(options: argparse.Namespace) -> None:
    uid = hashlib.sha256(options.token.encode()).hexdigest()[:32]
    certificate, key_pem = await enrol(options.server, options.token, uid)
    pods = fleet(
        options.seed,
        workloads=options.workloads,
        each=options.each,
        failing_every=options.failing_every,
        has_environment=not options.no_environment,
    )
    tunnel = Tunnel(certificate.tunnel_address, certificate, key_pem)
    changes = Changes(pods)
    await tunnel.open(uid)
    began = time.perf_counter()
    await snapshot(tunnel, changes, pods)
    say(phase="snapshot", seconds=time.perf_counter() - began, objects=len(pods))
    if options.seconds:
        if options.wait:
            await asyncio.to_thread(sys.stdin.readline)
        beat = asyncio.create_task(heartbeat(tunnel))
        await live(tunnel, changes, options)
        beat.cancel()
    await tunnel.put(goodbye=pb.Goodbye(reason="the run has ended"))
    await tunnel.close()


async def snapshot(tunnel: Tunnel, changes: Changes, pods: Sequence[Pod]) -> None:
    await tunnel.put(kind_state=frames.pack_mark(KindMark(KIND, Phase.SNAPSHOT_BEGIN, "g1")))
    for at in range(0, len(pods), BATCH):
        part = pods[at : at + BATCH]
        await tunnel.put(changes=len(part), batch=changes.batch(part))
    await tunnel.put(kind_state=frames.pack_mark(KindMark(KIND, Phase.SNAPSHOT_END, "g1", str(changes.version), len(pods))))
    await tunnel.put(kind_state=frames.pack_mark(KindMark(KIND, Phase.LIVE, "g1", str(changes.version))))
    await tunnel.drained()


async def live(tunnel: Tunnel, changes: Changes, options: argparse.Namespace) -> None:
    """Changes for so many seconds: as fast as they are taken, or on a schedule that does not wait for the server (`--rate`)."""
    tunnel.ack_s.clear()
    tunnel.acked_changes = 0
    say(phase="live")
    used, began, at, is_broken = _cpu_s(), time.perf_counter(), 0, options.burst_after is None
    while (passed := time.perf_counter() - began) < options.seconds:
        if not is_broken and passed >= options.burst_after:
            is_broken = True
            tunnel.ack_s.clear()
            for batch in changes.break_one_of_each():
                await tunnel.put(changes=BATCH, batch=batch)
            say(phase="burst")
        if options.rate and passed < (due := at / options.rate):
            await asyncio.sleep(due - passed)
        await tunnel.put(changes=BATCH, batch=changes.next(at))
        at += BATCH
    await tunnel.drained()
    took = time.perf_counter() - began
    ordered = sorted(tunnel.ack_s)
    say(
        phase="done",
        seconds=took,
        changes=tunnel.acked_changes,
        version=changes.version,
        ack_p99_ms=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] * 1000 if ordered else 0,
        cpu_us=(_cpu_s() - used) / max(1, tunnel.acked_changes) * 1e6,
        rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


async def heartbeat(tunnel: Tunnel) -> None:
    while True:
        await tunnel.put(heartbeat=pb.Heartbeat(now_ms=int(time.time() * 1000), offset_known=True))
        await asyncio.sleep(HEARTBEAT_S)


def say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--ca-pin", default="")  # part of what every agent is given; the CA of a loopback server is taken as it comes
    parser.add_argument("--workloads", type=int, default=200)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--failing-every", type=int, default=100)
    parser.add_argument(
        "--no-environment", action="store_true", help="containers without variables, which take long to redact the first time"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--wait", action="store_true", help="begin the changes after a line on standard input")
    parser.add_argument("--burst-after", type=float, help="seconds of changes until one pod of each workload begins to fail")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

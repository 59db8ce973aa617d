"""One agent's connection: hello, welcome, then four things at once until one of them ends it.

The reader takes frames off the stream into a bounded inbox and answers heartbeats at once, so they never wait for the database. The pump
takes all waiting frames into one job, in its turn among all sessions (turns.py), and acknowledges what is committed, cumulatively; frames
gather while the last commit runs. What exceeds a limit that the agent was given in its Welcome ends the session; what is merely too much is
read more slowly, which HTTP/2 flow control hands on to the peer. The
guard watches for a revocation, a newer session and the certificate's end. A conforming agent never has more frames unacknowledged than
the inbox holds, so a full inbox, which stops the reading, only ever slows a peer that ignores its window. Reports about commands go the
same way, so they are acknowledged after their commit too. Commands are fetched for the agent as soon as some are queued.
Only an explicit Goodbye is a clean close: a killed peer's stream ends in exactly the same way as one that is done.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import structlog

from optral.clusters import rotation_service as rotations, service as clusters
from optral.clusters.connection import Code, Contact
from optral.clusters.model import HEARTBEAT_S, AgentFacts, Identity, SessionRef
from optral.clusters.service import LiveSession
from optral.commands import service as commands
from optral.flows.clusters.connect import Connect
from optral.flows.clusters.presence import Presence
from optral.flows.commands import CAPABILITY, Dispatch, RawReport
from optral.gateway import budgets, orders
from optral.gateway.ending import Ended, why_over, why_unsupported
from optral.gateway.stream import Stream
from optral.gateway.trust import RENEW_WITHIN_S, TrustUpdates
from optral.gateway.turns import Turns
from optral.kit import tracing
from optral.kit.clock import Clock
from optral.kit.hub import Hubs
from optral.kit.retry import retry
from optral.kube.changes import BadFrame, ChangeBatch, Frame, KindCursor
from optral.kube.kinds import wire_of
from optral.resources import reports
from optral.terms.errors import Refused, TooMany, Unavailable
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb

INBOX = 32  # frames; sent to the agent as its window
REPORTS = 32  # what the inbox holds beyond the window: eight commands at once, a few words on each
GROUP = 12  # frames of one job; 16 take 87 ms of CPU, 8 take 47 ms and cost 6 % more CPU for each change
HELLO = "hello"
HELLO_DEADLINE_S = 10.0
MAX_HELLO_BYTES = 256 * 1024
MAX_BATCH_BYTES = 1024 * 1024  # of a batch, uncompressed; sent in the Welcome
MAX_RAW_BYTES = 2 * MAX_BATCH_BYTES + 64 * 1024  # older agents put one more object into a batch that is almost full
MAX_MESSAGE_BYTES = MAX_BATCH_BYTES + 64 * 1024  # of any message, as it travels
INBOX_BYTES = 8 * 1024 * 1024  # uncompressed; beyond it the stream is not read
MAX_TRACEPARENT = 64  # characters; version 00 of W3C Trace Context has 55
FETCH_AGAIN_S = 60.0  # a fetch without news; the gateway looks for all its sessions together every few seconds
ATTEMPTS = 3  # a busy database is worth waiting for: starting the session again would cost it more
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class IngestAnswer(Protocol):
    """The result of a job: kinds (`Kind.id`) that must be sent again, with the reason."""

    @property
    def resync(self) -> Sequence[tuple[str, str]]: ...


class Inventory(Protocol):
    """The inventory, as the gateway needs it (see flows/inventory/ingest.py).

    `begin` and `ingest` raise `Refused("superseded")`, `BadFrame`, `Unavailable`.
    """

    async def begin(self, session: SessionRef, cursors: Sequence[KindCursor]) -> Mapping[str, str]: ...

    async def ingest(self, session: SessionRef, frames: Sequence[Frame]) -> IngestAnswer: ...

    def take_resyncs(self, session: SessionRef) -> Sequence[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What every session of a gateway shares. `counters` are for metrics."""

    connect: Connect
    presence: Presence
    inventory: Inventory
    dispatch: Dispatch
    clock: Clock
    hubs: Hubs
    counters: Counter[str]
    turns: Turns
    budgets: budgets.Budgets
    check_every_s: float = 3.0
    renew_within_s: int = RENEW_WITHIN_S


class Waiting(NamedTuple):
    """A frame in the inbox; `size_bytes` uncompressed."""

    seq: int
    frame: Frame | RawReport
    size_bytes: int
    traceparent: str = ""

    @property
    def objects(self) -> int:
        return self.frame.count if isinstance(self.frame, ChangeBatch) else 0


class Session:
    """`open`, then `serve` until it raises `Ended`. `end` may be called by others at any time."""

    def __init__(self, identity: Identity, stream: Stream, parts: Parts, *, address: str = "") -> None:
        self.identity, self.address = identity, address
        self.instance = ""
        self._stream, self._parts = stream, parts
        self._inbox: asyncio.Queue[Waiting] = asyncio.Queue(INBOX + REPORTS)
        self._inbox_bytes = 0
        self._taken = asyncio.Event()
        self._unacknowledged = 0
        self._ending: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._seq = 0
        self._acked = 0
        self._cursors: list[KindCursor] = []
        self._takes_commands = self._takes_trust = False
        self._trust = TrustUpdates(stream, parts.connect, identity, parts.hubs[rotations.LOADED], renew_within_s=parts.renew_within_s)
        self._ref: SessionRef | None = None

    @property
    def ref(self) -> SessionRef:
        """The session's fence and kinds; only after `open`."""
        assert self._ref is not None
        return self._ref

    def end(self, code: str, say: str) -> None:
        """Make `serve` raise `Ended` soon. The first reason stays."""
        if not self._ending.done():
            self._ending.set_result(Ended(code, say))

    async def open(self) -> SessionRef:
        """Take the agent's Hello and a fence for it. Raises `Ended`."""
        hello = await self._hello()
        info = hello.info
        self.instance = info.instance[:100]
        facts = AgentFacts(
            agent_version=info.agent_version,
            kubernetes_version=info.kubernetes_version,
            capabilities=tuple(info.capabilities),
            kube_system_uid=info.kube_system_uid,
            instance=info.instance,
        )
        try:
            self._cursors = frames.unpack_cursors(hello.cursors)
            kinds = frozenset(cursor.kind for cursor in self._cursors)
            self._ref = await self._parts.connect.open(self.identity, facts, kinds, address=self.address)
            self._takes_commands = CAPABILITY in info.capabilities
            self._takes_trust = rotations.CAPABILITY in info.capabilities
            await self._parts.dispatch.begin(self._ref, orders.running(hello))
        except BadFrame as error:
            raise Ended("protocol_error", str(error)) from None
        except Refused as refusal:
            raise Ended(refusal.code, refusal.say) from None
        except Unavailable as error:
            raise Ended("unavailable", error.say, retry_after_s=round(error.retry_after_s)) from None
        return self._ref

    async def serve(self) -> None:
        """Welcome the agent and work until the session ends; always raises `Ended` (or is canceled)."""
        await self._welcome()
        workers = [
            asyncio.create_task(work, name=f"{name} of {self.ref.cluster_id}")
            for name, work in (
                ("reader", self._read()),
                ("pump", self._pump()),
                ("guard", self._guard()),
                ("commands", self._send_commands()),
                ("resyncs", self._ask_again()),
                ("trust", self._trust.run(self.ref, takes_updates=self._takes_trust)),
            )
        ]
        waited: list[asyncio.Future[Any]] = [*workers, self._ending]
        try:
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        if self._ending in done:
            raise self._ending.result()
        for finished in done:
            finished.result()  # raises what ended it
        raise AssertionError("a worker ended without a reason")

    async def send_drain(self, within_s: int) -> None:
        """Ask the agent to connect elsewhere (or again) within this time."""
        await self._stream.write(pb.Down(drain=pb.Drain(within_s=within_s)))

    async def _hello(self) -> pb.Hello:
        try:
            async with asyncio.timeout(HELLO_DEADLINE_S):
                up = await self._stream.read()
        except TimeoutError:
            raise Ended("protocol_error", "no Hello came") from None
        if up is None:
            raise Ended("gone")
        self._expect(up)
        await self._spend(HELLO)
        if up.WhichOneof("message") != HELLO or up.hello.ByteSize() > MAX_HELLO_BYTES:
            raise Ended("protocol_error", "the first message must be a Hello of at most 256 KiB")
        if not up.hello.info.protocol_min <= frames.PROTOCOL <= up.hello.info.protocol_max:
            contact = Contact(address=self.address, agent_version=up.hello.info.agent_version)
            await self._parts.connect.attempts.refused(self.identity.org_id, self.identity.cluster_id, Code.UNSUPPORTED_PROTOCOL, contact)
            raise Ended("unsupported_protocol", why_unsupported(up.hello.info))
        return up.hello

    async def _welcome(self) -> None:
        try:
            modes = await self._parts.inventory.begin(self.ref, self._cursors)
        except Refused as refusal:
            raise Ended(refusal.code, refusal.say) from None
        except Unavailable as error:
            raise Ended("unavailable", error.say, retry_after_s=round(error.retry_after_s)) from None
        resume, snapshot = pb.KindDirective.RESUME, pb.KindDirective.SNAPSHOT
        welcome = pb.Welcome(
            fence=self.ref.fence,
            protocol=frames.PROTOCOL,
            heartbeat_s=HEARTBEAT_S,
            max_batch_bytes=MAX_BATCH_BYTES,
            window_frames=INBOX,
            server_time_ms=self._now_ms(),
            kinds=[
                pb.KindDirective(kind=wire_of(kind), mode=resume if str(mode) == "resume" else snapshot) for kind, mode in modes.items()
            ],
        )
        await self._stream.write(pb.Down(ack=self._seq, welcome=welcome))

    async def _read(self) -> None:
        while (up := await self._stream.read()) is not None:
            self._expect(up)
            self._parts.presence.on_frame(self.ref)
            which = up.WhichOneof("message")
            if (size := up.ByteSize()) > MAX_MESSAGE_BYTES:
                raise Ended("protocol_error", f"a message has {size} bytes; at most {MAX_MESSAGE_BYTES} are accepted")
            await self._spend(which or budgets.UNKNOWN)
            if which == "heartbeat":
                await self._answer(up.heartbeat)
            elif which == "trust_report":
                self._trust.reported(up.trust_report)
            elif which == "goodbye":
                raise Ended("goodbye", up.goodbye.reason)
            elif which == HELLO:
                raise Ended("protocol_error", "a second Hello")
            else:
                await self._take(up)
        raise Ended("gone")

    async def _take(self, up: pb.Up) -> None:
        frame: Frame | RawReport | None
        try:
            frame = orders.unpack(up.command_state) if up.WhichOneof("message") == "command_state" else frames.frame_of(up)
        except BadFrame as error:
            raise Ended("protocol_error", str(error)) from None
        if frame is None:
            self._parts.counters["unknown_messages"] += 1  # a newer agent may say more than we understand
            return
        size = up.batch.raw_bytes or len(up.command_state.result_json)
        if size > MAX_RAW_BYTES:
            raise Ended("protocol_error", f"a batch has {size} bytes uncompressed; at most {MAX_BATCH_BYTES} are accepted")
        self._unacknowledged += not isinstance(frame, RawReport)
        if self._unacknowledged > INBOX:
            raise Ended("protocol_error", f"more than {INBOX} frames were sent without an acknowledgement")
        while self._inbox_bytes and self._inbox_bytes + size > INBOX_BYTES:
            self._taken.clear()
            await self._taken.wait()
        self._inbox_bytes += size
        await self._inbox.put(Waiting(up.seq, frame, size, up.traceparent if len(up.traceparent) <= MAX_TRACEPARENT else ""))

    async def _spend(self, what: str) -> None:
        await self._parts.budgets.spend(self.identity.cluster_id, what)

    async def _answer(self, heartbeat: pb.Heartbeat) -> None:
        offset_ms = heartbeat.cluster_offset_ms if heartbeat.offset_known else None
        self._parts.presence.on_heartbeat(self.ref, offset_ms=offset_ms)
        ack = pb.HeartbeatAck(echo_ms=heartbeat.now_ms, server_time_ms=self._now_ms())
        await self._stream.write(pb.Down(ack=self._acked, heartbeat_ack=ack))

    async def _pump(self) -> None:
        while True:
            first = await self._inbox.get()
            await self._parts.turns.rest(self.ref.cluster_id)
            waiting = self._gather(first)
            size, objects = sum(one.size_bytes for one in waiting), sum(one.objects for one in waiting)
            async with self._parts.turns.turn(self.ref.cluster_id, size_bytes=size, objects=objects, messages=len(waiting)):
                with self._span(waiting, objects):
                    resync = await self._commit([one.frame for one in waiting])
            self._inbox_bytes -= size
            self._unacknowledged -= sum(not isinstance(one.frame, RawReport) for one in waiting)
            self._taken.set()
            self._acked = waiting[-1].seq
            self._parts.counters["frames"] += len(waiting)
            await self._stream.write(pb.Down(ack=self._acked))
            await self._resync(resync)

    async def _ask_again(self) -> None:
        """Pass on what must be listed again although the agent sent nothing wrong."""
        with self._parts.hubs[reports.RESYNCS].follow(self.identity.cluster_id) as follower:
            while True:
                await self._resync(self._parts.inventory.take_resyncs(self.ref))
                await follower.wait(FETCH_AGAIN_S)

    async def _resync(self, kinds: Sequence[tuple[str, str]]) -> None:
        for kind, reason in kinds:
            await self._stream.write(pb.Down(resync=pb.ResyncKind(kind=wire_of(kind), reason=reason)))

    def _gather(self, first: Waiting) -> list[Waiting]:
        """The frames of one job: what waits, up to a number of frames and bytes."""
        waiting, size = [first], first.size_bytes
        limit = self._parts.turns.group_bytes(self.ref.cluster_id)
        while len(waiting) < GROUP and size < limit and not self._inbox.empty():
            waiting.append(self._inbox.get_nowait())
            size += waiting[-1].size_bytes
        return waiting

    def _span(self, waiting: Sequence[Waiting], objects: int) -> AbstractContextManager[tracing.Span]:
        """Of one job. It continues the trace of its first frame; those of the others are links, because a span has one parent."""
        traced = [one.traceparent for one in waiting if one.traceparent]
        about: dict[str, str | int] = {
            "optral.organization.id": self.identity.org_id,
            "optral.cluster.id": self.ref.cluster_id,
            "optral.changes": objects,
        }
        return tracing.begin("gateway.ingest", kind="consumer", attributes=about, parent=traced[0] if traced else "", links=traced[1:])

    async def _commit(self, group: Sequence[Frame | RawReport]) -> Sequence[tuple[str, str]]:
        reports = [one for one in group if isinstance(one, RawReport)]
        inventory = [one for one in group if not isinstance(one, RawReport)]
        if reports:
            await self._with_retries(lambda: self._parts.dispatch.record(self.ref, reports))
        if not inventory:
            return ()
        return (await self._with_retries(lambda: self._parts.inventory.ingest(self.ref, inventory))).resync

    async def _send_commands(self) -> None:
        if not self._takes_commands:
            await asyncio.Event().wait()
        with self._parts.hubs[commands.QUEUED].follow(self.identity.cluster_id) as follower:
            while True:
                waiting = await self._with_retries(lambda: self._parts.dispatch.fetch(self.ref))
                for order in waiting.send:
                    await self._stream.write(pb.Down(command=orders.pack(order, fence=self.ref.fence)))
                for command_id, reason in waiting.cancel:
                    await self._stream.write(pb.Down(cancel=pb.Cancel(command_id=command_id, reason=reason)))
                self._parts.counters["commands_sent"] += len(waiting.send)
                await follower.wait(FETCH_AGAIN_S)

    async def _with_retries(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returns, after a few attempts where the database is busy. Raises `Ended`."""
        try:
            return await retry(work, on=(Unavailable, TooMany), delay_s=_delay_s, attempts=ATTEMPTS)
        except BadFrame as error:
            raise Ended("protocol_error", str(error)) from None
        except Refused as refusal:
            raise Ended(refusal.code, refusal.say) from None
        except (Unavailable, TooMany) as error:
            raise Ended("unavailable", error.say, retry_after_s=round(error.retry_after_s)) from None

    async def _guard(self) -> None:
        with self._parts.hubs[clusters.ENDED].follow(self.identity.cluster_id) as follower:
            while True:
                left_s = (self.identity.not_after - self._parts.clock.now()).total_seconds()
                if left_s <= 0:
                    raise Ended("expired", "the certificate has expired; enroll again with a new token")
                if await follower.wait(min(left_s, self._parts.check_every_s)):
                    await self._check()

    async def _check(self) -> None:
        live = LiveSession(self.identity.cluster_id, self.identity.fingerprint, self.ref.fence)
        try:
            ended = await self._parts.connect.ended([live])
        except Unavailable:
            return  # the regular look of the gateway comes within seconds
        if live.cluster_id in ended:
            raise Ended(ended[live.cluster_id], why_over(ended[live.cluster_id]))

    def _expect(self, up: pb.Up) -> None:
        if up.seq != self._seq + 1:
            raise Ended("protocol_error", f"message {up.seq} came after {self._seq}")
        self._seq = up.seq

    def _now_ms(self) -> int:
        return int(self._parts.clock.now().timestamp() * 1000)


def _delay_s(error: Unavailable | TooMany) -> float:
    return error.retry_after_s

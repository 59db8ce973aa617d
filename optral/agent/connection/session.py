"""One session of the tunnel: Hello, Welcome, then one writer and one reader until one of them ends it.

One writer, so heartbeats and frames never cross; a frame goes at once while nothing is unacknowledged, else when a batch is full or
200 ms old: quick when idle, dense under load. Whatever the control plane sends, it ends a session at most, never the agent.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import structlog

from optral.agent.commands import output
from optral.agent.commands.commands import Commands
from optral.agent.connection import channel
from optral.agent.connection.clocks import Clocks
from optral.agent.connection.identity import Identity
from optral.agent.watching.buffer import Buffer
from optral.agent.watching.catalog import Catalog
from optral.agent.watching.outgoing import Outgoing
from optral.agent.watching.watch import Watches
from optral.kit import tracing
from optral.kit.clock import Clock
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.kube.kinds import Kind
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc

CONNECT_S = 15
NEGOTIATE_S = 10
BATCH_AGE_S = 0.2
DIGEST_S = 300
UNANSWERED = 3
MAX_RETRY_S = 3600  # whatever the control plane says
MAX_DRAIN_S = 300
RESYNC_EVERY_S = 30  # of one kind; a list of the API server costs it more than the control plane that asks
MAX_REPORTS = 2048  # of commands, unacknowledged
MAX_TIME_MS = 253_402_300_799_000  # the year 9999
GOODBYE_S = 2
SUPERSEDED_S = 30  # another agent holds this identity: do not fight
log = structlog.get_logger()


class Ended(Exception):
    """The session ended. `final`: coming back would change nothing (revoked, wrong protocol)."""

    def __init__(self, code: str, say: str, *, retry_after_s: float = 0, final: bool = False, server_ms: int = 0) -> None:
        super().__init__(say)
        self.code, self.say, self.retry_after_s, self.final, self.server_ms = code, say, retry_after_s, final, server_ms


@dataclass(slots=True, kw_only=True)
class Parts:
    """What every session of this agent shares."""

    buffer: Buffer
    watches: Watches
    commands: Commands
    clocks: Clocks
    clock: Clock
    catalog: Catalog
    info: Callable[[], pb.AgentInfo]
    progress: Callable[[], None] = lambda: None
    complaints: KeyedRateLimit = field(default_factory=KeyedRateLimit)
    """About what the control plane sends."""

    def now_ms(self) -> int:
        return round(self.clock.now().timestamp() * 1000)


class Session:
    """One stream. `open`, `start`, and then `work` ends with `Ended`; `close` in any case.

    Canceling a read of grpcio cancels the whole call, so a Goodbye is written by the writer, while the reader still waits.
    """

    def __init__(self, who: Identity, parts: Parts, address: str) -> None:
        self._parts = parts
        self.channel = channel.tunnel(who, address)
        self._stub = rpc.AgentTunnelStub(self.channel)  # type: ignore[no-untyped-call]
        self._call: Any = None
        self._seq = 0
        self._window = 16
        self._heartbeat_s = 15.0
        self._unanswered = 0
        self._next_heartbeat = 0.0
        self._next_digest = 0.0
        self._paused = False
        self._detached = False
        self.drain_within_s: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.trust_news: asyncio.Future[pb.TrustUpdate] = asyncio.get_running_loop().create_future()
        self._trust_report: Sequence[str] | None = None
        self.opened_at = 0.0
        self._goodbye = ""
        self.work: asyncio.Task[None] | None = None
        self._resynced: dict[str, float] = {}
        self._resync_due: dict[str, Kind] = {}

    async def open(self) -> pb.Welcome:
        """Connect and say Hello; the answer says what to send. Raises `Ended`."""
        cursors = []
        for kind in self._parts.catalog.kinds:
            standing = self._parts.buffer.standing(kind)
            cursors.append(
                pb.KindCursor(kind=kind.wire, generation=standing.generation, count=standing.objects, digest=frames.pack_sum(standing.sum))
            )
        sent_ms = self._parts.now_ms()
        try:
            self._call = self._stub.Connect()
            async with asyncio.timeout(CONNECT_S):
                running = self._parts.commands.running_ids()
                await self._write(pb.Up(hello=pb.Hello(info=self._parts.info(), cursors=cursors, running_command_ids=running)))
            async with asyncio.timeout(NEGOTIATE_S):
                down = await self._read()
        except TimeoutError:
            raise Ended("timeout", "the server did not answer in time") from None
        if down.WhichOneof("message") == "reject":
            raise _rejected(down.reject)
        if down.WhichOneof("message") != "welcome":
            raise Ended("protocol_error", "the server did not begin with a Welcome")
        welcome = down.welcome
        if welcome.protocol != frames.PROTOCOL:
            raise Ended("unsupported_protocol", f"the server speaks protocol {welcome.protocol}, this agent {frames.PROTOCOL}", final=True)
        self._hear_time(sent_ms, welcome.server_time_ms)
        self._window = max(1, min(welcome.window_frames or 16, 256))
        self._heartbeat_s = float(max(1, min(welcome.heartbeat_s or 15, 60)))
        self.opened_at = self._next_heartbeat = self._parts.clock.monotonic()
        self._next_digest = self.opened_at + DIGEST_S
        return welcome

    def start(self) -> asyncio.Task[None]:
        """Begin to work."""
        self.work = asyncio.create_task(self._run(), name="tunnel session")
        self.work.add_done_callback(_seen)  # a session that is handed over may end by itself while nobody waits for it
        return self.work

    async def _run(self) -> None:
        """Read and write until the session ends; always raises `Ended` (or is canceled)."""
        reader = asyncio.create_task(self._read_loop(), name="tunnel reader")
        writer = asyncio.create_task(self._write_loop(), name="tunnel writer")
        try:
            done, _ = await asyncio.wait((reader, writer), return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)
        for task in (reader, writer):  # a Reject read says more than the write that failed because of it
            if task in done:
                task.result()
        raise Ended("closed", "the session ended")

    def pause(self) -> None:
        """Frame nothing more; heartbeats go on."""
        self._paused = True

    def go_on(self) -> None:
        self._paused = False
        self._parts.buffer.changed.set()

    def detach(self) -> None:
        """The buffer belongs to another session now."""
        self._paused = self._detached = True

    def next_trust_news(self) -> pb.TrustUpdate:
        """The newest update, once `trust_news` is done; a later one completes the next `trust_news`."""
        update = self.trust_news.result()
        self.trust_news = asyncio.get_running_loop().create_future()
        return update

    def report_trust(self, pins: Sequence[str]) -> None:
        """Tell the control plane which CAs this agent trusts."""
        self._trust_report = pins
        self._parts.buffer.changed.set()

    async def renew(self, csr_der: bytes) -> pb.Certificate:
        """Ask for a new certificate over this connection. Raises `Refused` or `Unavailable`."""
        try:
            answer: pb.Certificate = await self._stub.Renew(pb.RenewRequest(csr_der=csr_der), timeout=channel.CALL_S)
        except grpc.aio.AioRpcError as error:
            raise channel.problem_of(error, what="the renewal of the certificate") from error
        return answer

    async def close(self, goodbye: str = "") -> None:
        """End the stream, with a Goodbye when there is a reason to give, and close the connection."""
        try:
            if self.work is not None and self.work.done() and not self.work.cancelled():
                self.work.exception()  # of a session that was handed over: the control plane may have ended it first
            elif self.work is not None and not self.work.done():
                if goodbye:
                    self._goodbye = goodbye
                    self._parts.buffer.changed.set()
                    await asyncio.wait((self.work,), timeout=GOODBYE_S)
                self.work.cancel()
                await asyncio.wait((self.work,))
        finally:
            if self._call is not None:
                self._call.cancel()
            await self.channel.close()

    # --- writing ---------------------------------------------------------------------------------------------------------------

    async def _write_loop(self) -> None:
        buffer, clock = self._parts.buffer, self._parts.clock
        while True:
            if self._goodbye:
                await self._write(pb.Up(goodbye=pb.Goodbye(reason=self._goodbye)))
                await self._call.done_writing()
                return
            now = clock.monotonic()
            if now >= self._next_heartbeat:
                await self._heartbeat(now)
            await self._report()
            if (pins := self._trust_report) is not None:
                self._trust_report = None
                await self._write(pb.Up(trust_report=pb.TrustReport(pins=pins)))
            if now >= self._next_digest:
                self._next_digest = now + DIGEST_S
                buffer.digest_all()
            for wire in [one for one in self._resync_due if now >= self._resynced[one] + RESYNC_EVERY_S]:
                self._resync(self._resync_due.pop(wire), now)
            for kind in buffer.dirty_kinds():
                log.warning("too much waited for the control plane; listing again", kind=kind.id)
                self._parts.watches.snapshot(kind)
            if self._may_send() and (outgoing := buffer.take()) is not None:
                await self._send(outgoing)
            else:
                await self._rest(now)

    def _may_send(self) -> bool:
        buffer = self._parts.buffer
        if self._paused or buffer.unacked >= self._window or not buffer.has_work():
            return False
        return buffer.unacked == 0 or buffer.is_full_batch() or buffer.waited_s() >= BATCH_AGE_S

    async def _rest(self, now: float) -> None:
        buffer = self._parts.buffer
        until_s = max(0.001, self._next_heartbeat - now)
        if buffer.has_work() and not self._paused and buffer.unacked < self._window:
            until_s = min(until_s, max(0.02, BATCH_AGE_S - buffer.waited_s()))
        buffer.changed.clear()
        try:
            async with asyncio.timeout(until_s):
                await buffer.changed.wait()
        except TimeoutError:
            pass

    async def _report(self) -> None:
        """Tell what there is to tell of commands. Not while the session is handed over: the next one tells it."""
        commands = self._parts.commands
        while not self._paused and (report := commands.next_report()) is not None:
            commands.framed(self._seq + 1, report)  # before the write, as with frames
            await self._write(pb.Up(command_state=report))

    async def send_output(self, command_id: str, data: bytes) -> bool:
        """Send a long output on a stream of its own; False when the session broke or nobody wants it."""
        return await output.send(self._stub, command_id, data)

    async def _send(self, outgoing: Outgoing) -> None:
        buffer = self._parts.buffer
        with tracing.begin("agent.report", kind="producer", attributes={"optral.changes": len(outgoing.changes)}) as span:
            if outgoing.mark is not None:
                up = pb.Up(kind_state=frames.pack_mark(outgoing.mark))
            elif outgoing.digest is not None:
                up = pb.Up(digest=frames.pack_digest(outgoing.digest))
            else:
                up = pb.Up(batch=frames.pack_batch(outgoing.changes, partial=buffer.partial))
            up.traceparent = span.traceparent
            buffer.framed(self._seq + 1, outgoing)  # before the write: a write that fails must find it unacknowledged
            await self._write(up)

    async def _heartbeat(self, now: float) -> None:
        if self._unanswered >= UNANSWERED:
            raise Ended("silent", f"{UNANSWERED} heartbeats were not answered")
        offset = self._parts.clocks.cluster_offset_ms()
        buffer = self._parts.buffer
        beat = pb.Heartbeat(
            now_ms=self._parts.now_ms(),
            cluster_offset_ms=offset or 0,
            offset_known=offset is not None,
            queued=buffer.queued,
            dropped_events=buffer.dropped_events,
        )
        self._unanswered += 1
        self._next_heartbeat = now + self._heartbeat_s
        await self._write(pb.Up(heartbeat=beat))

    async def _write(self, up: pb.Up) -> None:
        self._seq += 1
        up.seq = self._seq
        try:
            await self._call.write(up)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise await self._failure(error) from error

    # --- reading ---------------------------------------------------------------------------------------------------------------

    async def _read_loop(self) -> None:
        while True:
            down = await self._read()
            self._receive(down)

    async def _read(self) -> pb.Down:
        try:
            down = await self._call.read()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise await self._failure(error) from error
        if down is grpc.aio.EOF:
            raise await self._failure(None)
        if not isinstance(down, pb.Down):  # grpc.aio gives None for bytes that are no message
            raise Ended("protocol_error", "the server sent a message that cannot be decoded")
        return down

    async def _failure(self, error: BaseException | None) -> Ended:
        if isinstance(error, grpc.aio.AioRpcError):
            return Ended("unavailable", (error.details() or error.code().name).splitlines()[0][:300])
        details = ""
        try:
            async with asyncio.timeout(1):
                details = await self._call.details() or ""
        except (TimeoutError, grpc.aio.AioRpcError):
            pass
        return Ended("closed", details.splitlines()[0][:300] if details else "the server closed the stream")

    def _receive(self, down: pb.Down) -> None:
        which = down.WhichOneof("message")
        if which == "reject":
            raise _rejected(down.reject)
        if self._detached:
            return
        if down.ack:
            self._acknowledged(down.ack)
        match which:
            case "heartbeat_ack":
                self._unanswered = 0
                self._parts.progress()
                self._hear_time(down.heartbeat_ack.echo_ms, down.heartbeat_ack.server_time_ms)
            case "resync" if (kind := self._parts.catalog.by_wire(down.resync.kind)) is not None:
                self._ask_resync(kind, down.resync.reason[:200])
            case "command":
                if self._parts.commands.unacknowledged > MAX_REPORTS:
                    raise Ended("protocol_error", "the server sends commands and does not acknowledge their reports")
                self._parts.commands.accept(down.command)
            case "cancel":
                self._parts.commands.cancel(down.cancel)
            case "trust_update":
                if self.trust_news.done():
                    self.trust_news = asyncio.get_running_loop().create_future()
                self.trust_news.set_result(down.trust_update)
            case "drain" if not self.drain_within_s.done():
                self.drain_within_s.set_result(min(down.drain.within_s, MAX_DRAIN_S))

    def _acknowledged(self, seq: int) -> None:
        self._parts.commands.ack(seq)
        if self._parts.buffer.ack(seq):
            self._parts.progress()
            self._parts.buffer.changed.set()

    def _hear_time(self, sent_ms: int, server_ms: int) -> None:
        """Take the server's time. Raises `Ended` for one that no clock shows."""
        if not (0 <= server_ms <= MAX_TIME_MS and 0 <= sent_ms <= MAX_TIME_MS):
            raise Ended("protocol_error", f"the server sent an impossible time ({server_ms} ms)")
        self._parts.clocks.update(sent_ms=sent_ms, received_ms=self._parts.now_ms(), server_ms=server_ms)
        self._parts.clocks.server_at = (server_ms, self._parts.clock.monotonic())

    def _ask_resync(self, kind: Kind, reason: str) -> None:
        """List the kind again, now or when its last time is long enough ago."""
        now = self._parts.clock.monotonic()
        if now >= self._resynced.get(kind.wire, -RESYNC_EVERY_S) + RESYNC_EVERY_S:
            log.info("the control plane asks for a kind again", kind=kind.id, reason=reason)
            self._resync(kind, now)
        else:
            self._resync_due[kind.wire] = kind

    def _resync(self, kind: Kind, now: float) -> None:
        self._resynced[kind.wire] = now
        if kind in self._parts.catalog.kinds:  # its definition may be gone by now
            self._parts.watches.snapshot(kind)


def _seen(work: "asyncio.Task[None]") -> None:
    if not work.cancelled():
        work.exception()


def _rejected(reject: pb.Reject) -> Ended:
    final = reject.retry_after_s == 0
    retry_s = min(reject.retry_after_s, MAX_RETRY_S)
    retry_s = max(retry_s, SUPERSEDED_S) if reject.code == "superseded" else retry_s
    return Ended(
        reject.code[:64], f"{reject.code}: {reject.message}"[:500], retry_after_s=retry_s, final=final, server_ms=reject.server_time_ms
    )

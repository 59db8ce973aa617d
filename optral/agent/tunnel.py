"""The tunnel: one stream at a time, Hello → Welcome → the work the control plane requests, until it ends; then again, with jitter.

Whatever the control plane sends, it ends a session at most, never the agent.

One writer, so heartbeats and frames never cross; a frame goes at once while nothing is unacknowledged, else when a batch is full or
200 ms old: quick when idle, dense under load. A renewed certificate or a Drain opens the new session before the old one is let go.
The control plane says which CAs are valid (trust.py); when it rotates its CA, it asks for an early renewal too.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
import structlog

from optral.agent import channel, identity, output, trust
from optral.agent.buffer import Buffer, Outgoing
from optral.agent.commands import Commands
from optral.agent.identity import Identity, Keep
from optral.agent.returning import Returning
from optral.agent.watch import Watches
from optral.kit.clock import Clock
from optral.kit.retry import Backoff
from optral.kube.kinds import BY_WIRE, Kind
from optral.terms.errors import OptralError, Refused, Unavailable
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc

CONNECT_S = 15
NEGOTIATE_S = 10
BATCH_AGE_S = 0.2
DIGEST_S = 300
UNANSWERED = 3
LIVE_RESETS_S = 60
STEADY_S = 10  # a session that lived this long was no failure to connect
RECONNECT_S = ((0, 5), (15, 25), (45, 55))
"""Delays before each dial: two dials of an agent fall into an outage of 60 s, and all agents are back within 60 s after any."""
MAX_RETRY_S = 3600  # whatever the control plane says
EXPIRED_RETRY_S = 60
MAX_DRAIN_S = 300
RESYNC_EVERY_S = 30  # of one kind; a list of the API server costs it more than the control plane that asks
RENEW_EVERY_S = 10
TRUST_EVERY_S = 1  # each update may be written to a Secret
MAX_REPORTS = 2048  # of commands, unacknowledged
MAX_TIME_MS = 253_402_300_799_000  # the year 9999
GOODBYE_S = 2
SETTLE_S = 5  # for acknowledgements before a session is handed over
RENEW_AGAIN_S = 60
MAX_RENEW_WITHIN_S = 24 * 3600
SUPERSEDED_S = 30  # another agent holds this identity: do not fight
log = structlog.get_logger()


class Ended(Exception):
    """The session ended. `final`: coming back would change nothing (revoked, wrong protocol)."""

    def __init__(self, code: str, say: str, *, retry_after_s: float = 0, final: bool = False, server_ms: int = 0) -> None:
        super().__init__(say)
        self.code, self.say, self.retry_after_s, self.final, self.server_ms = code, say, retry_after_s, final, server_ms


@dataclass(slots=True)
class Clocks:
    """What is known of the other clocks: the API server's (minus ours) and the control plane's (minus ours)."""

    api_offset: timedelta | None = None
    server_offset_ms: float | None = None
    server_at: tuple[float, float] | None = None  # its time in ms, and our monotonic seconds then
    _best_rtt_ms: float = field(default=float("inf"))

    def update(self, *, sent_ms: int, received_ms: int, server_ms: int) -> None:
        """Take the control plane's time from an answer; a quicker round trip is a better witness than a slow one."""
        rtt = max(received_ms - sent_ms, 0)
        if rtt <= self._best_rtt_ms * 1.5 + 5:
            self._best_rtt_ms = min(rtt, self._best_rtt_ms)
            self.server_offset_ms = server_ms - (sent_ms + received_ms) / 2

    def server_now_ms(self, monotonic_s: float) -> float | None:
        """The control plane's time, from its last message and our monotonic clock, which no correction of the clock moves; None before a
        message."""
        return None if self.server_at is None else self.server_at[0] + (monotonic_s - self.server_at[1]) * 1000

    def cluster_offset_ms(self) -> int | None:
        """The API server's clock minus the control plane's, or None while one of them is unknown."""
        if self.api_offset is None or self.server_offset_ms is None:
            return None
        return round(self.api_offset.total_seconds() * 1000 - self.server_offset_ms)


@dataclass(slots=True, kw_only=True)
class Parts:
    """What every session of this agent shares."""

    buffer: Buffer
    watches: Watches
    commands: Commands
    clocks: Clocks
    clock: Clock
    kinds: Sequence[Kind]
    info: Callable[[], pb.AgentInfo]
    progress: Callable[[], None] = lambda: None

    def now_ms(self) -> int:
        return round(self.clock.now().timestamp() * 1000)


class Session:
    """One stream. `open`, `start`, and then `work` ends with `Ended`; `close` in any case.

    Cancelling a read of grpcio cancels the whole call, so a Goodbye is written by the writer, while the reader still waits.
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
        for kind in self._parts.kinds:
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
        """Read and write until the session ends; always raises `Ended` (or is cancelled)."""
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
        if outgoing.mark is not None:
            up = pb.Up(kind_state=frames.pack_mark(outgoing.mark))
        elif outgoing.digest is not None:
            up = pb.Up(digest=frames.pack_digest(outgoing.digest))
        else:
            up = pb.Up(batch=frames.pack_batch(outgoing.changes, partial=buffer.partial))
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
            self._parts.commands.ack(down.ack)
        if down.ack and self._parts.buffer.ack(down.ack):
            self._parts.progress()
            self._parts.buffer.changed.set()
        if which == "heartbeat_ack":
            self._unanswered = 0
            self._parts.progress()
            self._hear_time(down.heartbeat_ack.echo_ms, down.heartbeat_ack.server_time_ms)
        elif which == "resync" and (kind := BY_WIRE.get(down.resync.kind)) in self._parts.kinds and kind is not None:
            log.info("the control plane asks for a kind again", kind=kind.id, reason=down.resync.reason[:200])
            self._ask_resync(kind)
        elif which == "command":
            if self._parts.commands.unacknowledged > MAX_REPORTS:
                raise Ended("protocol_error", "the server sends commands and does not acknowledge their reports")
            self._parts.commands.accept(down.command)
        elif which == "cancel":
            self._parts.commands.cancel(down.cancel)
        elif which == "trust_update":
            if self.trust_news.done():
                self.trust_news = asyncio.get_running_loop().create_future()
            self.trust_news.set_result(down.trust_update)
        elif which == "drain" and not self.drain_within_s.done():
            self.drain_within_s.set_result(min(down.drain.within_s, MAX_DRAIN_S))

    def _hear_time(self, sent_ms: int, server_ms: int) -> None:
        """Take the server's time. Raises `Ended` for one that no clock shows."""
        if not (0 <= server_ms <= MAX_TIME_MS and 0 <= sent_ms <= MAX_TIME_MS):
            raise Ended("protocol_error", f"the server sent an impossible time ({server_ms} ms)")
        self._parts.clocks.update(sent_ms=sent_ms, received_ms=self._parts.now_ms(), server_ms=server_ms)
        self._parts.clocks.server_at = (server_ms, self._parts.clock.monotonic())

    def _ask_resync(self, kind: Kind) -> None:
        """List the kind again, now or when its last time is long enough ago."""
        now = self._parts.clock.monotonic()
        if now >= self._resynced.get(kind.wire, -RESYNC_EVERY_S) + RESYNC_EVERY_S:
            self._resync(kind, now)
        else:
            self._resync_due[kind.wire] = kind

    def _resync(self, kind: Kind, now: float) -> None:
        self._resynced[kind.wire] = now
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


def _span(seconds: float) -> str:
    """A difference between clocks as a person says it."""
    seconds = abs(seconds)
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


class Tunnel:
    """Holds a session to the control plane for as long as the agent lives."""

    def __init__(
        self,
        who: Identity,
        keep: Keep,
        parts: Parts,
        returning: Returning,
        *,
        rng: random.Random | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.identity = who
        self._keep, self._parts, self._returning = keep, parts, returning
        self._renew_by: float | None = None  # on the monotonic clock: requested by the control plane
        self._rng = rng or random.Random()  # noqa: S311 - spreads load
        self._backoff = backoff or Backoff(steps=RECONNECT_S, rng=self._rng)
        self._renewed_at = float("-inf")
        self._renew_jitter = self._rng.uniform(-1, 1)
        self._session: Session | None = None
        self._said = ""

    async def run(self) -> None:
        """Connect, work, connect again. Raises `Ended` (final) when there is no use in coming back."""
        while True:
            try:
                await self._hold(await self._connect())
            except Ended as ended:
                judged = self._judged(ended)
                if judged is ended and self._session is None:
                    judged = await self._after_failure(ended)
                await self._wait(judged)
            except OptralError:
                raise
            except Exception as error:  # whatever the server sent: the agent goes on watching, and connects again
                log.exception("a session broke")
                await self._wait(Ended("internal", f"the agent has a defect: {type(error).__name__}", retry_after_s=SUPERSEDED_S))

    async def stop(self, reason: str) -> None:
        """Say Goodbye and close. Call after `run` was cancelled."""
        if self._session is not None:
            await self._session.close(reason)
            self._session = None

    def is_connected(self) -> bool:
        return self._session is not None

    def _judged(self, ended: Ended) -> Ended:
        """What to wait for; raises `Ended` when there is no use in coming back. No clock alone makes a certificate expire for good."""
        if ended.final and ended.code != "expired":
            raise ended
        clock, ends = self._parts.clock, self.identity.certificate.not_valid_after_utc
        ours_s = (ends - clock.now()).total_seconds()
        known_ms = ended.server_ms or self._parts.clocks.server_now_ms(clock.monotonic())
        ahead_s = None if known_ms is None else known_ms / 1000 - clock.now().timestamp()
        if ended.code == "expired" and ours_s > 0:
            by = "" if ahead_s is None else f" by {_span(ahead_s)}"
            say = f"the control plane says that the certificate has expired, but it is valid until {ends:%Y-%m-%d %H:%M} UTC"
            say += f": the control plane's clock is ahead of this machine's{by}; correct the one that is wrong"
            return Ended("clock", say, retry_after_s=EXPIRED_RETRY_S)
        if ours_s > 0:
            return ended
        if ended.code != "expired" and ahead_s is not None and ours_s > ahead_s:
            say = "by this machine's clock the certificate has expired, but that clock is ahead of the control plane's"
            say += f" by {_span(ahead_s)}; correct the one that is wrong"
            return Ended("clock", say, retry_after_s=EXPIRED_RETRY_S)
        raise Ended("expired", "the agent's certificate has expired; create a new enrolment token and start the agent with it", final=True)

    async def _after_failure(self, ended: Ended) -> Ended:
        """No session could be opened: perhaps the CA was rotated."""
        outcome = await self._returning.after_failure(self.identity, ended.say)
        if outcome.identity is not None:
            await self._trust(outcome.identity)
            self._backoff.reset()
        return Ended("ca_replaced", outcome.say, retry_after_s=ended.retry_after_s) if outcome.say else ended

    async def _trust(self, who: Identity) -> None:
        """Trust the CAs of this identity from now on."""
        await self._keep.save(who)
        self.identity = who
        log.info("trusting other CAs of the control plane", pins=trust.pins(who.bundle_pem))

    async def _wait(self, ended: Ended) -> None:
        session, self._session = self._session, None
        if session is not None:
            lived_s = self._parts.clock.monotonic() - session.opened_at
            if lived_s >= STEADY_S:
                self._backoff.reset(to=0 if lived_s >= LIVE_RESETS_S else 1)
            await session.close()
        delay_s = self._backoff.next_s(at_least_s=ended.retry_after_s)
        if ended.say != self._said:  # the same failure is logged once, not every minute
            log.warning("no tunnel to the control plane", reason=ended.say, retry_s=round(delay_s, 1))
            self._said = ended.say
        await asyncio.sleep(delay_s)

    async def _connect(self, previous: Session | None = None) -> Session:
        session = Session(self.identity, self._parts, self.identity.tunnel_address)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(session.close)
            welcome = await session.open()
            undo.pop_all()
        if previous is not None:
            previous.detach()
        self._parts.buffer.rewind()
        self._parts.buffer.limit(welcome.max_batch_bytes)
        self._parts.commands.opened(welcome.fence, session.send_output)
        self._follow(welcome)
        self._session = session
        self._returning.opened()
        self._said = ""
        self._parts.progress()
        log.info("tunnel open", address=self.identity.tunnel_address, fence=welcome.fence)
        return session

    def _follow(self, welcome: pb.Welcome) -> None:
        modes = {directive.kind: directive.mode for directive in welcome.kinds}
        for kind in self._parts.kinds:
            if kind.wire not in modes:  # an older control plane that does not know it
                self._parts.watches.leave(kind)
                continue
            resumable = self._parts.watches.is_running(kind) and self._parts.buffer.standing(kind).generation
            if modes.get(kind.wire) != pb.KindDirective.RESUME or not resumable:
                self._parts.watches.snapshot(kind)
            else:
                self._parts.buffer.resume(kind)
        self._parts.watches.follow_events()
        self._parts.buffer.digest_all()

    async def _hold(self, session: Session) -> None:
        """Serve this session and those that take over from it, until one ends by itself."""
        while True:
            await self._until_handover(session, session.start())
            successor = await self._hand_over(session)
            await session.close("handed over")
            session = successor

    async def _until_handover(self, session: Session, work: asyncio.Task[None]) -> None:
        """Return when a new session should be opened; raises `Ended` when this one ends."""
        again_at = 0.0  # a failed renewal is tried again in a minute
        while True:
            waits = (work, session.drain_within_s, session.trust_news)
            timeout_s = max(self._renew_in_s(), again_at - self._parts.clock.monotonic(), 0)
            done, _ = await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if work in done:
                work.result()
            if session.drain_within_s in done:
                await asyncio.wait((work,), timeout=self._rng.uniform(0, session.drain_within_s.result()))
                if work.done():
                    work.result()
                return
            if session.trust_news in done:
                await self._follow_trust(session, session.next_trust_news())
                await asyncio.wait(waits[:2], timeout=TRUST_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
            elif await self._renewed(session):
                return
            else:
                again_at = self._parts.clock.monotonic() + RENEW_AGAIN_S

    def _renew_in_s(self) -> float:
        due_s = (self.identity.renew_at(self._renew_jitter) - self._parts.clock.now()).total_seconds()
        now = self._parts.clock.monotonic()
        due_s = due_s if self._renew_by is None else min(due_s, self._renew_by - now)
        return max(due_s, self._renewed_at + RENEW_EVERY_S - now)

    async def _follow_trust(self, session: Session, update: pb.TrustUpdate) -> None:
        """Take over which CAs are valid, tell what is trusted now, and renew soon if this certificate's CA goes."""
        words = [trust.Endorsement(one.root, one.by, one.signature) for one in update.endorsements[: trust.MAX_ENDORSEMENTS]]
        bundle = trust.followed(self.identity.bundle_pem, update.roots_pem, words)
        if bundle is None:
            log.warning("the control plane names CAs that no trusted CA endorses; they are ignored")
        elif bundle != self.identity.bundle_pem:
            await self._trust(identity.with_bundle(self.identity, bundle))
        session.report_trust(trust.pins(self.identity.bundle_pem))
        within_s = min(update.renew_within_s, MAX_RENEW_WITHIN_S)
        self._renew_by = self._parts.clock.monotonic() + self._rng.uniform(0, within_s) if within_s else None

    async def _renewed(self, session: Session) -> bool:
        asked = identity.request()
        try:
            answer = await session.renew(asked.csr_der)
        except (Refused, Unavailable) as error:
            log.warning("the certificate was not renewed", reason=error.say)
            return False
        if not identity.fits(asked.key_pem, answer.chain_pem):
            log.warning("the certificate was not renewed", reason="the answer is not for our key")
            return False
        words = [trust.Endorsement(one.root, one.by, one.signature) for one in answer.endorsements[: trust.MAX_ENDORSEMENTS]]
        bundle = trust.followed(self.identity.bundle_pem, answer.trust_bundle_pem, words)
        self.identity = identity.with_certificate(
            self.identity,
            key_pem=asked.key_pem,
            chain_pem=answer.chain_pem,
            bundle_pem=bundle or self.identity.bundle_pem,
            cluster_id=answer.cluster_id,
            tunnel_address=answer.tunnel_address,
        )
        self._renew_jitter, self._renew_by, self._renewed_at = self._rng.uniform(-1, 1), None, self._parts.clock.monotonic()
        await self._keep.save(self.identity)
        log.info("certificate renewed", not_after=self.identity.certificate.not_valid_after_utc.isoformat())
        return True

    async def _hand_over(self, session: Session) -> Session:
        session.pause()
        deadline = self._parts.clock.monotonic() + SETTLE_S
        while self._parts.buffer.unacked and self._parts.clock.monotonic() < deadline:  # noqa: ASYNC110 - a few rounds, once in days
            await asyncio.sleep(0.02)
        try:
            return await self._connect(session)
        except Ended:
            session.go_on()
            raise

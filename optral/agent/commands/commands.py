"""Commands from the tunnel: checked, journaled, performed one by one, and reported until the report is acknowledged.

The order of checks: this session's fence, well-formed, known already (journal), in time, the local policy, a free place. Then, for a
write: RECEIVED in the journal, may we (access review), is it still the object that was meant, server-side dry run, RUNNING in the journal
with what the dry run showed, the change, its end in the journal. A crash leaves RUNNING behind: the command comes again and is answered
from that. A write that may have been sent to another agent with this identity in the meantime (a copied state directory, a Deployment
scaled to two) is treated the same way: the annotation on the object is checked first, and no answer claims that nothing was changed.
Work outlives the session that sent it; its end is reported to the next one.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from optral.agent.commands.command_messages import FINAL, Work, command_state, digest_of, read_order
from optral.agent.commands.commands_common import Failure, Order, Tools, failed, rejected, unknown, unproven
from optral.agent.commands.commands_drain import Drainer
from optral.agent.commands.commands_logs import CAPABILITY as LOGS
from optral.agent.commands.commands_reads import read
from optral.agent.commands.commands_writes import Begin, Writer
from optral.agent.commands.journal import Entry, Journal
from optral.agent.commands.policy import PROBE, PolicyFile
from optral.kit.clock import Clock
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.kit.tasks import Tasks
from optral.terms import ids
from optral.terms.probes import CAPABILITY_OFF, CAPABILITY_ON
from optral.terms.verbs import Drain, Logs
from optral.wire.agent.v1 import tunnel_pb2 as pb

CAPABILITY = "commands.v1"
AT_ONCE = 4
LOG_READS = 4
"""How many commands that read logs run at once unless the settings say otherwise. They have places of their own: people who follow logs
take none from other commands."""
AT_HAND = 16  # running and queued, of log reads and of all other commands; the control plane sends at most 8 of each
INLINE_LOG_BYTES = 64 * 1024
MAX_REPORT_BYTES = 8 * 1024 * 1024  # of results that are not acknowledged; beyond them nothing new is begun
MAX_TIMEOUT_S = 300
MAX_EXPIRES_S = 600.0
STOP_GRACE_S = 5.0  # for a change that is on its way to the API server
MAX_MESSAGE = 2000
_METRICS, _PROBE = "verb:metrics", f"verb:{PROBE}"
OWN_FENCES = 256  # sessions of this process that are remembered; a command lives for minutes
SendOutput = Callable[[str, bytes], Awaitable[bool]]
"""Sends a long output on the present session; False when there is none or it broke."""
log = structlog.get_logger()


class Commands:
    """Fed by the tunnel's reader, drained by its writer; one loop. `wake` makes the writer look."""

    def __init__(
        self,
        tools: Tools,
        policy: PolicyFile,
        journal: Journal,
        clock: Clock,
        *,
        log_reads: int = LOG_READS,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._tools, self.policy, self._journal, self._clock = tools, policy, journal, clock
        self._wake = wake
        self._writer = Writer(tools, clock)
        self._drainer = Drainer(tools, self._writer, own_namespace=policy.own_namespace)
        self._work: dict[str, Work] = {}
        self._writing: set[tuple[str, str, str]] = set()
        self._places, self._log_places = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(log_reads)
        self._tasks = Tasks(self._broke)
        self._waiting: deque[pb.CommandState] = deque()
        self._unacked: OrderedDict[int, pb.CommandState] = OrderedDict()
        self._report_bytes = 0
        self._fence = 0
        self._own_fences: deque[int] = deque(maxlen=OWN_FENCES)
        self._complaints = KeyedRateLimit(monotonic=clock.monotonic)
        self._send_output: SendOutput | None = None

    def capabilities(self) -> list[str]:
        """What a Hello says of us."""
        told = self.policy.now().capabilities()
        missing = {_METRICS} if self._tools.usage is None else set()
        missing |= {_PROBE} if self._tools.prober is None else set()
        may_probe = _PROBE in told and _PROBE not in missing
        return [CAPABILITY, LOGS, *(one for one in told if one not in missing), CAPABILITY_ON if may_probe else CAPABILITY_OFF]

    # --- the tunnel's side -----------------------------------------------------------------------------------------------------

    def opened(self, fence: int, send_output: SendOutput | None = None) -> None:
        """A new session: what was not acknowledged is reported again."""
        self._fence, self._send_output = fence, send_output
        self._own_fences.append(fence)
        self._waiting.extendleft(reversed(self._unacked.values()))
        self._unacked.clear()

    def running_ids(self) -> list[str]:
        """What we are at, or whose end is still to be acknowledged."""
        told = (report.command_id for report in (*self._unacked.values(), *self._waiting) if report.state in FINAL)
        return list(dict.fromkeys((*self._work, *told)))

    @property
    def unacknowledged(self) -> int:
        """Reports that the control plane has not acknowledged."""
        return len(self._waiting) + len(self._unacked)

    def next_report(self) -> pb.CommandState | None:
        return self._waiting.popleft() if self._waiting else None

    def framed(self, seq: int, report: pb.CommandState) -> None:
        """Keep the report until its number is acknowledged."""
        self._unacked[seq] = report

    def ack(self, seq: int) -> None:
        """All messages up to this number are committed over there."""
        while self._unacked and next(iter(self._unacked)) <= seq:
            _, report = self._unacked.popitem(last=False)
            self._report_bytes -= len(report.result_json)

    def accept(self, command: pb.Command) -> None:
        """Take a command. Never raises: whatever is wrong with it is reported."""
        try:
            self._take(command)
        except Failure as failure:
            self._report_state(command.command_id, command.attempt, failure.state, code=failure.code, message=failure.message)

    def cancel(self, order: pb.Cancel) -> None:
        """Cancel a command unless its change is on the way already: then its end says which side won. A drain stops evicting."""
        if (work := self._work.get(order.command_id)) is None or work.task is None:
            return
        can_stop = isinstance(work.order.params, Drain)
        if work.is_changing and not can_stop:
            return
        work.cancel.request(order.reason[:200] or "canceled")
        if work.has_started and not work.is_changing:  # a task that is canceled before its first step would never say how it ended
            work.task.cancel()

    async def stop(self) -> None:
        """Let changes that are on their way come to their end, cancel everything else."""
        changing = [work.task for work in self._work.values() if work.is_changing and work.task is not None]
        if changing:
            await asyncio.wait(changing, timeout=STOP_GRACE_S)
        await self._tasks.stop()

    # --- taking ----------------------------------------------------------------------------------------------------------------

    def _take(self, command: pb.Command) -> None:
        command_id = command.command_id
        if not ids.is_id(command_id, "cmd"):
            if (left_out := self._complaints.take("id")) is not None:
                log.warning("a command without a usable id was dropped", left_out=left_out)
            return
        if command.fence != self._fence:
            raise rejected("STALE_FENCE", "the command is of another session")
        if (work := self._work.get(command_id)) is not None:
            work.may_be_applied |= work.order.is_write and command.attempt > work.attempt + 1  # another agent received one in between
            work.attempt = command.attempt
            self._report_state(command_id, work.attempt, "RUNNING" if work.is_changing else "RECEIVED")
            return
        order = read_order(command)
        digest = digest_of(order)
        left = self._known(command, order, digest)
        if left is not None and left.is_final:
            self._report_again(left, command.attempt)
            return
        if command.expires_in_ms == 0 and left is None:
            raise rejected("EXPIRED", "the command came too late; nothing was done")
        try:
            self._check_policy(order, left)
            self._begin(command, order, digest, left)
        except Failure as failure:
            raise (failure if left is None else unproven(failure)) from None

    def _check_policy(self, order: Order, left: Entry | None) -> None:
        """Raises `Failure`. What this journal says was begun is looked into whatever the policy says now."""
        if self._journal.find(order.id) is not None and left is not None:
            return
        if (said := self.policy.refusal(order.verb, order.params)) is not None:
            raise rejected("POLICY_DENIED", said)

    def _known(self, command: pb.Command, order: Order, digest: str) -> Entry | None:
        """What may have been done of a write before this attempt; None when it is certain that nothing was. Raises `Failure`."""
        if not order.is_write:
            return None
        entry = self._journal.find(order.id)
        if entry is not None and entry.digest != digest:
            raise rejected("INVALID", "this id was used for another command")
        if self._only_we_received(command, entry):
            return None if entry is None or entry.state == "received" else entry
        if entry is not None and entry.state in ("running", "SUCCEEDED", "UNKNOWN_OUTCOME"):
            return entry
        return Entry(id=order.id, verb=order.verb.name, digest=digest, state="running", at=self._clock.now(), attempt=command.attempt)

    def _only_we_received(self, command: pb.Command, entry: Entry | None) -> bool:
        """Whether no other agent can have been sent an attempt that this one knows nothing of."""
        if entry is not None:
            return command.attempt <= entry.attempt + 1
        return command.attempt <= 1 or (command.attempt == 2 and command.previous_fence in self._own_fences)

    def _begin(self, command: pb.Command, order: Order, digest: str, left: Entry | None) -> None:
        target = order.params.target
        if sum(_is_log_read(work.order) is _is_log_read(order) for work in self._work.values()) >= AT_HAND:
            what = "log reads" if _is_log_read(order) else "commands"
            raise rejected("BUSY", f"the agent has {AT_HAND} {what} at hand; try again later")
        if self._report_bytes > MAX_REPORT_BYTES:
            raise rejected("BUSY", "results of earlier commands wait for the control plane to acknowledge them; try again later")
        if order.is_write and target in self._writing:
            raise rejected("BUSY", f"another change of {target[0]} {target[2]} is being made")
        if order.is_write and not self._journal.is_durable:
            raise rejected("POLICY_DENIED", "this agent has no state directory to journal changes in")
        timeout_s = float(min(max(command.timeout_s, 1), MAX_TIMEOUT_S))
        begun = left is not None
        work = Work(order, command.attempt, target, digest, timeout_s, is_changing=begun, may_be_applied=begun)
        self._work[order.id] = work
        if order.is_write:
            self._writing.add(target)
        expires_s = min(command.expires_in_ms / 1000, MAX_EXPIRES_S)
        work.task = self._tasks.start(f"command {order.id}", self._run(work, left, expires_s))

    # --- doing -----------------------------------------------------------------------------------------------------------------

    async def _run(self, work: Work, left: Entry | None, expires_s: float) -> None:
        """Run one command to its end, which is reported whatever happens."""
        order = work.order
        try:
            report = await self._ended(work, left, expires_s)
        finally:
            self._work.pop(order.id, None)
            if order.is_write:
                self._writing.discard(work.target)
        if report is not None:
            self._queue_report(report)

    async def _ended(self, work: Work, left: Entry | None, expires_s: float) -> pb.CommandState | None:
        """How it ended, journaled; None when this process stops in its middle: the journal then says all there is to say."""
        work.has_started = True
        try:
            if work.cancel.reason is not None:
                return await self._end(work, "CANCELED", code="CANCELED", message=work.cancel.reason)
            result = await self._in_time(work, left, expires_s)
            return await self._end(work, "SUCCEEDED", result=result)
        except Failure as failure:
            return await self._end(work, failure.state, code=failure.code, message=failure.message, result=failure.result)
        except asyncio.CancelledError:
            if work.cancel.reason is None or work.is_changing:
                raise
            return await self._end(work, "CANCELED", code="CANCELED", message=work.cancel.reason)
        except Exception as error:  # whatever breaks, the control plane must hear an end
            log.exception("a command broke", command=work.order.id, verb=work.order.verb.name)
            state = "UNKNOWN_OUTCOME" if work.is_changing else "FAILED"
            return await self._end(work, state, code="INTERNAL", message=f"the agent has a defect: {type(error).__name__}")

    async def _in_time(self, work: Work, left: Entry | None, expires_s: float) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        begins_before = loop.time() + expires_s
        places = self._log_places if _is_log_read(work.order) else self._places
        try:
            async with asyncio.timeout_at(begins_before if left is None else begins_before + work.timeout_s):
                await places.acquire()
        except TimeoutError:
            raise rejected("EXPIRED", "the agent was too busy to begin in time; nothing was done") from None
        try:
            async with asyncio.timeout(work.timeout_s):
                return await self._perform(work, left, begins_before)
        except TimeoutError:
            if work.is_changing:
                raise unknown(f"it was not done within {work.timeout_s:g} s; look at the object before trying again") from None
            raise Failure("TIMED_OUT", "TIMED_OUT", f"it was not done within {work.timeout_s:g} s; nothing was changed") from None
        finally:
            places.release()

    async def _perform(self, work: Work, left: Entry | None, begins_before: float) -> dict[str, Any]:
        order = work.order
        if order.is_write and left is None:
            await self._write_down(self._entry(work, "received"))
        self._report_state(order.id, work.attempt, "RECEIVED")
        if not order.verb.is_write:
            return await self._fit(work, await read(self._tools, order))
        if order.dry_run:
            return await self._performer(order).dry_run(order)
        return await self._change(work, left, begins_before)

    async def _change(self, work: Work, left: Entry | None, begins_before: float) -> dict[str, Any]:
        order, loop = work.order, asyncio.get_running_loop()

        async def begin(plan: dict[str, Any]) -> None:
            if loop.time() > begins_before:
                raise rejected("EXPIRED", "the command expired before the change could begin; nothing was done")
            if (said := self.policy.refusal(order.verb, order.params)) is not None:
                raise rejected("POLICY_DENIED", said)
            await self._write_down(self._entry(work, "running", plan=plan))
            work.is_changing = True
            self._report_state(order.id, work.attempt, "RUNNING")

        if isinstance(order.params, Drain):
            return await self._drain(work, begin, left)
        if left is None:
            return await self._writer.write(order, begin)
        # Bound to one version of the object, the API server itself applies a change at most once, whoever sends it and however often.
        is_repeatable = order.verb.is_idempotent or bool(order.resource_version)
        may_go_on = is_repeatable and loop.time() <= begins_before and self.policy.refusal(order.verb, order.params) is None
        if may_go_on:
            return await self._writer.write(order, begin, left=left.plan or {})
        if (done := await self._writer.was_done(order, left.plan or {})) is not None:
            return done
        raise unknown("an agent stopped in the middle of the change; look at the object before you try again")

    def _performer(self, order: Order) -> Writer | Drainer:
        return self._drainer if isinstance(order.params, Drain) else self._writer

    async def _drain(self, work: Work, begin: Begin, left: Entry | None) -> dict[str, Any]:
        """A drain that was begun goes on, also after its expiry, which says until when it must begin."""
        order = work.order
        if left is not None and (said := self.policy.refusal(order.verb, order.params)) is not None:
            if (done := await self._drainer.was_done(order, left.plan or {})) is not None:
                return done
            raise unknown(f"{said} any more, and the drain was begun; look at the node")
        return await self._drainer.write(order, begin, left=None if left is None else left.plan or {}, cancel=work.cancel)

    def _entry(self, work: Work, state: str, *, plan: dict[str, Any] | None = None) -> Entry:
        order = work.order
        return Entry(
            id=order.id, verb=order.verb.name, digest=work.digest, state=state, at=self._clock.now(), attempt=work.attempt, plan=plan
        )

    async def _fit(self, work: Work, result: dict[str, Any]) -> dict[str, Any]:
        """Send a long log on a stream of its own; where that fails, its end travels with the result."""
        text = result.get("text")
        if not isinstance(text, str) or len(raw := text.encode()) <= INLINE_LOG_BYTES:
            return result
        if self._send_output is not None and await self._send_output(work.order.id, raw):
            return {**result, "text": "", "outputBytes": len(raw)}
        tail = raw[-INLINE_LOG_BYTES:].partition(b"\n")[2].decode("utf-8", "replace")
        return {**result, "text": tail, "truncated": True, "lines": tail.count("\n"), "bytes": len(tail.encode())}

    # --- reports ---------------------------------------------------------------------------------------------------------------

    async def _end(
        self, work: Work, state: str, *, code: str = "", message: str = "", result: dict[str, Any] | None = None
    ) -> pb.CommandState:
        """Journal the end of a write, and make its report."""
        order = work.order
        if work.may_be_applied and state != "SUCCEEDED":
            failure = unproven(Failure(state, code, message, result))
            state, code, message = failure.state, failure.code, failure.message
        message = self._tools.redactor.text(message)[:MAX_MESSAGE]
        if order.is_write:
            ended = Entry(
                id=order.id,
                verb=order.verb.name,
                digest=work.digest,
                state=state,
                at=self._clock.now(),
                attempt=work.attempt,
                code=code,
                message=message,
                result=result,
            )
            try:
                await self._write_down(ended)
            except Failure:
                log.error("the end of a change could not be journaled", command=order.id, state=state)
        log.info("command ended", command=order.id, verb=order.verb.name, state=state, code=code)
        return command_state(order.id, work.attempt, state, code=code, message=message, result=result)

    async def _write_down(self, entry: Entry) -> None:
        """Raises `Failure` when the disk refuses: what cannot be journaled is not begun."""
        try:
            await _uncancelled(asyncio.to_thread(self._journal.write, entry))
        except OSError as error:
            raise failed("JOURNAL", f"the agent's journal cannot be written: {error.strerror}") from error

    def _report_again(self, entry: Entry, attempt: int) -> None:
        report = command_state(entry.id, attempt, entry.state, code=entry.code, message=entry.message, result=entry.result)
        report.replayed = True
        self._queue_report(report)

    def _report_state(self, command_id: str, attempt: int, state: str, *, code: str = "", message: str = "") -> None:
        self._queue_report(command_state(command_id, attempt, state, code=code, message=self._tools.redactor.text(message)[:MAX_MESSAGE]))

    def _queue_report(self, report: pb.CommandState) -> None:
        self._waiting.append(report)
        self._report_bytes += len(report.result_json)
        self._wake()

    def _broke(self, name: str, error: BaseException) -> None:
        log.error("a command's task failed", task=name, error=repr(error), exc_info=error)


def _is_log_read(order: Order) -> bool:
    return isinstance(order.params, Logs)


async def _uncancelled(work: Coroutine[Any, Any, None]) -> None:
    """A line on its way to the disk is waited for, also when the command is canceled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        task.result()
        raise

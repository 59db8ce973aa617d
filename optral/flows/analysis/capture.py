"""The last log lines of a container whose issue has just opened, and what was known around it then: kept for two weeks.

A container's earlier log is gone with its next restart, so it is fetched at once. The wish is a row, so a restart of the server does not
lose it. With the first log its pod's Events and its workload's last changes are kept too, as they were then. The agent redacts; the text is
searched once more before it is kept. When something came, the issue is analyzed again, and so is the root that it is a symptom of.

Who is first: roots before symptoms, the most severe first, one log of each workload before a second one of any. Clusters take turns, and in
one cluster at most three logs are fetched at once and `BYTES_A_MINUTE` in a minute; what exceeds that waits, and nothing is dropped for it.
Not fetched: where the agent may not read logs or the organization or the namespace does not want it, and of more than `OF_A_FAMILY`
symptoms of one root.
"""

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

import structlog

from optral.access import service as access
from optral.analysis import model, service as analyses
from optral.analysis.model import CapturedLog, Trigger
from optral.analysis.reading import scope
from optral.clusters import service as clusters
from optral.commands.model import NewCommand, State
from optral.flows import commands, loops
from optral.flows.analysis import issue_context
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import Issue
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.kit.tasks import Tasks
from optral.kube import logs, objects
from optral.kube.objects import KubeObject, Namespace
from optral.resources import lookup
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor, verbs
from optral.terms.errors import NotFound, OptralError
from optral.terms.ids import OrgId

AT_ONCE = 3  # of one cluster; an agent performs four commands at once
BYTES_A_MINUTE = 16 * 1024 * 1024  # of one cluster: what an agent redacts in about ten seconds of CPU
BYTES_AT_LEAST = 16 * 1024  # what one log counts for, however short: it costs two requests to the API server
IN_FLIGHT = 32  # of all clusters
LOOK_AT, LOOK_AT_MOST = 200, 2000  # of one cluster, of all
OF_A_FAMILY = 10  # symptoms of one root whose logs are fetched
AGAIN_AFTER = timedelta(minutes=2)  # a container that has not said anything yet, at its next end
REPLICAS, REPLICAS_WITHIN = 4, timedelta(hours=1)
LOOK_EVERY_S, BUSY_LOOK_S, AT_ONCE_S = 10.0, 1.0, 0.1
LINE_FOR_S = 1.0  # how long the order of what is due stands
SECOND_LOG_S = 2.0  # the other log of the same container is usually here by then
FAMILY_S = 5.0  # logs of other symptoms are usually here by then
WAIT_S = 20.0
_WRITES = "writes"
_OFF = "false"
_MAY_READ = "verb:logs"
FINAL_CODES = frozenset({"NOT_FOUND", "CONTAINER_NOT_FOUND", "NO_PREVIOUS", "NOT_STARTED", "RBAC_DENIED", "POLICY_DENIED"})
"""Failures of the command after which another attempt fails, too."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogTail:
    """The end of a log; `failure` says why there is none, `for_good` that asking again is no use."""

    text: str = ""
    truncated: bool = False
    failure: str | None = None
    for_good: bool = False


Fetch = Callable[[OrgId, CapturedLog], Awaitable[LogTail]]
"""The way to the agent. Raises `OptralError` when there is none now."""


def want(tx: Transaction, of_issues: Sequence[Issue]) -> bool:
    """Record that the last lines of the containers of these issues, all of one cluster, are wanted; whether there are any such logs."""
    wanted = [log for issue in of_issues for log in _logs_of(tx, issue)]
    if not wanted or not _is_able(tx, wanted[0].cluster_id):
        return False
    analyses.want_logs(tx, wanted)
    return True


def _logs_of(tx: Transaction, issue: Issue) -> list[CapturedLog]:
    """The logs of the issue's container, of this run and usually of the one before; none for an issue that no container shows."""
    place = scope.logged(issue.type, pod=issue.resource, container=issue.container, facts=issue.facts)
    if place is None or not issue.namespace:
        return []
    pod, container = place
    return [
        CapturedLog(
            cluster_id=issue.cluster_id,
            issue_id=issue.id,
            namespace=issue.namespace,
            pod=pod,
            container=container,
            previous=previous,
            captured_at=tx.now,
            due_at=tx.now,
        )
        for previous in scope.runs(issue.type)
    ]


def want_again(tx: Transaction, issue: Issue) -> None:
    """After another end of a container: it may say more than at first, or fail for another reason; at first its servers were starting too.

    What was captured stands for as long as an answer does (`model.stands_for`), and nothing at all for `AGAIN_AFTER`.
    """
    held = analyses.logs(tx, issue.id)
    if any(one.is_wanted for one in held):
        return
    captured_at = max((one.captured_at for one in held), default=None)
    if captured_at is not None:
        stands = model.stands_for(captured_at - issue.detected_at) if any(one.text for one in held) else AGAIN_AFTER
        if tx.now - captured_at < stands:
            return
    want(tx, [issue])


def want_replica(tx: Transaction, issue: Issue) -> None:
    """When another replica shows the issue: its log is fetched too, of at most `REPLICAS` pods of an issue in `REPLICAS_WITHIN`."""
    held = analyses.logs(tx, issue.id)
    recent = {one.pod for one in held if one.is_wanted or tx.now - one.captured_at < REPLICAS_WITHIN}
    if issue.resource not in {one.pod for one in held} and len(recent) < REPLICAS:
        want(tx, [issue])


def switch(tx: Transaction, *, is_on: bool) -> bool:
    """Whether the organization wants it from now on. Off, what waits is not fetched any more."""
    if analyses.is_capture_on(tx) != is_on:
        analyses.set_capture(tx, is_on)
        access.audit(tx, action="capture.switch", target="capture", detail={"isOn": is_on})
    return is_on


def _is_able(tx: Transaction, cluster_id: str) -> bool:
    """Whether the organization wants it and the agent may. An agent that says nothing of verbs has not said no."""
    if not analyses.is_capture_on(tx):
        return False
    told = clusters.get(tx, cluster_id).agent_capabilities
    return _MAY_READ in told or not any(one.startswith("verb:") for one in told)


def lets(namespace: KubeObject | None) -> bool:
    """Whether a namespace lets its logs be fetched: all do, but those with the annotation `optral.ai/capture: "false"`."""
    return namespace is None or namespace.metadata.annotations.capture.strip().lower() != _OFF


def is_open(tx: Transaction, issue: Issue) -> bool:
    """The same, where only rows are at hand."""
    found = lookup.named(tx, issue.cluster_id, Namespace.kind, "", issue.namespace or "")
    return found is None or lets(objects.decode(found.kind, found.read(), uid=found.uid, namespace=found.namespace, name=found.name))


@dataclass(slots=True)
class _Load:
    """What the logs of one cluster weigh: those that are being fetched, and those of the last minute as (time, bytes)."""

    in_flight: int = 0
    recent: deque[tuple[float, int]] = field(default_factory=deque)

    def is_idle(self, now_s: float) -> bool:
        return not self.in_flight and (not self.recent or now_s - self.recent[-1][0] >= 60)

    def has_room(self, now_s: float) -> bool:
        """Whether one more fits, if it were as long as a log may be."""
        while self.recent and now_s - self.recent[0][0] >= 60:
            self.recent.popleft()
        reserved = (self.in_flight + 1) * analyses.MAX_LOG_BYTES
        return sum(size for _, size in self.recent) + reserved <= BYTES_A_MINUTE


class CaptureWorker:
    """Own `run` as a task; `step` fetches what is wanted now and returns when to come back. `dropped` counts what was not fetched."""

    def __init__(self, store: Store, clock: Clock, fetch: Fetch) -> None:
        self._store, self._clock, self._fetch = store, clock, fetch
        self._tasks = Tasks(lambda name, error: _log.error("capture.failed", log=name, exc_info=error))
        self._in_flight: set[str] = set()
        self._loads: dict[str, _Load] = {}
        self._line: list[tuple[str, CapturedLog]] = []  # due, in order
        self._line_until_s = 0.0
        self.dropped: Counter[str] = Counter()
        self.retries = loops.retries("captures", clock, _log)

    async def run(self) -> None:
        try:
            with self._store.hubs[analyses.LOGS_DUE].follow(ANY) as follower:
                await self.retries.repeat(self._start_due, follower)
        finally:
            await self._tasks.stop()

    async def step(self) -> float:
        """Fetch what is due, at most three at a time in one cluster; the seconds until more is (at most 10)."""
        while True:
            wait_s = await self._start_due()
            if not self._in_flight and wait_s > AT_ONCE_S:  # more may be due after those in flight
                return wait_s
            await self._tasks.idle()

    async def _start_due(self) -> float:
        if (rest_s := self.retries.wait_s(_WRITES)) > 0:
            return rest_s
        await self._fill_line()
        if (rest_s := self.retries.wait_s(_WRITES)) > 0:  # one that was in flight has failed meanwhile
            return rest_s
        count, left_out = len(self._line), []
        for org_id, log in self._line:
            name = "/".join((log.issue_id, log.namespace, log.pod, log.container, str(log.previous)))
            if name in self._in_flight or not self._admits(log.cluster_id) or self.retries.wait_s(name) > 0:
                left_out.append((org_id, log))
                continue
            self._in_flight.add(name)
            self._loads[log.cluster_id].in_flight += 1
            self._tasks.start(name, self._attempt(name, OrgId(org_id), log))
        self._line = left_out
        if left_out:
            return BUSY_LOOK_S  # each one wakes the loop when it ends
        if count == LOOK_AT_MOST:
            return 0.0
        upcoming = await self._store.read(actor.system(), analyses.next_due_log)
        if upcoming is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(AT_ONCE_S, (upcoming - self._clock.now()).total_seconds()))

    async def _fill_line(self) -> None:
        """Read what is due, unless that was done less than a second ago and some of it is left. Each log that arrives wakes the loop, and
        whether a log is still wanted is decided when it is claimed.
        """
        now_s = self._clock.monotonic()
        if not self._line or now_s >= self._line_until_s:
            self._line, self._line_until_s = await self._store.read(actor.system(), _due), now_s + LINE_FOR_S

    def _admits(self, cluster_id: str) -> bool:
        """Whether one more log of this cluster may be fetched now."""
        now_s = self._clock.monotonic()
        for other in [one for one, load in self._loads.items() if load.is_idle(now_s)]:
            del self._loads[other]
        load = self._loads.setdefault(cluster_id, _Load())
        return len(self._in_flight) < IN_FLIGHT and load.in_flight < AT_ONCE and load.has_room(now_s)

    async def _attempt(self, name: str, org_id: OrgId, wanted: CapturedLog) -> None:
        size = 0
        try:
            with self.retries.attempt(name, writes=_WRITES):
                size = await self._capture(org_id, wanted)
        finally:
            self._ended(name, wanted.cluster_id, size)

    def _ended(self, name: str, cluster_id: str, size: int) -> None:
        load = self._loads[cluster_id]
        load.in_flight -= 1
        if size:
            load.recent.append((self._clock.monotonic(), max(size, BYTES_AT_LEAST)))
        self._in_flight.discard(name)
        self._store.hubs[analyses.LOGS_DUE].publish(ANY)

    async def _capture(self, org_id: OrgId, wanted: CapturedLog) -> int:
        """Fetch one log and keep it; the bytes that were asked of the cluster for it, 0 when it was not asked."""
        who = actor.system(org_id)
        begun = await self._store.write(who, lambda tx: _begin(tx, wanted))
        if begun.held is None:
            self.dropped["unwanted"] += begun.is_unwanted
            return 0
        held = begun.held
        try:
            async with asyncio.timeout(model.CAPTURE_DEADLINE_S):
                tail = _checked(await self._fetch(org_id, held))
        except OptralError as error:
            tail = LogTail(failure=error.say or error.code, for_good=isinstance(error, NotFound))
        except TimeoutError:
            tail = LogTail(failure="the agent did not answer in time")
        await self._store.write(who, lambda tx: _keep(tx, held, tail))
        return max(1, len(tail.text))


def _due(tx: Transaction) -> list[tuple[str, CapturedLog]]:
    """(organization, log) of what is due, in the order in which it should be fetched."""
    due = analyses.due_logs(tx, of_each=LOOK_AT, limit=LOOK_AT_MOST)
    return in_order(due, grouping.urgencies(tx, {log.issue_id for _, log in due}))


def in_order(due: Iterable[tuple[str, CapturedLog]], urgencies: Mapping[str, grouping.Urgency]) -> list[tuple[str, CapturedLog]]:
    """Clusters in turn; in each, roots before symptoms, a first log of every issue before the second of any, the most severe first."""
    of_issue: Counter[str] = Counter()
    lines: dict[str, list[tuple[Any, tuple[str, CapturedLog]]]] = {}
    for org_id, log in sorted(due, key=lambda one: (one[1].issue_id, not one[1].previous, one[1].pod)):
        urgency = urgencies.get(log.issue_id, grouping.UNKNOWN)
        key = (urgency.is_symptom, of_issue[log.issue_id], -urgency.severity.rank, log.due_at, log.issue_id)
        of_issue[log.issue_id] += 1
        lines.setdefault(log.cluster_id, []).append((key, (org_id, log)))
    sorted_lines = [[wish for _, wish in sorted(line, key=lambda one: one[0])] for _, line in sorted(lines.items())]
    return [wish for turn in itertools.zip_longest(*sorted_lines) for wish in turn if wish is not None]


class _Begun(NamedTuple):
    """A claimed log; None when another server has claimed it, or when it is not wanted any more."""

    held: CapturedLog | None = None
    is_unwanted: bool = False


def _begin(tx: Transaction, wanted: CapturedLog) -> _Begun:
    """Claim the log as its row stands now, and keep what is around its issue."""
    issue = issues.find_one(tx, wanted.issue_id)
    if not analyses.is_capture_on(tx) or (issue is not None and _is_one_too_many(tx, issue)):
        analyses.drop_log(tx, wanted)
        return _Begun(is_unwanted=True)
    if (held := analyses.claim_log(tx, wanted)) is not None and issue is not None:
        issue_context.keep(tx, issue)
    return _Begun(held)


def _is_one_too_many(tx: Transaction, issue: Issue) -> bool:
    """Whether logs of enough other symptoms of the same root are captured already."""
    if issue.parent_issue_id is None:
        return False
    others = [symptom.issue.id for symptom in grouping.symptoms_of(tx, issue.parent_issue_id) if symptom.issue.id != issue.id]
    return len(analyses.with_logs(tx, others)) >= OF_A_FAMILY


def _checked(tail: LogTail) -> LogTail:
    """What the kubelet or the runtime says in place of a log is no log; the next restart may well bring one."""
    text, refusal = logs.without_refusal(tail.text)
    if refusal is None:
        return tail
    return LogTail(text=text, truncated=tail.truncated) if text else LogTail(failure=f"the node has no such log: {refusal}")


def _keep(tx: Transaction, held: CapturedLog, tail: LogTail) -> None:
    """Write down what came, and have what waits for it analyzed."""
    analyses.hold_logs(tx, held.issue_id)
    if not analyses.holds_log(tx, held):
        return  # another server has taken it after our deadline
    if tail.failure is None:
        after = model.fetched(held, text=logs.redact_again(tail.text), truncated=tail.truncated, now=tx.now)
    else:
        after = model.not_fetched(held, tail.failure, now=tx.now, for_good=tail.for_good)
    analyses.save_logs(tx, [after])
    issue = issues.find_one(tx, held.issue_id)
    if issue is None:
        return  # the issue went with its cluster
    held_logs = analyses.logs(tx, issue.id)
    is_last = not any(log.is_wanted for log in held_logs)
    if tail.failure is None and tail.text:
        grouping.keep_log_lines(tx, issue.id, *(log.text for log in held_logs))
        _reconsider(tx, issue, after_s=0 if is_last else SECOND_LOG_S)
    if is_last:
        analyses.hasten(tx, issue.id)


def _reconsider(tx: Transaction, issue: Issue, *, after_s: float) -> None:
    """Have the issue analyzed again now that there are lines, and the root that it is a symptom of."""
    is_automatic = analyses.is_automatic(tx)
    if issue.has_analysis or analyses.newest(tx, issue.id) is not None or (is_automatic and issue.parent_issue_id is None):
        analyses.queue(tx, issue.id, Trigger.LOGS, cluster_id=issue.cluster_id, after_s=after_s)
    if issue.parent_issue_id is not None and is_automatic and issues.find_one(tx, issue.parent_issue_id) is not None:
        analyses.queue(tx, issue.parent_issue_id, Trigger.LOGS, cluster_id=issue.cluster_id, after_s=FAMILY_S)


def through(store: Store) -> Fetch:
    """The way through the tunnel: a command of the agent's."""

    async def fetch(org_id: OrgId, wanted: CapturedLog) -> LogTail:
        params = verbs.Logs(
            namespace=wanted.namespace,
            pod=wanted.pod,
            container=wanted.container,
            previous=wanted.previous,
            tail_lines=scope.TAIL_LINES,
            limit_bytes=analyses.MAX_LOG_BYTES,
        )
        new = NewCommand(
            cluster_id=wanted.cluster_id,
            verb="logs",
            params=verbs.plain(params),
            expires_in_s=WAIT_S,
            timeout_s=int(WAIT_S),
            origin=f"analysis:{wanted.issue_id}",
        )
        done = await commands.ask(store, actor.system(org_id), new, wait_s=WAIT_S)
        if done.state is State.SUCCEEDED and done.result is not None:
            return LogTail(text=str(done.result.get("text") or ""), truncated=bool(done.result.get("truncated")))
        return LogTail(failure=done.message or done.code or done.state.value, for_good=(done.code or "") in FINAL_CODES)

    return fetch

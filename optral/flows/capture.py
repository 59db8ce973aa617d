"""The last words of a container whose issue has just opened, and what was known around it then: kept for two weeks.

A container's earlier log is gone with its next restart, so it is asked for at once and not when somebody gets round to reading. The wish
is a row, so a restart of the server does not lose it. With the first log its pod's Events and its workload's last changes are kept
too, as they were then. The agent redacts; the text is searched once more before it is kept. When something came, the issue is analysed
again.

Nobody is asked in vain or too often: an agent that may not read logs, an organisation or a namespace that does not want it, symptoms, and
more than thirty a minute in one cluster. What the limit drops is counted.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from optral.access import service as access
from optral.analysis import model, scope, service as analyses
from optral.analysis.model import CapturedLog, Trigger
from optral.clusters import service as clusters
from optral.commands.model import NewCommand, State
from optral.flows import command, rounds, surroundings
from optral.issues import families, service as issues
from optral.issues.model import Issue
from optral.kit.clock import Clock
from optral.kit.setbacks import Setbacks
from optral.kit.tasks import Tasks
from optral.kube import objects, redact
from optral.kube.objects import KubeObject, Namespace
from optral.resources import service as resources
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor, verbs
from optral.terms.errors import NotFound, OptralError, Unavailable
from optral.terms.ids import OrgId

AT_ONCE = 3  # of one cluster
A_MINUTE = 30  # of one cluster
FLYING = 32  # of all clusters
LOOK_AT = 100
HIDDEN = "[redacted: this line looked like a secret]"
LOOK_EVERY_S = 10.0
WAIT_S = 20.0
_WRITES = "writes"
_OFF = "false"
_MAY_READ = "verb:logs"
_GONE = frozenset({"NOT_FOUND", "CONTAINER_NOT_FOUND", "NO_PREVIOUS", "NOT_STARTED", "FORBIDDEN", "POLICY"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log; `failure` says why there is none, `for_good` that asking again is no use."""

    text: str = ""
    truncated: bool = False
    failure: str | None = None
    for_good: bool = False


Fetch = Callable[[OrgId, CapturedLog], Awaitable[Tail]]
"""The way to the agent. Raises `OptralError` when there is none now."""


def want(tx: Transaction, issue: Issue, *, after_s: float = 0) -> None:
    """Put down that the last lines of the issue's container are wanted, of this run and of the one before."""
    place = scope.logged(issue.type, pod=issue.resource, container=issue.container, facts=issue.facts)
    if place is None or not issue.namespace or not _is_able(tx, issue.cluster_id):
        return
    pod, container = place
    analyses.want_logs(
        tx,
        [
            CapturedLog(
                cluster_id=issue.cluster_id,
                issue_id=issue.id,
                namespace=issue.namespace,
                pod=pod,
                container=container,
                previous=previous,
                captured_at=tx.now,
                due_at=model.later(tx.now, after_s),
            )
            for previous in (True, False)
        ],
    )


def switch(tx: Transaction, *, is_on: bool) -> bool:
    """Whether the organisation wants it from now on. Off, what waits is not fetched any more."""
    if analyses.is_capture_on(tx) != is_on:
        analyses.set_capture(tx, is_on)
        access.audit(tx, action="capture.switch", target="capture", detail={"isOn": is_on})
    return is_on


def _is_able(tx: Transaction, cluster_id: str) -> bool:
    """Whether the organisation wants it and the agent may. An agent that says nothing of verbs has not said no."""
    if not analyses.is_capture_on(tx):
        return False
    told = clusters.get(tx, cluster_id).agent_capabilities
    return _MAY_READ in told or not any(one.startswith("verb:") for one in told)


def lets(namespace: KubeObject | None) -> bool:
    """Whether a namespace lets its logs be fetched: all do, but those with the annotation `optral.ai/capture: "false"`."""
    return namespace is None or namespace.metadata.annotations.capture.strip().lower() != _OFF


def is_open(tx: Transaction, issue: Issue) -> bool:
    """The same, where only rows are at hand."""
    for row in resources.load_in(tx, issue.cluster_id, kinds=[Namespace.kind], namespaces=[""]):
        if row.name == issue.namespace:
            return lets(objects.decode(row.kind, row.raw, uid=row.uid, namespace=row.namespace, name=row.name))
    return True


class Capturer:
    """Own `run` as a task; `step` fetches what is wanted now and returns when to come back. `dropped` counts what was too much."""

    def __init__(self, store: Store, clock: Clock, fetch: Fetch) -> None:
        self._store, self._clock, self._fetch = store, clock, fetch
        self._tasks = Tasks(lambda name, error: _log.error("capture.failed", log=name, exc_info=error))
        self._flying: dict[str, str] = {}
        self._begun: dict[str, deque[float]] = {}
        self._landed = asyncio.Event()
        self.dropped: Counter[str] = Counter()
        self.setbacks = Setbacks(clock.monotonic, rounds.told(_log, "captures"))

    async def run(self) -> None:
        try:
            with analyses.wants.follow(analyses.WORK) as follower:
                await rounds.repeat(self._start_due, follower, self.setbacks)
        finally:
            await self._tasks.stop()

    async def step(self) -> float:
        """Fetch what is due, at most three at a time in one cluster; the seconds until more is (at most 10)."""
        while True:
            wait_s = await self._start_due()
            if not self._flying:
                return wait_s
            while self._flying:
                self._landed.clear()
                await self._landed.wait()

    async def _start_due(self) -> float:
        if (rest_s := self.setbacks.rest_s(_WRITES)) > 0:
            return rest_s
        due = await self._store.read(actor.system(), lambda tx: analyses.due_logs(tx, limit=LOOK_AT))
        if (rest_s := self.setbacks.rest_s(_WRITES)) > 0:  # what was in the air meanwhile has failed
            return rest_s
        left_out = 0
        for org_id, log in due:
            name = "/".join((log.issue_id, log.namespace, log.pod, log.container, str(log.previous)))
            if name in self._flying or self._is_full(log.cluster_id) or self.setbacks.rest_s(name) > 0:
                left_out += 1
                continue
            is_too_many = not self._admits(log.cluster_id)
            self._flying[name] = log.cluster_id
            self._tasks.start(name, self._fly(name, self._drop(OrgId(org_id), log) if is_too_many else self._capture(OrgId(org_id), log)))
        if left_out:
            return LOOK_EVERY_S  # whoever lands wakes the loop
        if len(due) == LOOK_AT:
            return 0.0
        upcoming = await self._store.read(actor.system(), analyses.next_due_log)
        if upcoming is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.1, (upcoming - self._clock.now()).total_seconds()))

    def _is_full(self, cluster_id: str) -> bool:
        there = sum(1 for one in self._flying.values() if one == cluster_id)
        return len(self._flying) >= FLYING or there >= AT_ONCE

    def _admits(self, cluster_id: str) -> bool:
        """Whether the minute of this cluster has room; one that is admitted counts."""
        now_s = self._clock.monotonic()
        for other in [one for one, begun in self._begun.items() if now_s - begun[-1] >= 60]:
            del self._begun[other]
        begun = self._begun.setdefault(cluster_id, deque(maxlen=A_MINUTE))
        if len(begun) == A_MINUTE and now_s - begun[0] < 60:
            return False
        begun.append(now_s)
        return True

    async def _fly(self, name: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Unavailable as error:
            self.setbacks.failed(_WRITES, error)
        except Exception as error:  # noqa: BLE001 - owner of the flight: this log rests, and the others go on
            self.setbacks.failed(name, error)
        else:
            self.setbacks.worked(_WRITES)
            self.setbacks.worked(name)
        finally:
            self._flying.pop(name, None)
            self._landed.set()
            analyses.wants.publish(analyses.WORK)

    async def _drop(self, org_id: OrgId, wanted: CapturedLog) -> None:
        self.dropped["rate"] += 1
        await self._store.write(actor.system(org_id), lambda tx: _keep(tx, wanted, Tail(failure=model.TOO_MANY, for_good=True)))

    async def _capture(self, org_id: OrgId, wanted: CapturedLog) -> None:
        who = actor.system(org_id)
        held = await self._store.write(who, lambda tx: _begin(tx, wanted))
        if held is None:
            self.dropped["unwanted"] += 1
            return
        try:
            async with asyncio.timeout(model.CAPTURE_DEADLINE_S):
                tail = await self._fetch(org_id, held)
        except OptralError as error:
            tail = Tail(failure=error.say or error.code, for_good=isinstance(error, NotFound))
        except TimeoutError:
            tail = Tail(failure="the agent did not answer in time")
        await self._store.write(who, lambda tx: _keep(tx, held, tail))


def _begin(tx: Transaction, wanted: CapturedLog) -> CapturedLog | None:
    """Take the wish in hand, with what is around its issue; None for what has turned out to be a symptom."""
    held = model.fetching(wanted, now=tx.now)
    issue = issues.find_one(tx, wanted.issue_id)
    if (issue is not None and issue.parent_issue_id is not None) or not analyses.is_capture_on(tx):
        analyses.save_logs(tx, [model.not_fetched(wanted, model.UNWANTED, now=tx.now, for_good=True)] if wanted.attempts else [])
        analyses.forgo(tx, wanted.issue_id)
        return None
    if issue is not None:
        surroundings.keep(tx, issue)
    analyses.save_logs(tx, [held])
    return held


def _keep(tx: Transaction, held: CapturedLog, tail: Tail) -> None:
    """Write down what came; with the last of an issue's wishes, have it looked at again."""
    analyses.hold_logs(tx, held.issue_id)
    if tail.failure is None:
        after = model.fetched(held, text=_clean(tail.text), truncated=tail.truncated, now=tx.now)
    else:
        after = model.not_fetched(held, tail.failure, now=tx.now, for_good=tail.for_good)
    analyses.save_logs(tx, [after])
    families.hear(tx, held.issue_id, after.text)
    kept = analyses.logs(tx, held.issue_id)
    if after.is_wanted or any(one.is_wanted for one in kept) or not any(one.text for one in kept):
        return
    try:
        issue = issues.get(tx, held.issue_id)
    except NotFound:
        return  # the issue went with its cluster
    analyses.queue(tx, issue.id, Trigger.LOGS, cluster_id=issue.cluster_id)


def _clean(text: str) -> str:
    """The second look for secrets: what the agent let through and still looks like one costs its line."""
    if not redact.scan(text.encode("utf-8", "replace")):
        return text
    return "\n".join(HIDDEN if redact.scan(line.encode("utf-8", "replace")) else line for line in text.splitlines())


def through(store: Store) -> Fetch:
    """The way through the tunnel: a command of the agent's."""

    async def fetch(org_id: OrgId, wanted: CapturedLog) -> Tail:
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
        done = await command.ask(store, actor.system(org_id), new, wait_s=WAIT_S)
        if done.state is State.SUCCEEDED and done.result is not None:
            return Tail(text=str(done.result.get("text") or ""), truncated=bool(done.result.get("truncated")))
        return Tail(failure=done.message or done.code or done.state.value, for_good=(done.code or "") in _GONE)

    return fetch

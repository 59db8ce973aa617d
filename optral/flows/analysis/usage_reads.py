"""What the pods of an issue use, read from the agent when its analysis knows nothing of it: the next report may be five minutes away.

After an answer about an issue that usage may explain and that rests on no measurement, the agent reads the usage of the pods that show the
issue. What comes is kept with the issue, where the rules find it, and if the answer would change the issue is analyzed again.

One command at a time in one cluster, of at most `verbs.MAX_MEASURED` pods, and at most `A_MINUTE` of them in a minute; each issue at most
once in `AGAIN_AFTER`. What waits is only in memory and bounded; what is lost comes with the agent's next report. Agents that do not know
the verb, or whose policy or settings leave metrics out, are not asked.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import structlog

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Trigger
from optral.analysis.reading import scope
from optral.clusters import service as clusters
from optral.commands.model import NewCommand, State
from optral.flows import commands, loops
from optral.flows.analysis import issue_context, usage_reports
from optral.issues import service as issues
from optral.issues.model import Issue, Status as IssueStatus
from optral.kit.clock import Clock
from optral.kit.hub import Follower
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.kit.tasks import Tasks
from optral.kube import redact
from optral.kube.kinds import POD_USAGE
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor, verbs
from optral.terms.ids import OrgId

MAX_WAITING = 1000  # issues of all clusters
MAX_REMEMBERED = 5000
A_MINUTE = 12  # commands of one cluster
PODS_OF_ISSUE = 3
MAX_REPORT_BYTES = 16 * 1024
AGAIN_AFTER = timedelta(minutes=10)
WAIT_S = 20.0
IDLE_S, BUSY_S = 60.0, 5.0
NEEDED = frozenset({"verb:metrics", "metrics:on"})
_log = structlog.get_logger(__name__)

Reports = Mapping[str, bytes]
"""`PodUsage` as JSON, by the name of the pod."""
Read = Callable[[OrgId, str, verbs.Metrics], Awaitable[Reports]]
"""The way to the agent of a cluster. Raises `OptralError` when there is none now."""


class _Wanted(NamedTuple):
    """Pods of one namespace whose usage is wanted, and the issues that they show."""

    namespace: str
    pods: Mapping[str, Sequence[str]]
    """By the id of the issue."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self.pods.values() for name in names))


@dataclass(slots=True)
class _Line:
    """The issues of one cluster that wait, and when its agent was asked lately."""

    org_id: OrgId
    issues: deque[str] = field(default_factory=deque)
    asked_s: deque[float] = field(default_factory=deque)
    is_asking: bool = False

    def may_ask(self, now_s: float) -> bool:
        while self.asked_s and now_s - self.asked_s[0] >= 60:
            self.asked_s.popleft()
        return not self.is_asking and len(self.asked_s) < A_MINUTE


class UsageReadWorker:
    """Own `run` as a task; `step` asks each agent at most once and returns when to come back. `dropped` counts what was not read."""

    def __init__(self, store: Store, clock: Clock, read: Read) -> None:
        self._store, self._clock, self._read = store, clock, read
        self._lines: dict[str, _Line] = {}
        self._asked = KeyedRateLimit(AGAIN_AFTER.total_seconds(), clock.monotonic, most=MAX_REMEMBERED)  # by issue
        self._woken: Follower[str] = Follower()
        self._tasks = Tasks(lambda name, error: _log.error("usage_reads.failed", cluster=name, exc_info=error))
        self.retries = loops.retries("usage_reads", clock, _log)
        self.dropped: Counter[str] = Counter()

    def answered(self, done: Analysis) -> None:
        """An analysis has been finished. Those that rest on a measurement need none."""
        if done.trigger is Trigger.USAGE or any(one.get("kind") == "metric" for one in done.result.get("evidence", ())):
            return
        if not self._asked.is_due(done.issue_id):
            return
        if sum(len(line.issues) for line in self._lines.values()) >= MAX_WAITING:
            self.dropped["full"] += 1
            return
        self._asked.take(done.issue_id)
        self._lines.setdefault(done.cluster_id, _Line(OrgId(done.org_id))).issues.append(done.issue_id)
        self._woken.wake(done.cluster_id)

    async def run(self) -> None:
        try:
            await self.retries.repeat(self.step, self._woken)
        finally:
            await self._tasks.stop()

    async def step(self) -> float:
        """Ask the agent of each cluster that has issues in line and was not asked too often; the seconds until more is to be done."""
        now_s = self._clock.monotonic()
        for cluster_id, line in list(self._lines.items()):
            if line.issues and line.may_ask(now_s) and self.retries.wait_s(cluster_id) == 0:
                await self._begin(cluster_id, line)
            elif not line.issues and not line.is_asking and not line.asked_s:
                del self._lines[cluster_id]
        return BUSY_S if any(line.issues or line.asked_s for line in self._lines.values()) else IDLE_S

    async def _begin(self, cluster_id: str, line: _Line) -> None:
        in_line = [line.issues.popleft() for _ in range(min(len(line.issues), verbs.MAX_MEASURED))]
        wanted, later = await self._store.read(actor.system(line.org_id), lambda tx: _wanted(tx, cluster_id, in_line))
        line.issues.extendleft(reversed(later))
        if wanted is None:
            return
        line.is_asking = True
        line.asked_s.append(self._clock.monotonic())
        self._tasks.start(cluster_id, self._ask(cluster_id, line, wanted))

    async def _ask(self, cluster_id: str, line: _Line, wanted: _Wanted) -> None:
        try:
            with self.retries.attempt(cluster_id):
                async with asyncio.timeout(2 * WAIT_S):
                    reports = await self._read(line.org_id, cluster_id, verbs.Metrics(namespace=wanted.namespace, names=wanted.names))
                if reports:
                    await self._store.write(actor.system(line.org_id), lambda tx: _keep(tx, wanted, reports))
        finally:
            line.is_asking = False
            self._woken.wake(cluster_id)

    async def idle(self) -> None:
        """Wait until no agent is being asked; for tests."""
        while any(line.is_asking for line in self._lines.values()):
            await self._woken.wait(1.0)


def _wanted(tx: Transaction, cluster_id: str, issue_ids: Sequence[str]) -> tuple[_Wanted | None, list[str]]:
    """What to ask now, of one namespace; and the issues that wait for the next command."""
    if not set(clusters.get(tx, cluster_id).agent_capabilities) >= NEEDED:
        return None, []
    found: dict[str, Sequence[str]] = {}
    later, namespace = [], ""
    for issue_id in issue_ids:
        issue = issues.find_one(tx, issue_id)
        if issue is None or issue.status is IssueStatus.RESOLVED or issue.type not in scope.MEASURED or not issue.namespace:
            continue
        pods = _pods_of(tx, issue)
        count = len({name for names in found.values() for name in names} | set(pods))
        if namespace not in ("", issue.namespace) or count > verbs.MAX_MEASURED:
            later.append(issue_id)
        elif pods:
            namespace = issue.namespace
            found[issue_id] = pods
    return (_Wanted(namespace, found) if found else None), later


def _pods_of(tx: Transaction, issue: Issue) -> list[str]:
    """The newest failing pod first."""
    own = [issue.resource] if issue.resource_kind == "Pod" else []
    return list(dict.fromkeys([*own, *(condition.name for condition in issues.conditions(tx, issue.id) if condition.kind == "Pod")]))[
        :PODS_OF_ISSUE
    ]


def _keep(tx: Transaction, wanted: _Wanted, reports: Reports) -> None:
    """Keep the reports with their issues, and queue those that they make out of date."""
    is_automatic = analyses.is_automatic(tx)
    newest = analyses.newest_of(tx, list(wanted.pods))
    for issue_id, names in wanted.pods.items():
        issue = issues.find_one(tx, issue_id)
        own = [reports[name] for name in names if name in reports]
        if issue is None or not own:
            continue
        issue_context.keep_usage(tx, issue, own)
        known = newest.get(issue_id)
        is_wanted = known is not None and (is_automatic or known.trigger is Trigger.MANUAL)
        if known is not None and is_wanted and usage_reports.is_outdated(tx, issue, known):
            analyses.queue(tx, issue_id, Trigger.USAGE, cluster_id=issue.cluster_id)


def through(store: Store) -> Read:
    """The way through the tunnel: a command of the agent's."""

    async def read(org_id: OrgId, cluster_id: str, params: verbs.Metrics) -> Reports:
        new = NewCommand(
            cluster_id=cluster_id,
            verb="metrics",
            params=verbs.plain(params),
            expires_in_s=WAIT_S,
            timeout_s=int(WAIT_S),
            origin="analysis",
        )
        done = await commands.ask(store, actor.system(org_id), new, wait_s=WAIT_S)
        if done.state is not State.SUCCEEDED or done.result is None:
            _log.info("usage_reads.refused", cluster=cluster_id, code=done.code or done.state.value)
            return {}
        return read_reports(done.result, params)

    return read


def read_reports(result: Mapping[str, Any], params: verbs.Metrics) -> Reports:
    """The reports of a result that are about the pods that were asked about; whatever else it holds is left out."""
    listed = result.get("reports")
    found: dict[str, bytes] = {}
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("kind") != POD_USAGE.name or not isinstance(one.get("status"), dict):
            continue
        metadata = one.get("metadata")
        if not isinstance(metadata, dict) or metadata.get("namespace") != params.namespace:
            continue
        raw = msgspec.json.encode(one)
        if metadata.get("name") in params.names and len(raw) <= MAX_REPORT_BYTES and not redact.scan(raw):
            found[str(metadata["name"])] = raw
    return found

"""Probes that an analysis requests: performed by the agent after the answer, which is then given again with their results.

Nothing waits for them: the first answer rests on what is known. At most three for one analysis (`probe_results.MOST`), for one issue once
in `AGAIN_AFTER_S`, and in one cluster one issue every `SPACING_S`, which leaves half of what an agent performs in a minute to people.
Only agents that perform probes are asked. What waits is only in memory: the next analysis asks again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Trigger
from optral.clusters import service as clusters
from optral.flows import commands, loops
from optral.flows.analysis import issue_context
from optral.flows.clusters import probes
from optral.issues import service as issues
from optral.issues.model import Status as IssueStatus
from optral.kit.clock import Clock
from optral.kit.hub import Follower
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.kit.tasks import Tasks
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import OptralError
from optral.terms.ids import OrgId
from optral.terms.probes import ProbeResult
from optral.terms.verbs import Probe

AGAIN_AFTER_S = 600.0
SPACING_S = 12.0
WAITING = 2000  # issues; what comes beyond is left to the next analysis
WAITING_OF_CLUSTER = 20  # of one cluster, which takes four minutes; the others have room then
REMEMBERED = 5000  # issues that were probed lately
IDLE_S = 60.0
Perform = Callable[[OrgId, str, str, Probe], Awaitable[ProbeResult]]
"""The way to the agent, for an organization, a cluster and an issue. Raises `OptralError` when there is no result."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    org_id: OrgId
    cluster_id: str
    issue_id: str
    probes: Sequence[Probe]


class ProbeWorker:
    """Own `run` as a task; `want` takes what an analysis requests. `dropped` counts what there was no room for."""

    def __init__(self, store: Store, clock: Clock, perform: Perform) -> None:
        self._store, self._clock, self._perform = store, clock, perform
        self._waiting: OrderedDict[str, _Wish] = OrderedDict()
        self._free_s: dict[str, float] = {}  # by cluster: when its next issue may be probed
        self._probed = KeyedRateLimit(AGAIN_AFTER_S, clock.monotonic, most=REMEMBERED)  # by issue
        self._woken: Follower[str] = Follower()
        self._tasks = Tasks(lambda name, error: _log.error("probes.failed", issue=name, exc_info=error))
        self.retries = loops.retries("probes", clock, _log)
        self.dropped = 0

    def want(self, held: Analysis, wanted: Sequence[Probe]) -> None:
        """Have these performed for the issue of an analysis, unless that was done a moment ago."""
        if not self._probed.is_due(held.issue_id):
            return
        if held.issue_id not in self._waiting and not self._has_room(held.cluster_id):
            self.dropped += 1
            return
        self._waiting[held.issue_id] = _Wish(OrgId(held.org_id), held.cluster_id, held.issue_id, tuple(wanted))
        self._woken.wake(held.issue_id)

    async def run(self) -> None:
        try:
            await self.retries.repeat(self.step, self._woken)
        finally:
            await self._tasks.stop()

    async def step(self) -> float:
        """Begin with one issue of each cluster that is free; the seconds until more may begin."""
        now_s = self._clock.monotonic()
        self._free_s = {cluster_id: free_s for cluster_id, free_s in self._free_s.items() if free_s > now_s}
        for wish in list(self._waiting.values()):
            if wish.cluster_id not in self._free_s:
                del self._waiting[wish.issue_id]
                if await self._store.read(actor.system(wish.org_id), partial(_is_wanted, wish=wish)):
                    self._begin(wish, now_s)
        waits = [self._free_s[wish.cluster_id] - now_s for wish in self._waiting.values()]
        return max(0.1, min(waits, default=IDLE_S))

    async def idle(self) -> None:
        """Wait until nothing is being performed; for tests and for a stop."""
        await self._tasks.idle()

    def _has_room(self, cluster_id: str) -> bool:
        of_cluster = sum(1 for wish in self._waiting.values() if wish.cluster_id == cluster_id)
        return len(self._waiting) < WAITING and of_cluster < WAITING_OF_CLUSTER

    def _begin(self, wish: _Wish, now_s: float) -> None:
        self._free_s[wish.cluster_id] = now_s + SPACING_S
        self._probed.take(wish.issue_id)
        self._tasks.start(wish.issue_id, self._attempt(wish))

    async def _attempt(self, wish: _Wish) -> None:
        with self.retries.attempt(wish.issue_id):
            await self._probe(wish)

    async def _probe(self, wish: _Wish) -> None:
        results = await asyncio.gather(*(self._result(wish, probe) for probe in wish.probes))
        found = {probe: result for probe, result in zip(wish.probes, results, strict=True) if result is not None}
        if found:
            await self._store.write(actor.system(wish.org_id), lambda tx: _keep(tx, wish, found))

    async def _result(self, wish: _Wish, probe: Probe) -> ProbeResult | None:
        """None where there is none: the agent refused the target, is busy, or went away. The analysis stands without it."""
        try:
            return await self._perform(wish.org_id, wish.cluster_id, wish.issue_id, probe)
        except OptralError as error:
            _log.info("probe.without_result", issue=wish.issue_id, target=f"{probe.kind} {probe.namespace}/{probe.name}", code=error.code)
            return None


def _is_wanted(tx: Transaction, wish: _Wish) -> bool:
    """Whether the issue is still open, the organization wants automatic analyses, and the agent is there and performs probes."""
    issue = issues.find_one(tx, wish.issue_id)
    if issue is None or issue.status is IssueStatus.RESOLVED or not analyses.is_automatic(tx):
        return False
    cluster = clusters.get(tx, wish.cluster_id)
    return cluster.status.is_connected and probes.is_able(cluster)


def _keep(tx: Transaction, wish: _Wish, found: Mapping[Probe, ProbeResult]) -> None:
    issue = issues.find_one(tx, wish.issue_id)
    if issue is None:
        return  # it went with its cluster
    issue_context.keep_probes(tx, issue, found)
    analyses.queue(tx, issue.id, Trigger.PROBES, cluster_id=issue.cluster_id)


def through(store: Store) -> Perform:
    """The way through the tunnel: a command of the agent's."""

    async def perform(org_id: OrgId, cluster_id: str, issue_id: str, probe: Probe) -> ProbeResult:
        command = probes.command_of(cluster_id, probe, origin=f"analysis:{issue_id}")
        return probes.result_of(await commands.ask(store, actor.system(org_id), command, wait_s=probes.WAIT_S))

    return perform

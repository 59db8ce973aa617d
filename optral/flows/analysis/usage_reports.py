"""Analyses that a report of usage makes out of date.

The agent reports what pods and nodes use every five minutes, so an issue is often analyzed before anything is known of its usage. When
reports of a cluster arrive, the rules about usage look at its open issues, and an issue is queued for another analysis if they find a cause
that its last answer lacks; because of usage at most once in `AGAIN_AFTER`. Ingest only notes the cluster (`reported`): issues are read and
judged after its commit, page by page, and clusters take turns.

What waits is only in memory: after a restart, the next report of the cluster brings it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

import structlog

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Trigger
from optral.analysis.reading import scope
from optral.clusters.model import SessionRef
from optral.flows import loops
from optral.issues import service as issues
from optral.issues.model import UNRESOLVED, Issue, IssueFilter
from optral.kit.clock import Clock
from optral.kit.hub import Follower
from optral.kit.paging import PageCursor, PageRequest
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId

SETTLE_S = 2.0  # the reports of one cluster come in several frames
AT_ONCE = 20  # issues of one page; about 5 ms each
AGAIN_AFTER = timedelta(minutes=10)
IDLE_S = 60.0
_SORT = "severity"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Pass:
    """How far the issues of a cluster have been looked at. `is_stale`: more reports have come since it began."""

    org_id: OrgId
    due_s: float
    after: PageCursor | None = None
    is_stale: bool = False


class _Page(NamedTuple):
    outdated: Sequence[Issue]
    after: PageCursor | None
    """Where the next page begins; None after the last."""


class UsageReportWorker:
    """Own `run` as a task; `step` judges one page of each cluster that has new reports and returns when to come back."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._passes: dict[str, _Pass] = {}  # by cluster, the next in turn first
        self._woken: Follower[str] = Follower()
        self.retries = loops.retries("usage_reports", clock, _log)
        self.queued = 0

    def reported(self, session: SessionRef) -> None:
        """Reports of usage of this cluster have been stored."""
        known = self._passes.get(session.cluster_id)
        if known is None:
            self._passes[session.cluster_id] = _Pass(OrgId(session.org_id), self._clock.monotonic() + SETTLE_S)
            self._woken.wake(session.cluster_id)
        elif known.after is not None:
            self._passes[session.cluster_id] = replace(known, is_stale=True)

    async def run(self) -> None:
        await self.retries.repeat(self.step, self._woken)

    async def step(self) -> float:
        """Judge one page of each cluster that is due; the seconds until more is."""
        now_s = self._clock.monotonic()
        for cluster_id in [one for one, begun in self._passes.items() if begun.due_s <= now_s]:
            await self._judge_page(cluster_id, self._passes.pop(cluster_id))
        return max(0.0, min((begun.due_s - now_s for begun in self._passes.values()), default=IDLE_S))

    async def _judge_page(self, cluster_id: str, begun: _Pass) -> None:
        who = actor.system(begun.org_id)
        page = await self._store.read(who, lambda tx: _judged(tx, cluster_id, begun.after))
        if page.outdated:
            await self._store.write(who, lambda tx: _queue(tx, page.outdated))
            self.queued += len(page.outdated)
        if page.after is not None or begun.is_stale:
            again = replace(begun, after=page.after, is_stale=begun.is_stale and page.after is not None)
            self._passes.setdefault(cluster_id, again)


def _judged(tx: Transaction, cluster_id: str, after: PageCursor | None) -> _Page:
    if not analyses.is_automatic(tx):
        return _Page((), None)
    wanted = IssueFilter(clusters=frozenset({cluster_id}), statuses=UNRESOLVED, types=scope.MEASURED)
    found = issues.find(tx, wanted, PageRequest(size=AT_ONCE, sort=_SORT, after=after))
    newest = analyses.newest_of(tx, [issue.id for issue in found])
    outdated = [issue for issue in found if issue.id in newest and is_outdated(tx, issue, newest[issue.id])]
    return _Page(outdated, issues.place(found[-1], _SORT) if len(found) == AT_ONCE else None)


def is_outdated(tx: Transaction, issue: Issue, known: Analysis) -> bool:
    """Whether another analysis would say more, and may be made now."""
    if not known.status.is_final or known.finished_at is None:
        return False  # the one that is queued or running reads the report itself
    is_repeat = known.trigger is Trigger.USAGE
    if is_repeat and tx.now - known.finished_at < AGAIN_AFTER:
        return False
    from optral.analysis.engine import outdated  # loads the rules
    from optral.flows.analysis.investigation import investigate

    return outdated.says_more(investigate(tx, issue.id, rules=outdated.RULES), known.result, is_repeat=is_repeat)


def _queue(tx: Transaction, outdated: Sequence[Issue]) -> None:
    for issue in outdated:
        analyses.queue(tx, issue.id, Trigger.USAGE, cluster_id=issue.cluster_id)

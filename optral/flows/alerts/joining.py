"""Joins alerts to issues. An alert opens no issue: it is evidence of one, or it is answered with "no failure found".

It joins the issue of its object, whose root explains both (`of_objects.roots`); the root is read when somebody looks, since grouping may
still change it. An alert that comes before its issue waits, and joins when the issue opens: `on_moves` is part of that transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import structlog

from optral.alerts import model, service as alerts
from optral.alerts.model import Alert, AlertStatus, Outcome
from optral.detectors.coverage import Coverage
from optral.flows import coverage, loops
from optral.flows.issues.ripeness import is_risk
from optral.issues.lists import of_objects
from optral.issues.model import Issue, Move, Status
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId

Records = Callable[[str, str | None], Coverage]
AT_ONCE = 100
LOOK_EVERY_S = 5.0
_log = structlog.get_logger(__name__)


def records(tx: Transaction) -> Records:
    """Of a cluster and namespace, what an answer covers; gathered once for all alerts of a transaction."""
    return cache(lambda cluster_id, namespace: coverage.of(tx, within=(cluster_id,), namespaces=namespace and (namespace,)))


def join(tx: Transaction, alert: Alert, recorded: Records) -> Alert:
    """The alert with the issue that it belongs to; without one it waits, or if it has ended is answered."""
    if alert.outcome is Outcome.UNRESOLVED or alert.cluster_id is None:
        return alert
    found = of_objects.find(tx, alert.cluster_id, alert.refs, since=alert.starts_at)
    issue = _best(found, alert.container)
    if issue is not None:
        return model.joined(alert, issue.id, tx.now)
    if alert.status is AlertStatus.RESOLVED or (alert.due_at is not None and alert.due_at <= tx.now):
        return _unexplained(alert, recorded(alert.cluster_id, alert.namespace))
    return replace(alert, due_at=alert.due_at or tx.now + model.WAITS)


def _best(found: Sequence[Issue], container: str | None) -> Issue | None:
    """The issue that explains most: one that is open, of the container that the alert names, the most urgent. Risks explain nothing."""
    failures = [issue for issue in found if not is_risk(issue)]
    return min(failures, key=lambda issue: _order(issue, container), default=None)


def _order(issue: Issue, container: str | None) -> tuple[bool, bool, int]:
    is_other = container is not None and issue.container is not None and issue.container != container
    return issue.status is Status.RESOLVED, is_other, -issue.urgency


def _unexplained(alert: Alert, record: Coverage) -> Alert:
    """The answer, with what it rests on. Where something that is needed was not read, it does not say that there is no failure."""
    code = "no_failure_found" if record.is_complete else "not_fully_examined"
    kept = record.brief() | {"unread": [one.shape() for one in record.unread]}
    return model.unexplained(alert, code=code, reason=record.nothing_found(f"failure of {alert.refs[0]}"), coverage=kept)


def on_moves(tx: Transaction, moves: Sequence[Move]) -> None:
    """Join the alerts that wait for issues that have just opened, or opened again."""
    opened = [move.issue for move in moves if _opens(move) and not is_risk(move.issue)]
    for cluster_id in dict.fromkeys(issue.cluster_id for issue in opened):
        about = of_objects.About(issue for issue in opened if issue.cluster_id == cluster_id)
        for alert in alerts.may_join(tx, cluster_id):
            if (issue := _best(about.of(alert.refs), alert.container)) is not None:
                alerts.save(tx, [model.joined(alert, issue.id, tx.now)])


def _opens(move: Move) -> bool:
    return move.kind == "created" or move.changes.get("status", (None,))[0] in (Status.RESOLVED, Status.RESOLVED.value)


class AlertWorker:
    """Own `run` as a task: it answers alerts that have waited long enough."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self.retries = loops.retries("alerts", clock, _log)

    async def run(self) -> None:
        with self._store.hubs[alerts.WAITING].follow(ANY) as follower:
            await self.retries.repeat(self.step, follower, at_least_s=1.0)

    async def step(self) -> float:
        """Look again for the issues of alerts that have waited long enough, and answer the others; seconds until the next look."""
        due = await self._store.read(actor.system(), lambda tx: alerts.due(tx, limit=AT_ONCE))
        for org_id in dict.fromkeys(org_id for org_id, _ in due):
            waiting = [alert_id for owner, alert_id in due if owner == org_id]
            await self._store.write(actor.system(OrgId(org_id)), lambda tx, those=waiting: settle(tx, those))  # type: ignore[misc]
        return 0.0 if len(due) == AT_ONCE else LOOK_EVERY_S


def settle(tx: Transaction, alert_ids: Sequence[str]) -> None:
    """Join or answer these alerts, which have waited long enough."""
    waiting = [alert for one in alert_ids if (alert := alerts.find_alert(tx, one)) is not None and alert.outcome is Outcome.WAITING]
    recorded = records(tx)
    alerts.save(tx, [join(tx, alert, recorded) for alert in waiting])

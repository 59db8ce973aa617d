"""Fixes of issues: an execution for the issue was verified.

An issue resolves some time after its last object is healthy. Until then a fix says who made it and when the issue resolves, or that the
failure is still shown; a resolved issue keeps it. A failure that returns later than `RETURNS_WITHIN` is not the one that was fixed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.clusters import service as clusters
from optral.events.model import NewEvent
from optral.flows.issues import issue_events
from optral.issues import service as issues
from optral.issues.model import Issue, Move, Status
from optral.kit.times import rfc3339
from optral.runbooks import service as runbooks
from optral.runbooks.executions import sentences
from optral.runbooks.executions.verification import FAILED, PASSED
from optral.runbooks.model import Execution
from optral.runbooks.track import LastChange
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound

RETURNS_WITHIN = timedelta(hours=1)
_KEPT = timedelta(days=1) + RETURNS_WITHIN  # the longest time for which an issue stays open after its failure has gone


class Fix(NamedTuple):
    """`by`: who requested the execution. `resolves_at`: None while an object shows the failure, and of a resolved issue."""

    execution_id: str
    by: str
    verified_at: datetime
    resolves_at: datetime | None

    def plain(self) -> dict[str, Any]:
        """As an event carries it."""
        resolves_at = None if self.resolves_at is None else rfc3339(self.resolves_at, timespec="milliseconds")
        verified_at = rfc3339(self.verified_at, timespec="milliseconds")
        return {"executionId": self.execution_id, "by": self.by, "verifiedAt": verified_at, "resolvesAt": resolves_at}


def find(tx: Transaction, found: Iterable[Issue], resolves: Mapping[str, datetime]) -> dict[str, Fix]:
    """The fixes of those of these issues that have one, by id. `resolves`: when issues resolve that no object shows any more."""
    by_id = {one.id: one for one in found}
    since = min((one.resolved_at or tx.now for one in by_id.values()), default=tx.now) - _KEPT
    made = [_fix(one, resolves) for one in runbooks.last_changes(tx, list(by_id), since=since) if one.has_helped]
    return {id_: fix for id_, fix in made if _is_current(fix, by_id[id_], tx.now)}


def _fix(one: LastChange, resolves: Mapping[str, datetime]) -> tuple[str, Fix]:
    return one.issue_id, Fix(one.execution_id, one.by, one.at, resolves.get(one.issue_id))


def _is_current(fix: Fix, issue: Issue, now: datetime) -> bool:
    is_gone = issue.resolved_at is not None or fix.resolves_at is not None
    if issue.resolved_at is not None and fix.verified_at >= issue.resolved_at + RETURNS_WITHIN:
        return False  # a later execution for an issue that had resolved
    shown_at = issue.last_seen_at if is_gone else now
    return shown_at < fix.verified_at + RETURNS_WITHIN


class FailedFix(NamedTuple):
    """The newest execution for an issue whose failure is still there, or is back. `text` says what did not help."""

    execution_id: str
    by: str
    at: datetime
    text: str


def failed(tx: Transaction, issue: Issue, *, fix: Fix | None, resolves_at: datetime | None) -> FailedFix | None:
    """The execution that did not help, as its verification or the failure that returned says."""
    if issue.status is Status.RESOLVED or resolves_at is not None:
        return None
    for one in runbooks.last_changes(tx, [issue.id], since=tx.now - _KEPT):
        if fix is not None or (one.verdict == FAILED and not one.is_undo):
            changes = [(step.verb, step.values) for step in runbooks.steps(tx, one.execution_id) if step.is_write]
            return FailedFix(one.execution_id, one.by, one.at, sentences.of_failure(one.runbook, changes))
    return None


def made_by(tx: Transaction, execution: Execution) -> tuple[Issue, Fix] | None:
    """The fix that this execution has just made, with its issue; None without one."""
    if execution.issue_id is None or execution.undo_of or (execution.verification or {}).get("status") != PASSED:
        return None
    try:
        issue = issues.get(tx, execution.issue_id)
    except NotFound:  # deleted since
        return None
    if issue.status is Status.RESOLVED:
        return None
    fix = find(tx, [issue], issues.resolution_times(tx, [issue.id])).get(issue.id)
    return None if fix is None or fix.execution_id != execution.id else (issue, fix)


def event(tx: Transaction, issue: Issue, fix: Fix) -> list[NewEvent]:
    """The event of an issue that was fixed."""
    move = Move("updated", issue, {"fix": (None, fix.plain())}, "fixed")
    return issue_events.events_of([move], cluster=clusters.standing(tx, issue.cluster_id))

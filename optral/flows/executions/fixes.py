"""Fixes of issues: an execution for the issue was verified, and the issue is still open.

An issue resolves some time after its last object is healthy. Until then a fix says who made it and when the issue resolves, or that the
failure is still shown. A failure that returns later than `RETURNS_WITHIN` is not the one that was fixed.
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
from optral.runbooks.executions.verification import PASSED
from optral.runbooks.model import Execution
from optral.runbooks.track import VerifiedFix
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound

RETURNS_WITHIN = timedelta(hours=1)
_KEPT = timedelta(days=1) + RETURNS_WITHIN  # the longest time for which an issue stays open after its failure has gone


class Fix(NamedTuple):
    """`by`: who requested the execution. `resolves_at`: None while an object shows the failure."""

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
    open_issues = {one.id: one for one in found if one.status is not Status.RESOLVED}
    made = [_fix(one, resolves) for one in runbooks.verified_fixes(tx, list(open_issues), since=tx.now - _KEPT)]
    return {id_: fix for id_, fix in made if _is_current(fix, open_issues[id_], tx.now)}


def _fix(one: VerifiedFix, resolves: Mapping[str, datetime]) -> tuple[str, Fix]:
    return one.issue_id, Fix(one.execution_id, one.by, one.at, resolves.get(one.issue_id))


def _is_current(fix: Fix, issue: Issue, now: datetime) -> bool:
    shown_at = now if fix.resolves_at is None else issue.last_seen_at
    return shown_at < fix.verified_at + RETURNS_WITHIN


def made_by(tx: Transaction, execution: Execution) -> tuple[Issue, Fix] | None:
    """The fix that this execution has just made, with its issue; None without one."""
    if execution.issue_id is None or execution.undo_of or (execution.verification or {}).get("status") != PASSED:
        return None
    try:
        issue = issues.get(tx, execution.issue_id)
    except NotFound:  # deleted since
        return None
    fix = find(tx, [issue], issues.resolution_times(tx, [issue.id])).get(issue.id)
    return None if fix is None or fix.execution_id != execution.id else (issue, fix)


def event(tx: Transaction, issue: Issue, fix: Fix) -> list[NewEvent]:
    """The event of an issue that was fixed."""
    move = Move("updated", issue, {"fix": (None, fix.plain())}, "fixed")
    return issue_events.events_of([move], cluster=clusters.standing(tx, issue.cluster_id))

"""Families of issues: what grouping compares, what it decided, and the symptoms of a root.

A symptom is stored, counted and listed, and sends no notifications. It keeps its relation to its root after both are resolved.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.grouping import callers, complaints
from optral.grouping.model import Arrangement, Failure
from optral.issues import history, repository
from optral.issues.lifecycle import lifecycle, relations, relations_repository
from optral.issues.lifecycle.relations import GroupedIssue
from optral.issues.model import Condition, Issue, Move, Resolution, Status
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

MAX_SYMPTOMS = 100  # of one root that are listed with it
STORM_ISSUES = 20  # more new issues than this in one minute of one cluster probably have one cause
STORM_WITHIN = timedelta(seconds=60)
STORM_DELAY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Symptom:
    """An issue under its root: how it is related to it (`runs on`), and since when."""

    issue: Issue
    relation: str | None
    at: datetime | None


class Urgency(NamedTuple):
    """How urgent an issue is for loops that fetch its logs or analyze it."""

    severity: Severity
    is_symptom: bool


UNKNOWN = Urgency(Severity.LOW, False)


def urgencies(tx: Transaction, issue_ids: Collection[str]) -> dict[str, Urgency]:
    """The urgency of each of these issues that exists, of all organizations."""
    found = relations_repository.urgencies(tx, issue_ids)
    return {issue_id: Urgency(Severity(severity), is_symptom) for issue_id, severity, is_symptom in found}


def save_failures(tx: Transaction, cluster_id: str, seen: Sequence[tuple[Issue | None, Sequence[Condition]]]) -> None:
    """Store what grouping compares of these issues, and schedule a grouping of the cluster if that changed."""
    issues_seen = [(issue, conditions) for issue, conditions in seen if issue is not None]
    known = relations_repository.texts(tx, [issue.id for issue, _ in issues_seen])
    saved: dict[str, str] = {}
    resolved: list[str] = []
    for issue, conditions in issues_seen:
        before, is_resolved = known.get(issue.id), issue.status is Status.RESOLVED
        text = _text(issue, conditions, before)
        if text is None and before is not None and is_resolved:
            resolved.append(issue.id)
        elif text not in (None, before) and (before is not None or not is_resolved):
            saved[issue.id] = text
    if saved or resolved:
        relations_repository.forget(tx, resolved)
        relations_repository.save(tx, cluster_id, saved)
        _schedule(tx, cluster_id)


def _text(issue: Issue, conditions: Sequence[Condition], before: str | None) -> str | None:
    """What is stored of an issue that is compared: one that is not resolved, or was by hand."""
    is_compared = issue.status is not Status.RESOLVED or issue.resolution == Resolution.MANUAL.value
    failure = _failure(issue, conditions, before) if is_compared else None
    return None if failure is None else relations.encode(failure)


def _failure(issue: Issue, conditions: Sequence[Condition], text: str | None) -> Failure | None:
    log_lines = relations.decode(issue.id, text, offset=timedelta()).log_lines if text is not None else ()
    return relations.failure_of(issue, conditions, log_lines=log_lines)


def _schedule(tx: Transaction, cluster_id: str) -> None:
    soon, due_at = tx.now + relations.delay(relations_repository.count(tx, cluster_id)), relations_repository.due_at(tx, cluster_id)
    if due_at is None or soon < due_at:
        relations_repository.set_due(tx, cluster_id, soon)


def keep_log_lines(tx: Transaction, issue_id: str, *logs: str) -> None:
    """Store the lines of all logs of the issue's container that complain of something it calls, the newest log first, and group again.

    Lines of logs that are not held any more go: a container may fail for another reason than at first.
    """
    log_lines = tuple(dict.fromkeys(line for log in logs for line in complaints.kept(log)))[: callers.MAX_LOG_LINES]
    text = relations_repository.texts(tx, [issue_id]).get(issue_id)
    if text is None:
        return
    failure = relations.decode(issue_id, text, offset=timedelta())
    after = relations.encode(replace(failure, log_lines=log_lines))
    if after != text and (issue := repository.get(tx, issue_id)) is not None:
        relations_repository.save(tx, issue.cluster_id, {issue_id: after})
        _schedule(tx, issue.cluster_id)


class NextRuns(NamedTuple):
    """When the next examination of a cluster and its next grouping are due (server time); None where none is."""

    examination: datetime | None
    grouping: datetime | None

    @property
    def first(self) -> datetime | None:
        return min((at for at in self if at is not None), default=None)


def dues(tx: Transaction, cluster_id: str) -> NextRuns:
    """When the cluster is to be examined and grouped again."""
    return NextRuns(*repository.dues(tx, cluster_id))


def overdue(tx: Transaction) -> frozenset[str]:
    """The clusters of every organization that are to be grouped again by now."""
    return relations_repository.overdue(tx)


def load(tx: Transaction, cluster_id: str, *, offset: timedelta) -> list[GroupedIssue]:
    """Every issue of the cluster that grouping compares, with its failure in cluster time."""
    return [
        GroupedIssue(
            issue_id=row.issue_id,
            failure=relations.decode(row.issue_id, row.failure, offset=offset),
            parent=row.parent,
            relation=row.relation,
            attached_at=row.attached_at,
            orphaned_at=row.orphaned_at,
            is_resolved=row.status == Status.RESOLVED.value,
            computed=Severity(row.computed_severity or row.severity),
            impact=row.impact,
            is_unpublished=row.impact != row.told_impact,
        )
        for row in relations_repository.load(tx, cluster_id)
    ]


def apply(
    tx: Transaction, cluster_id: str, before: Sequence[GroupedIssue], arrangement: Arrangement, *, opened: Collection[str] = ()
) -> list[Move]:
    """Attach and promote issues as the arrangement and their history require. Moves are `attached` and `promoted`; an issue that was
    `opened` by this transaction has not been announced yet and keeps its version."""
    after = relations.place(before, arrangement, now=tx.now)
    moved = [(old, new) for old, new in zip(before, after, strict=True) if new != old]
    relations_repository.place(tx, [(new.issue_id, new.relation, new.attached_at, new.orphaned_at) for _, new in moved])
    relations_repository.set_due(tx, cluster_id, relations.next_due(after))
    parents = {new.issue_id: new for old, new in moved if new.parent != old.parent}
    moves = [_moved_under(issue, parents[issue.id], is_new=issue.id in opened) for issue in relations_repository.by_ids(tx, parents)]
    repository.update(tx, [move.issue for move in moves])
    rows = [history.line(tx, move.issue, move.action, _detail(move, parents[move.issue.id])) for move in moves]
    rated = _rate_families(tx, after, opened)
    rows += [
        history.line(tx, move.issue, "updated", {"severity": list(move.changes["severity"])})
        for move in rated
        if "severity" in move.changes
    ]
    repository.add_activity(tx, rows)
    return [*moves, *rated]


def _rate_families(tx: Transaction, places: Sequence[GroupedIssue], opened: Collection[str]) -> list[Move]:
    """Update the issues whose severity or impact differs from what they and their symptoms have now, or is not published yet."""
    wanted: dict[str, tuple[Severity, str | None, dict[str, Any]]] = {}
    for place, severity, affected in relations.rate_families(places):
        counts = affected.counts.plain()
        if severity is not place.computed or counts != place.impact or place.is_unpublished:
            wanted[place.issue_id] = severity, severity.value if severity is not place.failure.severity else None, counts
    updates: list[Issue] = []
    moves: list[Move] = []
    for issue in relations_repository.by_ids(tx, wanted):
        computed, family, counts = wanted[issue.id]
        shown = Severity(issue.severity_set or computed)
        rated = replace(issue, severity=shown, computed_severity=computed.value, family_severity=family, impact=counts)
        after, changes = lifecycle.publish(issue, rated, now=tx.now)
        updates.append(replace(after, version=issue.version) if issue.id in opened else after)
        if changes or issue.id in opened:
            moves.append(Move("updated", updates[-1], changes, "updated"))
    repository.update(tx, updates)
    waiting = min((one.told_at + lifecycle.QUIET for one in updates if one.impact != one.told_impact), default=None)
    if waiting is not None:
        relations_repository.set_due(tx, updates[0].cluster_id, waiting)
    return moves


def _moved_under(issue: Issue, place: GroupedIssue, *, is_new: bool) -> Move:
    after = replace(issue, parent_issue_id=place.parent, version=issue.version if is_new else issue.version + 1)
    action = "promoted" if place.parent is None else "attached"
    return Move("updated", after, {"parent_issue_id": (issue.parent_issue_id, place.parent)}, action)


def _detail(move: Move, place: GroupedIssue) -> dict[str, Any]:
    return {"parentIssueId": list(move.changes["parent_issue_id"]), "relation": place.relation}


def touch_roots(tx: Transaction, moves: Sequence[Move]) -> None:
    """Increment the version of every root whose symptoms changed, so that cached copies become stale."""
    roots = {move.issue.parent_issue_id for move in moves}
    roots |= {parent for move in moves for parent in move.changes.get("parent_issue_id", ())}
    relations_repository.touch(tx, [parent for parent in roots if parent is not None])


def delay(tx: Transaction, cluster_id: str) -> timedelta:
    """How long an analysis of a new issue should wait: a minute when many issues open at once, since most have one cause; otherwise until
    the cluster is grouped."""
    if relations_repository.opened_since(tx, cluster_id, tx.now - STORM_WITHIN) > STORM_ISSUES:
        return STORM_DELAY
    left = (relations_repository.due_at(tx, cluster_id) or tx.now) - tx.now
    return left if left <= relations.MAX_DELAY else timedelta()


def symptoms_of(tx: Transaction, issue_id: str, *, limit: int = MAX_SYMPTOMS) -> list[Symptom]:
    """The symptoms of a root that the actor may see, open ones first, then by severity; the caller has read the root."""
    return [Symptom(*found) for found in relations_repository.symptoms(tx, issue_id, limit)]


def symptom_counts(tx: Transaction, issue_ids: Collection[str]) -> dict[str, int]:
    """How many symptoms that the actor may see each of these issues has, open or resolved; issues without symptoms are missing."""
    return relations_repository.symptom_counts(tx, issue_ids)

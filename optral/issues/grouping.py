"""The door to families of issues: what grouping is asked about, what it decided, and the symptoms of a root.

A symptom is kept, counted and found, and told to nobody. Its relation to its root, and since when, stay with it after it is over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.grouping import callers
from optral.grouping.model import Ailment, Arrangement
from optral.issues import history, model, relations, relations_repository, repository
from optral.issues.model import Condition, Issue, Move, Resolution, Status
from optral.issues.relations import Kin
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

MAX_SYMPTOMS = 100  # of one root that are told inline
STORM_ISSUES = 20  # more new ones than these in a minute in one cluster: one cause is likely
STORM_WITHIN = timedelta(seconds=60)
STORM_PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Symptom:
    """An issue under its root: `relation` in words (`runs on`), `at` since when it hangs there."""

    issue: Issue
    relation: str | None
    at: datetime | None


class Urgency(NamedTuple):
    """How urgent an issue is for those who fetch what it needs."""

    severity: Severity
    is_symptom: bool


UNKNOWN = Urgency(Severity.LOW, False)


def urgencies(tx: Transaction, issue_ids: Collection[str]) -> dict[str, Urgency]:
    """The urgency of each of these issues that exists, of all organisations."""
    found = relations_repository.urgencies(tx, issue_ids)
    return {issue_id: Urgency(Severity(severity), is_symptom) for issue_id, severity, is_symptom in found}


def remember(tx: Transaction, cluster_id: str, seen: Sequence[tuple[Issue | None, Sequence[Condition]]]) -> None:
    """Keep what grouping must know of these issues and what they stand on now; have the cluster grouped when that has changed."""
    known = relations_repository.texts(tx, [issue.id for issue, _ in seen if issue is not None])
    saved: dict[str, str] = {}
    over: list[str] = []
    for issue, conditions in seen:
        if issue is None:
            continue
        is_kept = issue.status is not Status.RESOLVED or issue.resolution == Resolution.MANUAL.value
        ailment = _ailment(issue, conditions, known.get(issue.id)) if is_kept else None
        text = None if ailment is None else relations.encode(ailment)
        if text is None and issue.id in known and issue.status is Status.RESOLVED:
            over.append(issue.id)
        elif text is not None and text != known.get(issue.id) and (issue.status is not Status.RESOLVED or issue.id in known):
            saved[issue.id] = text
    if saved or over:
        relations_repository.forget(tx, over)
        relations_repository.save(tx, cluster_id, saved)
        _have_grouped(tx, cluster_id)


def _ailment(issue: Issue, conditions: Sequence[Condition], text: str | None) -> Ailment | None:
    heard = relations.decode(issue.id, text, offset=timedelta()).heard if text is not None else ()
    return relations.ailment_of(issue, conditions, heard=heard)


def _have_grouped(tx: Transaction, cluster_id: str) -> None:
    soon, due_at = tx.now + relations.patience(relations_repository.count(tx, cluster_id)), relations_repository.due_at(tx, cluster_id)
    if due_at is None or soon < due_at:
        relations_repository.set_due(tx, cluster_id, soon)


def hear(tx: Transaction, issue_id: str, log: str) -> None:
    """Lines of a log of the issue's container that complain of others; grouping may find the other one ill."""
    heard = callers.telling_lines(log)[: relations.MAX_HEARD]
    text = relations_repository.texts(tx, [issue_id]).get(issue_id) if heard else None
    if text is None:
        return
    ailment = relations.decode(issue_id, text, offset=timedelta())
    after = relations.encode(replace(ailment, heard=tuple(dict.fromkeys((*ailment.heard, *heard)))[: relations.MAX_HEARD]))
    if after != text and (issue := repository.get(tx, issue_id)) is not None:
        relations_repository.save(tx, issue.cluster_id, {issue_id: after})
        _have_grouped(tx, issue.cluster_id)


def due_at(tx: Transaction, cluster_id: str) -> datetime | None:
    """When the cluster's issues must be grouped (again); None when all are where they belong."""
    return relations_repository.due_at(tx, cluster_id)


def known(tx: Transaction, cluster_id: str, *, offset: timedelta) -> list[Kin]:
    """Every issue of the cluster that grouping must look at, with its ailment in the cluster's time."""
    return [
        Kin(
            issue_id=row.issue_id,
            ailment=relations.decode(row.issue_id, row.ailment, offset=offset),
            parent=row.parent,
            relation=row.relation,
            attached_at=row.attached_at,
            orphaned_at=row.orphaned_at,
            is_over=row.status == Status.RESOLVED.value,
            shown_as=Severity(row.severity),
        )
        for row in relations_repository.load(tx, cluster_id)
    ]


def settle(
    tx: Transaction, cluster_id: str, before: Sequence[Kin], arrangement: Arrangement, *, opened: Collection[str] = ()
) -> list[Move]:
    """Put every issue where the arrangement and its own past want it. Moves are `attached` and `promoted`; an issue that was `opened` by
    this very transaction is nobody's news yet and keeps its version."""
    after = relations.placed(before, arrangement, now=tx.now)
    moved = [(old, new) for old, new in zip(before, after, strict=True) if new != old]
    relations_repository.place(tx, [(new.issue_id, new.relation, new.attached_at, new.orphaned_at) for _, new in moved])
    relations_repository.set_due(tx, cluster_id, relations.next_look(after))
    parents = {new.issue_id: new for old, new in moved if new.parent != old.parent}
    moves = [_moved(issue, parents[issue.id], is_new=issue.id in opened) for issue in relations_repository.by_ids(tx, parents)]
    repository.update(tx, [move.issue for move in moves])
    rows = [history.line(tx, move.issue, move.action, _detail(move, parents[move.issue.id])) for move in moves]
    urgent = _as_urgent_as_their_symptoms(tx, after, opened)
    rows += [history.line(tx, move.issue, "updated", {"severity": list(move.changes["severity"])}) for move in urgent]
    repository.add_activity(tx, rows)
    return [*moves, *urgent]


def _as_urgent_as_their_symptoms(tx: Transaction, places: Sequence[Kin], opened: Collection[str]) -> list[Move]:
    """Roots that are shown milder, or worse, than they and their symptoms are now."""
    worst, wanted = relations.family_severities(places), {}
    for one in places:
        family = worst.get(one.issue_id)
        severity = model.as_bad_as(one.ailment.severity, family)
        if not one.is_over and severity != one.shown_as:
            wanted[one.issue_id] = (severity, family.value if family is not None and family.rank > one.ailment.severity.rank else None)
    moves: list[Move] = []
    for issue in relations_repository.by_ids(tx, wanted):
        severity, kept = wanted[issue.id]
        after = replace(issue, severity=severity, family_severity=kept, version=issue.version if issue.id in opened else issue.version + 1)
        moves.append(Move("updated", after, {"severity": (issue.severity, severity)}, "updated"))
    repository.update(tx, [move.issue for move in moves])
    return moves


def _moved(issue: Issue, place: Kin, *, is_new: bool) -> Move:
    changed = replace(issue, parent_issue_id=place.parent, version=issue.version if is_new else issue.version + 1)
    action = "promoted" if place.parent is None else "attached"
    return Move("updated", changed, {"parent_issue_id": (issue.parent_issue_id, place.parent)}, action)


def _detail(move: Move, place: Kin) -> dict[str, Any]:
    return {"parentIssueId": list(move.changes["parent_issue_id"]), "relation": place.relation}


def stir(tx: Transaction, moves: Sequence[Move]) -> None:
    """Move the version of every root whose symptoms have moved: whoever holds it has an old picture now."""
    above = {move.issue.parent_issue_id for move in moves}
    above |= {parent for move in moves for parent in move.changes.get("parent_issue_id", ())}
    relations_repository.stir(tx, [parent for parent in above if parent is not None])


def patience(tx: Transaction, cluster_id: str) -> timedelta:
    """How long a closer look at what has just opened should wait: a minute in a storm, since most of it has one cause; else until the
    cluster is grouped, where that is still to be done."""
    if relations_repository.opened_since(tx, cluster_id, tx.now - STORM_WITHIN) > STORM_ISSUES:
        return STORM_PATIENCE
    left = (due_at(tx, cluster_id) or tx.now) - tx.now
    return left if left <= relations.LATEST else timedelta()


def symptoms_of(tx: Transaction, issue_id: str, *, limit: int = MAX_SYMPTOMS) -> list[Symptom]:
    """The symptoms of a root, standing ones first, then the most severe. Those of an issue that the actor may see are his to see."""
    return [Symptom(*found) for found in relations_repository.symptoms(tx, issue_id, limit)]


def symptom_counts(tx: Transaction, issue_ids: Collection[str]) -> dict[str, int]:
    """How many symptoms each of these issues has, over or not; issues without any are not in it."""
    return relations_repository.symptom_counts(tx, issue_ids)

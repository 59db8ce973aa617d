"""How families of issues change over time, as pure rules: when an issue becomes a symptom, and when it is promoted.

Grouping compares failures at one moment (`grouping/graph.py`). These rules add history: a symptom whose cause has resolved keeps its parent
for five minutes, since most symptoms resolve shortly after; one that remains has a cause of its own and is promoted. Families are one level
deep: a parent is never a symptom.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from optral.detectors.finding import Suspect
from optral.grouping.model import MAX_OBJECTS, AffectedObject, Arrangement, Failure
from optral.issues.model import Condition, Issue, State
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

PROMOTED_AFTER = timedelta(minutes=5)
MAX_LOG_LINES = 10
GROUPED_AT_ONCE = 100  # issues of one cluster that are grouped with every change (10 ms); more are grouped a little later
MAX_DELAY = timedelta(seconds=30)
_VOLATILE = frozenset({"restarts", "finishedAt", "startedAt", "ranSeconds", "memoryPeakBytes"})
"""Facts that change with every examination and do not affect grouping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedIssue:
    """An issue as grouping stores it. `orphaned_at`: since when nothing explains the symptom. `is_resolved`: resolved by hand while its
    failure continues: it sends no notifications and still explains others. `shown_as` is the displayed severity; `failure` has its own."""

    issue_id: str
    failure: Failure
    parent: str | None = None
    relation: str | None = None
    attached_at: datetime | None = None
    orphaned_at: datetime | None = None
    is_resolved: bool = False
    shown_as: Severity | None = None


def family_severities(places: Sequence[GroupedIssue]) -> dict[str, Severity]:
    """For every root with open symptoms, the severity of the worst of them."""
    worst: dict[str, Severity] = {}
    for one in places:
        if one.parent is not None and not one.is_resolved and one.failure.severity.rank > getattr(worst.get(one.parent), "rank", -1):
            worst[one.parent] = one.failure.severity
    return worst


def place(known: Sequence[GroupedIssue], arrangement: Arrangement, *, now: datetime) -> list[GroupedIssue]:
    """Every issue with the parent it has now; failures are keyed by issue id."""
    places = {one.issue_id: _root(one, now) for one in known if one.issue_id not in arrangement.parent_of}
    for one in known:
        if (link := arrangement.parent_of.get(one.issue_id)) is not None:
            above = places.get(link.key)
            wanted = link.key if above is None or above.parent is None else one.parent or above.parent
            places[one.issue_id] = one if one.is_resolved else _under(one, wanted, link.relation, now)
    return [places[one.issue_id] for one in known]


def _root(one: GroupedIssue, now: datetime) -> GroupedIssue:
    if one.parent is None or one.is_resolved:
        return one
    since = one.orphaned_at or now
    if now >= since + PROMOTED_AFTER:
        return replace(one, parent=None, relation=None, attached_at=None, orphaned_at=None)
    return replace(one, orphaned_at=since)


def _under(one: GroupedIssue, parent: str, relation: str, now: datetime) -> GroupedIssue:
    if one.parent == parent:
        return replace(one, relation=relation, orphaned_at=None)
    return replace(one, parent=parent, relation=relation, attached_at=now, orphaned_at=None)


def next_due(places: Iterable[GroupedIssue]) -> datetime | None:
    """When the next symptom is due for promotion; None if there is none."""
    return min((one.orphaned_at + PROMOTED_AFTER for one in places if one.orphaned_at is not None), default=None)


def delay(count: int) -> timedelta:
    """How long grouping may wait in a cluster with this many issues."""
    return timedelta() if count <= GROUPED_AT_ONCE else min(MAX_DELAY, timedelta(seconds=count / 300))


# --- an issue as a failure


def failure_of(issue: Issue, conditions: Sequence[Condition], *, log_lines: tuple[str, ...] = ()) -> Failure | None:
    """The issue as grouping compares it, in server time; None without an open or fading condition."""
    standing = [one for one in conditions if one.state is State.OPEN] or [one for one in conditions if one.state is State.FADING]
    if not standing:
        return None
    ordered = sorted(standing, key=lambda one: (-one.severity.rank, one.namespace or "", one.name, one.uid))  # a stable order
    lead = ordered[0]
    return Failure(
        key=issue.id,
        type=issue.type,
        subject=lead.subject,
        part=lead.part,
        objects=tuple(AffectedObject(one.shown_by, _suspects(one.suspects)) for one in ordered[:MAX_OBJECTS]),
        since=_onset(issue, standing),
        severity=lead.severity,
        category=issue.category,
        facts={name: value for name, value in lead.facts.items() if name not in _VOLATILE},
        log_lines=log_lines,
    )


def _onset(issue: Issue, standing: Sequence[Condition]) -> datetime:
    """When this occurrence began; a reopened issue began when it was reopened."""
    begun = datetime.fromisoformat(issue.reopened[-1]) if issue.reopened else issue.first_seen_at
    return min(begun, *(one.since for one in standing))


def suspects_to_json(suspects: Iterable[Suspect]) -> list[dict[str, Any]]:
    """Suspects as a condition stores them."""
    return [
        {"kind": one.ref.kind, "namespace": one.ref.namespace, "name": one.ref.name, "relation": one.relation, "types": sorted(one.types)}
        for one in suspects
    ]


def _suspects(plain: Iterable[Mapping[str, Any]]) -> tuple[Suspect, ...]:
    return tuple(Suspect(ObjectRef(one["kind"], one["namespace"], one["name"]), one["relation"], frozenset(one["types"])) for one in plain)


def encode(failure: Failure) -> str:
    """The failure as JSON; equal failures give equal texts. Keys are those of stored rows."""
    return msgspec.json.encode(
        {
            "type": failure.type,
            "subject": list(failure.subject),
            "part": failure.part,
            "shown": [[list(one.ref), suspects_to_json(one.suspects)] for one in failure.objects],
            "since": failure.since.isoformat(),
            "severity": failure.severity.value,
            "category": failure.category,
            "facts": dict(failure.facts),
            "heard": list(failure.log_lines),
        },
        order="sorted",
    ).decode()


def decode(issue_id: str, text: str, *, offset: timedelta) -> Failure:
    """The stored failure, moved from server time to cluster time by `offset`."""
    kept = msgspec.json.decode(text)
    return Failure(
        key=issue_id,
        type=kept["type"],
        subject=ObjectRef(*kept["subject"]),
        part=kept["part"],
        objects=tuple(AffectedObject(ObjectRef(*ref), _suspects(suspects)) for ref, suspects in kept["shown"]),
        since=datetime.fromisoformat(kept["since"]) + offset,
        severity=Severity(kept["severity"]),
        category=kept["category"],
        facts=kept["facts"],
        log_lines=tuple(kept["heard"]),
    )

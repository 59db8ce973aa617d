"""How families of issues change over time, as pure rules: when an issue becomes a symptom, and when it is promoted.

Grouping compares failures at one moment (`grouping/graph.py`). These rules add history: a symptom whose cause has resolved keeps its parent
for five minutes, since most symptoms resolve shortly after; one that remains has a cause of its own and is promoted. Families are one level
deep: a parent is never a symptom.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from optral.detectors import impact
from optral.detectors.finding import Suspect
from optral.detectors.impact import Impact
from optral.grouping import families
from optral.grouping.model import MAX_OBJECTS, AffectedObject, Arrangement, Failure
from optral.issues.lifecycle import lifecycle
from optral.issues.model import Condition, Issue, State
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

PROMOTED_AFTER = timedelta(minutes=5)
GROUPED_AT_ONCE = 100  # issues of one cluster that are grouped with every change (10 ms); more are grouped a little later
MAX_DELAY = timedelta(seconds=30)
_VOLATILE = frozenset({"restarts", "finishedAt", "startedAt", "ranSeconds", "memoryPeakBytes"})
"""Facts that change with every examination and do not affect grouping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedIssue:
    """An issue as grouping stores it. `orphaned_at`: since when nothing explains the symptom. `is_resolved`: resolved by hand while its
    failure continues: it sends no notifications and still explains others. `failure` has its own severity and impact; `computed` and
    `impact` are those of its family as they are stored. `is_unpublished`: its impact has not been published yet."""

    issue_id: str
    failure: Failure
    parent: str | None = None
    relation: str | None = None
    attached_at: datetime | None = None
    orphaned_at: datetime | None = None
    is_resolved: bool = False
    computed: Severity | None = None
    impact: Mapping[str, Any] = field(default_factory=dict)
    is_unpublished: bool = False


def rate_families(places: Sequence[GroupedIssue]) -> Iterator[tuple[GroupedIssue, Severity, Impact]]:
    """Every issue that is not resolved, with its severity and impact; those of a root include its open symptoms."""
    symptoms: defaultdict[str, list[Failure]] = defaultdict(list)
    for place in places:
        if place.parent is not None and not place.is_resolved:
            symptoms[place.parent].append(place.failure)
    for place in places:
        if not place.is_resolved:
            yield place, *families.rate(place.failure, symptoms.get(place.issue_id, ()))


def place(known: Sequence[GroupedIssue], arrangement: Arrangement, *, now: datetime) -> list[GroupedIssue]:
    """Every issue with the parent it has now; failures are keyed by issue id."""
    symptoms = arrangement.parent_of
    places = {issue.issue_id: _root(issue, symptoms, now) for issue in known if issue.issue_id not in symptoms}
    for issue in known:
        if (link := symptoms.get(issue.issue_id)) is not None:
            wanted = _parent_of(issue, link.key, places.get(link.key), symptoms)
            places[issue.issue_id] = issue if issue.is_resolved else _under(issue, wanted, link.relation, now)
    return [places[issue.issue_id] for issue in known]


def _root(issue: GroupedIssue, symptoms: Collection[str], now: datetime) -> GroupedIssue:
    """An issue that nothing explains: promoted, at once if the issue that explained it is a symptom now, such as one of this issue."""
    if issue.parent is None or issue.is_resolved:
        return issue
    since = issue.orphaned_at or now
    if issue.parent in symptoms or issue.parent == issue.issue_id or now >= since + PROMOTED_AFTER:
        return replace(issue, parent=None, relation=None, attached_at=None, orphaned_at=None)
    return replace(issue, orphaned_at=since)


def _parent_of(issue: GroupedIssue, cause: str, root: GroupedIssue | None, symptoms: Collection[str]) -> str:
    """Its cause; while that still waits below a cause that has gone, the issue waits there too, or stays where it is."""
    if root is None or root.parent is None or root.parent in symptoms:
        return cause
    return issue.parent if issue.parent is not None and issue.parent not in symptoms else root.parent


def _under(issue: GroupedIssue, parent: str, relation: str, now: datetime) -> GroupedIssue:
    if issue.parent == parent:
        return replace(issue, relation=relation, orphaned_at=None)
    return replace(issue, parent=parent, relation=relation, attached_at=now, orphaned_at=None)


def next_due(places: Iterable[GroupedIssue]) -> datetime | None:
    """When the next symptom is due for promotion; None if there is none."""
    return min((place.orphaned_at + PROMOTED_AFTER for place in places if place.orphaned_at is not None), default=None)


def delay(count: int) -> timedelta:
    """How long grouping may wait in a cluster with this many issues."""
    return timedelta() if count <= GROUPED_AT_ONCE else min(MAX_DELAY, timedelta(seconds=count / 300))


# --- an issue as a failure


def failure_of(issue: Issue, conditions: Sequence[Condition], *, log_lines: tuple[str, ...] = ()) -> Failure | None:
    """The issue as grouping compares it, in server time; None without an open or fading condition."""
    counting = [condition for condition in conditions if condition.state is State.OPEN] or [
        condition for condition in conditions if condition.state is State.FADING
    ]
    if not counting:
        return None
    ordered = sorted(
        counting, key=lambda condition: (-condition.severity.rank, condition.namespace or "", condition.name, condition.uid)
    )  # a stable order
    lead = ordered[0]
    return Failure(
        key=issue.id,
        type=issue.type,
        subject=lead.subject,
        part=lead.part,
        objects=tuple(AffectedObject(condition.shown_by, _suspects(condition.suspects)) for condition in ordered[:MAX_OBJECTS]),
        since=_onset(issue, counting),
        severity=lead.severity,
        category=issue.category,
        facts={name: value for name, value in lead.facts.items() if name not in _VOLATILE},
        log_lines=log_lines,
        impact=impact.total(lifecycle.own_impacts(ordered)),
    )


def _onset(issue: Issue, counting: Sequence[Condition]) -> datetime:
    """When this occurrence began; a reopened issue began when it was reopened."""
    opened_at = datetime.fromisoformat(issue.reopened[-1]) if issue.reopened else issue.first_seen_at
    return min(opened_at, *(condition.since for condition in counting))


def suspects_to_json(suspects: Iterable[Suspect]) -> list[dict[str, Any]]:
    """Suspects as a condition stores them."""
    return [
        {
            "kind": suspect.ref.kind,
            "namespace": suspect.ref.namespace,
            "name": suspect.ref.name,
            "relation": suspect.relation,
            "types": sorted(suspect.types),
        }
        for suspect in suspects
    ]


def _suspects(plain: Iterable[Mapping[str, Any]]) -> tuple[Suspect, ...]:
    return tuple(
        Suspect(ObjectRef(item["kind"], item["namespace"], item["name"]), item["relation"], frozenset(item["types"])) for item in plain
    )


def encode(failure: Failure) -> str:
    """The failure as JSON; equal failures give equal texts. Keys are those of stored rows."""
    return msgspec.json.encode(
        {
            "type": failure.type,
            "subject": list(failure.subject),
            "part": failure.part,
            "shown": [[list(affected.ref), suspects_to_json(affected.suspects)] for affected in failure.objects],
            "since": failure.since.isoformat(),
            "severity": failure.severity.value,
            "category": failure.category,
            "facts": dict(failure.facts),
            "heard": list(failure.log_lines),
            "impact": failure.impact.plain(),
        },
        order="sorted",
    ).decode()


def decode(issue_id: str, text: str, *, offset: timedelta) -> Failure:
    """The stored failure, moved from server time to cluster time by `offset`."""
    stored = msgspec.json.decode(text)
    return Failure(
        key=issue_id,
        type=stored["type"],
        subject=ObjectRef(*stored["subject"]),
        part=stored["part"],
        objects=tuple(AffectedObject(ObjectRef(*ref), _suspects(suspects)) for ref, suspects in stored["shown"]),
        since=datetime.fromisoformat(stored["since"]) + offset,
        severity=Severity(stored["severity"]),
        category=stored["category"],
        facts=stored["facts"],
        log_lines=tuple(stored["heard"]),
        impact=impact.of_plain(stored.get("impact", {})),
    )

"""How issues hang together over time, as pure rules: who becomes a symptom, who stops being one, and when.

Grouping looks at one moment (`grouping/graph.py`). Here is its memory: a symptom whose cause has gone keeps its parent for five
minutes, since most go soon after it; one that outlives it has a cause of its own and is promoted. Families are one deep: a parent is
nobody's symptom.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from optral.detectors.finding import Suspect
from optral.grouping.model import MAX_SHOWN, Ailment, Arrangement, Shown
from optral.issues.model import Condition, Issue, State
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

OUTLIVES = timedelta(minutes=5)
MAX_HEARD = 10
AT_ONCE = 100  # issues of one cluster that are grouped with every change (10 ms); more are grouped a little later
LATEST = timedelta(seconds=30)
_FLEETING = frozenset({"restarts", "finishedAt", "startedAt", "ranSeconds", "memoryPeakBytes"})
"""Facts that change with every look and decide nothing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """What grouping knows of an issue. `orphaned_at`: since when nothing explains a symptom. `is_over`: resolved by hand, while its trouble
    goes on: it is told to nobody and still explains others. `shown_as` is the severity people see; that of `ailment` is its own."""

    issue_id: str
    ailment: Ailment
    parent: str | None = None
    relation: str | None = None
    attached_at: datetime | None = None
    orphaned_at: datetime | None = None
    is_over: bool = False
    shown_as: Severity | None = None


def family_severities(places: Sequence[Kin]) -> dict[str, Severity]:
    """Of every root with standing symptoms, the severity of the worst of them."""
    worst: dict[str, Severity] = {}
    for one in places:
        if one.parent is not None and not one.is_over and one.ailment.severity.rank > getattr(worst.get(one.parent), "rank", -1):
            worst[one.parent] = one.ailment.severity
    return worst


def placed(known: Sequence[Kin], arrangement: Arrangement, *, now: datetime) -> list[Kin]:
    """Every kin where it belongs now; ailments are keyed by the issue's id."""
    places = {one.issue_id: _root(one, now) for one in known if one.issue_id not in arrangement.parent_of}
    for one in known:
        if (link := arrangement.parent_of.get(one.issue_id)) is not None:
            above = places.get(link.key)
            wanted = link.key if above is None or above.parent is None else one.parent or above.parent
            places[one.issue_id] = one if one.is_over else _under(one, wanted, link.relation, now)
    return [places[one.issue_id] for one in known]


def _root(one: Kin, now: datetime) -> Kin:
    if one.parent is None or one.is_over:
        return one
    since = one.orphaned_at or now
    if now >= since + OUTLIVES:
        return replace(one, parent=None, relation=None, attached_at=None, orphaned_at=None)
    return replace(one, orphaned_at=since)


def _under(one: Kin, parent: str, relation: str, now: datetime) -> Kin:
    if one.parent == parent:
        return replace(one, relation=relation, orphaned_at=None)
    return replace(one, parent=parent, relation=relation, attached_at=now, orphaned_at=None)


def next_look(places: Iterable[Kin]) -> datetime | None:
    """When time alone promotes somebody; None when nobody waits."""
    return min((one.orphaned_at + OUTLIVES for one in places if one.orphaned_at is not None), default=None)


def patience(count: int) -> timedelta:
    """How long so many issues of a cluster may wait until they are grouped again."""
    return timedelta() if count <= AT_ONCE else min(LATEST, timedelta(seconds=count / 300))


# --- an issue as an ailment


def ailment_of(issue: Issue, conditions: Sequence[Condition], *, heard: tuple[str, ...] = ()) -> Ailment | None:
    """The issue as grouping sees it, in the server's time; None when nothing stands that it could be seen by."""
    standing = [one for one in conditions if one.state is State.OPEN] or [one for one in conditions if one.state is State.FADING]
    if not standing:
        return None
    ordered = sorted(standing, key=lambda one: (-one.severity.rank, one.namespace or "", one.name, one.uid))  # the same from look to look
    lead = ordered[0]
    return Ailment(
        key=issue.id,
        type=issue.type,
        subject=lead.subject,
        part=lead.part,
        shown=tuple(Shown(one.shown_by, _suspects(one.suspects)) for one in ordered[:MAX_SHOWN]),
        since=_onset(issue, standing),
        severity=lead.severity,
        category=issue.category,
        facts={name: value for name, value in lead.facts.items() if name not in _FLEETING},
        heard=heard,
    )


def _onset(issue: Issue, standing: Sequence[Condition]) -> datetime:
    """When this occurrence began: what came back began again."""
    begun = datetime.fromisoformat(issue.reopened[-1]) if issue.reopened else issue.first_seen_at
    return min(begun, *(one.since for one in standing))


def plain_suspects(suspects: Iterable[Suspect]) -> list[dict[str, Any]]:
    """Suspects as a condition keeps them."""
    return [
        {"kind": one.ref.kind, "namespace": one.ref.namespace, "name": one.ref.name, "relation": one.relation, "types": sorted(one.types)}
        for one in suspects
    ]


def _suspects(plain: Iterable[Mapping[str, Any]]) -> tuple[Suspect, ...]:
    return tuple(Suspect(ObjectRef(one["kind"], one["namespace"], one["name"]), one["relation"], frozenset(one["types"])) for one in plain)


def encode(ailment: Ailment) -> str:
    """The ailment as one text: the same for the same ailment."""
    return msgspec.json.encode(
        {
            "type": ailment.type,
            "subject": list(ailment.subject),
            "part": ailment.part,
            "shown": [[list(one.ref), plain_suspects(one.suspects)] for one in ailment.shown],
            "since": ailment.since.isoformat(),
            "severity": ailment.severity.value,
            "category": ailment.category,
            "facts": dict(ailment.facts),
            "heard": list(ailment.heard),
        },
        order="sorted",
    ).decode()


def decode(issue_id: str, text: str, *, offset: timedelta) -> Ailment:
    """The ailment that was encoded, moved from the server's time to the cluster's by `offset`."""
    kept = msgspec.json.decode(text)
    return Ailment(
        key=issue_id,
        type=kept["type"],
        subject=ObjectRef(*kept["subject"]),
        part=kept["part"],
        shown=tuple(Shown(ObjectRef(*ref), _suspects(suspects)) for ref, suspects in kept["shown"]),
        since=datetime.fromisoformat(kept["since"]) + offset,
        severity=Severity(kept["severity"]),
        category=kept["category"],
        facts=kept["facts"],
        heard=tuple(kept["heard"]),
    )

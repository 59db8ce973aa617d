"""The life of an issue, as pure rules: when a condition counts, when an issue opens, changes, ends and comes back.

A *condition* is one object showing one ailment: pending (debounce runs) → open → fading (false, but not for long enough) → closed. A closed
condition with an occurrence is remembered for a day, so that one kill counts once however often it is shown. An *issue* stands on the
conditions with its fingerprint: it ends when none of them is left, which makes forty replicas one issue and a replaced pod no new one.
All times in here are the server's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from optral.issues import snooze as snoozes
from optral.issues.snooze import Snooze
from optral.kit.times import rfc3339
from optral.terms import ids
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

REOPEN_WITHIN = timedelta(hours=24)
REMEMBERED = timedelta(hours=24)  # closed occurrences
SETTLED_AFTER = timedelta(minutes=30)  # new, regressed, escalating, flapping → ongoing
FLAPPING_WITHIN = timedelta(hours=6)
FLAPPING_REOPENS = 3
QUIET = timedelta(seconds=30)  # count and lastSeenAt are told at most this often
SAME_MOMENT = timedelta(seconds=2)  # a measured clock offset moves by fractions; object times are whole seconds
MAX_AFFECTED = 50
ESCALATES_FROM = 5  # more affected objects than at the start, and twice as many
PACE_WINDOW = timedelta(minutes=10)
QUICKENS_TO, QUICKENS_FROM = 3, 5  # times as many happenings in a window as usual, and at least so many

SORTS = frozenset({"detectedAt", "lastSeenAt", "severity", "status"})


class Status(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"

    @property
    def rank(self) -> int:
        """2 for open, 1 for acknowledged, 0 for resolved: what needs a look sorts first when descending."""
        return {"open": 2, "acknowledged": 1, "resolved": 0}[self.value]


class Substatus(StrEnum):
    NEW = "new"
    ONGOING = "ongoing"
    ESCALATING = "escalating"
    REGRESSED = "regressed"
    FLAPPING = "flapping"
    PREEXISTING = "preexisting"
    SNOOZED = "snoozed"
    MUTED = "muted"


class Resolution(StrEnum):
    RECOVERED = "recovered"
    RESOURCE_DELETED = "resource_deleted"
    SUPERSEDED = "superseded"
    MANUAL = "manual"
    CLUSTER_DELETED = "cluster_deleted"
    DETECTOR_DISABLED = "detector_disabled"


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """That nobody looks for a type at a place any more: who said so (None: nobody knows), and where, for the history."""

    by: str | None
    where: Mapping[str, str] = field(default_factory=dict)


class State(StrEnum):
    PENDING = "pending"
    OPEN = "open"
    FADING = "fading"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One object (`uid`, `kind`, `namespace`, `name`) showing one ailment of a subject. `opened_at` is when it began to count here."""

    cluster_id: str
    uid: str
    fingerprint: str
    type: str
    state: State = State.PENDING
    issue_id: str | None = None
    kind: str
    namespace: str | None
    name: str
    subject_kind: str
    subject_namespace: str | None
    subject_name: str
    part: str | None
    severity: Severity
    title: str
    category: str
    since: datetime
    opens_at: datetime
    expires_at: datetime | None
    opened_at: datetime | None = None
    false_since: datetime | None = None
    occurrence: str | None = None
    resolve_after_s: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    suspects: Sequence[Mapping[str, Any]] = field(default_factory=list)
    due_at: datetime | None = None

    @property
    def is_alive(self) -> bool:
        """Whether an issue may stand on it."""
        return self.state is not State.CLOSED

    @property
    def subject(self) -> ObjectRef:
        return ObjectRef(self.subject_kind, self.subject_namespace, self.subject_name)

    @property
    def shown_by(self) -> ObjectRef:
        return ObjectRef(self.kind, self.namespace, self.name, self.uid)


WHOLE_SECOND = timedelta(seconds=1)  # Kubernetes cuts its times to seconds: what began just now may look a second older


def shown(known: Condition | None, found: Condition, *, now: datetime) -> tuple[Condition | None, int]:
    """The condition after an examination that found it true, and how many happenings that adds (0 or 1).

    None: it was closed and the same occurrence is merely still in sight.
    """
    if known is not None and known.state is State.CLOSED:
        if known.occurrence is not None and known.occurrence == found.occurrence:
            return known, 0
        known = None
    if known is None:
        return _opened(found, now)
    merged = _merged(known, found)
    if known.state is State.PENDING:
        return _opened(merged, now)
    is_another = found.occurrence is not None and found.occurrence != known.occurrence
    return replace(merged, state=State.OPEN, false_since=None), int(is_another)


def absent(known: Condition, *, now: datetime) -> Condition | None:
    """The condition after an examination that did not find it; None when nothing is left of it."""
    if known.state is State.PENDING:
        return None  # debounce asks for continuous truth
    if known.state is State.OPEN:
        known = replace(known, state=State.FADING, false_since=now)
    since = known.false_since or now
    ends_at = since + timedelta(seconds=known.resolve_after_s)
    if known.state is State.FADING and now >= ends_at:
        known = replace(known, state=State.CLOSED)
    if known.state is State.CLOSED and (known.occurrence is None or now >= ends_at + REMEMBERED):
        return None
    return known


def _opened(condition: Condition, now: datetime) -> tuple[Condition, int]:
    if now < condition.opens_at:
        return replace(condition, state=State.PENDING), 0
    return replace(condition, state=State.OPEN, opened_at=now, false_since=None), 1


def _merged(known: Condition, found: Condition) -> Condition:
    """What was found, with what is known kept; times that differ by a clock's jitter are the same."""
    return replace(
        found,
        state=known.state,
        issue_id=known.issue_id,
        opened_at=known.opened_at,
        since=known.since if abs(known.since - found.since) <= SAME_MOMENT else found.since,
        opens_at=known.opens_at if abs(known.opens_at - found.opens_at) <= SAME_MOMENT else found.opens_at,
        expires_at=known.expires_at if _alike(known.expires_at, found.expires_at) else found.expires_at,
        due_at=known.due_at,
    )


def _alike(a: datetime | None, b: datetime | None) -> bool:
    return a is not None and b is not None and abs(a - b) <= SAME_MOMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What is wrong with one workload (or one of its containers). `version` moves only with what an operator would see differ.

    `family_severity` is that of its worst symptom, where that is worse than itself: a cause is as urgent as what it causes.
    `substatus` is what its life says; a snooze or a mute rule lies over it (`shown_as`) and leaves it untouched.
    """

    id: str
    org_id: str
    cluster_id: str
    fingerprint: str
    type: str
    severity: Severity
    status: Status
    substatus: Substatus
    resource: str
    resource_id: str | None
    resource_kind: str
    namespace: str | None
    owner_kind: str
    owner_name: str
    container: str | None
    title: str
    category: str
    detected_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    moved_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    count: int
    affected: Sequence[Mapping[str, Any]]
    affected_total: int
    affected_at_start: int
    occurrences: int = 1
    reopened: Sequence[str] = field(default_factory=list)
    assignee: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    parent_issue_id: str | None = None
    previous_issue_id: str | None = None
    facts: Mapping[str, Any]
    has_analysis: bool = False
    version: int = 1
    told_at: datetime
    told_count: int
    pace: Mapping[str, Any] = field(default_factory=dict)
    family_severity: str | None = None
    snooze: Snooze | None = None
    mute_rule_id: str | None = None
    comment_count: int = 0

    @property
    def shown_as(self) -> Substatus:
        """The substatus people see: muted before snoozed before what its life says."""
        if self.mute_rule_id is not None:
            return Substatus.MUTED
        return self.substatus if self.snooze is None else Substatus.SNOOZED

    @property
    def is_quiet(self) -> bool:
        """Whether nobody wants to be told of it."""
        return self.mute_rule_id is not None or self.snooze is not None


VISIBLE = (
    "severity",
    "status",
    "substatus",
    "resource",
    "title",
    "resolution",
    "assignee",
    "labels",
    "snooze",
    "mute_rule_id",
    "comment_count",
)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an issue that is worth telling. `kind` is created, updated or resolved; `changes` {field: (from, to)}."""

    kind: str
    issue: Issue
    changes: Mapping[str, tuple[Any, Any]]
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    """Empty sets and None do not filter. `since` is included, `until` not, both on `detected_at`; `q`: part of title, resource or owner.

    Among `assignees` and `parents` the word `none` means that there is nobody and nothing. All of `labels` must be there.
    """

    clusters: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    resource_kinds: frozenset[str] = frozenset()
    owner_kinds: frozenset[str] = frozenset()
    substatuses: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()
    assignees: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()
    labels: frozenset[tuple[str, str]] = frozenset()
    is_snoozed: bool | None = None
    is_muted: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One transition of an issue and who made it."""

    id: str
    issue_id: str
    at: datetime
    actor_kind: str
    actor_id: str
    action: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said about an issue. `author_id` is the person, `key_id` the key they said it with, if it was one."""

    id: str
    issue_id: str
    author_id: str
    key_id: str | None
    body: str
    created_at: datetime
    edited_at: datetime | None = None


def is_preexisting(conditions: Sequence[Condition], *, synced_at: datetime | None) -> bool:
    """Whether the trouble was there before we knew the cluster; `synced_at` None: we are just getting to know it."""
    return synced_at is None or min(condition.since for condition in conditions) + WHOLE_SECOND < synced_at


def opened(
    conditions: Sequence[Condition], *, id: str, org_id: str, happenings: int, now: datetime, preexisting: bool, previous: Issue | None
) -> Issue:
    """A new issue on these open conditions."""
    lead = _lead(conditions)
    return Issue(
        id=id,
        org_id=org_id,
        cluster_id=lead.cluster_id,
        fingerprint=lead.fingerprint,
        type=lead.type,
        severity=_severity(conditions),
        status=Status.OPEN,
        substatus=Substatus.PREEXISTING if preexisting else Substatus.NEW,
        resource=lead.name,
        resource_id=_resource_id(lead),
        resource_kind=lead.kind.partition(".")[0],
        namespace=lead.namespace,
        owner_kind=lead.subject_kind.partition(".")[0],
        owner_name=lead.subject_name,
        container=lead.part,
        title=lead.title,
        category=lead.category,
        detected_at=now,
        first_seen_at=min(now, *(condition.since for condition in conditions)),
        last_seen_at=now,
        moved_at=now,
        count=happenings,
        affected=_affected(conditions),
        affected_total=len(conditions),
        affected_at_start=len(conditions),
        previous_issue_id=previous.id if previous else None,
        facts=lead.facts,
        told_at=now,
        told_count=happenings,
    )


def followed(issue: Issue, conditions: Sequence[Condition], *, happenings: int, now: datetime) -> Issue:
    """The issue as its open and fading conditions show it now: what was bad a moment ago still counts, so that nothing flickers."""
    if not conditions:
        return settled(issue, now=now)
    lead, severity = _lead(conditions), as_bad_as(_severity(conditions), issue.family_severity)
    is_shown = any(condition.state is State.OPEN for condition in conditions)
    seen = happenings > 0 or (is_shown and now - issue.last_seen_at >= QUIET)
    after = replace(
        issue,
        severity=severity,
        resource=lead.name,
        resource_id=_resource_id(lead),
        resource_kind=lead.kind.partition(".")[0],
        namespace=lead.namespace,
        title=lead.title,
        count=issue.count + happenings,
        affected=_affected(conditions),
        affected_total=len(conditions),
        facts=lead.facts,
        last_seen_at=now if seen else issue.last_seen_at,
        pace=paced(issue, happenings, now=now),
    )
    grown = len(conditions) >= max(2 * issue.affected_at_start, issue.affected_at_start + ESCALATES_FROM)
    if grown or severity.rank > issue.severity.rank or _quickens(issue.pace, after.pace):
        return replace(after, substatus=Substatus.ESCALATING, affected_at_start=len(conditions), moved_at=now)
    return settled(after, now=now)


def paced(issue: Issue, happenings: int, *, now: datetime) -> Mapping[str, Any]:
    """How fast things happen: {`since`, `count`} of the window that runs, and how many are `usual` in one, once that is known.

    Crashes come ever more slowly by themselves, so an issue that has just opened is at its fastest and sets no alarm off.
    """
    if not happenings:
        return issue.pace
    if not issue.pace:
        return {"since": now.isoformat(), "count": happenings, "usual": None}
    since, count, usual = datetime.fromisoformat(issue.pace["since"]), issue.pace["count"], issue.pace["usual"]
    if (windows := (now - since) // PACE_WINDOW) > 0:
        rate = count / windows
        since, count, usual = since + windows * PACE_WINDOW, 0, rate if usual is None else (usual + rate) / 2
    return {"since": since.isoformat(), "count": count + happenings, "usual": usual}


def _quickens(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether this window has just got too many happenings for what is usual."""
    if not after or after["usual"] is None:
        return False
    limit = max(QUICKENS_FROM, QUICKENS_TO * after["usual"])
    counted = before["count"] if before and before["since"] == after["since"] else 0
    return bool(counted < limit <= after["count"])


def settled(issue: Issue, *, now: datetime) -> Issue:
    """News wears off: what was new half an hour ago is ongoing. Preexisting stays what it is."""
    is_news = issue.substatus not in (Substatus.ONGOING, Substatus.PREEXISTING)
    return replace(issue, substatus=Substatus.ONGOING) if is_news and now >= issue.moved_at + SETTLED_AFTER else issue


def resolved(issue: Issue, resolution: Resolution, *, by: str, now: datetime) -> Issue:
    """The issue is over, and with it its snooze."""
    return replace(issue, status=Status.RESOLVED, resolution=resolution.value, resolved_at=now, resolved_by=by, snooze=None)


def roused(issue: Issue, *, now: datetime) -> tuple[Issue, str | None]:
    """The issue with its snooze ended, and by what; as it is, and None, while the snooze lasts."""
    if issue.snooze is None:
        return issue, None
    why = snoozes.why_over(issue.snooze, count=issue.count, severity=issue.severity, now=now)
    return (issue, None) if why is None else (replace(issue, snooze=None), why)


def reopened(issue: Issue, *, now: datetime) -> Issue:
    """The same issue again, as regressed, or as flapping when it keeps coming back."""
    times = [*(at for at in issue.reopened if now - datetime.fromisoformat(at) < FLAPPING_WITHIN), now.isoformat()][-10:]
    return replace(
        issue,
        status=Status.OPEN,
        substatus=Substatus.FLAPPING if len(times) >= FLAPPING_REOPENS else Substatus.REGRESSED,
        resolution=None,
        resolved_at=None,
        resolved_by=None,
        occurrences=issue.occurrences + 1,
        reopened=times,
        moved_at=now,
        affected_at_start=max(1, issue.affected_total),
        pace={},
    )


def told(before: Issue, after: Issue, *, now: datetime) -> tuple[Issue, Mapping[str, tuple[Any, Any]]]:
    """What subscribers hear of the difference, and the issue with its version moved if an operator would see it.

    Count alone is told at most once in 30 s and moves no version.
    """
    changes = {name: change for name in VISIBLE if (change := (_seen(before, name), _seen(after, name)))[0] != change[1]}
    is_due = after.count != before.told_count and now >= before.told_at + QUIET
    if not changes and not is_due:
        return after, {}
    if changes:
        after = replace(after, version=before.version + 1)
    if after.count != before.told_count:
        changes["count"] = (before.told_count, after.count)
    return replace(after, told_at=now, told_count=after.count), changes


def _seen(issue: Issue, name: str) -> Any:
    """A visible member as people see it, plain enough for JSON."""
    if name == "substatus":
        return issue.shown_as
    if name == "snooze":
        return None if issue.snooze is None else issue.snooze.plain()
    return dict(issue.labels) if name == "labels" else getattr(issue, name)


def due_at(condition: Condition, issue: Issue | None) -> datetime | None:
    """When time alone may change this condition or its issue."""
    if condition.state is State.PENDING:
        return condition.opens_at
    if condition.state is not State.OPEN:
        ends_at = (condition.false_since or condition.since) + timedelta(seconds=condition.resolve_after_s)
        return ends_at if condition.state is State.FADING else ends_at + REMEMBERED
    moments = [condition.expires_at] if condition.expires_at else []
    if issue is not None and issue.status is not Status.RESOLVED:
        if issue.substatus not in (Substatus.ONGOING, Substatus.PREEXISTING):
            moments.append(issue.moved_at + SETTLED_AFTER)
        if issue.count != issue.told_count:
            moments.append(issue.told_at + QUIET)
    return min(moments, default=None)


def _lead(conditions: Sequence[Condition]) -> Condition:
    """The newest object that fails now speaks for all; one that fades, only when all do."""
    return max(conditions, key=lambda c: (c.state is State.OPEN, c.opened_at or c.since, c.since, c.name))


def _resource_id(lead: Condition) -> str:
    return ids.derive("res", lead.cluster_id, lead.kind, lead.uid)


def as_bad_as(own: Severity, family: str | None) -> Severity:
    """The more severe of the two."""
    return own if family is None or Severity(family).rank <= own.rank else Severity(family)


def _severity(conditions: Sequence[Condition]) -> Severity:
    return max((condition.severity for condition in conditions), key=lambda severity: severity.rank)


def _affected(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    newest = sorted(conditions, key=lambda c: (c.state is State.OPEN, c.opened_at or c.since, c.since, c.name), reverse=True)
    return [
        {
            "kind": c.kind.partition(".")[0],
            "namespace": c.namespace,
            "name": c.name,
            "since": rfc3339(c.since),
        }
        for c in newest[:MAX_AFFECTED]
    ]

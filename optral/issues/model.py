"""Values of issues: the issue, the conditions that it is based on, its history, its comments and filters.

A *condition* is one object that shows one failure: pending (debounce) → open → fading (false, but not for long enough) → closed; see
`conditions.py`. An *issue* is based on the conditions with its fingerprint and resolves when none is left, so forty replicas are one issue
and a replaced pod does not open a new one; see `lifecycle.py`. All times are times of the server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from optral.grouping import families
from optral.issues.triage.snooze import Snooze
from optral.kit.search_keys import Criterion
from optral.terms import impacts
from optral.terms.reach import Areas
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

UNCHANGED = timedelta(days=1)
"""An issue of which nothing has been new for so long comes after what is new."""
SORTS = frozenset({"detectedAt", "lastSeenAt", "severity", "status"})


class Status(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"

    @property
    def rank(self) -> int:
        """2 for open, 1 for acknowledged, 0 for resolved: open issues come first in descending order."""
        return {"open": 2, "acknowledged": 1, "resolved": 0}[self.value]


UNRESOLVED = frozenset({Status.OPEN.value, Status.ACKNOWLEDGED.value})


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
    """A type was switched off at a place: who did it (None if unknown), and where, for the history."""

    by: str | None
    where: Mapping[str, str] = field(default_factory=dict)


class State(StrEnum):
    PENDING = "pending"
    OPEN = "open"
    FADING = "fading"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One object (`uid`, `kind`, `namespace`, `name`) that shows one failure of a subject. `opened_at`: since when it counts."""

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
    impact: Mapping[str, Any] = field(default_factory=dict)
    suspects: Sequence[Mapping[str, Any]] = field(default_factory=list)
    due_at: datetime | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it keeps an issue open."""
        return self.state is not State.CLOSED

    @property
    def subject(self) -> ObjectRef:
        return ObjectRef(self.subject_kind, self.subject_namespace, self.subject_name)

    @property
    def shown_by(self) -> ObjectRef:
        return ObjectRef(self.kind, self.namespace, self.name, self.uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What is wrong with one workload (or one of its containers). `version` changes only if an operator would see a difference.

    `family_severity` is that of its family, if that is worse than its own: a cause is as urgent as its effects. `severity` is what somebody
    has set (`severity_set`), otherwise what was computed (`computed_severity`). `impact` has the counts of what it and its symptoms affect
    (`impact.Counts`); `told_impact` is what was last published of it.
    `team` owns what fails; `team_reason` is what decided it.
    `substatus` follows from its history; a snooze or a mute rule is shown instead (`shown_as`) and does not change it.
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
    computed_severity: str | None = None
    severity_set: str | None = None
    severity_set_by: str | None = None
    impact: Mapping[str, Any] = field(default_factory=dict)
    told_impact: Mapping[str, Any] = field(default_factory=dict)
    snooze: Snooze | None = None
    mute_rule_id: str | None = None
    comment_count: int = 0
    team: str | None = None
    team_reason: str | None = None

    @property
    def unchanged_since(self) -> datetime:
        """Since when nothing of it is new: since it began or, after that, escalated or opened again."""
        return self.first_seen_at if self.moved_at == self.detected_at else self.moved_at

    def is_unchanged(self, now: datetime) -> bool:
        """Whether nothing of it has been new for a day."""
        return now - self.unchanged_since > UNCHANGED

    @property
    def shown_as(self) -> Substatus:
        """The substatus that people see: muted before snoozed before that of its history."""
        if self.mute_rule_id is not None:
            return Substatus.MUTED
        return self.substatus if self.snooze is None else Substatus.SNOOZED

    @property
    def is_cluster_wide(self) -> bool:
        """Whether it concerns the cluster and not one application."""
        return bool(self.impact.get("clusterWide"))

    @property
    def urgency(self) -> int:
        """Its place in the order of urgency, the highest first."""
        known = self.impact
        return families.urgency(
            self.severity,
            is_cluster_wide=self.is_cluster_wide,
            workloads=known.get("workloads", 0),
            pods=known.get("pods", 0),
        )

    @property
    def shown_impact(self) -> dict[str, Any]:
        """What it affects, as people see it."""
        return impacts.shown(self.impact)

    @property
    def is_quiet(self) -> bool:
        """Whether it sends no notifications."""
        return self.mute_rule_id is not None or self.snooze is not None


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an issue that is published. `kind` is created, updated or resolved; `changes` {field: (from, to)}."""

    kind: str
    issue: Issue
    changes: Mapping[str, tuple[Any, Any]]
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    """Empty sets and None do not filter. `since` is included, `until` not, both on `detected_at`; `q`: part of title, resource or owner.

    In `assignees`, `teams` and `parents` the word `none` selects issues without one. All of `labels` and of `terms` must match.
    """

    ids: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    resource_kinds: frozenset[str] = frozenset()
    owner_kinds: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    substatuses: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()
    assignees: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()
    labels: frozenset[tuple[str, str]] = frozenset()
    is_snoozed: bool | None = None
    is_muted: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None
    terms: tuple[Criterion, ...] = ()
    areas: Areas = None
    """What the actor may see where it is more than clusters and namespaces can say; the package sets it."""
    roots: Areas = None
    """What the actor may see, if that is not whole clusters: a symptom whose root is elsewhere counts as a root. The package sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One entry of the history of an issue, and who caused it."""

    id: str
    issue_id: str
    at: datetime
    actor_kind: str
    actor_id: str
    action: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue. `author_id` is the person, `key_id` the API key that was used, if any."""

    id: str
    issue_id: str
    author_id: str
    key_id: str | None
    body: str
    created_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSettings:
    """What people set of a saved view. `query` is text of the search language; `sort` a field of the list, `-` for descending order.

    `display`: how the list looks; the group, the columns and the density of the rows, as the API names them, each only if it is set.
    """

    name: str
    query: str
    sort: str
    is_shared: bool = False
    display: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class View(ViewSettings):
    """A saved view of the issue list."""

    id: str
    owner_id: str
    created_at: datetime
    updated_at: datetime
    version: int = 1

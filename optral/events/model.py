"""Events as values: what happened, to what, when; the closed list of types."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from optral.terms.reach import Areas

EventType = Literal[
    "issue.created",
    "issue.updated",
    "issue.resolved",
    "cluster.online",
    "cluster.offline",
    "cluster.updated",
    "cluster.connection",
    "fleet.updated",
    "member.updated",
    "runbook.started",
    "runbook.completed",
    "runbook.notification",
    "execution.updated",
    "execution.breakGlass",
    "approval.requested",
    "approval.approved",
    "approval.rejected",
    "approval.expired",
    "analysis.ready",
    "analysis.feedback",
    "trigger.updated",
    "safeguards.updated",
    "audit.anchor",
]
"""The types of the event log; the only list of them."""
EVERY_NAMESPACE = "*"
RESET = "stream.reset"
"""Sent by the stream to one reader; never written to the log."""
WRITTEN: tuple[str, ...] = get_args(EventType)
TYPES: tuple[str, ...] = (*WRITTEN, RESET)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append. `data` is what subscribers get (JSON, camelCase names); `subject_id` is the id of what changed.

    `namespace` is that of its objects. Whoever sees only namespaces gets the events in them, and those of `EVERY_NAMESPACE`, whose data is
    what everybody may know who sees anything of the cluster.
    """

    type: str
    cluster_id: str | None
    subject_id: str
    data: dict[str, Any]
    namespace: str | None = None

    def __post_init__(self) -> None:
        if self.type not in WRITTEN:
            raise ValueError(f"no such event type: {self.type}")


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the log. `seq` rises by one within an organization, in the order of the commits."""

    seq: int
    type: str
    cluster_id: str | None
    subject_id: str
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """None means "any". `since` is included, `until` is not."""

    types: frozenset[str] | None = None
    clusters: frozenset[str] | None = None
    areas: Areas = None
    """What the actor may see, if that is not whole clusters; the package sets it."""
    subject_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ANY = EventFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is kept: events newer than `before`, and at most `keep` of them."""

    before: datetime
    keep: int = field(default=1_000_000)

    def expired(self, *, seq: int, at: datetime, head: int) -> bool:
        return at < self.before or seq <= head - self.keep

"""Alerts as values. Pure rules.

A *receiver* is an address that a sender (Alertmanager or another system) posts to. An *alert* is one occurrence that it reported, known by
its fingerprint and the time it started, so a repeated notification changes a row and adds none. An alert is about objects of one cluster
(`targets`), as far as its labels name them; its *outcome* says whether an issue explains it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from optral.terms.errors import Invalid
from optral.terms.refs import ObjectRef

MAX_RECEIVERS = 50  # of one organization
MAX_ALERTS = 1000  # in one request
AT_ONCE = 50  # alerts in one transaction: more would delay other writers
ALERTS_PER_MINUTE = 12_000  # of one receiver
MAX_REJECTED = 200  # kept of one receiver; the oldest go first
WAITS = timedelta(minutes=5)
"""How long an alert waits for its issue before it is answered with "no failure found". It still joins one that opens while it fires."""
SILENCE = timedelta(days=2)
"""An alert that was not reported for so long joins no new issue: it may have ended unnoticed. Alertmanager repeats it every 4 hours."""
SECRET_OVERLAP = timedelta(hours=24)
MAX_KEY = 256  # characters of the name or value of a label
MAX_TARGETS = 50  # objects of one alert: a route may lead to several workloads


class Kind(StrEnum):
    """`alertmanager`: the webhook payload of Alertmanager, version 4. `generic`: JSON that a field mapping describes."""

    ALERTMANAGER = "alertmanager"
    GENERIC = "generic"


class Auth(StrEnum):
    """`bearer`: the secret in the Authorization header. `hmac`: a signature as Standard Webhooks has it."""

    BEARER = "bearer"
    HMAC = "hmac"


class Outcome(StrEnum):
    JOINED = "joined"
    WAITING = "waiting"
    UNEXPLAINED = "unexplained"  # no failure of its objects was found
    UNRESOLVED = "unresolved"  # its labels name no known cluster or object


class AlertStatus(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRule:
    """Which cluster an alert is about: always `cluster_id`, or the one that the label `label` names.

    `clusters` maps values of the label to cluster ids; a value that it lacks is the name or id of a cluster.
    """

    cluster_id: str | None = None
    label: str | None = None
    clusters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """Where the members of an alert are in the JSON of a generic sender, as JSON pointers (RFC 6901).

    `alerts` points to a list of alerts in the body; empty: the body is one alert. The others point into an alert. `labels` points to an
    object whose members become labels; `more_labels` sets single labels from other places. `resolved`: the values of `status` that end it.
    """

    alerts: str = ""
    name: str = "/name"
    status: str = "/status"
    starts_at: str = "/startsAt"
    ends_at: str = "/endsAt"
    fingerprint: str = "/id"
    expression: str = "/expression"
    url: str = "/url"
    labels: str = "/labels"
    more_labels: Mapping[str, str] = field(default_factory=dict)
    resolved: Sequence[str] = ("resolved", "ok", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """What people set of a receiver. `mapping`: of a generic one only."""

    name: str
    kind: Kind = Kind.ALERTMANAGER
    auth: Auth = Auth.BEARER
    cluster_rule: ClusterRule = field(default_factory=lambda: ClusterRule(label="cluster"))
    mapping: FieldMapping | None = None
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver(ReceiverSettings):
    """One receiver. `secret` rests sealed."""

    id: str
    secret: bytes = field(repr=False)
    last_received_at: datetime | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One alert of a payload, read and within bounds."""

    fingerprint: str
    name: str
    status: AlertStatus
    starts_at: datetime
    ends_at: datetime | None = None
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    expression: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that a receiver was sent and could not read. `excerpt`: the beginning of it."""

    id: str
    receiver_id: str
    at: datetime
    code: str
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an alert is about. `targets`: the objects, the nearest first, each with the workload above it; none with a `code`.

    `code` and `reason` say why it names no known cluster or object.
    """

    cluster_id: str | None = None
    namespace: str | None = None
    targets: Sequence[ObjectRef] = ()
    container: str | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One occurrence of an alert. `issue_id`: the issue of its object, whose root explains it. `due_at`: when it stops waiting."""

    id: str
    receiver_id: str
    fingerprint: str
    name: str
    status: AlertStatus
    starts_at: datetime
    ends_at: datetime | None = None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    expression: str | None = None
    source_url: str | None = None
    cluster_id: str | None = None
    namespace: str | None = None
    kind: str | None = None
    object_name: str | None = None
    container: str | None = None
    targets: Sequence[Sequence[str | None]] = ()
    outcome: Outcome
    code: str | None = None
    reason: str | None = None
    issue_id: str | None = None
    joined_at: datetime | None = None
    due_at: datetime | None = None
    coverage: Mapping[str, Any] = field(default_factory=dict)
    received_at: datetime
    last_received_at: datetime

    @property
    def refs(self) -> list[ObjectRef]:
        """The objects that it is about, the nearest first."""
        return [ObjectRef(str(kind), namespace, str(name), uid or "") for kind, namespace, name, uid in self.targets]

    @property
    def may_join(self) -> bool:
        """Whether an issue that opens now may explain it."""
        is_open = self.outcome is Outcome.WAITING or (self.outcome is Outcome.UNEXPLAINED and self.status is AlertStatus.FIRING)
        return is_open and bool(self.targets)


def found(alert: Alert, finding: Finding) -> Alert:
    """The alert with what it is about; without an object, it is unresolved."""
    first = finding.targets[0] if finding.targets else None
    return replace(
        alert,
        cluster_id=finding.cluster_id,
        namespace=finding.namespace,
        kind=None if first is None else first.kind.partition(".")[0],
        object_name=None if first is None else first.name,
        container=finding.container,
        targets=tuple((ref.kind, ref.namespace, ref.name, ref.uid or None) for ref in finding.targets),
        outcome=Outcome.UNRESOLVED if first is None else Outcome.WAITING,
        code=finding.code,
        reason=finding.reason,
    )


def joined(alert: Alert, issue_id: str, now: datetime) -> Alert:
    return replace(alert, outcome=Outcome.JOINED, issue_id=issue_id, joined_at=now, due_at=None, code=None, reason=None, coverage={})


def unexplained(alert: Alert, *, code: str, reason: str, coverage: Mapping[str, Any]) -> Alert:
    """The alert after its wait, with what was examined."""
    return replace(alert, outcome=Outcome.UNEXPLAINED, code=code, reason=reason[:500], coverage=coverage, due_at=None)


def again(alert: Alert, incoming: Incoming, now: datetime) -> Alert:
    """The alert after another notification about it. One that has ended stays ended: notifications may arrive in any order."""
    is_resolved = alert.status is AlertStatus.RESOLVED or incoming.status is AlertStatus.RESOLVED
    return replace(
        alert,
        status=AlertStatus.RESOLVED if is_resolved else AlertStatus.FIRING,
        ends_at=incoming.ends_at or alert.ends_at,
        annotations=incoming.annotations or alert.annotations,
        last_received_at=now,
    )


def ended(alert: Alert, at: datetime) -> Alert:
    """The alert without the notification that it ended, which was lost."""
    return replace(alert, status=AlertStatus.RESOLVED, ends_at=at)


def check(settings: ReceiverSettings) -> None:
    """Raises `Invalid("invalid_receiver")`."""
    rule = settings.cluster_rule
    if (rule.cluster_id is None) is (rule.label is None):
        raise _invalid("clusterRule", "name either one cluster or the label that names the cluster")
    if rule.clusters and rule.label is None:
        raise _invalid("clusterRule.clusters", "values of a label are mapped, so name the label")
    if (settings.mapping is not None) is not (settings.kind is Kind.GENERIC):
        raise _invalid("mapping", "a generic receiver needs a field mapping, and no other has one")
    more = settings.mapping.more_labels if settings.mapping is not None else {}
    for field_, keys in (("clusterRule.clusters", rule.clusters), ("mapping.moreLabels", more)):
        if any(not key.isprintable() or not 1 <= len(key) <= MAX_KEY for key in keys):
            raise _invalid(field_, f"a name must have 1 to {MAX_KEY} printable characters")
    for name, pointer in _pointers(settings.mapping):
        if pointer and not pointer.startswith("/"):
            raise _invalid(f"mapping.{name}", f"{pointer[:64]!r} is not a JSON pointer; write it as /labels/name")


def _pointers(mapping: FieldMapping | None) -> list[tuple[str, str]]:
    if mapping is None:
        return []
    single = ("alerts", "name", "status", "starts_at", "ends_at", "fingerprint", "expression", "url", "labels")
    return [*((name, getattr(mapping, name)) for name in single), *(("moreLabels", pointer) for pointer in mapping.more_labels.values())]


def _invalid(name: str, why: str) -> Invalid:
    return Invalid("invalid_receiver", say=why, errors=[{"field": name, "code": "invalid_receiver", "message": why}])

"""Triggers and their firings as values. Pure rules.

A trigger starts one runbook: when an issue matches, by a schedule, or by a signed request. A *firing* is one occasion of it, known by a key
that occurs once: the issue and its occurrence, the time of the schedule, or the id of the request. A firing waits, then it started an
execution, was refused, or was skipped. It acts for a person, with the rights that the person has at that moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from optral.kit import cron
from optral.kit.words import counted
from optral.terms.errors import Invalid
from optral.terms.refs import why_no_namespace
from optral.terms.severity import Severity

MAX_TRIGGERS = 100  # of an organization
MAX_WAITING = 20  # firings of one trigger that wait
MAX_REQUESTS_PER_MINUTE = 30  # signed requests of one trigger
MAX_BODY_BYTES = 16 * 1024
MISSED_WITHIN = timedelta(hours=1)
"""A scheduled time that passed while the server was down is made up for this long."""
WAITS_AT_MOST = timedelta(days=7)
"""How long a matching issue waits for the end of a freeze, for a maintenance window or for an hourly limit."""
OWN_EFFECT = timedelta(minutes=30)
"""An issue that begins so soon after a trigger changed its object counts as an effect of that change."""
BLOCK_AFTER = 3  # executions without success in a row
BLOCK_FOR = timedelta(hours=1)  # doubled by each further one
GIVE_UP_AFTER = 6  # then only a person unblocks it
SECRET_OVERLAP = timedelta(hours=24)
RETRY = timedelta(minutes=1)


class Source(StrEnum):
    ISSUE = "issue"
    SCHEDULE = "schedule"
    WEBHOOK = "webhook"


class FiringState(StrEnum):
    WAITING = "waiting"
    STARTED = "started"
    REFUSED = "refused"
    SKIPPED = "skipped"


class Block(StrEnum):
    """Why a trigger does not fire."""

    FAILURES = "consecutive_failures"
    RIGHTS = "creator_lost_rights"
    SECRET = "secret_not_trusted"  # noqa: S105 - the name of a state
    """Somebody who may not start the runbook may know the secret. Only a new secret ends it, so it goes before the other two."""


class About(Protocol):
    """The fields of an issue that a trigger compares."""

    @property
    def type(self) -> str: ...

    @property
    def severity(self) -> Severity: ...

    @property
    def cluster_id(self) -> str: ...

    @property
    def namespace(self) -> str | None: ...

    @property
    def labels(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which issues: one of each list that is not empty, all labels. `causes` and `min_confidence` (0 to 1) need a finished analysis."""

    types: Sequence[str] = ()
    clusters: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    causes: Sequence[str] = ()
    min_severity: Severity | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    min_confidence: float | None = None

    @property
    def needs_analysis(self) -> bool:
        return bool(self.causes) or self.min_confidence is not None

    def matches(self, issue: About, *, cause: str | None, confidence: float | None) -> bool:
        """Whether it fits the issue and what its newest analysis says; None: there is no analysis, or it knows no cause."""
        return (
            (not self.types or issue.type in self.types)
            and (not self.clusters or issue.cluster_id in self.clusters)
            and (not self.namespaces or issue.namespace in self.namespaces)
            and (self.min_severity is None or issue.severity.rank >= self.min_severity.rank)
            and all(issue.labels.get(name) == value for name, value in self.labels.items())
            and (not self.causes or cause in self.causes)
            and (self.min_confidence is None or (confidence is not None and confidence >= self.min_confidence))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerSettings:
    """What people set of a trigger. `accepts`: the parameters that a signed request may set."""

    name: str
    source: Source
    runbook: str
    cluster_id: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    match: Match = field(default_factory=Match)
    schedule: str | None = None
    time_zone: str = "UTC"
    accepts: Sequence[str] = ()
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(TriggerSettings):
    """One trigger. `acts_for`: the person who changed it last. `cursor`: the last event that was compared with it.

    `secret_by`: the member who was shown the secret, who can fire it and must not approve what it starts. `failures`: executions without
    success in a row. `blocked_until` None with a `block`: until a person unblocks it, or, without rights, until the person has them again,
    or, without trust in the secret, until somebody rolls it.
    """

    id: str
    next_at: datetime | None = None
    secret: bytes | None = field(default=None, repr=False)
    secret_by: str | None = None
    block: Block | None = None
    block_reason: str | None = None
    blocked_until: datetime | None = None
    failures: int = 0
    cursor: int = 0
    active_since: datetime
    """Issues that began before do not start it."""
    acts_for: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int = 1

    def is_blocked(self, now: datetime) -> bool:
        return self.block is not None and (self.blocked_until is None or now < self.blocked_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One occasion. `due_at`: when it is tried (again); None once it has ended. `outcome`: how its execution ended."""

    id: str
    trigger_id: str
    key: str
    state: FiringState = FiringState.WAITING
    issue_id: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    execution_id: str | None = None
    outcome: str | None = None
    code: str | None = None
    reason: str | None = None
    next_allowed_at: datetime | None = None
    due_at: datetime | None
    created_at: datetime
    settled_at: datetime | None = None


def check(made: Trigger) -> None:
    """Raises `Invalid("invalid_trigger")` for what its source cannot have, or lacks."""
    if made.source is Source.ISSUE:
        check_match(made.match)
    elif made.cluster_id is None:
        raise _invalid("cluster", "name the cluster in which the runbook runs")
    if (made.schedule is not None) is not (made.source is Source.SCHEDULE):
        raise _invalid("schedule", "give a schedule for a trigger of the source schedule, and for no other")
    if made.schedule is not None:
        check_schedule(made.schedule, made.time_zone)
    if made.accepts and made.source is not Source.WEBHOOK:
        raise _invalid("accepts", "only a signed request can set parameters")


def check_match(match: Match) -> None:
    """Raises `Invalid("invalid_trigger")`."""
    if not (match.types or match.causes):
        raise _invalid("match", "name issue types or causes: a trigger for every issue is refused")
    for name in match.namespaces:
        if (why := why_no_namespace(name)) is not None:
            raise _invalid("match.namespaces", why)


def check_schedule(schedule: str, time_zone: str) -> None:
    """Raises `Invalid("invalid_trigger")`."""
    try:
        cron.check(schedule, time_zone)
    except cron.BadSchedule as error:
        raise _invalid("timeZone" if "time zone" in str(error) else "schedule", str(error)) from None


def next_times(schedule: str, time_zone: str, now: datetime, *, many: int = 3) -> list[datetime]:
    """The next times of a schedule, which was checked."""
    found: list[datetime] = []
    while len(found) < many:
        found.append(cron.next_after(schedule, time_zone, found[-1] if found else now))
    return found


def scheduled(made: Trigger, now: datetime) -> Trigger:
    """The trigger with the next time of its schedule after now."""
    if made.schedule is None:
        return made
    return replace(made, next_at=cron.next_after(made.schedule, made.time_zone, now))


def is_ahead(made: Trigger, now: datetime) -> bool:
    """Whether its next time leaves out one that comes before: it was reckoned while a clock was ahead."""
    if made.schedule is None or made.next_at is None:
        return False
    return cron.next_after(made.schedule, made.time_zone, now) < made.next_at


def missed(made: Trigger, now: datetime) -> tuple[datetime, bool]:
    """The latest scheduled time that has come, and whether it is recent enough to be made up for. Earlier ones are never made up for."""
    assert made.schedule is not None
    assert made.next_at is not None
    latest = cron.last_before(made.schedule, made.time_zone, now) or made.next_at
    latest = max(latest, made.next_at)
    return latest, now - latest <= MISSED_WITHIN


def after_outcome(made: Trigger, *, is_success: bool, execution_id: str, now: datetime) -> Trigger:
    """The trigger after one of its executions ended: three failures in a row block it."""
    if is_success:
        return unblocked(made) if made.block in (None, Block.FAILURES) else replace(made, failures=0)
    failures = made.failures + 1
    if failures < BLOCK_AFTER or made.block not in (None, Block.FAILURES):
        return replace(made, failures=failures)
    reason = f"{counted(failures, 'execution')} in a row did not succeed, the last one {execution_id}"
    until = None if failures >= GIVE_UP_AFTER else now + BLOCK_FOR * 2 ** (failures - BLOCK_AFTER)
    return replace(made, failures=failures, block=Block.FAILURES, block_reason=reason, blocked_until=until)


def without_rights(made: Trigger, why: str) -> Trigger:
    """The trigger of a person who may not run runbooks any more."""
    return replace(made, block=Block.RIGHTS, block_reason=why, blocked_until=None)


def without_trust(made: Trigger, why: str) -> Trigger:
    """The trigger whose secret may be known to somebody who may not start its runbook."""
    return replace(made, block=Block.SECRET, block_reason=why[:500], blocked_until=None)


def unblocked(made: Trigger) -> Trigger:
    return replace(made, block=None, block_reason=None, blocked_until=None, failures=0)


def is_own_effect(*, opened_at: datetime, changed_at: datetime) -> bool:
    """Whether an issue that began then may be the effect of a change that a trigger made to its object."""
    return changed_at <= opened_at <= changed_at + OWN_EFFECT


def started(firing: Firing, execution_id: str, now: datetime) -> Firing:
    return replace(
        firing,
        state=FiringState.STARTED,
        execution_id=execution_id,
        due_at=None,
        settled_at=now,
        code=None,
        reason=None,
        next_allowed_at=None,
    )


def ended(firing: Firing, state: FiringState, *, code: str, reason: str, now: datetime, next_allowed_at: datetime | None = None) -> Firing:
    """The firing, refused or skipped for good."""
    return replace(firing, state=state, code=code, reason=reason[:500], next_allowed_at=next_allowed_at, due_at=None, settled_at=now)


def postponed(firing: Firing, *, code: str, reason: str, until: datetime, now: datetime) -> Firing:
    """The firing of an issue, tried again at that time; refused if that is too late."""
    if until > firing.created_at + WAITS_AT_MOST:
        return ended(firing, FiringState.REFUSED, code=code, reason=reason, now=now, next_allowed_at=until)
    return replace(firing, code=code, reason=reason[:500], next_allowed_at=until, due_at=max(until, now + RETRY))


def _invalid(name: str, why: str) -> Invalid:
    return Invalid("invalid_trigger", say=why, errors=[{"field": name, "code": "invalid_trigger", "message": why}])

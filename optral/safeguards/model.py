"""What an organization lets executions do, and when. Pure rules.

A *freeze* is a time in which nothing changes. A *maintenance window* is a time in which triggers may change something; where none is
defined, they may at any time. Both concern the organization, a cluster, a namespace, or a namespace of a cluster, and occur once or by a
schedule.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from optral.kit import cron
from optral.kit.words import counted
from optral.terms import risks
from optral.terms.errors import Invalid
from optral.terms.refs import why_no_namespace

MAX_WINDOWS = 100  # of an organization
MAX_LIMITS = 100
MAX_PER_HOUR = 1000
MAX_RULES = 50
MAX_APPROVALS = 5  # of one plan
APPROVAL_RISKS = risks.RISKS[1:]
APPROVER_ROLES = ("owner", "admin")
"""The roles that may approve."""
LONGEST = timedelta(days=366)
LONGEST_RECURRING = timedelta(days=7)
SHORTEST = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OF_A_CLUSTER = 30
"""Changes an hour in one cluster where nothing else is set: beyond that, runbooks no longer fix anything."""
RISKS = ("none", "low", "high")
"""What may run without a person, in rising order. A runbook that only reads always may; a destructive one never."""
YEARS = range(2000, 2200)
_CHAIN = 50  # freezes that follow each other without a gap


class WindowKind(StrEnum):
    FREEZE = "freeze"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSettings:
    """What people set of a window. Once: `starts_at` and `ends_at`. Recurring: `schedule` (cron) in `time_zone`, for `duration_s`."""

    kind: WindowKind
    name: str
    reason: str = ""
    cluster_id: str | None = None
    namespace: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    schedule: str | None = None
    time_zone: str = "UTC"
    duration_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(WindowSettings):
    """A freeze or a maintenance window."""

    id: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int = 1

    def concerns(self, cluster_id: str, namespaces: Collection[str | None]) -> bool:
        """Whether it concerns a change in one of these namespaces; None stands for objects without one.

        A freeze of a namespace concerns those too: a drained node affects every namespace.
        """
        if self.cluster_id not in (None, cluster_id):
            return False
        return self.namespace is None or self.namespace in namespaces or (self.kind is WindowKind.FREEZE and None in namespaces)

    def end_at(self, now: datetime) -> datetime | None:
        """When it ends, if it is in force now."""
        start, end = self.starts_at, self.ends_at
        if self.schedule is not None and self.duration_s is not None:
            start = cron.last_before(self.schedule, self.time_zone, now)
            end = None if start is None else start + timedelta(seconds=self.duration_s)
        return end if start is not None and end is not None and start <= now < end else None

    def next_start(self, now: datetime) -> datetime | None:
        """When it begins next; None for one that has ended."""
        if self.schedule is not None:
            return cron.next_after(self.schedule, self.time_zone, now)
        return self.starts_at if self.starts_at is not None and self.starts_at > now else None


class Limit(NamedTuple):
    """At most so many changes within an hour. Both empty: of the organization; a namespace alone: of it in each cluster."""

    cluster_id: str
    namespace: str
    per_hour: int


class ApprovalRule(NamedTuple):
    """How many people must approve a change of this risk, and who of those who may approve counts.

    Places as in `Limit`. No roles and no members: everyone who may approve.
    """

    risk: str
    cluster_id: str
    namespace: str
    approvals: int
    roles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def distance(self, cluster_id: str, namespace: str) -> int | None:
        """How near the rule is to a place, 0 the nearest; None if it does not concern it."""
        if self.cluster_id not in ("", cluster_id) or self.namespace not in ("", namespace):
            return None
        return (0 if self.namespace else 2) + (0 if self.cluster_id else 1)


class Change(NamedTuple):
    """A change that an execution made."""

    at: datetime
    cluster_id: str
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguards:
    """The settings of an organization. `unattended_risk`: up to which risk a trigger needs no approval.

    `break_glass_roles`: who may skip missing approvals.
    """

    unattended_risk: str = "none"
    limits: Sequence[Limit] = field(default_factory=tuple)
    approval_rules: Sequence[ApprovalRule] = field(default_factory=tuple)
    break_glass_roles: Sequence[str] = ("owner",)
    updated_by: str | None = None
    updated_at: datetime | None = None
    version: int = 0

    def lets_run_unattended(self, risk: str) -> bool:
        return risk == "readOnly" or (risk in RISKS and RISKS.index(risk) <= RISKS.index(self.unattended_risk))

    def approval_rules_of(self, risk: str, cluster_id: str, namespaces: Collection[str | None]) -> list[ApprovalRule]:
        """The rules that a change of this risk must keep: of each of the namespaces the nearest one. Empty: the runbook decides."""
        found: dict[ApprovalRule, None] = {}
        for namespace in namespaces:
            near = [
                (distance, rule)
                for rule in self.approval_rules
                if rule.risk == risk and (distance := rule.distance(cluster_id, namespace or "")) is not None
            ]
            if near:
                found[min(near)[1]] = None
        return list(found)

    def limits_of(self, cluster_id: str, namespaces: Collection[str]) -> Iterator[Limit]:
        """The limits that a change of this cluster in these namespaces must keep."""
        is_set = False
        for limit in self.limits:
            is_cluster = limit.cluster_id == cluster_id and not limit.namespace
            is_set = is_set or is_cluster
            if limit.cluster_id in ("", cluster_id) and (not limit.namespace or limit.namespace in namespaces):
                yield limit._replace(cluster_id=cluster_id) if limit.namespace else limit
        if not is_set:
            yield Limit(cluster_id, "", OF_A_CLUSTER)


class Hold(NamedTuple):
    """Why nothing may change now, and when it may again; None: unknown. `window`: the freeze."""

    code: str
    say: str
    until: datetime | None
    window: Window | None = None


def held_by_window(
    windows: Sequence[Window], *, cluster_id: str, namespaces: Collection[str | None], is_unattended: bool, now: datetime
) -> Hold | None:
    """The freeze that is in force, or, for a trigger, that no maintenance window is open."""
    mine = [one for one in windows if one.concerns(cluster_id, namespaces)]
    freezes = [one for one in mine if one.kind is WindowKind.FREEZE]
    if (active := _active(freezes, now)) is not None:
        until = _free_after(freezes, now)
        say = f"the freeze {active.name!r} allows no changes" + (f": {active.reason}" if active.reason else "")
        return Hold("frozen", say, until, active)
    places = [[one for one in mine if one.kind is WindowKind.MAINTENANCE and one.concerns(cluster_id, [place])] for place in namespaces]
    places = [windows for windows in places if windows]
    if not is_unattended or _are_open(places, now):
        return None
    return Hold(
        "outside_window", "no maintenance window is open, and triggers change something only in one", _next_open(places, freezes, now)
    )


def _active(windows: Sequence[Window], now: datetime) -> Window | None:
    return max((one for one in windows if one.end_at(now) is not None), key=lambda one: one.end_at(now) or now, default=None)


def _free_after(freezes: Sequence[Window], now: datetime) -> datetime | None:
    """The end of the freeze, and of those that begin before it ends."""
    moment = now
    for _ in range(_CHAIN):
        if (active := _active(freezes, moment)) is None:
            return moment
        moment = active.end_at(moment) or moment
    return None


def _are_open(places: Sequence[Sequence[Window]], now: datetime) -> bool:
    """Whether one of the windows of each place is in force."""
    return all(_active(windows, now) is not None for windows in places)


def _next_open(places: Sequence[Sequence[Window]], freezes: Sequence[Window], now: datetime) -> datetime | None:
    """The next moment in a window of each place and in no freeze."""
    moment = now
    for _ in range(_CHAIN):
        starts = [start for windows in places for one in windows if (start := one.next_start(moment)) is not None]
        if not starts:
            return None
        moment = min(starts)
        free = _free_after(freezes, moment)
        if free is not None and _are_open(places, free):
            return free
    return None


def held_by_limit(
    settings: Safeguards, changes: Sequence[Change], *, cluster_id: str, namespaces: Collection[str], name: str
) -> Hold | None:
    """The hourly limit that is used up. `changes`: those of the last hour; `name`: the cluster's."""
    for limit in settings.limits_of(cluster_id, namespaces):
        times = sorted(
            change.at for change in changes if limit.cluster_id in ("", change.cluster_id) and limit.namespace in ("", change.namespace)
        )
        if len(times) >= limit.per_hour:
            where = f"the namespace {limit.namespace} of {name}" if limit.namespace else name if limit.cluster_id else "the organization"
            many = f"{counted(len(times), 'time')} within the last hour ({limit.per_hour} allowed)"
            say = f"runbooks changed {where} {many}; find out why, and wait"
            return Hold("too_many_changes", say, times[len(times) - limit.per_hour] + HOUR)
    return None


def check_window(made: WindowSettings) -> None:
    """Raises `Invalid("invalid_change_window")`."""
    if made.namespace is not None and (why := why_no_namespace(made.namespace)) is not None:
        raise _invalid("namespace", why)
    if (made.schedule is None) == (made.starts_at is None and made.ends_at is None):
        raise _invalid("schedule", "give either startsAt and endsAt, or schedule and durationMinutes")
    if made.schedule is None:
        _check_once(made)
        return
    try:
        cron.check(made.schedule, made.time_zone)
    except cron.BadSchedule as error:
        raise _invalid("timeZone" if "time zone" in str(error) else "schedule", str(error)) from None
    if made.duration_s is None or not SHORTEST <= timedelta(seconds=made.duration_s) <= LONGEST_RECURRING:
        raise _invalid("durationMinutes", "a recurring window lasts from one minute to seven days")


def _check_once(made: WindowSettings) -> None:
    if made.starts_at is None or made.ends_at is None or made.duration_s is not None:
        raise _invalid("endsAt", "give both startsAt and endsAt, and no durationMinutes")
    if not all(moment.year in YEARS for moment in (made.starts_at, made.ends_at)):
        raise _invalid("startsAt", f"the year must be between {YEARS.start} and {YEARS.stop - 1}")
    if not SHORTEST <= made.ends_at - made.starts_at <= LONGEST:
        raise _invalid("endsAt", "endsAt must be after startsAt, and at most one year after it")


def check_places(limits: Sequence[Limit], rules: Sequence[ApprovalRule]) -> None:
    """Raises `Invalid`: "invalid_limit", "invalid_approval_rule". A place that cannot exist would limit nothing, in silence."""
    for name, code, given in (("limits", "invalid_limit", limits), ("approvals", "invalid_approval_rule", rules)):
        for one in given:
            if one.namespace and (why := why_no_namespace(one.namespace)) is not None:
                raise Invalid(code, say=why, errors=[_error(f"{name}.namespace", code, why)])


def check_limits(limits: Sequence[Limit]) -> None:
    """Raises `Invalid("invalid_limit")`."""
    places = [(limit.cluster_id, limit.namespace) for limit in limits]
    if len(set(places)) < len(places):
        raise Invalid(
            "invalid_limit", say="limits name the same place twice", errors=[_error("limits", "invalid_limit", "the same place twice")]
        )


def check_approval_rules(rules: Sequence[ApprovalRule], break_glass_roles: Sequence[str]) -> None:
    """Raises `Invalid("invalid_approval_rule")`."""
    places = [(rule.risk, rule.cluster_id, rule.namespace) for rule in rules]
    if len(set(places)) < len(places):
        say = "approvals name the same risk and place twice"
        raise Invalid("invalid_approval_rule", say=say, errors=[_error("approvals", "invalid_approval_rule", say)])
    for rule in rules:
        if rule.members and not rule.roles and len(set(rule.members)) < rule.approvals:
            members = counted(len(rule.members), "member")
            say = f"the rule for {rule.risk} risk needs {counted(rule.approvals, 'approval')} and names {members}"
            raise Invalid("invalid_approval_rule", say=say, errors=[_error("approvals.members", "invalid_approval_rule", say)])
    if len(set(break_glass_roles)) < len(break_glass_roles):
        say = "breakGlassRoles names a role twice"
        raise Invalid("invalid_approval_rule", say=say, errors=[_error("breakGlassRoles", "invalid_approval_rule", say)])


def _invalid(name: str, why: str) -> Invalid:
    return Invalid("invalid_change_window", say=why, errors=[_error(name, "invalid_change_window", why)])


def _error(name: str, code: str, why: str) -> dict[str, str]:
    return {"field": name, "code": code, "message": why}

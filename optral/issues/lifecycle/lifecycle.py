"""The life of an issue, as pure rules: when it opens, changes, resolves and reopens, and what of it is published.

An issue is based on the conditions with its fingerprint and resolves when none of them is left. All times are times of the server.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from optral.detectors import impact
from optral.detectors.impact import Impact
from optral.issues.model import Condition, Issue, Resolution, State, Status, Substatus
from optral.issues.triage import snooze as snoozes
from optral.kit.times import rfc3339
from optral.terms import ids, impacts
from optral.terms.severity import Severity

REOPEN_WITHIN = timedelta(hours=24)
SETTLED_AFTER = timedelta(minutes=30)  # new, regressed, escalating, flapping → ongoing
FLAPPING_WITHIN = timedelta(hours=6)
FLAPPING_REOPENS = 3
MAX_AFFECTED = 50
ESCALATES_FROM = 5  # more affected objects than at the start, and twice as many
PACE_WINDOW = timedelta(minutes=10)
FASTER_BY, FASTER_FROM = 3, 5  # times as many occurrences in a window as usual, and at least so many
QUIET = timedelta(seconds=30)  # a change of `count` and `lastSeenAt` alone is published at most this often
WHOLE_SECOND = timedelta(seconds=1)  # Kubernetes truncates its times to seconds: a failure that began just now may look a second older
VISIBLE = (
    "type",
    "severity",
    "severity_set_by",
    "status",
    "substatus",
    "resource",
    "title",
    "resolution",
    "assignee",
    "team",
    "labels",
    "snooze",
    "mute_rule_id",
    "comment_count",
)


def is_preexisting(conditions: Sequence[Condition], *, synced_at: datetime | None) -> bool:
    """Whether the failure began before the first complete inventory of the cluster; `synced_at` None: that is not complete yet."""
    return synced_at is None or min(condition.since for condition in conditions) + WHOLE_SECOND < synced_at


def open_issue(
    conditions: Sequence[Condition], *, id: str, org_id: str, occurrences: int, now: datetime, preexisting: bool, previous: Issue | None
) -> Issue:
    """A new issue that is based on these open conditions."""
    lead, severity = _lead(conditions), _severity(conditions)
    affected = impact.total(own_impacts(conditions)).counts.plain()
    return Issue(
        id=id,
        org_id=org_id,
        cluster_id=lead.cluster_id,
        fingerprint=lead.fingerprint,
        type=lead.type,
        severity=severity,
        computed_severity=severity.value,
        impact=affected,
        told_impact=affected,
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
        count=occurrences,
        affected=_affected(conditions),
        affected_total=len(conditions),
        affected_at_start=len(conditions),
        previous_issue_id=previous.id if previous else None,
        facts=lead.facts,
        told_at=now,
        told_count=occurrences,
    )


def update(issue: Issue, conditions: Sequence[Condition], *, occurrences: int, now: datetime) -> Issue:
    """The issue as its open and fading conditions show it now; fading conditions still count, so that the issue does not flap.

    Their type differs from its own if another failure of `observation.ONE_FAILURE` has followed on its container.
    """
    if not conditions:
        return settle(issue, now=now)
    lead, computed = _lead(conditions), worst_of(_severity(conditions), issue.family_severity)
    severity = Severity(issue.severity_set or computed)
    is_shown = any(condition.state is State.OPEN for condition in conditions)
    seen = occurrences > 0 or (is_shown and now - issue.last_seen_at >= QUIET)
    after = replace(
        issue,
        fingerprint=lead.fingerprint,
        type=lead.type,
        category=lead.category,
        severity=severity,
        computed_severity=computed.value,
        resource=lead.name,
        resource_id=_resource_id(lead),
        resource_kind=lead.kind.partition(".")[0],
        namespace=lead.namespace,
        title=lead.title,
        count=issue.count + occurrences,
        affected=_affected(conditions),
        affected_total=len(conditions),
        facts=lead.facts,
        last_seen_at=now if seen else issue.last_seen_at,
        pace=_measure_pace(issue, occurrences, now=now),
    )
    grown = len(conditions) >= max(2 * issue.affected_at_start, issue.affected_at_start + ESCALATES_FROM)
    if grown or severity.rank > issue.severity.rank or _is_faster(issue.pace, after.pace):
        return replace(after, substatus=Substatus.ESCALATING, affected_at_start=len(conditions), moved_at=now)
    return settle(after, now=now)


def _measure_pace(issue: Issue, occurrences: int, *, now: datetime) -> Mapping[str, Any]:
    """How fast occurrences follow each other: {`since`, `count`} of the current window, and how many are `usual` in one, once known.

    Crashes slow down by themselves because of the back-off, so an issue that has just opened is at its fastest and does not escalate.
    """
    if not occurrences:
        return issue.pace
    if not issue.pace:
        return {"since": now.isoformat(), "count": occurrences, "usual": None}
    since, count, usual = datetime.fromisoformat(issue.pace["since"]), issue.pace["count"], issue.pace["usual"]
    if (windows := (now - since) // PACE_WINDOW) > 0:
        rate = count / windows
        since, count, usual = since + windows * PACE_WINDOW, 0, rate if usual is None else (usual + rate) / 2
    return {"since": since.isoformat(), "count": count + occurrences, "usual": usual}


def _is_faster(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether this window has just reached too many occurrences compared with the usual number."""
    if not after or after["usual"] is None:
        return False
    limit = max(FASTER_FROM, FASTER_BY * after["usual"])
    counted = before["count"] if before and before["since"] == after["since"] else 0
    return bool(counted < limit <= after["count"])


def settle(issue: Issue, *, now: datetime) -> Issue:
    """An issue that was new half an hour ago is ongoing; a preexisting one stays preexisting."""
    is_recent = issue.substatus not in (Substatus.ONGOING, Substatus.PREEXISTING)
    return replace(issue, substatus=Substatus.ONGOING) if is_recent and now >= issue.moved_at + SETTLED_AFTER else issue


def resolve(issue: Issue, resolution: Resolution, *, by: str, now: datetime) -> Issue:
    """Resolve the issue and end its snooze."""
    return replace(issue, status=Status.RESOLVED, resolution=resolution.value, resolved_at=now, resolved_by=by, snooze=None)


def end_snooze(issue: Issue, *, now: datetime) -> tuple[Issue, str | None]:
    """The issue without its snooze and the reason, if something has ended it; otherwise the issue unchanged and None."""
    if issue.snooze is None:
        return issue, None
    why = snoozes.end_reason(issue.snooze, count=issue.count, severity=issue.severity, now=now)
    return (issue, None) if why is None else (replace(issue, snooze=None), why)


def reopen(issue: Issue, *, now: datetime) -> Issue:
    """Open the same issue again: as regressed, or as flapping if it was reopened often."""
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


def publish(before: Issue, after: Issue, *, now: datetime) -> tuple[Issue, Mapping[str, tuple[Any, Any]]]:
    """The issue with a new version if an operator would see a difference, and the changes to publish.

    A change of the count or the impact alone is published at most once in 30 s and does not change the version.
    """
    changes = {name: change for name in VISIBLE if (change := (_displayed(before, name), _displayed(after, name)))[0] != change[1]}
    if not changes and not (_is_unpublished(after) and now >= before.told_at + QUIET):
        return after, {}
    if changes:
        after = replace(after, version=before.version + 1)
    if after.count != before.told_count:
        changes["count"] = (before.told_count, after.count)
    if after.impact != before.told_impact:
        changes["impact"] = (impacts.shown(before.told_impact), after.shown_impact)
    return replace(after, told_at=now, told_count=after.count, told_impact=after.impact), changes


def _is_unpublished(issue: Issue) -> bool:
    """Whether what changes too often to be published at once differs from what was."""
    return issue.count != issue.told_count or issue.impact != issue.told_impact


def _displayed(issue: Issue, name: str) -> Any:
    """A visible field as people see it, as a JSON value."""
    if name == "substatus":
        return issue.shown_as
    if name == "snooze":
        return None if issue.snooze is None else issue.snooze.plain()
    return dict(issue.labels) if name == "labels" else getattr(issue, name)


def due_at(issue: Issue) -> datetime | None:
    """When time alone may change this open issue."""
    moments = [issue.moved_at + SETTLED_AFTER] if issue.substatus not in (Substatus.ONGOING, Substatus.PREEXISTING) else []
    if _is_unpublished(issue):
        moments.append(issue.told_at + QUIET)
    return min(moments, default=None)


def _lead(conditions: Sequence[Condition]) -> Condition:
    """The condition that represents all of them: the newest open one; a fading one only if all are fading."""
    return max(conditions, key=lambda c: (c.state is State.OPEN, c.opened_at or c.since, c.since, c.name))


def _resource_id(lead: Condition) -> str:
    return ids.derive("res", lead.cluster_id, lead.kind, lead.uid)


def worst_of(own: Severity, family: str | None) -> Severity:
    """The more severe of the two."""
    return own if family is None or Severity(family).rank <= own.rank else Severity(family)


def _severity(conditions: Sequence[Condition]) -> Severity:
    return max((condition.severity for condition in conditions), key=lambda severity: severity.rank)


def own_impacts(conditions: Sequence[Condition]) -> Iterable[Impact]:
    """What each of these conditions affects, the most severe first."""
    return (impact.of_plain(one.impact) for one in sorted(conditions, key=lambda one: (-one.severity.rank, one.name, one.uid)))


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

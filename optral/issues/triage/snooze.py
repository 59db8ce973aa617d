"""A snooze: an issue sends no notifications until a named condition is met. Pure rules.

It ends at its time, after a number of further occurrences, or when the severity of the issue rises, whichever comes first. The snooze keeps
the count and the severity that the issue had when it began.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from optral.kit.times import rfc3339
from optral.terms.errors import Invalid
from optral.terms.severity import Severity

LONGEST = timedelta(days=366)
MOST_OCCURRENCES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeConditions:
    """The conditions that end a requested snooze; at least one. `occurrences` counts from 1."""

    until: datetime | None = None
    occurrences: int | None = None
    severity_rises: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """A current snooze: what ends it, who requested it, and the count and severity that the issue had then."""

    until: datetime | None
    occurrences: int | None
    severity_rises: bool
    by: str
    at: datetime
    count: int
    severity: str

    def plain(self) -> dict[str, Any]:
        """As JSON: for rows, events and the history of the issue."""
        return {
            "until": None if self.until is None else _text(self.until),
            "occurrences": self.occurrences,
            "severityRises": self.severity_rises,
            "by": self.by,
            "at": _text(self.at),
            "count": self.count,
            "severity": self.severity,
        }

    def left(self, count: int) -> int | None:
        """How many more occurrences end it; None if no number of occurrences does."""
        return None if self.occurrences is None else max(0, self.count + self.occurrences - count)


def of(plain: Mapping[str, Any]) -> Snooze:
    """The snooze from its form as `plain`."""
    return Snooze(
        until=None if plain["until"] is None else datetime.fromisoformat(plain["until"]),
        occurrences=plain["occurrences"],
        severity_rises=plain["severityRises"],
        by=plain["by"],
        at=datetime.fromisoformat(plain["at"]),
        count=plain["count"],
        severity=plain["severity"],
    )


def begin(wish: SnoozeConditions, *, count: int, severity: Severity, by: str, now: datetime) -> Snooze:
    """Begin a snooze now. Raises `Invalid("invalid_snooze")` for one that would never end, or has already ended."""
    if wish.until is not None and not now < wish.until <= now + LONGEST:
        raise _invalid("until", "the time must be in the future and at most one year away")
    if wish.until is None and wish.occurrences is None:
        if not wish.severity_rises:
            raise _invalid("snooze", "set at least one of until, occurrences and severityRises")
        if severity is Severity.CRITICAL:
            raise _invalid("severityRises", "the issue is already critical; also set until or occurrences")
    return Snooze(
        until=wish.until,
        occurrences=wish.occurrences,
        severity_rises=wish.severity_rises,
        by=by,
        at=now,
        count=count,
        severity=severity.value,
    )


def end_reason(snooze: Snooze, *, count: int, severity: Severity, now: datetime) -> str | None:
    """What has ended it: `severity`, `occurrences` or `time`; None while it continues."""
    if snooze.severity_rises and severity.rank > Severity(snooze.severity).rank:
        return "severity"
    if snooze.left(count) == 0:
        return "occurrences"
    return "time" if snooze.until is not None and now >= snooze.until else None


def _text(moment: datetime) -> str:
    return rfc3339(moment, timespec="auto")


def _invalid(field: str, why: str) -> Invalid:
    return Invalid("invalid_snooze", say=f"{field}: {why}", errors=[{"field": field, "code": "invalid_snooze", "message": why}])

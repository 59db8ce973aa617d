"""A snooze: an issue that nobody wants to hear of until something named happens. Pure rules.

It ends by itself: at its time, after so many more happenings, or when the issue gets more severe than it was; whichever comes first. What
is counted from is kept with it.
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
class Wish:
    """What ends a wanted snooze; at least one of them. `occurrences` counts from 1."""

    until: datetime | None = None
    occurrences: int | None = None
    severity_rises: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """A snooze that lasts: what ends it, who asked for it, and the count and severity the issue had then."""

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
        """How many more happenings end it; None when they do not."""
        return None if self.occurrences is None else max(0, self.count + self.occurrences - count)


def of(plain: Mapping[str, Any]) -> Snooze:
    """The snooze that was written down as `plain`."""
    return Snooze(
        until=None if plain["until"] is None else datetime.fromisoformat(plain["until"]),
        occurrences=plain["occurrences"],
        severity_rises=plain["severityRises"],
        by=plain["by"],
        at=datetime.fromisoformat(plain["at"]),
        count=plain["count"],
        severity=plain["severity"],
    )


def begin(wish: Wish, *, count: int, severity: Severity, by: str, now: datetime) -> Snooze:
    """A snooze from now on. Raises `Invalid("invalid_snooze")` for one that would never end, or has ended already."""
    if wish.until is not None and not now < wish.until <= now + LONGEST:
        raise _invalid("until", "the time must be in the future and at most one year away")
    if wish.until is None and wish.occurrences is None:
        if not wish.severity_rises:
            raise _invalid("snooze", "say what ends it: until, occurrences or severityRises")
        if severity is Severity.CRITICAL:
            raise _invalid("severityRises", "the issue is critical, nothing is more severe; give a time or a number of occurrences too")
    return Snooze(
        until=wish.until,
        occurrences=wish.occurrences,
        severity_rises=wish.severity_rises,
        by=by,
        at=now,
        count=count,
        severity=severity.value,
    )


def why_over(snooze: Snooze, *, count: int, severity: Severity, now: datetime) -> str | None:
    """What has ended it by now: `severity`, `occurrences` or `time`; None while it lasts."""
    if snooze.severity_rises and severity.rank > Severity(snooze.severity).rank:
        return "severity"
    if snooze.left(count) == 0:
        return "occurrences"
    return "time" if snooze.until is not None and now >= snooze.until else None


def _text(moment: datetime) -> str:
    return rfc3339(moment, timespec="auto")


def _invalid(field: str, why: str) -> Invalid:
    return Invalid("invalid_snooze", say=f"{field}: {why}", errors=[{"field": field, "code": "invalid_snooze", "message": why}])

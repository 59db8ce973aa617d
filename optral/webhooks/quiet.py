"""Quiet hours: times of the week in which notifications wait. Pure rules."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from optral.kit import cron
from optral.terms.errors import Invalid
from optral.terms.severity import Severity

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `start` to `end` (`HH:MM` in `time_zone`), beginning on these days; an `end` that is not after `start` is on the next day.

    Issues of at least `passing_severity` are not held. `is_dropped`: others are not sent afterwards either."""

    start: str
    end: str
    days: frozenset[str] = frozenset(DAYS)
    time_zone: str = "UTC"
    passing_severity: Severity | None = None
    is_dropped: bool = False

    def check(self) -> None:
        """Raises `Invalid` for a time zone that does not exist, and for hours that never end."""
        try:
            cron.zone_of(self.time_zone)
        except cron.BadSchedule as error:
            raise _invalid("quietHours.timeZone", str(error)) from None
        if self.start == self.end and len(self.days) == len(DAYS):
            raise _invalid("quietHours.end", "these quiet hours never end; leave out a day, or disable the webhook")

    def release_at(self, now: datetime, severity: Severity | None) -> datetime:
        """When a notification of that moment may leave: then, or when the quiet hours end. `severity` None: it is about no issue."""
        if self.passing_severity is not None and severity is not None and severity.rank >= self.passing_severity.rank:
            return now
        zone = cron.zone_of(self.time_zone)
        while (end := self._end(now, zone)) is not None:
            now = end
        return now

    def _end(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the hours end that this moment is in."""
        today = now.astimezone(zone).date()
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        for day in (today, today - _A_DAY):
            begins = datetime.combine(day, start, zone).astimezone(UTC)
            ends = datetime.combine(day + _A_DAY if end <= start else day, end, zone).astimezone(UTC)
            if DAYS[day.weekday()] in self.days and begins <= now < ends:
                return ends
        return None


def _invalid(name: str, why: str) -> Invalid:
    return Invalid("invalid_quiet_hours", say=why, errors=[{"field": name, "code": "invalid_quiet_hours", "message": why}])

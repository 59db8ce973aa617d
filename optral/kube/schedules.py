"""Schedules of CronJobs, read by the rules of the CronJob controller: five fields, `@daily`, `@every 1h30m`, a leading `TZ=` or `CRON_TZ=`.

Own code, because what the controller refuses must be refused here and what it takes must be taken: libraries for cron know `7` for Sunday,
`L`, `#` and seconds, which it does not. It looks five years ahead; a date that does not come in five years never comes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from optral.kube import times

MAX_LENGTH = 500  # characters of a schedule; longer ones are nobody's
HORIZON_DAYS = 5 * 366
_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ZONE = re.compile(r"^(?:CRON_)?TZ=(\S+)\s+(.*)$", re.DOTALL)
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?|\.\d{1,9})(ns|us|µs|ms|s|m|h)")
_UNIT_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_MONTHS = {
    name: number
    for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)
}
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}


class BadSchedule(Exception):
    """The text is no schedule; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    what: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS = (
    _Field(what="minute", low=0, high=59, names={}),
    _Field(what="hour", low=0, high=23, names={}),
    _Field(what="day of month", low=1, high=31, names={}),
    _Field(what="month", low=1, high=12, names=_MONTHS),
    _Field(what="day of week", low=0, high=6, names=_DAYS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a CronJob runs. `zone` is the one the text itself names; `every_s` is above 0 only for `@every`."""

    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    is_either_day: bool = False  # both kinds of day are restricted: one of them is enough
    every_s: float = 0
    zone: str = ""

    def after(self, moment: datetime, zone: tzinfo = UTC) -> datetime | None:
        """The first run after that moment, in UTC; None when none comes within five years."""
        if self.every_s:
            return times.after(moment, self.every_s)
        try:
            local = moment.astimezone(zone)
            return next((run for run in self._runs(local, zone) if run > moment), None)
        except (OverflowError, ValueError):  # the ends of the calendar
            return None

    def _runs(self, local: datetime, zone: tzinfo) -> Iterator[datetime]:
        for ahead in range(HORIZON_DAYS + 1):
            day = local.date() + timedelta(days=ahead)
            if day.month in self.months and self._is_on(day):
                for hour in self.hours:
                    if ahead == 0 and hour < local.hour - 1:  # an hour may come twice where clocks are put back
                        continue
                    for minute in self.minutes:
                        yield datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)

    def _is_on(self, day: date) -> bool:
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.is_either_day else by_date and by_weekday


@lru_cache(maxsize=2048)
def parse(text: str) -> Schedule:
    """Read a schedule. Raises `BadSchedule`."""
    if len(text) > MAX_LENGTH:
        raise BadSchedule("it is too long")
    match = _ZONE.match(text)
    zone, rest = match.groups() if match is not None else ("", text)
    rest = _NAMED.get(rest.strip(), rest)
    if rest.startswith("@"):
        return Schedule(every_s=_every_s(rest), zone=zone)
    words = rest.split()
    if len(words) != len(_FIELDS):
        raise BadSchedule(f"it has {len(words)} fields instead of 5")
    values = [_numbers(word, field) for word, field in zip(words, _FIELDS, strict=True)]
    return Schedule(
        minutes=tuple(sorted(values[0])),
        hours=tuple(sorted(values[1])),
        days=values[2],
        months=values[3],
        weekdays=values[4],
        is_either_day=not _is_open(words[2]) and not _is_open(words[4]),
        zone=zone,
    )


def in_zone(text: str, time_zone: str | None) -> tuple[Schedule, tzinfo] | None:
    """A schedule with the time zone in which it is read (UTC where neither names one); None if one of them is invalid."""
    try:
        schedule = parse(text)
    except BadSchedule:
        return None
    name = time_zone or schedule.zone
    zone = zone_of(name) if name else UTC
    return None if zone is None else (schedule, zone)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> tzinfo | None:
    """The time zone of an IANA name; None for one we do not know, which may be younger than our table."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _numbers(word: str, field: _Field) -> frozenset[int]:
    found: set[int] = set()
    for piece in word.split(","):
        found.update(_range(piece, field))
    return frozenset(found)


def _range(piece: str, field: _Field) -> range:
    bounds, slash, step = piece.partition("/")
    if "/" in step:
        raise BadSchedule(f"{piece} has more than one step")
    if bounds in ("*", "?"):
        low, high = field.low, field.high
    else:
        first, dash, last = bounds.partition("-")
        low = _number(first, field)
        high = _number(last, field) if dash else field.high if slash else low
    by = _plain(step, piece) if slash else 1
    if by == 0:
        raise BadSchedule(f"the step of {piece} is zero")
    if not field.low <= low <= high <= field.high:
        raise BadSchedule(f"{piece} is no {field.what} between {field.low} and {field.high}")
    return range(low, high + 1, by)


def _number(text: str, field: _Field) -> int:
    known = field.names.get(text.lower())
    return _plain(text, text) if known is None else known


def _plain(text: str, shown: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadSchedule(f"{shown or 'an empty field'} is no number")
    return int(text)


def _is_open(word: str) -> bool:
    """Whether the field is a star: one that does not narrow the days. `*/2` does."""
    return any(bounds in ("*", "?") and step in ("", "1") for bounds, _, step in (piece.partition("/") for piece in word.split(",")))


def _every_s(text: str) -> float:
    if not text.startswith("@every "):
        raise BadSchedule(f"{text[:40]} is unknown")
    duration = text.removeprefix("@every ")
    parts = _DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise BadSchedule(f"{duration[:40]} is no duration")
    return max(1.0, sum(float(number) * _UNIT_S[unit] for number, unit in parts))

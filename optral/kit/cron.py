"""Cron expressions in a time zone: five fields as crontab(5) has them, without seconds and `@` words.

Daylight saving time is handled as Debian's cron does: a schedule at a fixed time (`30 2 * * *`) runs at the first minute after an hour that
is skipped, and once in an hour that occurs twice; a schedule with `*` as its minute or hour runs by elapsed time, so in both.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

MAX_LENGTH = 100
LOOKS = 16  # an hour that occurs twice gives at most a few times that have passed


class BadSchedule(ValueError):
    """The text is no schedule or names no time zone; the message says what is wrong."""


def check(expression: str, zone: str) -> None:
    """Raises `BadSchedule` for an expression or time zone that cannot be read, and for one that never occurs."""
    zone_of(zone)
    if len(expression) > MAX_LENGTH or len(expression.split()) != 5:
        raise BadSchedule(f"{expression[:MAX_LENGTH]!r} is not a cron expression; give five fields, such as 30 2 * * 1-5")
    try:
        next(CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        field = str(error).removeprefix("Bad ")
        raise BadSchedule(f"the field {field} of {expression!r} cannot be read; give five fields, such as 30 2 * * 1-5") from None
    except StopIteration:
        raise BadSchedule(f"{expression!r} never occurs; check the day and the month") from None


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The IANA time zone. Raises `BadSchedule`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadSchedule(f"{name[:64]!r} is not a time zone; give an IANA name, such as Europe/Berlin or UTC") from None


def next_after(expression: str, zone: str, moment: datetime) -> datetime:
    """The first time of the schedule after that moment, in UTC. The expression was checked."""
    times = CronSim(expression, moment.astimezone(zone_of(zone)))
    for _ in range(LOOKS):
        if (found := next(times).astimezone(UTC)) > moment:
            return found
    return next_after(expression, zone, moment + timedelta(hours=1))


def last_before(expression: str, zone: str, moment: datetime) -> datetime | None:
    """The latest time of the schedule at or before that moment, in UTC; None when there was none in the last 50 years.

    Backward, the times of an hour that occurs twice are left out while its second pass runs; forward from an earlier one, they are found.
    """
    times = CronSim(expression, moment.astimezone(zone_of(zone)) + timedelta(seconds=1), reverse=True)
    found = next((time for one in times if (time := one.astimezone(UTC)) <= moment), None)
    while found is not None and (later := next_after(expression, zone, found)) <= moment:
        found = later
    return found

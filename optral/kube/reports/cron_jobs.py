"""What the CronJob controller reports in Events, and why a CronJob never runs.

Source: pkg/controller/cronjob/cronjob_controllerv2.go; `FailedNeedsStart` is from the controller before Kubernetes 1.21.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from optral.kube import schedules

INVALID_SCHEDULE = frozenset({"UnparseableSchedule", "InvalidSchedule", "UnknownTimeZone"})
MISSED = frozenset({"MissSchedule", "TooManyMissedTimes", "FailedNeedsStart"})


class Fault(StrEnum):
    """What is wrong with a schedule."""

    UNREADABLE = "unreadable"
    UNKNOWN_ZONE = "unknownZone"
    NEVER_OCCURS = "neverOccurs"


class NeverRuns(NamedTuple):
    """Why no run will ever start. `detail` is the error of the parser or the name of the time zone."""

    fault: Fault
    detail: str = ""


def never_runs(schedule: str, time_zone: str | None, *, now: datetime) -> NeverRuns | None:
    """The fault of a schedule; None for a valid one. A time zone that is unknown here may be newer than the installed table."""
    try:
        parsed = schedules.parse(schedule)
    except schedules.BadSchedule as bad:
        return NeverRuns(Fault.UNREADABLE, str(bad))
    name = time_zone or parsed.zone
    zone = schedules.zone_of(name) if name else UTC
    if zone is None:
        return NeverRuns(Fault.UNKNOWN_ZONE, name)
    return NeverRuns(Fault.NEVER_OCCURS) if parsed.after(now, zone) is None else None

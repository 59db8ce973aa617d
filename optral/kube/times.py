"""Arithmetic on times out of objects, which may be any instant: nothing here overflows."""

from datetime import UTC, datetime, timedelta

MAX_STEP_S = 10 * 365 * 86400  # ten years: beyond every timer Kubernetes has
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MAX_WRITTEN = 40  # characters of a time
_LATEST_WRITTEN = datetime(9000, 1, 1, tzinfo=UTC)


def after(moment: datetime, seconds: float) -> datetime:
    """`seconds` later (0 to ten years, clamped); the last representable year when that does not exist."""
    try:
        return moment + timedelta(seconds=max(0.0, min(float(seconds), float(MAX_STEP_S))))
    except OverflowError:
        return LATEST


def before(moment: datetime, seconds: float) -> datetime:
    """`seconds` earlier (0 to ten years, clamped); 1970 when that does not exist."""
    try:
        return moment - timedelta(seconds=max(0.0, min(float(seconds), float(MAX_STEP_S))))
    except OverflowError:
        return EARLIEST


def age_s(moment: datetime, *, now: datetime) -> float:
    """Seconds from then to now; negative for the future."""
    return (now - moment).total_seconds()


def latest(*moments: datetime | None) -> datetime | None:
    """The last of those that are known."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if known else None


def clamped(moment: datetime, *, now: datetime) -> datetime:
    """The moment, moved into 1970 … ten years from now, where every room can calculate with it."""
    return min(max(moment, EARLIEST), after(now, MAX_STEP_S))


def bounded(moment: datetime) -> datetime:
    """The moment, moved into the years 1970 … 9000: a clock's offset can be taken from it, and it exists in every time zone."""
    return min(max(moment, EARLIEST), _LATEST_WRITTEN)


def moment(text: object) -> datetime | None:
    """An RFC 3339 time of an object in UTC, moved into the years 1970 … 9000; UTC where it names no zone; None for anything else."""
    if not isinstance(text, str) or len(text) > MAX_WRITTEN:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return bounded(found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)

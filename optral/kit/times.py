"""Times as text: RFC 3339 in UTC with a `Z`, as the API, events and Kubernetes write them."""

from datetime import UTC, datetime


def rfc3339(moment: datetime, *, timespec: str = "seconds") -> str:
    """`2026-01-15T12:00:00Z`, cut off after `timespec` (as `datetime.isoformat` has it); `moment` is aware."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")

"""Spans of time as people type them: `30s`, `30m`, `2h`, `7d`; and the moment that far ahead."""

import typer

from optral.kit import durations
from optral.kit.times import rfc3339


def seconds(text: str, *, is_plain: bool = False) -> int:
    """Of `90s`, `10m`, `2h` or `7d`; `is_plain`: also 0, and seconds without a unit. Raises `typer.BadParameter`."""
    found = durations.seconds(text.strip())
    if found is None or not (is_plain or (found and not text.strip().isdigit())):
        raise typer.BadParameter(f"{text!r} is not a duration; use a value such as 30m, 2h or 7d")
    return found


def moment(until: str | None, span: str | None) -> str | None:
    """The time given as such, or that far ahead, as RFC 3339; None without either."""
    from datetime import UTC, datetime, timedelta

    if until and span:
        raise typer.BadParameter("use either --until or --for, not both")
    if span is None:
        return until
    return rfc3339(datetime.now(UTC) + timedelta(seconds=seconds(span)))

"""Spans of time as people type them: `30s`, `30m`, `2h`, `7d`; and the moment that far ahead."""

import re

import typer

from optral.kit.times import rfc3339

_FORM = re.compile(r"([1-9]\d{0,4})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> int:
    """Raises `typer.BadParameter` for what is no span."""
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise typer.BadParameter(f"{text!r} is not a duration; use a value such as 30m, 2h or 7d")
    return int(form[1]) * _SECONDS[form[2]]


def moment(until: str | None, span: str | None) -> str | None:
    """The time given as such, or that far ahead, as RFC 3339; None without either."""
    from datetime import UTC, datetime, timedelta

    if until and span:
        raise typer.BadParameter("use either --until or --for, not both")
    if span is None:
        return until
    return rfc3339(datetime.now(UTC) + timedelta(seconds=seconds(span)))

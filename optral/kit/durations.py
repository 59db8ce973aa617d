"""Durations as people write and read them, and as HTTP servers ask for them."""

import re

from optral.kit.words import counted

_FORM = re.compile(r"(\d{1,6})([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_HEADER = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


def seconds(text: str) -> int | None:
    """Of `90s`, `10m`, `2h`, `7d`, or plain seconds; None for anything else."""
    form = _FORM.fullmatch(text)
    return None if form is None else int(form[1]) * _SECONDS[form[2]]


def in_words(seconds: float) -> str:
    """`40 seconds`, `15 minutes`, `3 hours`, `2 days`; the sign is dropped."""
    size = abs(seconds)
    if size < 59.5:
        return counted(round(size), "second")
    if size < 5400:
        return counted(round(size / 60), "minute")
    return counted(round(size / 3600), "hour") if size < 48 * 3600 else counted(round(size / 86_400), "day")


def short(seconds: float) -> str:
    """`45 s`, `12 min`, `3.5 h`, `2.1 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h")):
        if seconds >= size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds / 60:.0f} min" if seconds >= 59.5 else f"{max(1, round(seconds))} s"


def retry_after_s(header: str | None) -> float | None:
    """What a Retry-After header asks for; None without one, and for one that is a date."""
    return float(header) if header is not None and _HEADER.fullmatch(header) else None

"""How often a runbook helped, in words."""

from collections.abc import Mapping
from typing import Any


def text(record: Mapping[str, Any] | None) -> str:
    """`4 of 5 verified, median 3 min`; `not run yet` without any run."""
    if not record or not record.get("runs"):
        return "not run yet"
    verified = f"{record.get('verified', 0)} of {record['runs']} verified"
    return verified if (seconds := record.get("medianSeconds")) is None else f"{verified}, median {duration(float(seconds))}"


def duration(seconds: float) -> str:
    """`40 s`, `3 min`, `2 h`."""
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 3600 else f"{round(seconds / 3600)} h"

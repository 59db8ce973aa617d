"""How often a runbook helped, in words."""

from collections.abc import Mapping
from typing import Any

from optral.kit import durations


def text(record: Mapping[str, Any] | None) -> str:
    """`4 of 5 verified, median 3 min`; `not run yet` without any run."""
    if not record or not record.get("runs"):
        return "not run yet"
    verified = f"{record.get('verified', 0)} of {record['runs']} verified"
    return verified if (seconds := record.get("medianSeconds")) is None else f"{verified}, median {durations.short(float(seconds))}"

"""Thresholds: the numbers a type of issue judges by that people may set, each with the values it may have.

A type declares its own (`Detector.thresholds`); most have none, and then nobody asks. What somebody set is kept as it was given and looked
at when it is used: a value that does not fit, out of an annotation or from before a range was narrowed, is passed over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Limits = Mapping[str, float]
"""The thresholds of one type by name, as they hold for one object."""
Values = tuple[tuple[str, float], ...]
"""What was set, sorted by name: it can be compared and merged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One number of a type. A whole default asks for whole values. `unit`: "s" for seconds, "share" of 1, or what is counted."""

    default: float
    min: float
    max: float
    unit: str
    doc: str

    def taken(self, value: float) -> float | None:
        """The value as the type uses it; None for one that does not fit."""
        if not self.min <= value <= self.max:
            return None
        if not isinstance(self.default, int):
            return float(value)
        return int(value) if int(value) == value else None

    @property
    def range(self) -> str:
        """What it may be, in words: `0.5 to 0.99 (share)`, `3 to 100 restarts`, `60 to 3600 s`. Whole defaults stand for whole values."""
        return f"{self.min} to {self.max} {self.unit}" + (", whole" if isinstance(self.default, int) else "")


def defaults(thresholds: Mapping[str, Threshold]) -> dict[str, float]:
    """What holds where nobody set anything."""
    return {name: threshold.default for name, threshold in thresholds.items()}


def fitting(thresholds: Mapping[str, Threshold], values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Those of the values that are of this type and may be."""
    found = ((name, thresholds[name].taken(value)) for name, value in values if name in thresholds)
    return {name: value for name, value in found if value is not None}

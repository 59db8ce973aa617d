"""Thresholds: the numbers of an issue type that people may set, each with its allowed range.

A type declares its own (`Detector.thresholds`); most have none. A setting is stored as given and checked when it is used: a value outside
the range, from an annotation or from before the range was narrowed, is ignored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Limits = Mapping[str, float]
"""The thresholds of one type by name, as they apply to one object."""
Values = tuple[tuple[str, float], ...]
"""Settings sorted by name, so that they can be compared and merged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One number of a type. A whole default requires whole values. `unit`: "s" for seconds, "share" of 1, or what is counted."""

    default: float
    min: float
    max: float
    unit: str
    doc: str

    def accept(self, value: float) -> float | None:
        """The value as the type uses it; None if it is not in range."""
        if not self.min <= value <= self.max:
            return None
        if not isinstance(self.default, int):
            return float(value)
        return int(value) if int(value) == value else None

    @property
    def range(self) -> str:
        """The allowed values as text: `0.5 to 0.99 (share)`, `3 to 100 restarts`, `60 to 3600 s`. A whole default requires whole values."""
        return f"{self.min} to {self.max} {self.unit}" + (", whole" if isinstance(self.default, int) else "")


def defaults(thresholds: Mapping[str, Threshold]) -> dict[str, float]:
    """The values where nothing is set."""
    return {name: threshold.default for name, threshold in thresholds.items()}


def fitting(thresholds: Mapping[str, Threshold], values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The values that belong to this type and are in range."""
    found = ((name, thresholds[name].accept(value)) for name, value in values if name in thresholds)
    return {name: value for name, value in found if value is not None}

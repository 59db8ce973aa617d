"""Severity, from capability lost to hygiene. The order is the order of urgency."""

from enum import StrEnum


class Severity(StrEnum):
    """critical: a service is down or data is at risk. high: does not recover by itself. medium: partial or slow. low: hygiene."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return _RANK[self]

    def raised(self) -> "Severity":
        """One step more urgent; critical stays critical."""
        return _BY_RANK[min(3, self.rank + 1)]

    def lowered(self) -> "Severity":
        """One step less urgent; low stays low."""
        return _BY_RANK[max(0, self.rank - 1)]

    def and_above(self) -> "frozenset[Severity]":
        """This severity and the more urgent ones."""
        return frozenset(_BY_RANK[self.rank :])


_BY_RANK = [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
_RANK = {severity: rank for rank, severity in enumerate(_BY_RANK)}

"""Reasoner: what turns a case into ranked hypotheses.

The rules always go first. A reasoner may then reorder what they found, add hypotheses of the same taxonomy, and say things better, over
the same evidence; whatever it answers goes through the verifier, and when it fails the rules' answer stands. Today there is one: the
rules alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from optral.analysis.case import Case
from optral.analysis.model import Hypothesis


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned:
    """A reasoner's answer; `usage` counts what it cost (requests, tokens)."""

    hypotheses: Sequence[Hypothesis]
    usage: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()


class Reasoner(Protocol):
    """`name` and `model` are told in the analysis; `model` is None when none was asked."""

    name: str
    model: str | None

    async def reason(self, case: Case, found: Sequence[Hypothesis]) -> Reasoned:
        """Judge what the rules found. Raises `OptralError` when it cannot."""
        ...


class RulesAlone:
    """The default: no key, no network, the same answer every time."""

    name = "rules"
    model: str | None = None

    async def reason(self, case: Case, found: Sequence[Hypothesis]) -> Reasoned:
        return Reasoned(hypotheses=found)

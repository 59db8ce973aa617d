"""Reasoner: what turns a case into ranked hypotheses.

The rules always go first. A reasoner may then reorder what they found, add hypotheses of the same taxonomy, and say things better, over
the same evidence; whatever it answers goes through the verifier, and when it fails the rules' answer stands. There are two: the rules
alone, and a language model where the operator and the organization want one (`ai/`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from optral.analysis.model import Cost, Hypothesis, Sentence
from optral.analysis.reading.case import Case
from optral.analysis.veil import Sees


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned:
    """A reasoner's answer; `usage` counts what it cost (requests, tokens, money).

    `engine` is stored with the analysis (name, provider, model, promptHash); it is empty for the answer of the rules.
    """

    hypotheses: Sequence[Hypothesis]
    usage: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    engine: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What a model said: sentences that evidence confirms, how many were dropped, and the evidence as it is sent; or the `failure`, why
    there is nothing. `usage` counts what it cost."""

    sentences: Sequence[Sentence] = ()
    dropped: int = 0
    evidence: Sequence[Mapping[str, Any]] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Confirmed):
    """An answer to a question; or the `query` that shows the list that was requested."""

    query: str | None = None
    list: str = "issues"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted(Confirmed):
    """A proposed runbook as text, empty if there is none."""

    source: str = ""


Judge = Callable[[str], Awaitable[Sequence[str]]]
"""What is wrong with the text of a runbook; nothing if it may be kept. Each begins with the field, if there is one."""
BeforeRequest = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Is called before each request to a model, with the most that all of them will have used then. Nothing is sent if it raises."""


async def uncounted(_usage: Mapping[str, Any]) -> None:
    """Before a request that nobody counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks: what they may see, and what the model has used (`used`), which is known also when the question is canceled."""

    sees: Sees
    used: dict[str, Any] = field(default_factory=dict)
    before_request: BeforeRequest = uncounted


class Answerer(Protocol):
    """Who answers questions that the grammar does not know. `destination`, `deadline_s` and `most` as for a `Reasoner`."""

    @property
    def model(self) -> str: ...

    @property
    def destination(self) -> str: ...

    @property
    def deadline_s(self) -> float: ...

    @property
    def most(self) -> Cost: ...

    async def answer(self, case: Case, found: Sequence[Hypothesis], question: str, asking: Asking) -> Answered:
        """Answer from what the reader sees of the case. Raises nothing that a model causes."""
        ...

    async def draft(self, case: Case, found: Sequence[Hypothesis], language: str, asking: Asking, *, judge: Judge) -> Drafted:
        """Propose a runbook for the issue. `language`: how one is written. Raises nothing that a model causes."""
        ...


class Reasoner(Protocol):
    """`mark` names what was asked, so that an answer is not bought twice; None: nothing leaves and nothing costs. `destination` is who
    gets the evidence: an organization's yes is for one of them.

    One answer takes at most `deadline_s` seconds and costs at most `most`.
    """

    @property
    def mark(self) -> str | None: ...

    @property
    def destination(self) -> str: ...

    @property
    def deadline_s(self) -> float: ...

    @property
    def most(self) -> Cost: ...

    async def reason(self, case: Case, found: Sequence[Hypothesis], before_request: BeforeRequest = uncounted) -> Reasoned:
        """Judge what the rules found. Raises `OptralError` when it cannot."""
        ...


class RulesOnly:
    """The default: no key, no network, the same answer every time."""

    mark: str | None = None
    destination = ""
    deadline_s = 0.0
    most = Cost(tokens=0)

    async def reason(self, case: Case, found: Sequence[Hypothesis], before_request: BeforeRequest = uncounted) -> Reasoned:
        return Reasoned(hypotheses=found)

"""An `Answerer` that asks a model: it looks with read-only tools, and of what it says only sentences stay that evidence says, too."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field
from pydantic_ai import Agent, Tool
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import Model
from pydantic_ai.usage import RunUsage

from optral.analysis.ai import answer, prompt, wording
from optral.analysis.ai.answer import Claim
from optral.analysis.ai.options import Options
from optral.analysis.ai.reasoner import fence_of, tokens_at_once, usage, usage_limits, why
from optral.analysis.ai.tools import Reader
from optral.analysis.engine import engine, verifier
from optral.analysis.engine.reasoner import Answered
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case
from optral.analysis.veil import Sees

MAX_S = 25.0  # below the deadline of a request
MAX_SENTENCES = 8
_log = structlog.get_logger(__name__)


class Said(BaseModel):
    """The answer, or the query of the list that was requested."""

    model_config = ConfigDict(extra="forbid")
    sentences: list[Claim] = Field(default_factory=list, max_length=MAX_SENTENCES)
    query: str = Field("", max_length=300)
    list: Literal["issues", "resources"] = "issues"


class ModelAnswerer:
    """One configured model. Safe to use for several questions at once."""

    def __init__(self, options: Options, asked: Model) -> None:
        self._options, self._asked = options, asked
        self.model = f"{options.provider}/{options.model}"
        self.destination, self.most = options.destination, options.most
        self.deadline_s = min(options.limits.seconds, MAX_S)

    async def answer(self, case: Case, found: Sequence[Hypothesis], question: str, *, sees: Sees) -> Answered:
        """What the model says about the question and evidence confirms; with `failure` when there is no answer."""
        spent = RunUsage()
        reader = Reader(case, found, fence_of(self._options, case), sees=sees)
        try:
            async with asyncio.timeout(self.deadline_s):
                said = await self._ask(reader, case, question, spent)
        except (AgentRunError, UserError, TimeoutError, OSError) as error:
            _log.warning("question.model_failed", model=self._options.model, error=type(error).__name__)
            return Answered(usage=usage(self._options, spent), failure=why(error))
        masks = reader.fence.masks
        kept = [one for claim in said.sentences if (one := _confirmed(case, answer.unmasked_claim(claim, masks), reader.read)) is not None]
        cited = case.book.chosen(id_ for one in kept for id_ in one.evidence_ids)
        return Answered(
            sentences=kept,
            dropped=len(said.sentences) - len(kept),
            evidence=[engine.fact_shape(fact) for fact in cited],
            query=masks.unmask(said.query.strip()) or None,
            list=said.list,
            usage=usage(self._options, spent),
        )

    async def _ask(self, reader: Reader, case: Case, question: str, spent: RunUsage) -> Said:
        agent = Agent(
            self._asked,
            output_type=Said,
            instructions=prompt.ANSWER,
            tools=[Tool(function, takes_ctx=False) for function in reader.functions()],
            retries=1,
        )
        run = await agent.run(
            reader.shown(prompt.person_question(question, case, reader.found, reader.fence)),
            model_settings={"max_tokens": tokens_at_once(self._options)},
            usage_limits=usage_limits(self._options, requests=self._options.limits.requests),
            usage=spent,
        )
        return run.output


def _confirmed(case: Case, claim: Claim, read: set[str]) -> Sentence | None:
    """The sentence with the evidence that says it, among what was read; None without any. Two facts together prove no third one."""
    if (said := answer.sentence_of(claim)) is None:
        return None
    ids = tuple(id_ for id_ in said.evidence_ids if id_ in read and _says(case, Sentence(said.text, (id_,))))
    return Sentence(said.text, ids) if ids else None


def _says(case: Case, one: Sentence) -> bool:
    """Whether the one piece of evidence that the sentence cites says it."""
    if verifier.fault_in(case, one) is not None:
        return False
    fact = case.book[one.evidence_ids[0]]
    return wording.fault(one.text, f"{fact.kind} {fact.haystack}") is None

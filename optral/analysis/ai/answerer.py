"""An `Answerer` that asks a model: it looks with read-only tools, and of what it says only sentences stay that evidence says, too.

A draft of a runbook is requested in the same way. It is text until the caller's judge has read it.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field
from pydantic_ai import Agent, RunContext
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import Model
from pydantic_ai.usage import RunUsage

from optral.analysis.ai import answer, prompt
from optral.analysis.ai.answer import Claim
from optral.analysis.ai.meter import Metered
from optral.analysis.ai.options import Options
from optral.analysis.ai.reasoner import fence_of, retry, tokens_at_once, tools_of, usage, usage_limits, why
from optral.analysis.ai.tools import Reader
from optral.analysis.engine import engine
from optral.analysis.engine.reasoner import Answered, Asking, Drafted, Judge
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case

MAX_S = 25.0  # below the deadline of a request
MAX_SENTENCES = 8
MAX_DRAFT = 8000  # characters
_PLACE = re.compile(r"(?:(?:steps|parameters)(?:\[\d+\])?|slug|name|risk|match|scope)(?![\w-])|line \d+")
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Said(BaseModel):
    """The answer, or the query of the list that was requested."""

    model_config = ConfigDict(extra="forbid")
    sentences: list[Claim] = Field(default_factory=list, max_length=MAX_SENTENCES)
    query: str = Field("", max_length=300)
    list: Literal["issues", "resources"] = "issues"


class Proposed(BaseModel):
    """A runbook, and why it would help."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field("", max_length=MAX_DRAFT, description="The runbook as one YAML document; empty if no action would help")
    sentences: list[Claim] = Field(default_factory=list, max_length=MAX_SENTENCES)


class ModelAnswerer:
    """One configured model. Safe to use for several questions at once."""

    def __init__(self, options: Options, asked: Model) -> None:
        self._options, self._asked = options, asked
        self.model = f"{options.provider}/{options.model}"
        self.destination, self.most = options.destination, options.most
        self.deadline_s = min(options.limits.seconds, MAX_S)

    async def answer(self, case: Case, found: Sequence[Hypothesis], question: str, asking: Asking) -> Answered:
        """What the model says about the question and evidence confirms; with `failure` when there is no answer."""
        reader = self._reader(case, found, asking)
        said, known = await self._run(reader, self._agent(reader, Said, prompt.ANSWER), prompt.person_question(question, reader), asking)
        if said is None:
            return Answered(**known)
        masks = reader.fence.masks
        query = masks.unmask(said.query.strip()) or None
        return Answered(**known, **_kept(reader, said.sentences), query=query, list=said.list)

    async def draft(self, case: Case, found: Sequence[Hypothesis], language: str, asking: Asking, *, judge: Judge) -> Drafted:
        """The runbook that the model proposes, whatever the judge says of it in the end; with `failure` when there is none.

        The model gets to know once what the judge finds wrong; with masks, only where.
        """
        reader = self._reader(case, found, asking)
        masks = reader.fence.masks
        agent = self._agent(reader, Proposed, prompt.draft(language))

        @agent.output_validator
        async def _fits(context: RunContext[object], said: Proposed) -> Proposed:
            source = masks.unmask_tokens_alone(said.source, public=language).strip()
            if source and (faults := await judge(source)) and context.retry == 0:
                places = dict.fromkeys(found[0] for fault in faults if (found := _PLACE.match(fault)))
                raise retry(masks, "The runbook is invalid", faults, wordless=list(places))
            return said.model_copy(update={"source": source})

        said, known = await self._run(reader, agent, prompt.question(case, reader.found, reader.fence), asking)
        return Drafted(**known) if said is None else Drafted(**known, **_kept(reader, said.sentences), source=said.source)

    def _reader(self, case: Case, found: Sequence[Hypothesis], asking: Asking) -> Reader:
        return Reader(case, found, fence_of(self._options, case), sees=asking.sees)

    def _agent(self, reader: Reader, output: type[T], instructions: str) -> "Agent[None, T]":
        return Agent(self._asked, output_type=output, instructions=instructions, tools=tools_of(reader), retries=1)

    async def _run(self, reader: Reader, agent: "Agent[None, T]", text: str, asking: Asking) -> tuple[T | None, dict[str, Any]]:
        """What the model returned, if it did; and what it used, with the failure if it did not."""
        spent = RunUsage()
        try:
            async with asyncio.timeout(self.deadline_s):
                run = await agent.run(
                    reader.shown(text),
                    model=Metered(self._asked, spent, lambda most: asking.before_request(usage(self._options, most))),
                    model_settings={"max_tokens": tokens_at_once(self._options)},
                    usage_limits=usage_limits(self._options, requests=self._options.limits.requests),
                    usage=spent,
                )
        except (AgentRunError, UserError, TimeoutError, OSError) as error:
            _log.warning("question.model_failed", model=self._options.model, error=type(error).__name__)
            return None, {"usage": asking.used, "failure": why(error)}
        finally:
            asking.used.update(usage(self._options, spent))
        return run.output, {"usage": asking.used}


def _kept(reader: Reader, said: Sequence[Claim]) -> dict[str, Any]:
    """The sentences that evidence confirms, with it, and how many it does not."""
    case, masks = reader.case, reader.fence.masks
    kept = [one for claim in said if (one := answer.confirmed(case, masks.unmask(claim.text), claim.evidence, reader.read)) is not None]
    cited = case.book.chosen(id_ for one in kept for id_ in one.evidence_ids)
    return {"sentences": kept, "dropped": len(said) - len(kept), "evidence": [engine.fact_shape(fact) for fact in cited]}

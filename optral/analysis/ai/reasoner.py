"""A `Reasoner` that asks a model: once to say it well, or in a loop of read-only looks where the rules are unsure.

Whatever goes wrong (a limit, a provider that is down, an answer that is none) is an answer, too: the rules' own, with a warning.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from pydantic_ai import Agent, Tool, UsageLimits
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import Model
from pydantic_ai.usage import RunUsage

from optral.analysis import engine, verifier
from optral.analysis.ai import answer, prompt
from optral.analysis.ai.answer import Verdict
from optral.analysis.ai.fence import Fence
from optral.analysis.ai.options import Options
from optral.analysis.ai.tools import Reader
from optral.analysis.case import Case
from optral.analysis.model import Hypothesis
from optral.analysis.reasoner import Reasoned

UNSURE = 0.7  # below this, or when two are about as good, the model looks for itself
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ModelReasoner:
    """One configured model. Safe to use for several analyses at once."""

    options: Options
    asked: Model
    name: str = "rules+model"

    @property
    def model(self) -> str:
        return self.options.model

    @property
    def deadline_s(self) -> float:
        return self.options.limits.seconds

    async def reason(self, case: Case, found: Sequence[Hypothesis]) -> Reasoned:
        """The rules' hypotheses in the model's order and words; as they were, with a warning, when that fails. Never raises."""
        investigates = is_open(found)
        spent = RunUsage()
        try:
            async with asyncio.timeout(self.options.limits.seconds):
                verdict = await self._ask(case, found, investigates, spent)
        except (AgentRunError, UserError, TimeoutError, OSError) as error:
            _log.warning("analysis.model_failed", model=self.model, error=type(error).__name__)
            return Reasoned(
                hypotheses=found, usage=self._usage(spent, investigates), warnings=(f"the model's answer was not used: {_why(error)}",)
            )
        ranked, warnings = answer.hypotheses(case, found, verdict)
        held, dropped = verifier.checked(case, ranked)
        if not held:
            return Reasoned(
                hypotheses=found,
                usage=self._usage(spent, investigates),
                warnings=("the model's answer was not used: nothing of it holds", *dropped),
            )
        return Reasoned(hypotheses=ranked, usage=self._usage(spent, investigates), warnings=tuple(warnings))

    async def _ask(self, case: Case, found: Sequence[Hypothesis], investigates: bool, spent: RunUsage) -> Verdict:
        fence = Fence()
        reader = Reader(case, found, fence)
        agent = Agent(
            self.asked,
            output_type=Verdict,
            instructions=prompt.instructions(investigates=investigates),
            tools=[Tool(one, takes_ctx=False) for one in reader.functions()] if investigates else [],
            retries=1,
        )
        limits = self.options.limits
        run = await agent.run(
            prompt.question(case, found, fence),
            model_settings={"temperature": 0.0, "max_tokens": limits.output_tokens},
            usage_limits=UsageLimits(
                request_limit=limits.requests if investigates else 2,
                tool_calls_limit=limits.tool_calls,
                input_tokens_limit=limits.input_tokens,
                output_tokens_limit=limits.output_tokens,
            ),
            usage=spent,
        )
        return run.output

    def _usage(self, spent: RunUsage, investigates: bool) -> dict[str, Any]:
        found: dict[str, Any] = {
            "requests": spent.requests,
            "toolCalls": spent.tool_calls,
            "inputTokens": spent.input_tokens,
            "outputTokens": spent.output_tokens,
            "cacheReadTokens": spent.cache_read_tokens,
            "promptHash": prompt.digest(investigates=investigates),
        }
        if (prices := self.options.prices) is not None:
            found["costUsd"] = float(round(prices.cost(spent.input_tokens, spent.output_tokens), 6))
        return found


def is_open(found: Sequence[Hypothesis]) -> bool:
    """Whether the rules leave it open: nothing sure, or two causes about as good."""
    if not found or found[0].score < UNSURE:
        return True
    return any(one.cause != found[0].cause and found[0].score - one.score < engine.NEAR for one in found[1:])


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return {"UsageLimitExceeded": "it went beyond its limits", "UnexpectedModelBehavior": "it had no shape that can be read"}.get(
        type(error).__name__, f"{type(error).__name__}"
    )


def most(prices: Any, limits: Any) -> Decimal | None:
    """The most that one analysis may cost at these prices; None when nobody knows the prices."""
    return None if prices is None else prices.cost(limits.input_tokens, limits.output_tokens)

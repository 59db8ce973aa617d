"""A `Reasoner` that asks a model: once to say it well, or in a loop of read-only looks where the rules are unsure.

Whatever goes wrong (a limit, a provider that is down, an answer that is none) is an answer, too: the rules' own, with a warning.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from pydantic_ai import Agent, ModelRetry, RunContext, Tool, UsageLimits
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import Model
from pydantic_ai.usage import RunUsage

from optral.analysis.ai import answer, prompt
from optral.analysis.ai.answer import Verdict
from optral.analysis.ai.fence import Fence, clean
from optral.analysis.ai.masks import NOTHING, Masks
from optral.analysis.ai.meter import Metered
from optral.analysis.ai.options import Options
from optral.analysis.ai.tools import Reader
from optral.analysis.engine import engine, verifier
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.reasoner import BeforeRequest, Reasoned, uncounted
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case

MAX_TOKENS_AT_ONCE = 4000  # of one answer
OPEN_BELOW = Level.LIKELY  # below this, or when two causes have the same level, the model investigates with its tools
_log = structlog.get_logger(__name__)


class ModelReasoner:
    """One configured model. Safe to use for several analyses at once."""

    def __init__(self, options: Options, asked: Model) -> None:
        self._options, self._asked = options, asked
        prompts = "/".join(prompt.digest(investigates=investigates) for investigates in (False, True))
        self.mark: str | None = f"{options.provider}/{options.model}/{prompts}"
        self.destination = options.destination
        self.deadline_s = options.limits.seconds
        self.most = options.most

    async def reason(self, case: Case, found: Sequence[Hypothesis], before_request: BeforeRequest = uncounted) -> Reasoned:
        """The rules' hypotheses in the model's order and words; as they were, with a warning, when that fails."""
        investigates = is_open(found)
        spent = RunUsage()
        try:
            async with asyncio.timeout(self.deadline_s):
                verdict = await self._ask(case, found, investigates, spent, before_request)
        except (AgentRunError, UserError, TimeoutError, OSError) as error:
            _log.warning("analysis.model_failed", model=self._options.model, error=type(error).__name__)
            return self._unused(found, spent, why(error))
        ranked, warnings = answer.hypotheses(case, found, verdict)
        faults = _faults(case, found, verdict)
        if faults is not None:
            return self._unused(found, spent, "none of its claims is supported", *faults)
        told = {"name": "rules+model", "provider": self._options.provider, "model": self._options.model}
        told["promptHash"] = prompt.digest(investigates=investigates)
        return Reasoned(hypotheses=ranked, usage=usage(self._options, spent), warnings=tuple(warnings), engine=told)

    def _unused(self, found: Sequence[Hypothesis], spent: RunUsage, why: str, *more: str) -> Reasoned:
        return Reasoned(hypotheses=found, usage=usage(self._options, spent), warnings=(f"the model's answer was not used: {why}", *more))

    async def _ask(
        self, case: Case, found: Sequence[Hypothesis], investigates: bool, spent: RunUsage, before_request: BeforeRequest
    ) -> Verdict:
        fence = fence_of(self._options, case)
        reader = Reader(case, found, fence)
        agent = Agent(
            self._asked,
            output_type=Verdict,
            instructions=prompt.instructions(investigates=investigates),
            tools=tools_of(reader) if investigates else [],
            retries=1,
        )

        @agent.output_validator
        def _holds(context: RunContext[object], verdict: Verdict) -> Verdict:
            verdict = answer.unmasked(verdict, fence.masks)
            if context.retry == 0 and (faults := _faults(case, found, verdict)) is not None:
                raise retry(fence.masks, "None of this is supported", faults)
            return verdict

        requests = self._options.limits.requests
        run = await agent.run(
            prompt.question(case, found, fence),
            model=Metered(self._asked, spent, lambda most: before_request(usage(self._options, most))),
            model_settings={"max_tokens": tokens_at_once(self._options)},
            usage_limits=usage_limits(self._options, requests=requests if investigates else min(2, requests)),
            usage=spent,
        )
        return run.output


def retry(masks: Masks, say: str, faults: Sequence[str], *, wordless: Sequence[str] = ()) -> ModelRetry:
    """Tells the model once what is wrong. With masks, only what is `wordless`: a fault repeats what the model wrote, so that a name that
    it guessed would come back as its token, and any other name as it is.
    """
    told = "; ".join(wordless if masks.is_on else faults)
    return ModelRetry(clean(f"{say}: {told}" if told else say)[:2000])


def fence_of(options: Options, case: Case) -> Fence:
    """The fence of one run, with masks for the names of the case where the operator wants them."""
    return Fence(Masks(case.named()) if options.masks_names else NOTHING)


def tools_of(reader: Reader) -> "list[Tool[None]]":
    """The tools of a run, one call after the other: calls in one response would read beyond the limit of the fence together."""
    return [Tool(function, takes_ctx=False, sequential=True) for function in reader.functions()]


def tokens_at_once(options: Options) -> int:
    return min(options.tokens[1], MAX_TOKENS_AT_ONCE)


def usage_limits(options: Options, *, requests: int) -> UsageLimits:
    """The most that one run may use."""
    most_input, most_output = options.tokens
    return UsageLimits(
        request_limit=requests,
        tool_calls_limit=options.limits.tool_calls,
        input_tokens_limit=most_input,
        output_tokens_limit=most_output,
    )


def usage(options: Options, spent: RunUsage) -> dict[str, Any]:
    """What a run used, as it is stored and sent."""
    found: dict[str, Any] = {
        "requests": spent.requests,
        "toolCalls": spent.tool_calls,
        "inputTokens": spent.input_tokens,
        "outputTokens": spent.output_tokens,
        "cacheReadTokens": spent.cache_read_tokens,
    }
    if (prices := options.prices) is not None:
        found["costUsd"] = float(round(prices.cost(spent.input_tokens, spent.output_tokens), 6))
    return found


def _faults(case: Case, found: Sequence[Hypothesis], verdict: Verdict) -> list[str] | None:
    """Why no hypothesis of the model itself is supported; None when one is."""
    hypotheses, warnings = answer.hypotheses_of(case, verdict)
    held, dropped = verifier.checked(case, hypotheses, known=found)
    return None if held else [*warnings, *dropped]


def is_open(found: Sequence[Hypothesis]) -> bool:
    """Whether the rules leave the cause open: nothing likely, or two causes of the same level."""
    return not found or found[0].level < OPEN_BELOW or engine.has_rival(found[0], found)


def why(error: BaseException) -> str:
    """Why an answer was not used, for people."""
    if isinstance(error, TimeoutError):
        return "it timed out"
    return {"UsageLimitExceeded": "it exceeded its limits", "UnexpectedModelBehavior": "it had an invalid format"}.get(
        type(error).__name__, f"{type(error).__name__}"
    )

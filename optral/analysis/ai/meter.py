"""Counts what a model used where its provider does not, or states less than the text that was exchanged: limits must hold then, too.

A request that was not waited for has its largest answer counted: the provider bills what it wrote until then, and nobody learns how much.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage, RunUsage

MOST_CHARACTERS = 8  # of a token, on average; a count that means more is not believed
CHARACTERS = 4  # of a token, where they are estimated
MOST_TOKENS = 2**31  # of one request


class Metered(WrapperModel):
    """A model whose responses have a usage that can be true. What was not waited for is added to `spent` of the run."""

    def __init__(self, wrapped: Model, spent: RunUsage) -> None:
        super().__init__(wrapped)
        self._spent = spent

    async def request(
        self, messages: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters
    ) -> ModelResponse:
        sent = _characters(messages) + len(getattr(messages[-1], "instructions", None) or "")
        try:
            response = await super().request(messages, settings, parameters)
        except asyncio.CancelledError:
            self._spent.requests += 1
            self._spent.incr(RequestUsage(input_tokens=sent // CHARACTERS, output_tokens=(settings or {}).get("max_tokens", 0)))
            raise
        used = response.usage
        used.input_tokens, used.output_tokens = tokens(used.input_tokens, sent), tokens(used.output_tokens, _characters([response]))
        used.unmeasured_requests = 0
        return response


def tokens(stated: int, characters: int) -> int:
    """The stated number of tokens of a text; an estimate where it cannot be true."""
    return min(stated, MOST_TOKENS) if stated >= characters // MOST_CHARACTERS else characters // CHARACTERS


def _characters(messages: Sequence[ModelMessage]) -> int:
    parts: list[Any] = [part for message in messages for part in message.parts]
    return sum(len(str(getattr(part, "content", "") or "")) + len(str(getattr(part, "args", "") or "")) for part in parts)

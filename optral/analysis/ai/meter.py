"""Counts what a model used where its provider does not, or states less than the text that was exchanged: limits must hold then, too.

A request that was not waited for, or whose answer cannot be read, has its largest answer counted: the provider bills what it wrote, and
nobody learns how much. Whatever the library raises of an answer is an invalid format.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior, UserError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

MOST_CHARACTERS = 8  # of a token, on average; a count that means more is not believed
CHARACTERS = 4  # of a token, where they are estimated
MOST_TOKENS = 2**31  # of one request


class Metered(WrapperModel):
    """A model whose responses have a usage that can be true. What was not waited for is added to `spent` of the run.

    `before` gets what the run will have used at most after a request, before that is sent.
    """

    def __init__(self, wrapped: Model, spent: RunUsage, before: Callable[[RunUsage], Awaitable[None]]) -> None:
        super().__init__(wrapped)
        self._spent, self._before = spent, before

    async def request(
        self, messages: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters
    ) -> ModelResponse:
        sent = _characters(messages) + len(getattr(messages[-1], "instructions", None) or "")
        most = RunUsage(requests=1, input_tokens=sent // CHARACTERS, output_tokens=(settings or {}).get("max_tokens", 0))
        await self._before(self._spent + most)
        try:
            response = await super().request(messages, settings, parameters)
            if not all(isinstance(part.content, str) for part in response.parts if isinstance(part, TextPart)):
                raise TypeError("a text is not text")
        except (ModelAPIError, UserError, OSError):
            raise
        except asyncio.CancelledError:
            self._spent.incr(most)
            raise
        except Exception as error:  # whatever the library raises of an answer, the run has to end with a failure
            self._spent.incr(most)
            raise UnexpectedModelBehavior("the answer cannot be read") from error
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

"""From options to a model that pydantic-ai can ask. The only place that knows providers. What is sent goes to `url` and is not sent on."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from httpx2 import AsyncByteStream, Response

from optral.analysis.ai.options import Options
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from pydantic_ai.models import Model

MAX_RESPONSE_BYTES = 2 * 1024 * 1024  # an answer has a few thousand tokens
_CLIENT: dict[str, Any] = {"follow_redirects": False, "headers": {"Accept-Encoding": "identity"}}


def build(options: Options) -> "Model":
    """Raises `Misconfigured` when the extra is not installed."""
    try:
        if options.provider == "anthropic":
            return _anthropic(options)
        return _openai(options)
    except ImportError as error:
        raise Misconfigured(
            "ai_not_installed", say=f"a model is configured but its library is not installed: pip install 'optral[ai]' ({error.name})"
        ) from error


def _openai(options: Options) -> "Model":
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    client = AsyncOpenAI(
        base_url=options.url,
        api_key=options.api_key or "none",
        max_retries=2,
        timeout=options.limits.seconds,
        http_client=DefaultAsyncHttpxClient(**_CLIENT, event_hooks={"response": [_limit]}),
    )
    return OpenAIChatModel(options.model, provider=OpenAIProvider(openai_client=client))


def _anthropic(options: Options) -> "Model":
    from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        base_url=options.url,
        api_key=options.api_key,
        max_retries=2,
        timeout=options.limits.seconds,
        http_client=DefaultAsyncHttpxClient(**_CLIENT, event_hooks={"response": [_limit]}),
    )
    return AnthropicModel(options.model, provider=AnthropicProvider(anthropic_client=client))


class _Bounded(AsyncByteStream):
    """The body of an answer. Raises `OSError` when there is more of it than an answer may have."""

    def __init__(self, stream: AsyncByteStream) -> None:
        self._stream, self._left = stream, MAX_RESPONSE_BYTES

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise OSError("the answer is too large")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _limit(response: Response) -> None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise OSError("the answer is compressed, and may become larger than any limit")
    assert isinstance(response.stream, AsyncByteStream)
    response.stream = _Bounded(response.stream)

"""From options to a model that pydantic-ai can ask. The only place that knows providers. What is sent goes to `url` and is not sent on."""

from typing import TYPE_CHECKING

from optral.analysis.ai.options import Options
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from pydantic_ai.models import Model


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
        http_client=DefaultAsyncHttpxClient(follow_redirects=False),
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
        http_client=DefaultAsyncHttpxClient(follow_redirects=False),
    )
    return AnthropicModel(options.model, provider=AnthropicProvider(anthropic_client=client))

"""What the operator configured about a model, and what one analysis may cost. No I/O, no dependency on the extra."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit

from optral.analysis.model import Cost

Provider = Literal["openai", "anthropic", "ollama"]
# Said outright: the libraries would otherwise take an address out of the environment.
_HOMES: dict[Provider, str] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "ollama": "http://127.0.0.1:11434/v1",
}


def url(provider: Provider, base_url: str | None) -> str:
    """Where a model is asked."""
    return base_url or _HOMES[provider]


def destination(provider: Provider, base_url: str | None) -> str:
    """Who gets the evidence: scheme, host and port of that address, without what could be a password."""
    parts = urlsplit(url(provider, base_url))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one analysis. `money` is in US dollars, and counts where prices are known."""

    requests: int = 8
    tool_calls: int = 12
    input_tokens: int = 60_000
    output_tokens: int = 8_000
    seconds: float = 60.0
    money: Decimal = Decimal("0.25")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens."""

    input: Decimal
    output: Decimal

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        return (self.input * input_tokens + self.output * output_tokens) / 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`base_url` None: the provider's own. `api_key` may be empty for Ollama and other local servers."""

    provider: Provider
    model: str
    base_url: str | None = None
    api_key: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    prices: Prices | None = None
    masks_names: bool = False

    @property
    def url(self) -> str:
        return url(self.provider, self.base_url)

    @property
    def destination(self) -> str:
        return destination(self.provider, self.base_url)

    @property
    def tokens(self) -> tuple[int, int]:
        """The most tokens of (input, output) of one analysis: fewer where these would cost more than it may."""
        limits, prices = self.limits, self.prices
        whole = Decimal(0) if prices is None else prices.cost(limits.input_tokens, limits.output_tokens)
        share = Decimal(1) if whole <= limits.money else limits.money / whole
        return int(limits.input_tokens * share), int(limits.output_tokens * share)

    @property
    def most(self) -> Cost:
        """What one analysis may cost."""
        given, got = self.tokens
        return Cost(tokens=given + got, money=None if self.prices is None else self.prices.cost(given, got))

"""The language model of the settings, if there is one. Its libraries are loaded here and only then."""

import stat
from pathlib import Path

import structlog

from optral.analysis.ai.options import Limits, Options, Prices, destination
from optral.analysis.engine.reasoner import Answerer, Reasoner
from optral.analysis.model import Cost, Offer
from optral.server.settings import Settings
from optral.terms.errors import Misconfigured

MAX_KEY_BYTES = 4096
_log = structlog.get_logger(__name__)


def reasoner(settings: Settings) -> Reasoner | None:
    """Who is asked beside the rules; None when nobody is configured. Raises `Misconfigured` when its library or key is missing."""
    found = options(settings)
    if found is None:
        return None
    from optral.analysis.ai import providers

    asked = providers.build(found)
    from optral.analysis.ai.reasoner import ModelReasoner

    _log.info("a model is asked where an organization wants it", provider=found.provider, model=found.model)
    return ModelReasoner(found, asked)


def answerer(settings: Settings) -> Answerer | None:
    """Answers questions outside the grammar; None if no model is configured. Raises as `reasoner` does."""
    found = options(settings)
    if found is None:
        return None
    from optral.analysis.ai import providers

    asked = providers.build(found)
    from optral.analysis.ai.answerer import ModelAnswerer

    return ModelAnswerer(found, asked)


def options(settings: Settings) -> Options | None:
    if settings.ai_provider == "none" or settings.ai_model is None:
        return None
    prices = None
    if settings.ai_input_price is not None and settings.ai_output_price is not None:
        prices = Prices(input=settings.ai_input_price, output=settings.ai_output_price)
    return Options(
        provider=settings.ai_provider,
        model=settings.ai_model,
        base_url=settings.ai_base_url,
        api_key="" if settings.ai_api_key_file is None else _key(settings.ai_api_key_file),
        limits=Limits(
            requests=settings.ai_requests,
            tool_calls=settings.ai_tool_calls,
            input_tokens=settings.ai_input_tokens,
            output_tokens=settings.ai_output_tokens,
            seconds=settings.ai_seconds,
            money=settings.ai_cost,
        ),
        prices=prices,
        masks_names=settings.ai_mask_names,
    )


def daily(settings: Settings) -> Cost:
    """What an organization may use in a day; money counts only where prices are known."""
    return Cost(tokens=settings.ai_daily_tokens, money=None if settings.ai_input_price is None else settings.ai_daily_cost)


def offer(settings: Settings) -> Offer | None:
    """What organizations see of it; None when no model is configured."""
    if settings.ai_provider == "none" or settings.ai_model is None:
        return None
    goes_to = destination(settings.ai_provider, settings.ai_base_url)
    return Offer(
        provider=settings.ai_provider,
        model=settings.ai_model,
        destination=goes_to,
        daily=daily(settings),
        monthly_tokens=settings.ai_monthly_tokens,
    )


def _key(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            text = file.read(MAX_KEY_BYTES).strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Misconfigured("bad_secret_file", say=f"OPTRAL_AI_API_KEY_FILE: cannot read {path}: {reason}") from None
    if not text or not text.isprintable() or " " in text:
        raise Misconfigured("bad_secret_file", say=f"OPTRAL_AI_API_KEY_FILE: {path} must hold the key alone, on one line")
    if stat.S_IMODE(mode) & stat.S_IROTH:
        _log.warning("everybody on this machine can read a secret; give its file mode 0600", path=str(path))
    return text

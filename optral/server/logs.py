"""Logging: one pipeline for our lines and those of libraries, as text for a terminal or as JSON for a collector.

API keys and enrollment tokens never reach a line: any `mht_…` or `mhe_…` in a value is cut to its prefix.
"""

import logging
import re
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from optral.kit import tracing

_SECRET = re.compile(r"\b(mh[te]_)[0-9A-Za-z]{8,}")
_NOISY = {
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.WARNING,
    "alembic": logging.WARNING,
    "aiohttp.access": logging.WARNING,
}


def configure(form: Literal["text", "json"], level: str = "info") -> None:
    """Send all logging to stderr in this form; call once, first thing in a process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        tracing.add_trace_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if form == "json" else _pass,
        hide_secrets,
    ]
    renderer: Processor = structlog.processors.JSONRenderer() if form == "json" else _console()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, quiet in _NOISY.items():
        logging.getLogger(name).setLevel(quiet)


def _console() -> Processor:
    # Plain tracebacks: a pretty one prints local variables, and with them keys and tokens.
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut every key or token in a line to its prefix."""
    for name, value in event.items():
        if isinstance(value, str) and "mh" in value:
            event[name] = _SECRET.sub(r"\1…", value)
    return event


def _pass(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return event

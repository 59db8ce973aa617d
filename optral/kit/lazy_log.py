"""A logger that loads structlog with its first line, for rooms that log only what should never happen.

structlog loads rich and asyncio, together a quarter of the CPU in which `optral scan` starts. Servers and agents, which log from the first
moment, use structlog itself; both write through the same configuration.
"""

from collections.abc import Callable
from typing import Any

_configure: list[Callable[[], None]] = []


class LazyLogger:
    """Logs errors under a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def error(self, event: str, **fields: Any) -> None:
        """Log an error."""
        self._logger().error(event, **fields)

    def exception(self, event: str, **fields: Any) -> None:
        """Log the exception that is being handled."""
        self._logger().exception(event, **fields)

    def _logger(self) -> Any:
        import structlog

        while _configure:
            _configure.pop()()
        return structlog.get_logger(self._name)


def configure_on_first_use(configure: Callable[[], None]) -> None:
    """Have structlog configured by this function just before the first line of a `LazyLogger`."""
    _configure[:] = [configure]

"""Starts processes without the garbage collector: what is loaded and built at the start lives on, and there is nothing to collect."""

import atexit
import gc
import sys


def begin() -> None:
    """Switch the collector off; call before the modules are loaded. It would take a sixth of the CPU of the start."""
    gc.disable()
    _load_structlog()


def _load_structlog() -> None:
    """Load structlog without rich, which it would use for tracebacks that show local variables. We never log those: they may hold keys.

    It saves a process that runs for long 4 MiB. Whoever prints tables can still load rich afterwards.
    """
    if "rich" in sys.modules or "structlog" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment] # an import of it fails
    try:
        import structlog.dev  # noqa: F401
    finally:
        del sys.modules["rich"]


def end() -> None:
    """Switch it on; what lives now is not examined again."""
    gc.freeze()
    gc.enable()


def begin_without_end() -> None:
    """Switch it off for good: for a command that creates millions of objects with few reference cycles, and then exits.

    Python would examine all of them once more at the exit, which takes 50 ms.
    """
    gc.disable()
    atexit.register(gc.freeze)

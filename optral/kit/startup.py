"""Starts processes without the garbage collector: what is loaded and built at the start lives on, and there is nothing to collect."""

import atexit
import gc


def begin() -> None:
    """Switch the collector off; call before the modules are loaded. It would take a sixth of the CPU of the start."""
    gc.disable()


def end() -> None:
    """Switch it on; what lives now is not examined again."""
    gc.freeze()
    gc.enable()


def begin_without_end() -> None:
    """Switch it off for good: for a command that creates millions of objects with few reference cycles, and then exits.

    Python would examine all of them once more at the exit, which takes 50 ms.
    """
    begin()
    atexit.register(gc.freeze)

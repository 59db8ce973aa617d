"""Memory that the process freed goes back to the machine: the C library keeps what lies between pieces that are still in use."""

import asyncio
import ctypes
from collections.abc import Callable

EVERY_S = 60.0
"""An inventory frees 10 MiB at once; later it is little, and takes a millisecond."""


def trimmer() -> Callable[[], None]:
    """What gives freed memory back; does nothing where the C library has no such function (musl, macOS)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return lambda: None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return lambda: trim(0)


async def give_back(*, every_s: float = EVERY_S) -> None:
    """Give freed memory back again and again, until canceled."""
    trim = trimmer()
    while True:
        await asyncio.sleep(every_s)
        trim()

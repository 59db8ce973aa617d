"""Waiting for a program that says nothing when it is done."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable


async def until(done: Callable[[], Awaitable[object]], *, within_s: float, every_s: float = 0.1) -> None:
    """Ask again until the answer is true. Raises `TimeoutError`."""
    async with asyncio.timeout(within_s):
        for wait_s in itertools.repeat(every_s):
            if await done():
                return
            await asyncio.sleep(wait_s)

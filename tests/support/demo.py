"""`optral demo` as a user starts it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

STARTS_IN_S = 120


@asynccontextmanager
async def started(data: Path, *, until: Collection[str]) -> AsyncIterator[str]:
    """A demo that has printed an open issue for each text of `until`; gives the one-use link that it prints."""
    environment = {**os.environ, "COLUMNS": "300", "NO_COLOR": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "optral", "demo", "--data-dir", str(data), stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    try:
        link, waiting = None, set(until)
        async with asyncio.timeout(STARTS_IN_S):
            async for line in process.stdout:
                text = line.decode()
                link = re.search(r"http://\S+/setup#\S+", text) or link
                waiting -= {issue for issue in waiting if " opened " in text and issue in text}
                if link is not None and not waiting:
                    break
        assert link is not None, "the demo printed no link"
        reading = asyncio.create_task(process.stdout.read(), name="drain the demo")
        yield link[0]
        reading.cancel()
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), timeout=30)

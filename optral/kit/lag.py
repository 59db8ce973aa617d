"""How late an event loop runs its work: the first sign of a thread that holds the interpreter or of work that belongs elsewhere."""

import asyncio
from collections import deque

PERIOD_S = 0.1
SAMPLES = 600  # one minute


class LoopLag:
    """Samples the loop's lateness in seconds; `run` is a task to own."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=SAMPLES)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + PERIOD_S
            await asyncio.sleep(PERIOD_S)
            self._samples.append(max(0.0, loop.time() - due))

    def quantile(self, q: float) -> float:
        """The q-quantile (0…1) of the last minute, in seconds; 0 before the first sample."""
        if not self._samples:
            return 0.0
        ordered = sorted(self._samples)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))]

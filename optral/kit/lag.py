"""How late an event loop runs its work: the first sign of a thread that holds the interpreter or of work that belongs elsewhere."""

import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import FrameType

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


PACKAGES = ("optral.", "tests.")
RUNNERS = ("uvloop", "asyncio.runners", "asyncio.base_events")  # modules: what called them has nothing to do with what the loop runs
IDLE = frozenset({"_serve"})  # functions that wait for work
LATE_S = 0.005
"""How late the loop may be before `LoopBlockers` looks for the reason."""
BEAT_S = 0.005


class LoopBlockers:
    """Names the function that keeps an event loop waiting, for debugging: two threads wake every 5 ms. `run` is a task to own."""

    def __init__(self, report: Callable[[str, float], None], *, late_s: float = LATE_S) -> None:
        """`report` is called on the sampling thread with `module.function` and for how long the loop was late, in seconds."""
        self._report, self._late_s = report, late_s
        self._beat_at = time.monotonic()
        self._stopped = threading.Event()

    async def run(self) -> None:
        sampler = threading.Thread(target=self._sample, args=(threading.get_ident(),), name="loop blockers", daemon=True)
        sampler.start()
        try:
            while True:
                self._beat_at = time.monotonic()
                await asyncio.sleep(BEAT_S)
        finally:
            self._stopped.set()

    def _sample(self, loop_thread: int) -> None:
        name, longest_s = "", 0.0
        while not self._stopped.wait(BEAT_S):
            late_s = time.monotonic() - self._beat_at - BEAT_S
            if late_s > self._late_s:
                name, longest_s = _holder(loop_thread) or name, late_s
            elif name:
                self._report(name, longest_s)
                name = ""


def _holder(loop_thread: int) -> str:
    """The function that the loop's thread is in; where that is none of ours, those that other threads are in."""
    frames = sys._current_frames()
    own = frames.pop(loop_thread, None)
    if own is not None and (function := _function(own)):
        return function
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    others = {names.get(ident, str(ident)): _function(frame) for ident, frame in frames.items() if ident != threading.get_ident()}
    return ", ".join(f"{name}: {function}" for name, function in sorted(others.items()) if function)


def _function(frame: FrameType) -> str:
    """`module.function` of the innermost frame of ours; empty without one."""
    found: FrameType | None = frame
    while found is not None:
        module = str(found.f_globals.get("__name__", ""))
        if module.startswith(RUNNERS):
            return ""
        if module.startswith(PACKAGES) and found.f_code.co_name not in IDLE:
            return f"{module}.{found.f_code.co_qualname}"
        found = found.f_back
    return ""

"""Time as a dependency: everything that waits, expires or stamps takes a Clock, so tests can move it."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """`now` is for people and rows (wall clock, UTC); `monotonic` is for leases, heartbeats and limits (seconds).

    `since_boot` is like `monotonic`, and also counts while the machine is suspended, where the system knows that (Linux).
    """

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def since_boot(self) -> float: ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def since_boot(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

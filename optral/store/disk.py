"""How much room the database's disk has left: below 5 % free, ingest stops with one clear line while the API goes on answering.

A full disk in the middle of a commit is handled too (nothing is written, the caller hears `Unavailable`), but by then logs,
WAL and the operator's own tools have no room either.
"""

import os
from collections.abc import Callable
from pathlib import Path

import structlog

from optral.kit.clock import Clock
from optral.terms.errors import Unavailable

STOP_BELOW = 0.05
GO_ABOVE = 0.06  # not the same: a disk at the edge would stop and go with each cleaned file
LOOK_EVERY_S = 5.0
_log = structlog.get_logger(__name__)


def free_share(path: Path) -> float:
    """The part (0…1) of the disk that holds `path` which is free for us."""
    disk = os.statvfs(path)
    return disk.f_bavail / disk.f_blocks if disk.f_blocks else 1.0


class Disk:
    """Whether there is room to take more in. `folder` None: the database is elsewhere and looks after its own disk."""

    def __init__(self, folder: Path | None, clock: Clock, *, measure: Callable[[Path], float] = free_share) -> None:
        self._folder, self._clock, self._measure = folder, clock, measure
        self._full = False
        self._looked_at = float("-inf")

    @property
    def full(self) -> bool:
        """True from less than 5 % free until more than 6 % are; looks at the disk at most every 5 seconds."""
        if self._folder is not None and self._clock.monotonic() - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = self._clock.monotonic()
            self._judge(self._measure(self._folder))
        return self._full

    def require_room(self) -> None:
        """Raise `Unavailable` while the disk is full."""
        if self.full:
            raise Unavailable("disk_full", say="less than 5 % of the server's disk is free; new data is not accepted", retry_after_s=30)

    def _judge(self, free: float) -> None:
        if not self._full and free < STOP_BELOW:
            self._full = True
            _log.error(f"ingest stopped: less than 5 % of the disk is free at {self._folder}; make room, it goes on by itself")
        elif self._full and free > GO_ABOVE:
            self._full = False
            _log.warning(f"ingest goes on: the disk at {self._folder} has room again")

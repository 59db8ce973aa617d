"""Whose log is read next.

Every container has its own interval: short while it is young or its log shows something, and longer each time nothing is found. Of those
that are due, the workload whose logs were read longest ago comes first, so that a workload with a thousand pods is not
read more often than a workload with one. Two budgets bound the whole cluster: requests and bytes per minute. Times are monotonic seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

SHORTEST_S, LONGEST_S = 30.0, 600.0
YOUNG_S = 600.0  # after its start, a container is read at the shortest interval
SAVED_S = 5.0
"""Budgets that were not used are saved for this long, so that a quiet minute is not followed by a burst."""


class Source(NamedTuple):
    """One run of one container. `workload` is the uid of the controller that people know; the pod's own uid if it has none."""

    pod_uid: str
    namespace: str
    pod: str
    container: str
    workload: str
    started_at: float
    """Wall-clock seconds since 1970."""


@dataclass(slots=True)
class _Turn:
    source: Source
    due_at: float
    interval: float = SHORTEST_S
    read_at: float = float("-inf")


class Budget:
    """So much per minute, spent ahead or behind by one reading at most."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._rate, self._left, self._at = per_minute / 60, per_minute / 60, now

    def left(self, now: float) -> float:
        self._left = min(self._left + (now - self._at) * self._rate, self._rate * SAVED_S)
        self._at = now
        return self._left

    def spend(self, amount: float) -> None:
        self._left -= amount


class Turns:
    """The containers of a cluster. Not thread-safe."""

    def __init__(self, *, requests: float, size: float, now: float) -> None:
        """`requests` and `size` (bytes) are per minute."""
        self._requests, self._bytes = Budget(requests, now), Budget(size, now)
        self._turns: dict[tuple[str, str], _Turn] = {}
        self._read_at: dict[str, float] = {}  # by workload

    def __len__(self) -> int:
        return len(self._turns)

    def follow(self, sources: Iterable[Source], now: float) -> list[tuple[str, str]]:
        """These containers run now, and no others. Returns the keys of those that are no longer read, a new run of a container included."""
        current = {(source.pod_uid, source.container): source for source in sources}
        gone = [
            key for key, turn in self._turns.items() if (found := current.get(key)) is None or found.started_at != turn.source.started_at
        ]
        for key in gone:
            del self._turns[key]
        for key, source in current.items():
            if key not in self._turns:
                self._turns[key] = _Turn(source, now)
        workloads = {turn.source.workload for turn in self._turns.values()}
        self._read_at = {workload: at for workload, at in self._read_at.items() if workload in workloads}
        return gone

    def take(self, now: float) -> list[Source]:
        """The containers to read now: as many as the budgets allow. Each gets its next turn by `done`."""
        if self._bytes.left(now) <= 0:
            return []
        due = [turn for turn in self._turns.values() if turn.due_at <= now]
        due.sort(key=lambda turn: (self._read_at.get(turn.source.workload, float("-inf")), turn.read_at, turn.due_at))
        taken: list[Source] = []
        workloads: set[str] = set()
        for turn in due:
            if self._requests.left(now) < 1:
                break
            if turn.source.workload in workloads:
                continue  # its next container is due again at the next call
            workloads.add(turn.source.workload)
            self._requests.spend(1)
            self._read_at[turn.source.workload] = turn.read_at = now
            turn.due_at = now + LONGEST_S  # if its reading never ends
            taken.append(turn.source)
        return taken

    def done(self, source: Source, now: float, *, size: int, is_interesting: bool, wall: float) -> None:
        """A reading has ended, or failed (`size` 0)."""
        self._bytes.spend(size)
        turn = self._turns.get((source.pod_uid, source.container))
        if turn is None or turn.source is not source:
            return
        is_young = wall - source.started_at < YOUNG_S
        turn.interval = SHORTEST_S if is_interesting or is_young else min(turn.interval * 2, LONGEST_S)
        turn.due_at = now + turn.interval

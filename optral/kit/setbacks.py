"""What fails again and again rests, longer from time to time, and is told of when it begins and when it is over.

For loops that are woken by the end of their own work: one whose work fails at once would otherwise be woken at once, for as long as
the disk is full. Each piece of work has a key, so that one that cannot succeed holds up no other.
"""

from collections.abc import Callable
from dataclasses import dataclass

FIRST_S = 1.0
CAP_S = 60.0
FORGOTTEN_AFTER_S = 3600.0  # of what was never tried again: it may be gone


@dataclass(slots=True)
class _Setback:
    rest_s: float
    until: float


class Setbacks:
    """`monotonic` is a clock in seconds; `tell(key, error)` hears of a first failure, and with None of the success after it."""

    def __init__(self, monotonic: Callable[[], float], tell: Callable[[str, BaseException | None], None]) -> None:
        self._monotonic, self._tell = monotonic, tell
        self._by_key: dict[str, _Setback] = {}
        self.total = 0
        """Failures since the start."""

    def failed(self, key: str, error: BaseException) -> float:
        """Have it rest; the seconds. What failed while it rests already was begun before and makes the rest no longer."""
        self.total += 1
        now = self._monotonic()
        known = self._by_key.get(key)
        if known is None:
            self._forget(now)
            self._by_key[key] = _Setback(FIRST_S, now + FIRST_S)
            self._tell(key, error)
        elif now >= known.until:
            known.rest_s = min(CAP_S, 2 * known.rest_s)
            known.until = now + known.rest_s
        return self.rest_s(key)

    def worked(self, key: str) -> None:
        if self._by_key.pop(key, None) is not None:
            self._tell(key, None)

    def rest_s(self, key: str) -> float:
        """Seconds until it may be tried again; 0 for what may be tried now."""
        known = self._by_key.get(key)
        return 0.0 if known is None else max(0.0, known.until - self._monotonic())

    def resting(self) -> frozenset[str]:
        now = self._monotonic()
        return frozenset(key for key, one in self._by_key.items() if now < one.until)

    def _forget(self, now: float) -> None:
        for key in [key for key, one in self._by_key.items() if now - one.until > FORGOTTEN_AFTER_S]:
            del self._by_key[key]

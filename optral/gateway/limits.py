"""Buckets of tokens by key, for strangers at the door: enrollment attempts per address. Bounded: the oldest is dropped."""

from collections import OrderedDict

from optral.kit.clock import Clock


class Buckets:
    """At most `burst` at once and `per_minute` in the long run, for each key; at most `keys` keys are remembered."""

    def __init__(self, clock: Clock, *, burst: int, per_minute: float, keys: int = 4096) -> None:
        self._clock, self._burst, self._rate, self._keys = clock, float(burst), per_minute / 60, keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def has(self, key: str) -> bool:
        """Whether there is one to take now; takes none."""
        level, since = self._levels.get(key, (self._burst, 0.0))
        return min(self._burst, level + (self._clock.monotonic() - since) * self._rate) >= 1

    def take(self, key: str) -> bool:
        """Take one; False when there is none now."""
        now = self._clock.monotonic()
        level, since = self._levels.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        is_allowed = level >= 1
        self._levels[key] = (level - 1 if is_allowed else level, now)
        while len(self._levels) > self._keys:
            self._levels.popitem(last=False)
        return is_allowed

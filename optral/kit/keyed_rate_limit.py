"""Limits repeated work, such as a log line per request, to once a minute for each key, and counts what it suppressed."""

import time
from collections import OrderedDict
from collections.abc import Callable

EVERY_S = 60.0
MAX_KEYS = 256


class KeyedRateLimit:
    """Allows a key once in `every_s` seconds. The `most` latest keys are remembered."""

    def __init__(self, every_s: float = EVERY_S, monotonic: Callable[[], float] = time.monotonic, *, most: int = MAX_KEYS) -> None:
        self._every_s, self._monotonic, self._most = every_s, monotonic, most
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def is_due(self, key: str) -> bool:
        """Whether `take` would let this key pass now."""
        since, _ = self._seen.get(key, (-self._every_s, 0))
        return self._monotonic() - since >= self._every_s

    def take(self, key: str) -> int | None:
        """The number left out before this one, or None when this one is to be left out, too."""
        now = self._monotonic()
        since, left_out = self._seen.get(key, (-self._every_s, 0))
        if now - since < self._every_s:
            self._seen[key] = (since, left_out + 1)
            return None
        self._seen[key] = (now, 0)
        self._seen.move_to_end(key)
        while len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return left_out

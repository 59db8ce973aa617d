"""Lines of a log that would come with every request: one a minute for each kind, with the number of those left out."""

import time
from collections.abc import Callable

EVERY_S = 60.0
MAX_KEYS = 256


class Sparingly:
    """At most one line in `every_s` seconds for each key; at most 256 keys are remembered."""

    def __init__(self, every_s: float = EVERY_S, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._monotonic = every_s, monotonic
        self._seen: dict[str, tuple[float, int]] = {}

    def take(self, key: str) -> int | None:
        """The number of lines left out before this one, or None when this one is to be left out, too."""
        now = self._monotonic()
        since, left_out = self._seen.get(key, (-self._every_s, 0))
        if now - since < self._every_s:
            self._seen[key] = (since, left_out + 1)
            return None
        if len(self._seen) >= MAX_KEYS:
            self._seen.clear()
        self._seen[key] = (now, 0)
        return left_out

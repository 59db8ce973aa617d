"""Full-jitter exponential back-off: spread returning clients evenly instead of letting them come back together."""

import random


class Backoff:
    """Delays drawn from 0 … min(cap, base · 2ⁿ) seconds. `reset` after the thing has worked for a while, not at once."""

    def __init__(self, *, base_s: float, cap_s: float, rng: random.Random | None = None) -> None:
        self._base_s, self._cap_s = base_s, cap_s
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._failures = 0

    def next_s(self, *, at_least_s: float = 0) -> float:
        """The next delay in seconds; never below a server's hint `at_least_s`."""
        ceiling = min(self._cap_s, self._base_s * 2 ** min(self._failures, 30))
        self._failures += 1
        return at_least_s + self._rng.uniform(0, ceiling)

    def reset(self) -> None:
        self._failures = 0

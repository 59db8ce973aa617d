"""Back-off with jitter: spread returning clients evenly instead of letting them come back together."""

import random
from collections.abc import Sequence


class Backoff:
    """Delays drawn from 0 … min(cap, base · 2ⁿ) seconds, or from `steps`: (least, most) seconds of each failure in turn, the last for ever.

    `reset` after the thing has worked for a while, not at once.
    """

    def __init__(
        self, *, base_s: float = 1, cap_s: float = 60, steps: Sequence[tuple[float, float]] = (), rng: random.Random | None = None
    ) -> None:
        self._base_s, self._cap_s, self._steps = base_s, cap_s, steps
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._failures = 0

    def next_s(self, *, at_least_s: float = 0) -> float:
        """The next delay in seconds; never below a server's hint `at_least_s`."""
        if self._steps:
            least_s, most_s = self._steps[min(self._failures, len(self._steps) - 1)]
        else:
            least_s, most_s = 0.0, min(self._cap_s, self._base_s * 2 ** min(self._failures, 30))
        self._failures += 1
        return self._rng.uniform(max(least_s, at_least_s), max(most_s, at_least_s + most_s - least_s))

    def reset(self, *, to: int = 0) -> None:
        """As if it had failed at most `to` times so far."""
        self._failures = min(self._failures, to)

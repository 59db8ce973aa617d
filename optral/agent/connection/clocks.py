"""What the agent knows of the other clocks: the control plane's and the API server's."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(slots=True)
class Clocks:
    """What is known of the other clocks: the API server's (minus ours) and the control plane's (minus ours)."""

    api_offset: timedelta | None = None
    server_offset_ms: float | None = None
    server_at: tuple[float, float] | None = None  # its time in ms, and our monotonic seconds then
    _best_rtt_ms: float = field(default=float("inf"))

    def update(self, *, sent_ms: int, received_ms: int, server_ms: int) -> None:
        """Take the control plane's time from an answer; a quicker round trip is a better witness than a slow one."""
        rtt = max(received_ms - sent_ms, 0)
        if rtt <= self._best_rtt_ms * 1.5 + 5:
            self._best_rtt_ms = min(rtt, self._best_rtt_ms)
            self.server_offset_ms = server_ms - (sent_ms + received_ms) / 2

    def server_now_ms(self, monotonic_s: float) -> float | None:
        """The control plane's time, from its last message and our monotonic clock, which no correction of the clock moves; None before a
        message."""
        return None if self.server_at is None else self.server_at[0] + (monotonic_s - self.server_at[1]) * 1000

    def cluster_offset_ms(self) -> int | None:
        """The API server's clock minus the control plane's, or None while one of them is unknown."""
        if self.api_offset is None or self.server_offset_ms is None:
            return None
        return round(self.api_offset.total_seconds() * 1000 - self.server_offset_ms)

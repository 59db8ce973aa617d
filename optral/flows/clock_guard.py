"""Whether the wall clock may decide what is old enough to delete.

A clock that runs ahead makes everything look old. The guard compares it with what it can: the time that passed on the machine's own
counter, the newest time that was stored before the start, and PostgreSQL's clock. When they differ by more than an hour, nothing is deleted
and the log says why. It trusts the clock again when they agree, or when it has kept going steadily for long enough that somebody would have
corrected it (docs/decisions/clocks.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from optral.kit.clock import Clock
from optral.kit.durations import in_words
from optral.kit.times import rfc3339

MOST = timedelta(hours=1)
AFTER_JUMP = timedelta(hours=24)
"""How long a clock that jumped ahead while the server ran must be steady."""
AFTER_GAP = timedelta(hours=1)
"""The same after a start that finds nothing newer than an hour: the server was off, or the clock is ahead."""
_log = structlog.get_logger(__name__)


class _Reading(NamedTuple):
    wall: datetime
    passed_s: float

    def drift_to(self, later: "_Reading") -> timedelta:
        """How much further the wall clock went than the machine's counter."""
        return later.wall - self.wall - timedelta(seconds=later.passed_s - self.passed_s)


@dataclass(frozen=True, slots=True)
class _Doubt:
    reason: str
    since: _Reading
    ends_after: timedelta | None  # None: when the clocks agree
    trusted: _Reading | None  # a clock that agrees with this again was corrected


class ClockGuard:
    """Call `check` before each round of deletions and `is_steady` before each batch."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._trusted = self._read()
        self._doubt: _Doubt | None = None
        self._has_started = False

    @property
    def reason(self) -> str:
        """Why nothing is deleted now; empty when the clock is trusted."""
        return self._doubt.reason if self._doubt else ""

    def is_steady(self) -> bool:
        return self._doubt is None and abs(self._trusted.drift_to(self._read())) <= MOST

    def check(self, *, database: datetime | None = None, newest: datetime | None = None) -> bool:
        """Tell whether the clock may be trusted. `database` is its clock now; `newest` the newest time stored before the first check."""
        now = self._read()
        before = self._doubt
        self._doubt = self._judge(now, database, None if self._has_started else newest)
        self._has_started = True
        if self._doubt is None:
            self._trusted = now
        if before is None and self._doubt is not None:
            _log.error(f"retention stopped, nothing is deleted: {self._doubt.reason}")
        elif before is not None and self._doubt is None:
            _log.warning("retention continues")
        return self._doubt is None

    def _judge(self, now: _Reading, database: datetime | None, newest: datetime | None) -> _Doubt | None:
        if database is not None and abs(now.wall - database) > MOST:
            reason = f"this server's clock says {rfc3339(now.wall)} and PostgreSQL's {rfc3339(database)}; set the one that is wrong"
            return _Doubt(reason, now, None, self._trusted)
        if newest is not None and now.wall - newest > MOST:
            reason = (
                f"the clock says {rfc3339(now.wall)}, and the newest record is from {rfc3339(newest)}; "
                "if the clock is right, there is nothing to do: retention continues in an hour"
            )
            return _Doubt(reason, now, AFTER_GAP, None)
        doubt = self._doubt
        if doubt is None or doubt.ends_after is None:
            return self._judge_drift(now)
        if doubt.trusted is not None and abs(doubt.trusted.drift_to(now)) <= MOST:
            return None
        if abs(doubt.since.drift_to(now)) > MOST:
            return _Doubt(doubt.reason, now, AFTER_JUMP, doubt.trusted)  # it jumped again: start again
        return doubt if timedelta(seconds=now.passed_s - doubt.since.passed_s) < doubt.ends_after else None

    def _judge_drift(self, now: _Reading) -> _Doubt | None:
        drift = self._trusted.drift_to(now)
        if drift <= MOST:
            if drift < -MOST:
                _log.warning("the clock was set back; retention goes by the new time", seconds=round(-drift.total_seconds()))
            return None
        reason = (
            f"the clock jumped ahead by {in_words(drift.total_seconds())} and now says {rfc3339(now.wall)}; set it right, or, "
            "if it is right, restart the server: retention then continues in an hour (and in 24 hours by itself)"
        )
        return _Doubt(reason, now, AFTER_JUMP, self._trusted)

    def _read(self) -> _Reading:
        return _Reading(self._clock.now(), self._clock.since_boot())

"""What the requests of each workload were like lately: rings of one reading a minute, and the quarter hours before them.

A duration is only known of enough requests: with few of them the 95th percentile is one slow request. The usual level is the median of
the quarter hours in which nothing was notable, so that a slow hour does not become the measure of the next one; after a day it does.
"""

import statistics
from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from optral.agent.prometheus.identity import Proof
from optral.agent.watching.pod_index import Workload

SAMPLES = 60
QUARTERS = 48  # twelve hours
QUARTER_S = 900
FEWEST_QUARTERS = 2
LEVEL_S = 600
LEVEL_READINGS = 8  # of ten
KNOWN_IN_QUARTER = 8
ENOUGH = 100  # requests in a window for a percentile of them
NEW_NORMAL_S = 86_400
UNKNOWN = -1.0

Buckets = dict[float, float]
"""Upper bound in ms → requests per second up to it."""


class PodAnswer(NamedTuple):
    """What one pod answered in the last window."""

    name: str
    uid: str
    node: str
    revision: str
    per_second: float
    p95_ms: float


class Reading(NamedTuple):
    """What a workload answered in the window before `at`: requests and errors per second, percentiles in ms, or `UNKNOWN`."""

    at: int
    per_second: float
    errors: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    pods: tuple[PodAnswer, ...]
    proof: Proof


def merged(several: Iterable[Mapping[float, float]], bounds: Iterable[float] = ()) -> Buckets:
    """The buckets of several pods as one histogram with at least these bounds, since empty buckets were left out. Where only some pods
    have a bound, the counts still never fall."""
    found: Buckets = dict.fromkeys(bounds, 0.0)
    for buckets in several:
        for bound, rate in buckets.items():
            found[bound] = found.get(bound, 0.0) + rate
    highest = 0.0
    for bound in sorted(found):
        highest = found[bound] = max(highest, found[bound])
    return found


def percentile(buckets: Mapping[float, float], share: float) -> float:
    """As PromQL's histogram_quantile: a straight line within the bucket; beyond the last bound, that bound. `UNKNOWN` of none."""
    bounds = sorted(buckets)
    if len(bounds) < 2 or bounds[-1] != float("inf") or not buckets[bounds[-1]]:
        return UNKNOWN
    rank, lower, below = share * buckets[bounds[-1]], 0.0, 0.0
    for bound in bounds[:-1]:
        if buckets[bound] >= rank:
            within = buckets[bound] - below
            return bound if within <= 0 else lower + (bound - lower) * (rank - below) / within
        lower, below = bound, buckets[bound]
    return lower


@dataclass(frozen=True, slots=True)
class Network:
    """The share of segments that nodes sent again, by name, and packets per second by uid of the pod: received ones that were lost, and
    those that it sends now and sent an hour before."""

    retransmits: dict[str, float] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)
    sent: dict[str, float] = field(default_factory=dict)
    sent_before: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class TrafficRing:
    """One workload, by its uid, and the source that its readings come from."""

    workload: Workload
    source: str
    times: "array[int]" = field(default_factory=lambda: array("I"))
    per_second: "array[float]" = field(default_factory=lambda: array("f"))
    errors: "array[float]" = field(default_factory=lambda: array("f"))
    p95: "array[float]" = field(default_factory=lambda: array("f"))
    newest: Reading | None = None
    quarter: int = 0
    noted_at: int = 0
    noted_since: int = 0
    network: Network = field(default_factory=Network)
    _usual: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=QUARTERS))

    def add(self, reading: Reading, *, is_noted: bool) -> None:
        """Take the newest reading; `is_noted`: what it belongs to is no part of the usual level."""
        if self.times and reading.at <= self.times[-1]:
            return
        self._close_quarter(reading.at // QUARTER_S, reading.at, is_noted=is_noted)
        self.newest = reading
        self.times.append(reading.at)
        self.per_second.append(reading.per_second)
        self.errors.append(min(1.0, reading.errors / reading.per_second) if reading.per_second else 0.0)
        self.p95.append(reading.p95_ms)
        if len(self.times) > SAMPLES:
            del self.times[0], self.per_second[0], self.errors[0], self.p95[0]

    def _close_quarter(self, quarter: int, at: int, *, is_noted: bool) -> None:
        if quarter == self.quarter:
            return
        ended, self.quarter = self.quarter, quarter
        if is_noted and at - self.noted_since < NEW_NORMAL_S:
            return
        if is_noted:
            self._usual.clear()
        of_quarter = [index for index, time in enumerate(self.times) if time // QUARTER_S == ended and self.p95[index] >= 0]
        if len(of_quarter) >= KNOWN_IN_QUARTER:
            durations, shares = ([values[index] for index in of_quarter] for values in (self.p95, self.errors))
            self._usual.append((statistics.median(durations), statistics.median(shares)))

    @property
    def usual_s(self) -> int:
        """Over how many seconds the usual level was seen."""
        return len(self._usual) * QUARTER_S

    def usual(self) -> tuple[float, float] | None:
        """(95th percentile in ms, share of errors) as usual; None while it is not known."""
        if len(self._usual) < FEWEST_QUARTERS:
            return None
        return statistics.median(one for one, _ in self._usual), statistics.median(share for _, share in self._usual)

    def lasting(self) -> tuple[float, float] | None:
        """(95th percentile in ms, share of errors) that the last ten minutes did not fall below; None where too little is known of them."""
        begin = self.times[-1] - LEVEL_S if self.times else 0
        recent = [index for index, at in enumerate(self.times) if at > begin and self.p95[index] >= 0]
        if len(recent) < LEVEL_READINGS:
            return None
        return min(self.p95[index] for index in recent), min(self.errors[index] for index in recent)

    def requests(self, within_s: int = LEVEL_S) -> int:
        """About how many requests came in the last ten minutes."""
        begin = self.times[-1] - within_s if self.times else 0
        recent = [rate for at, rate in zip(self.times, self.per_second, strict=True) if at > begin]
        return round(sum(recent) / len(recent) * within_s) if recent else 0

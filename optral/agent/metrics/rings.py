"""What containers, volumes and nodes used lately: small rings of numbers, about 1.5 KB a container.

Times are those that the kubelet states, in whole seconds since 1970. A new start time of a container begins a new run; what the run before
it used is kept as a summary, because it explains why it ended.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SAMPLES = 60  # an hour of one a minute
PEAKS = 48  # twelve hours of quarter hours
PEAK_S = 900
DETAILS = 12  # an hour of one in five minutes
DETAIL_S = 200  # between two that are kept
LEVEL_S = 600  # what has been so for ten minutes is no peak
TREND_S = 480  # the shortest time that shows a trend
TREND_POINTS = 6


class Trend(NamedTuple):
    """A straight line through samples: its rise in an hour, how well it fits (R², 0 to 1), and over how many seconds."""

    per_hour: float
    fit: float
    over_s: int


class Run(NamedTuple):
    """What a run of a container that has ended used: memory in bytes at its first and last sample and at its peak."""

    ended_at: int
    first_bytes: int
    last_bytes: int
    peak_bytes: int
    trend: Trend | None


class Throttling(NamedTuple):
    """How many of the scheduler's periods a container was throttled in, over so many seconds."""

    periods: int
    throttled: int
    over_s: int

    @property
    def share(self) -> float:
        return self.throttled / self.periods if self.periods > 0 else 0.0


def trend(times: Sequence[int], values: Sequence[int]) -> Trend | None:
    """The line of least squares; None for too few samples or too short a time."""
    count = len(times)
    if count < TREND_POINTS or (span := times[-1] - times[0]) < TREND_S:
        return None
    mean_t, mean_v = sum(times) / count, sum(values) / count
    spread_t = sum((at - mean_t) ** 2 for at in times)
    spread_v = sum((value - mean_v) ** 2 for value in values)
    together = sum((at - mean_t) * (value - mean_v) for at, value in zip(times, values, strict=True))
    if spread_t == 0:
        return None
    fit = 0.0 if spread_v == 0 else together**2 / (spread_t * spread_v)
    return Trend(together / spread_t * 3600, fit, span)


def percentile(values: Sequence[int], share: float) -> int:
    """The value that this share of the values does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


class Counter:
    """The growth of a counter that starts again with its process, over the last hour.

    A pod has a dozen of them, so the points are flat numbers: each time followed by its value.
    """

    __slots__ = ("_points",)

    def __init__(self) -> None:
        self._points = array("d")

    def add(self, at: int, value: float) -> None:
        points = self._points
        if points and value < points[-1]:
            del points[:]
        if points and at <= points[-2]:
            return
        if len(points) > 2 and points[-2] - points[-4] < DETAIL_S:
            del points[-2:]  # one that was read between two regular ones: the window keeps its length
        points.extend((at, value))
        if len(points) > 2 * DETAILS:
            del points[:2]

    def growth(self, within_s: int) -> tuple[int, int]:
        """(growth, seconds) from the oldest point that is at most this old to the newest one."""
        points = self._points
        if not points:
            return 0, 0
        newest_at, newest = points[-2:]
        oldest = next(index for index in range(0, len(points), 2) if newest_at - points[index] <= within_s)
        return round(newest - points[oldest + 1]), int(newest_at - points[oldest])


class Gauge:
    """Samples of one number with their times."""

    __slots__ = ("times", "values")

    def __init__(self) -> None:
        self.times, self.values = array("I"), array("Q")

    def add(self, at: int, value: float, *, keep: int = SAMPLES) -> None:
        if self.times and at <= self.times[-1]:
            return
        self.times.append(at)
        self.values.append(max(0, int(value)))
        if len(self.times) > keep:
            del self.times[0], self.values[0]

    def since(self, at: int) -> list[int]:
        return [value for time, value in zip(self.times, self.values, strict=True) if time >= at]

    def trend(self) -> Trend | None:
        return trend(self.times, self.values)


@dataclass(slots=True)
class Use:
    """CPU (millicores) and memory (KiB, so that it fits) over the last hour, and the peak memory of each quarter hour."""

    times: "array[int]" = field(default_factory=lambda: array("I"))
    cpu: "array[int]" = field(default_factory=lambda: array("I"))
    memory: "array[int]" = field(default_factory=lambda: array("I"))
    peaks: "array[int]" = field(default_factory=lambda: array("I"))
    peak_slot: int = 0
    _cpu_at: float = 0.0
    _cpu_s: float = 0.0

    def add(self, *, at: float, cpu_s: float, memory_bytes: float) -> None:
        """One sample; `cpu_s` is the counter of CPU seconds. The first only sets where the counter begins."""
        before_at, before_s = self._cpu_at, self._cpu_s
        if at <= before_at:
            return
        self._cpu_at, self._cpu_s = at, cpu_s
        if not before_at or cpu_s < before_s:
            return
        self.times.append(int(at))
        self.cpu.append(_u32((cpu_s - before_s) / (at - before_at) * 1000))
        self.memory.append(_u32(memory_bytes / 1024))
        if len(self.times) > SAMPLES:
            del self.times[0], self.cpu[0], self.memory[0]
        self._peak(int(at) // PEAK_S)

    def _peak(self, slot: int) -> None:
        newest = self.memory[-1]
        if slot == self.peak_slot and self.peaks:
            self.peaks[-1] = max(self.peaks[-1], newest)
            return
        self.peaks.append(newest)
        self.peak_slot = slot
        if len(self.peaks) > PEAKS:
            del self.peaks[0]

    def level(self, values: "array[int]") -> int:
        """What the values did not fall below in the last ten minutes; 0 when less than that is known."""
        if not self.times or self.times[-1] - self.times[0] < LEVEL_S * 0.9:
            return 0
        begin = self.times[-1] - LEVEL_S
        return min(value for at, value in zip(self.times, values, strict=True) if at >= begin)

    def memory_trend(self) -> Trend | None:
        """In KiB: over the quarter hours where there are enough of them, else over the last hour."""
        if len(self.peaks) >= 2 * TREND_POINTS:
            return trend([(self.peak_slot - len(self.peaks) + 1 + i) * PEAK_S for i in range(len(self.peaks))], self.peaks)
        return trend(self.times, self.memory)

    def cpu_trend(self) -> Trend | None:
        return trend(self.times, self.cpu)


def _u32(value: float) -> int:
    return max(0, min(int(value), 2**32 - 1))


@dataclass(slots=True)
class ContainerRing:
    """One container of one pod. Limits are those of its control group: 0 where there is none."""

    name: str
    started_at: int = 0
    use: Use = field(default_factory=Use)
    cpu_limit_millis: int = 0
    memory_limit: int = 0
    rss_bytes: int = 0
    periods: Counter = field(default_factory=Counter)
    throttled: Counter = field(default_factory=Counter)
    previous: Run | None = None
    quota_us: float = 0.0
    period_us: float = 0.0

    def add(self, *, at: float, started_at: float, cpu_s: float, memory_bytes: float) -> None:
        started = int(started_at)
        if self.started_at and started > self.started_at:
            self._end_run()
        self.started_at = started or self.started_at
        self.use.add(at=at, cpu_s=cpu_s, memory_bytes=memory_bytes)

    def _end_run(self) -> None:
        use, self.use = self.use, Use()
        self.periods, self.throttled = Counter(), Counter()
        if use.times:
            memory = use.memory
            found = use.memory_trend()
            in_bytes = None if found is None else found._replace(per_hour=found.per_hour * 1024)
            self.previous = Run(use.times[-1], memory[0] * 1024, memory[-1] * 1024, max(memory) * 1024, in_bytes)

    def throttling(self, within_s: int) -> Throttling | None:
        """None where the kernel counts no periods, which it does only for containers with a CPU limit."""
        periods, over_s = self.periods.growth(within_s)
        throttled, _ = self.throttled.growth(within_s)
        return Throttling(periods, throttled, over_s) if periods > 0 else None


@dataclass(slots=True)
class VolumeRing:
    """One volume of a pod. `claim` is the name of its PersistentVolumeClaim, if it has one."""

    name: str
    claim: str = ""
    capacity_bytes: int = 0
    inodes: int = 0
    used: Gauge = field(default_factory=Gauge)
    inodes_used: Gauge = field(default_factory=Gauge)


@dataclass(slots=True)
class ProbeRing:
    """One probe of a container: how often it succeeded and failed, and how long the successful ones took."""

    container: str
    type: str
    succeeded: Counter = field(default_factory=Counter)
    failed: Counter = field(default_factory=Counter)
    sum_ms: Counter = field(default_factory=Counter)
    count: Counter = field(default_factory=Counter)


@dataclass(slots=True)
class PodRing:
    """One pod of a node, known by its uid: a pod that takes the name of another one has a ring of its own."""

    namespace: str
    name: str
    uid: str = ""
    seen_at: int = 0
    containers: dict[str, ContainerRing] = field(default_factory=dict)
    volumes: dict[str, VolumeRing] = field(default_factory=dict)
    probes: dict[tuple[str, str], ProbeRing] = field(default_factory=dict)
    network: dict[str, Counter] = field(default_factory=dict)
    noted_at: int = 0

    def container(self, name: str) -> ContainerRing:
        if name not in self.containers:
            self.containers[name] = ContainerRing(name)
        return self.containers[name]


@dataclass(slots=True)
class NodeRing:
    """One node with its pods, by namespace and name."""

    name: str
    uid: str
    cpu_millis: int = 0
    memory_bytes: int = 0
    use: Use = field(default_factory=Use)
    fs_capacity: int = 0
    fs_inodes: int = 0
    fs_used: Gauge = field(default_factory=Gauge)
    fs_inodes_used: Gauge = field(default_factory=Gauge)
    pods: dict[tuple[str, str], PodRing] = field(default_factory=dict)
    rounds: int = 0
    detailed_at: int = 0
    detailed_since: int = 0

"""What the requests of a workload are like, out of a view of its cluster, and what that says about who is slow.

A report is about one uid: an earlier workload of the same name does not count.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from optral.kube import owners
from optral.kube.kinds import traffic_name
from optral.kube.objects import KubeObject, WorkloadTraffic, WorkloadTrafficStatus
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

FRESH_S = 3600  # reports come every five minutes; of an older one nothing is concluded
TIMES, MORE_MS, REQUESTS = 2.0, 100, 200
"""A workload is slow from this many times its usual duration on, by this many ms, over this many requests in ten minutes."""
FEW = 0.15
"""Where the median is as slow as that, this share of the requests is enough: half of them are slow, not one in twenty."""
PART = 0.1
"""Of the time that a caller takes longer, what it calls must take at least this part longer, since it may be called several times."""
FAST_TIMES, FAST_MORE_MS = 1.25, 20
"""What is within this of its usual duration is as fast as usual; between fast and slow nothing is concluded."""


class Slowness(NamedTuple):
    """How long the 95th percentile of requests has been at least, and what is usual; in ms."""

    level_ms: float
    usual_ms: float

    @property
    def more_ms(self) -> float:
        return self.level_ms - self.usual_ms

    def exceeds(self, *, times: float, more_ms: float) -> bool:
        return self.level_ms >= times * self.usual_ms and self.more_ms >= more_ms


def of_workload(workload: ObjectRef, view: ClusterView) -> WorkloadTraffic | None:
    """The report about a workload; None where there is none of this very one."""
    found = view.by_name(WorkloadTraffic.kind, workload.namespace, traffic_name(workload.short_kind, workload.name))
    obj = view.object_at(workload)
    if not isinstance(found, WorkloadTraffic) or obj is None:
        return None
    return found if any(owner.uid == obj.uid for owner in found.metadata.owner_references) else None


def workload_of(view: ClusterView, report: WorkloadTraffic) -> Iterable[KubeObject]:
    """The workload that a report is about (a step of `detectors/reach.py`)."""
    for owner in report.metadata.owner_references:
        if (found := view.by_name(owner.kind_id, report.namespace, owner.name)) is not None:
            yield found


def is_fresh(status: WorkloadTrafficStatus, now: datetime) -> bool:
    return status.observed_at is not None and (now - status.observed_at).total_seconds() <= FRESH_S


def covers(view: ClusterView, workload: KubeObject, *, now: datetime) -> bool:
    """Whether it is known how fast a workload answers that is not reported as slow: there is no report of it, or one that knows."""
    report = of_workload(owners.ref(workload), view)
    return report is None or (is_fresh(report.status, now) and report.status.latency.usual_ms is not None)


def slowness(status: WorkloadTrafficStatus) -> Slowness | None:
    """None while too little is known of what is usual, or of the last ten minutes."""
    level, usual = status.latency.level_ms, status.latency.usual_ms
    return None if level is None or usual is None else Slowness(level, usual)


def is_slow(status: WorkloadTrafficStatus, *, times: float = TIMES, more_ms: float = MORE_MS, requests: float = REQUESTS) -> bool:
    """Whether its requests take longer than usual, and there are enough of them to say so."""
    found = slowness(status)
    enough = requests * FEW if is_slow_throughout(status, more_ms=more_ms) else requests
    return found is not None and status.requests.count >= enough and found.exceeds(times=times, more_ms=more_ms)


def is_slow_throughout(status: WorkloadTrafficStatus, *, more_ms: float = MORE_MS) -> bool:
    """Whether half of its requests take longer than all but the slowest did before, not only those that wait for something."""
    found, median_ms = slowness(status), status.latency.p50_ms
    return found is not None and median_ms is not None and median_ms >= found.usual_ms + more_ms


def is_fast(status: WorkloadTrafficStatus) -> bool:
    """Whether it is known to answer as fast as usual, now and in the last ten minutes."""
    found, now_ms = slowness(status), status.latency.p95_ms
    if found is None or now_ms is None:
        return False
    return max(found.level_ms, now_ms) <= max(FAST_TIMES * found.usual_ms, found.usual_ms + FAST_MORE_MS)


def explains(called: WorkloadTrafficStatus, caller: WorkloadTrafficStatus) -> bool:
    """Whether what is called takes longer by enough to be why its caller does. Both must be slow."""
    below, above = slowness(called), slowness(caller)
    return below is not None and above is not None and below.more_ms >= PART * above.more_ms

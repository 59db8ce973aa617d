"""What the requests of a workload are like, as the agent reports it (`optral/agent/prometheus`): durations in ms, shares from 0 to 1.

What is not known is None. A level is what a value did not fall below in the last ten minutes; what is usual is the median of earlier
quarter hours, at most twelve hours of them, in which nothing was notable.
"""

from typing import ClassVar

from optral.kube.objects.base import Int, KubeObject, Part, Time


class Requests(Part, frozen=True):
    per_second: float = 0.0
    count: Int = 0
    window_seconds: Int = 0


class Errors(Part, frozen=True):
    share: float = 0.0
    level_share: float | None = None
    usual_share: float | None = None


class Latency(Part, frozen=True):
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    level_ms: float | None = None
    usual_ms: float | None = None


class PodTraffic(Part, frozen=True):
    """What one pod answered. `p95_ms` is 0 where it had too few requests; `lost_per_second` are received packets.

    `sent_per_second` and `sent_before_per_second`, an hour earlier, are packets that it sent; None where that is not known."""

    name: str = ""
    uid: str = ""
    node: str = ""
    revision: str = ""
    p95_ms: float = 0.0
    per_second: float = 0.0
    lost_per_second: float = 0.0
    sent_per_second: float | None = None
    sent_before_per_second: float | None = None


class NodeTraffic(Part, frozen=True):
    name: str = ""
    retransmit_share: float = 0.0


class WorkloadTrafficStatus(Part, frozen=True):
    """`source` is what counted the requests, `proven_by` how it is known that they are those of this workload."""

    observed_at: Time | None = None
    source: str = ""
    proven_by: str = ""
    requests: Requests = Requests()
    errors: Errors = Errors()
    latency: Latency = Latency()
    usual_seconds: Int = 0
    pod_count: Int = 0
    pods: tuple[PodTraffic, ...] = ()
    nodes: tuple[NodeTraffic, ...] = ()


class WorkloadTraffic(KubeObject, frozen=True):
    kind: ClassVar[str] = "WorkloadTraffic.usage.optral.io"

    status: WorkloadTrafficStatus = WorkloadTrafficStatus()

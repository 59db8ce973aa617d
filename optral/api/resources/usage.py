"""What a pod or node uses, and what the requests of a workload are like: the last report of its agent, with a series for a chart."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Routes, Shape, check_id, present
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.api.resources.kinds import REASONS, TRAFFIC_REASONS, USAGE_REASONS, status_of
from optral.clusters import service as clusters
from optral.kube.kinds import LONG_RUNNING, USAGE_OF, WORKLOAD_TRAFFIC
from optral.kube.owners import JOB, REPLICA_SET
from optral.resources import service as resources, traffic, usage
from optral.resources.model import Resource
from optral.resources.traffic import Requests
from optral.resources.usage import Amounts, Part, PodUse, Sample, Usage, Volume
from optral.store.transaction import Transaction

_NOT_NOTABLE = (
    "The agent reports pods that use much of a limit, are throttled, restart, fill a volume, answer probes late or lose packets."
    " This pod does none of that, or its agent has not read the metrics of its node yet."
)
_PODS_NOT_NOTABLE = (
    "The agent reports pods that use much of a limit, are throttled, restart, fill a volume, answer probes late or lose packets."
    " The usage of other pods is not collected."
)
_AS_USUAL = (
    "The agent reports the requests of workloads only while one of them is slower or fails more often than usual, and has enough requests."
)
_NO_PROMETHEUS = "The agent reads no Prometheus: set prometheus.url of its chart. See docs/how-to/prometheus.md."
_OTHER_KIND = "Usage is reported for pods and nodes; requests are reported for Deployments, StatefulSets and DaemonSets."
_NO_NODE = "The agent has not reported the usage of this node."


class SampleShape(Shape):
    at: datetime
    cpu_millis: int
    memory_bytes: int


class PartShape(Shape):
    name: str | None = Field(None, description="The container; absent for a node")
    cpu_millis: int
    cpu_p95_millis: int
    cpu_limit_millis: int | None = Field(None, description="The limit of the container, or the capacity of the node")
    memory_bytes: int
    memory_p95_bytes: int
    memory_limit_bytes: int | None = Field(None, description="The limit of the container, or the capacity of the node")
    throttled_share: float | None = Field(None, description="Share of the scheduler's periods in which the CPU limit stopped the container")
    samples: list[SampleShape] = Field(description="At most 30, oldest first; of several readings the highest")


class VolumeUse(Shape):
    name: str | None = Field(None, description="Absent for the file system of a node")
    claim: str | None = None
    used_bytes: int
    capacity_bytes: int
    full_in_seconds: int | None = Field(None, description="When it is full if it keeps growing; absent if it does not grow steadily")


class RequestSample(Shape):
    at: datetime
    per_second: float
    error_share: float
    p95_ms: float | None = Field(None, description="Absent where there were too few requests")


class RequestsShape(Shape):
    """Durations are percentiles in milliseconds, absent where there were too few requests. Shares are from 0 to 1."""

    source: str = Field(description="What counts the requests", examples=["istio"])
    proven_by: str = Field(description="How the agent knows that the series are about these pods: `uid`, `cluster` or `name`")
    per_second: float
    error_share: float
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    usual_p95_ms: float | None = Field(None, description="The median of up to twelve earlier hours; absent while it is not known")
    samples: list[RequestSample] = Field(description="At most 30, oldest first; of several readings the highest duration")


class AmountsShape(Shape):
    cpu_millis: int | None = Field(None, description="Thousandths of a core")
    memory_bytes: int | None = None


class PodUseShape(Shape):
    id: str
    name: str
    requested: AmountsShape
    limit: AmountsShape = Field(description="A member is absent if a container has no limit")
    used: AmountsShape | None = Field(None, description="Absent without a report about this pod")
    observed_at: datetime | None = None


class WorkloadUseShape(Shape):
    """The pods of a workload that have not ended"""

    pods: int
    measured_pods: int = Field(description="Pods with a report. The agent reports pods that use much, and others on demand")
    requested: AmountsShape = Field(description="Of all pods")
    limit: AmountsShape = Field(description="Of all pods; a member is absent if a container has no limit")
    used: AmountsShape | None = Field(None, description="Of the measured pods; absent if none is measured")
    observed_at: datetime | None = Field(None, description="Of the oldest of these reports")
    reason: str | None = Field(None, description="Why pods are not measured")
    of_pods: list[PodUseShape] = Field(description="Pods that use most memory first; at most 200")
    truncated: bool = Field(description="The workload has more pods")


class UsageShape(Shape):
    observed_at: datetime | None = Field(None, description="Absent without a report")
    reason: str | None = Field(None, description="Why there is no report")
    parts: list[PartShape] = Field(description="The containers of a pod, or the node")
    volumes: list[VolumeUse]
    requests: RequestsShape | None = Field(None, description="Of a workload, from the organization's own Prometheus")
    workload: WorkloadUseShape | None = Field(None, description="Of a workload: what its pods request and use")
    stale: Stale
    stale_since: StaleSince = None


async def resource_usage(call: Call, resource_id: str) -> Response:
    """Get the CPU, memory and volume usage of a pod or node, or the requests of a workload

    Usage is from the metrics of the kubelet, and requests are from the organization's own Prometheus, if the agent may read them. The
    report is at most a few minutes old while the agent is connected.
    """
    check_id(resource_id, "res")

    def render(tx: Transaction) -> dict[str, Any]:
        found = resources.get(tx, resource_id)
        standing = clusters.standing(tx, found.cluster_id)
        report = usage.of(tx, found) if found.kind in USAGE_OF else None
        requests = traffic.of(tx, found) if found.kind in traffic.KINDS else None
        if report is not None:
            shown = _usage(report)
        elif requests is not None:
            shown = {"observedAt": requests.observed_at, "parts": [], "volumes": [], "requests": _requests(requests)}
        else:
            shown = {"reason": _why_none(tx, found), "parts": [], "volumes": []}
        if found.kind in (*LONG_RUNNING, REPLICA_SET, JOB):
            shown["workload"] = _workload(tx, found)
        return shown | members(standing, stale=found.stale, since=found.stale_since)

    return await call.answer(render)


def _workload(tx: Transaction, of: Resource) -> dict[str, Any]:
    tree = resources.tree(tx, of.id)
    pods = usage.of_pods(tx, [child for child in tree.children if child.kind == "Pod"])
    measured = [pod for pod in pods if pod.used is not None]
    return present(
        pods=len(pods),
        measuredPods=len(measured),
        requested=_amounts(_total([pod.requested for pod in pods], is_complete=False)),
        limit=_amounts(_total([pod.limit for pod in pods], is_complete=True)),
        used=_amounts(_total([one.used for one in measured if one.used], is_complete=False)) if measured else None,
        observedAt=min((one.observed_at for one in measured if one.observed_at), default=None),
        reason=_why_not_measured(tx, of, "pods") if len(measured) < len(pods) else None,
        ofPods=[_pod(pod) for pod in sorted(pods, key=_by_use)],
        truncated=tree.truncated,
    )


def _by_use(one: PodUse) -> tuple[int, str]:
    return (-((one.used.memory_bytes or 0) if one.used else 0), one.pod.name)


def _total(amounts: Sequence[Amounts], *, is_complete: bool) -> Amounts:
    """The sums. `is_complete`: None where one of them is None, as a limit that is not there."""

    def total(values: list[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return None if not known or (is_complete and len(known) < len(values)) else sum(known)

    return Amounts(total([amount.cpu_millis for amount in amounts]), total([amount.memory_bytes for amount in amounts]))


def _amounts(one: Amounts) -> dict[str, int]:
    return present(cpuMillis=one.cpu_millis, memoryBytes=one.memory_bytes)


def _pod(one: PodUse) -> dict[str, Any]:
    return present(
        id=one.pod.id,
        name=one.pod.name,
        requested=_amounts(one.requested),
        limit=_amounts(one.limit),
        used=None if one.used is None else _amounts(one.used),
        observedAt=one.observed_at,
    )


def _why_none(tx: Transaction, of: Resource) -> str:
    if of.kind in traffic.KINDS:
        return _why_no_requests(tx, of)
    if of.kind not in USAGE_OF:
        return _OTHER_KIND
    return _why_not_measured(tx, of, of.kind)


def _why_not_measured(tx: Transaction, of: Resource, what: str) -> str:
    """`what`: `Pod`, `Node` or `pods`, those of a workload."""
    kind = USAGE_OF["Node" if what == "Node" else "Pod"]
    state = resources.kind_states(tx, of.cluster_id).get(kind.id)
    status = "notServed" if state is None else status_of(state)
    return (REASONS | USAGE_REASONS).get(status) or {"Pod": _NOT_NOTABLE, "Node": _NO_NODE, "pods": _PODS_NOT_NOTABLE}[what]


def _why_no_requests(tx: Transaction, of: Resource) -> str:
    state = resources.kind_states(tx, of.cluster_id).get(WORKLOAD_TRAFFIC.id)
    if state is None:
        return _NO_PROMETHEUS
    return (REASONS | TRAFFIC_REASONS).get(status_of(state)) or _AS_USUAL


def _usage(one: Usage) -> dict[str, Any]:
    return {"observedAt": one.observed_at, "parts": [_part(part) for part in one.parts], "volumes": [_volume(each) for each in one.volumes]}


def _part(one: Part) -> dict[str, Any]:
    return present(
        name=one.name or None,
        cpuMillis=one.cpu_millis,
        cpuP95Millis=one.cpu_p95_millis,
        cpuLimitMillis=one.cpu_limit_millis or None,
        memoryBytes=one.memory_bytes,
        memoryP95Bytes=one.memory_p95_bytes,
        memoryLimitBytes=one.memory_limit_bytes or None,
        throttledShare=one.throttled_share,
        samples=[_sample(sample) for sample in one.samples],
    )


def _sample(one: Sample) -> dict[str, Any]:
    return {"at": one.at, "cpuMillis": one.cpu_millis, "memoryBytes": one.memory_bytes}


def _volume(one: Volume) -> dict[str, Any]:
    return present(
        name=one.name or None,
        claim=one.claim or None,
        usedBytes=one.used_bytes,
        capacityBytes=one.capacity_bytes,
        fullInSeconds=one.full_in_s,
    )


def _requests(one: Requests) -> dict[str, Any]:
    return present(
        source=one.source,
        provenBy=one.proven_by,
        perSecond=one.per_second,
        errorShare=one.error_share,
        p50Ms=one.p50_ms,
        p95Ms=one.p95_ms,
        p99Ms=one.p99_ms,
        usualP95Ms=one.usual_p95_ms,
        samples=[
            present(at=sample.at, perSecond=sample.per_second, errorShare=sample.error_share, p95Ms=sample.p95_ms) for sample in one.samples
        ],
    )


def add(app: FastAPI) -> None:
    path = "/v1/resources/{resource_id}/usage"
    Routes(app, "resources").add("GET", path, resource_usage, scope="resources:read", gives=UsageShape, errors=(404,))

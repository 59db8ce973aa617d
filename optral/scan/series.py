"""Series of measurements in a bundle, as the reports that the agent would have made of them.

A labeled case may hold what a monitoring system recorded around its fault. The rules read no series but reports (`PodUsage`, `NodeUsage`,
`WorkloadTraffic`), so these are made here, for the moment in the middle of the series; its first quarter is what was usual before. A case
is one moment of a fault that lasts: what the middle shows stands for the window that a report covers, however short the series is.

A series is named `NAME-WHAT`; NAME is a node, or a workload or the `app` label of its pods (docs/eval.md).
"""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from optral.kit.times import rfc3339
from optral.kube import requests
from optral.kube.kinds import NODE_USAGE, POD_USAGE, WORKLOAD_TRAFFIC, Kind, traffic_name
from optral.kube.objects import KubeObject, Node, Pod
from optral.kube.view import ClusterView

WINDOW_S = 900  # what a report of throttling covers
PERIODS = WINDOW_S * 10
LEVEL_S = 600  # what a report of requests covers
USUAL_S = 3600
MIN_POINTS = 6
_Tree = dict[str, Any]


class Metrics(msgspec.Struct, frozen=True):
    """Values at `times`, by `NAME-WHAT`; null where nothing was measured. Other series are ignored."""

    times: list[str] = []
    series: dict[str, list[float | None]] = {}


@dataclass(frozen=True, slots=True)
class Readings:
    """One series: what it showed at the moment of the case, and what was usual before."""

    during: Sequence[float]
    before: Sequence[float]

    @classmethod
    def of(cls, values: Sequence[float | None]) -> "Readings | None":
        """None for a series that is too short."""
        count = len(values)
        during = [value for value in values[2 * count // 5 : count - count // 3] if value is not None]
        before = [value for value in values[: count // 4] if value is not None]
        return cls(during, before) if len(during) >= MIN_POINTS else None

    @property
    def median(self) -> float:
        return statistics.median(self.during)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.during)

    @property
    def level(self) -> float:
        """What it did not fall below."""
        return min(self.during)

    @property
    def lasting(self) -> float:
        """What it did not fall below but for one reading in ten: what is counted over minutes rises late."""
        return sorted(self.during)[len(self.during) // 10]

    @property
    def p95(self) -> float:
        ordered = sorted(self.during)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Series:
    """The readings of one bundle, by name and by what was measured."""

    by_name: Mapping[str, Mapping[str, Readings]] = field(default_factory=dict)

    @classmethod
    def of(cls, metrics: Metrics) -> "Series":
        found: dict[str, dict[str, Readings]] = {}
        for label, values in metrics.series.items():
            name, _, what = label.rpartition("-")
            if name and (readings := Readings.of(values)) is not None:
                found.setdefault(name, {})[what] = readings
        return cls(found)

    def reports(self, view: ClusterView, *, at: datetime) -> Iterator[bytes]:
        """The reports about the nodes and ready pods of a view, as manifests. `at` is the time of the case."""
        observed = {"observedAt": rfc3339(at)}
        for node in view.all(Node.kind):
            if isinstance(node, Node) and (measured := self.by_name.get(node.name)):
                yield _manifest(NODE_USAGE, node, observed | _node(node, measured))
        for pod in view.all(Pod.kind):
            if isinstance(pod, Pod) and pod.is_ready and (measured := self._of_pod(pod, view)):
                yield _manifest(POD_USAGE, pod, observed | _pod(pod, measured))
        yield from self._of_requests(view, observed)

    def _of_requests(self, view: ClusterView, observed: _Tree) -> Iterator[bytes]:
        pods = [pod for pod in view.all(Pod.kind) if isinstance(pod, Pod) and pod.is_ready]
        sent = self._sent_by_node(pods, view)
        for reference, own in view.by_workload(pods).items():
            workload, measured = view.object_at(reference), self._of_pod(own[0], view)
            if workload is None or not measured or (status := _requests(measured)) is None:
                continue
            nodes = sorted({pod.spec.node_name for pod in own} & sent.keys())
            status["pods"] = [_packets(pod, readings) for pod in own if (readings := self._of_pod(pod, view))]
            status["nodes"] = [{"name": node, "retransmitShare": round(sent[node], 4)} for node in nodes]
            name = traffic_name(reference.short_kind, reference.name)
            yield _manifest(WORKLOAD_TRAFFIC, workload, observed | status, name=name)

    def _sent_by_node(self, pods: Sequence[Pod], view: ClusterView) -> dict[str, float]:
        """Which share of its TCP segments each node sent again: of as many as the measured pods on it send packets."""
        packets: Counter[str] = Counter()
        for pod in pods:
            if (sent := (self._of_pod(pod, view) or {}).get("network_transmit")) is not None:
                packets[pod.spec.node_name] += round(sent.mean)
        again = {node: found["tcp_retans"].mean for node in packets if "tcp_retans" in (found := self.by_name.get(node, {}))}
        return {node: min(1.0, count / packets[node]) for node, count in again.items() if packets[node]}

    def _of_pod(self, pod: Pod, view: ClusterView) -> Mapping[str, Readings] | None:
        return self.by_name.get(view.workload_of(pod).name) or self.by_name.get(pod.metadata.labels.get("app", ""))


def _node(node: Node, measured: Mapping[str, Readings]) -> _Tree:
    """CPU and memory are percent of the node's capacity."""
    status: _Tree = {}
    for what, resource, unit in (("cpu", "cpu", "Millis"), ("mem", "memory", "Bytes")):
        if (used := measured.get(what)) is not None:
            capacity = requests.offered(node, resource)
            amounts = {"now": used.median, "level": used.level, "p95": used.p95}
            status[resource] = {f"{name}{unit}": round(value / 100 * capacity) for name, value in amounts.items()}
            status[resource][f"capacity{unit}"] = capacity
    return status


def _pod(pod: Pod, measured: Mapping[str, Readings]) -> _Tree:
    """All of it is counted for the first container."""
    container = pod.spec.containers[0]
    used: _Tree = {"name": container.name}
    limits = container.resources.limits
    if (cpu := measured.get("cpu")) is not None:
        amounts = {"nowMillis": cpu.median, "levelMillis": cpu.level, "p95Millis": cpu.p95}
        used["cpu"] = {name: round(1000 * cores) for name, cores in amounts.items()} | _limit("limitMillis", requests.amount(limits, "cpu"))
    if (memory := measured.get("mem")) is not None:
        amounts = {"nowBytes": memory.median, "levelBytes": memory.level, "p95Bytes": memory.p95}
        used["memory"] = {name: round(value) for name, value in amounts.items()} | _limit("limitBytes", requests.amount(limits, "memory"))
    if (stopped := measured.get("cpu_cfs")) is not None and "cpu" in limits:
        share = min(1.0, stopped.mean)
        used["throttling"] = {
            "share": round(share, 3),
            "periods": PERIODS,
            "throttledPeriods": round(share * PERIODS),
            "windowSeconds": WINDOW_S,
        }
    return {"containers": [used], "volumes": []}


def _packets(pod: Pod, measured: Mapping[str, Readings]) -> _Tree:
    """The packets that a pod sends; of several pods that share a series, it is the same."""
    found: _Tree = {"name": pod.metadata.name, "uid": pod.metadata.uid, "node": pod.spec.node_name}
    if (sent := measured.get("network_transmit")) is not None and sent.before:
        found |= {"sentPerSecond": round(sent.mean, 2), "sentBeforePerSecond": round(statistics.fmean(sent.before), 2)}
    return found


def _requests(measured: Mapping[str, Readings]) -> _Tree | None:
    """How long requests take at the moment of the case and usually, by the highest percentile up to the 95th; None if it is not known."""
    latency = next((found for what in ("p95latency", "p90latency", "p50latency") if (found := measured.get(what)) is not None), None)
    rate, success = measured.get("rps"), measured.get("success_rate")
    if latency is None or rate is None or not latency.before:
        return None
    share = 0.0 if success is None else max(0.0, 1 - success.mean)
    durations = {"p95Ms": latency.median, "levelMs": latency.lasting, "usualMs": statistics.median(latency.before)}
    if (half := measured.get("p50latency")) is not None:
        durations["p50Ms"] = half.median
    return {
        "source": "istio",
        "provenBy": "name",
        "requests": {
            "perSecond": round(rate.mean, 2),
            "count": round(statistics.fmean([*rate.before, *rate.during]) * LEVEL_S),
            "windowSeconds": LEVEL_S,
        },
        "errors": {"share": round(share, 4), "levelShare": round(share, 4)},
        "latency": {name: round(value, 1) for name, value in durations.items()},
        "usualSeconds": USUAL_S,
        "series": {"perSecond": [*rate.before, *rate.during], "p95Ms": [*latency.before, *latency.during]},
    }


def _limit(name: str, amount: int) -> _Tree:
    return {name: amount} if amount else {}


def _manifest(kind: Kind, of: KubeObject, status: _Tree, *, name: str = "") -> bytes:
    short_kind, _, group = of.kind.partition(".")
    owner = {"apiVersion": f"{group}/v1" if group else "v1", "kind": short_kind, "name": of.name, "uid": of.uid, "controller": True}
    metadata = {"name": name or of.name, "uid": f"{of.uid}-{kind.name.lower()}", "ownerReferences": [owner]}
    if of.namespace:
        metadata["namespace"] = of.namespace
    return msgspec.json.encode({"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, "status": status})

"""NodeMemoryPressure, NodeDiskPressure, NodePIDPressure: a node is low on a resource and evicts pods, or will soon.

The kubelet keeps such a condition for five minutes after the pressure ends, so it does not flap. The evicted pods are issues of type
Evicted, which become symptoms of this one.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from optral.detectors import gates
from optral.detectors.detector import About, Detector, Effect
from optral.detectors.finding import Finding
from optral.detectors.wording import clip, label
from optral.kube import owners
from optral.kube.objects import Node, condition
from optral.kube.reports.nodes import DISK_PRESSURE, MEMORY_PRESSURE, PID_PRESSURE, PRESSURES
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

RESOLVE_AFTER_S = 300
_TEXTS: dict[str, type[titles.Pressure]] = {
    MEMORY_PRESSURE: titles.NodeMemoryPressure,
    DISK_PRESSURE: titles.NodeDiskPressure,
    PID_PRESSURE: titles.NodePIDPressure,
}
MAX_PODS = 500


def _detector(name: str) -> Detector:
    kind, texts = f"Node{name}", _TEXTS[name]

    def detect(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
        pressure = condition(node.status.conditions, name)
        if pressure is None or pressure.status != "True" or gates.is_deleting(node) or gates.is_leaving(node):
            return
        subject = owners.ref(node)
        since = pressure.last_transition_time or node.created_at
        yield Finding(
            subject=subject,
            base=Severity.HIGH,
            title=texts.low(object=label(subject)),
            since=since,
            facts={
                "condition": name,
                "reason": pressure.reason,
                "message": clip(pressure.message),
                "allocatable": {key: str(value) for key, value in islice(node.status.allocatable.items(), 20)},
                "evictedPods": _evicted(node, view),
            },
        )

    return Detector(
        type=kind,
        title=texts.what,
        category="node",
        about=About.NODE,
        severity=Severity.HIGH,
        gates=("G1", "G5"),
        effect=Effect.NODE_PRESSURE,
        looks_at=frozenset({Node.kind}),
        detect=detect,
        open_after_s=60,
        resolve_after_s=RESOLVE_AFTER_S,
    )


def _evicted(node: Node, view: ClusterView) -> list[str]:
    pods = islice(view.pods_on(node.name), MAX_PODS)
    return sorted(f"{pod.namespace}/{pod.name}" for pod in pods if pod.status.reason == "Evicted")[:20]


MEMORY, DISK, PID = (_detector(name) for name in PRESSURES)
DETECTORS: tuple[Detector, ...] = (MEMORY, DISK, PID)

"""NodeSaturated: a node has used almost all of its CPU or memory for ten minutes.

The conditions of a node say when it is about to evict pods. A node whose CPU is used up evicts nothing and reports nothing: everything on
it is merely slow. Without reports of the node's usage (kube/usage.py) nothing is said.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import Tier, of_node
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.detectors.wording import label
from optral.kube import owners, times, usage
from optral.kube.objects import Node, NodeUsage
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

LEVEL_S = 600  # that a level covers
RESOLVE_AFTER_S = 1800
THRESHOLDS = {
    "cpuShare": Threshold(default=0.95, min=0.5, max=0.99, unit="share", doc="This share of the node's CPU in use is too much"),
    "memoryShare": Threshold(default=0.95, min=0.5, max=0.99, unit="share", doc="This share of the node's memory in use is too much"),
}


def detect(node: Node, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    report = usage.of_node(node, view, now=now)
    if report is None or report.status.observed_at is None or gates.is_deleting(node):
        return
    cpu, memory = report.status.cpu, report.status.memory
    full = [
        what
        for what, level, capacity, share in (
            ("CPU", cpu.level_millis, cpu.capacity_millis, limits["cpuShare"]),
            ("memory", memory.level_bytes, memory.capacity_bytes, limits["memoryShare"]),
        )
        if capacity > 0 and level >= share * capacity
    ]
    if not full:
        return
    since = times.before(report.status.observed_at, LEVEL_S)
    yield Finding(
        subject=owners.ref(node),
        title=titles.NodeSaturated.full(object=label(owners.ref(node)), resources=" and ".join(full)),
        since=since,
        is_onset_unknown=True,
        facts={"resources": full},
    )


DETECTOR = of_node(
    type="NodeSaturated",
    title=titles.NodeSaturated.what,
    severity=Severity.MEDIUM,
    gates=("G1",),
    detect=detect,
    tier=Tier.EXTENDED,
    resolve_after_s=RESOLVE_AFTER_S,
    reached_from={NodeUsage.kind: usage.node_of},
    rests_on=frozenset({NodeUsage.kind}),
    covers=usage.covers_node,
    needs=frozenset({"metrics"}),
    thresholds=THRESHOLDS,
)

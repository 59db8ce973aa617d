"""NodePodCapacity: a node has almost reached its maximum number of pods. ClusterOvercommit: if one node is lost, the others cannot hold all
pods.

Both are risks: everything runs today. The cluster is calculated once per examination, with the node that is first by name.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from optral.detectors import candidate_causes, gates
from optral.detectors.detector import About, Detector, Tier, of_node
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.detectors.wording import label
from optral.kube import owners, requests, times
from optral.kube.objects import Node, Pod
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

POD_CAPACITY = "NodePodCapacity"
OVERCOMMIT = "ClusterOvercommit"
CATEGORY = "risk"
POD_CAPACITY_THRESHOLDS = {
    "fullFrom": Threshold(
        default=0.95, min=0.5, max=0.99, unit="share", doc="A node is nearly full above this share of its maximum number of pods"
    ),
}
POD_CAPACITY_PATIENCE_S, OVERCOMMIT_PATIENCE_S = 900, 600
MAX_PODS = 50_000
_RESOURCES = ("cpu", "memory")
_WORDS = {"cpu": "CPU"}


def detect_pod_capacity(node: Node, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    most = requests.offered(node, requests.PODS)
    if not most or gates.is_deleting(node):
        return
    count = sum(1 for pod in view.pods_on(node.name) if not pod.is_terminal)
    if count <= most * limits["fullFrom"]:
        return
    subject = owners.ref(node)
    yield Finding(
        subject=subject,
        base=Severity.LOW,
        title=titles.NodePodCapacity.full(object=label(subject)),
        since=now,
        opens_at=times.after(now, POD_CAPACITY_PATIENCE_S),
        is_onset_unknown=True,
        facts={"mostPods": most, "share": limits["fullFrom"]},
    )


def detect_overcommit(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    nodes = [other for other in view.all(Node.kind) if isinstance(other, Node) and not other.spec.unschedulable]
    if len(nodes) < 2 or node.name != min(other.name for other in nodes):
        return
    requested = _requested(view)
    for resource in _RESOURCES:
        offered = sorted(requests.offered(other, resource) for other in nodes)
        if requested[resource] <= sum(offered[:-1]):
            continue
        yield Finding(
            subject=candidate_causes.CLUSTER,
            part=resource,
            base=Severity.MEDIUM,
            title=titles.ClusterOvercommit.overcommitted(resource=_WORDS.get(resource, resource)),
            since=now,
            opens_at=times.after(now, OVERCOMMIT_PATIENCE_S),
            is_onset_unknown=True,
            facts={"resource": resource, "nodes": len(nodes)},
        )


def _requested(view: ClusterView) -> Counter[str]:
    """What all pods that have a node request: thousandths of a core, and bytes."""
    total: Counter[str] = Counter()
    for pod in islice(view.all(Pod.kind), MAX_PODS):
        if isinstance(pod, Pod) and pod.spec.node_name and not pod.is_terminal:
            requested = requests.of(pod.spec)
            for resource in _RESOURCES:
                total[resource] += requested.get(resource, 0)
    return total


DETECTORS = (
    of_node(
        type=POD_CAPACITY,
        title=titles.NodePodCapacity.what,
        category=CATEGORY,
        severity=Severity.LOW,
        gates=("G1", "G2"),
        detect=detect_pod_capacity,
        open_after_s=POD_CAPACITY_PATIENCE_S,
        tier=Tier.RISK,
        thresholds=POD_CAPACITY_THRESHOLDS,
    ),
    Detector(
        type=OVERCOMMIT,
        title=titles.ClusterOvercommit.what,
        category=CATEGORY,
        about=About.CLUSTER,
        severity=Severity.MEDIUM,
        gates=("G1", "G2"),
        looks_at=frozenset({Node.kind}),
        detect=detect_overcommit,
        open_after_s=OVERCOMMIT_PATIENCE_S,
        tier=Tier.RISK,
    ),
)

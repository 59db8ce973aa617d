"""NodeNotReady: the kubelet of a node reports that it cannot run pods (False), or no longer reports at all (Unknown).

Kubernetes waits 40 seconds before it sets Unknown; Optral waits one more minute. A node that is being removed on purpose does not count
(G5). A node that is only cordoned gets 15 minutes, because maintenance starts with a cordon. A node that has just joined gets five minutes
(G13). The issue of a deleted node resolves.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import Effect, Stage, of_node
from optral.detectors.finding import Finding
from optral.detectors.wording import clip, label
from optral.kube import owners, times
from optral.kube.objects import Node, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 60
CORDONED_PATIENCE_S = 900
_ON_EVERY_NODE = frozenset({"DaemonSet.apps", "Node"})


def detect(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    ready = condition(node.status.conditions, "Ready")
    if ready is None or ready.status not in ("False", "Unknown") or gates.is_deleting(node) or gates.is_leaving(node):
        return
    subject = owners.ref(node)
    since = ready.last_transition_time or node.created_at
    pods = view.pods_on(node.name)
    affected = _affected(pods, view)
    yield Finding(
        subject=subject,
        base=Severity.CRITICAL if affected and (ready.status == "Unknown" or len(affected) > 1) else Severity.HIGH,
        title=_title(node, ready.status, ready.reason),
        since=since,
        opens_at=_opens_at(node, since=since),
        facts={
            "status": ready.status,
            "reason": ready.reason,
            "message": clip(ready.message),
            "pods": len(pods),
            "workloads": sorted({f"{ref.short_kind}/{ref.namespace}/{ref.name}" for ref in affected})[:20],
            "isCordoned": node.spec.unschedulable,
            "kubeletVersion": node.status.node_info.kubelet_version,
            "otherConditions": [c.type for c in node.status.conditions if c.type.endswith("Pressure") and c.status == "True"][:10],
        },
    )


def _affected(pods: Iterable[Pod], view: ClusterView) -> set[ObjectRef]:
    """The workloads that lose pods with the node; not those that run on every node."""
    workloads = {view.workload_of(pod) for pod in pods if not gates.has_finished(pod)}
    return {workload for workload in workloads if workload.kind not in _ON_EVERY_NODE}


def _opens_at(node: Node, *, since: datetime) -> datetime:
    patient = times.after(since, CORDONED_PATIENCE_S if node.spec.unschedulable else PATIENCE_S)
    return max(patient, times.after(node.created_at, gates.YOUNG_NODE_S))


def _title(node: Node, status: str, reason: str) -> Title:
    name = label(owners.ref(node))
    if status == "Unknown":
        return titles.NodeNotReady.silent(object=name)
    return titles.NodeNotReady.not_ready(object=name, reason=reason) if reason else titles.NodeNotReady.no_reason(object=name)


DETECTOR = of_node(
    type="NodeNotReady",
    title=titles.NodeNotReady.what,
    severity=Severity.CRITICAL,
    gates=("G1", "G5", "G13"),
    effect=Effect.NODE_DOWN,
    stage=Stage.NODE,
    detect=detect,
    open_after_s=PATIENCE_S,
)

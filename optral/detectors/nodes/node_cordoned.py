"""NodeCordoned: somebody cordoned a node, and nobody has uncordoned it.

After two hours it may be forgotten (low). If pods wait only because of the cordon, it matters at once (high). A pod waits for a node if
the scheduler counts cordoned nodes, mentions no lack of capacity, and the pod could run on the node (labels, affinity and spread, no
replica of it there). Of several such nodes the finding names the one that was cordoned last. Control plane nodes stay cordoned on purpose.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_node
from optral.detectors.finding import Finding
from optral.detectors.pods.failed_scheduling import could_run
from optral.kube import owners, placement, times
from optral.kube.objects import KubeObject, Node, Pod, condition
from optral.kube.reports import pods, scheduler
from optral.kube.reports.scheduler import Blocker
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

WAITING_PATIENCE_S = 60
_CAPACITY = frozenset({Blocker.INSUFFICIENT, Blocker.TOO_MANY_PODS, Blocker.VOLUME_COUNT, Blocker.HOST_PORT})


def detect(obj: Node | Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if isinstance(obj, Node):
        if _is_cordoned(obj):
            yield _forgotten(obj, now=now)
    elif isinstance(obj, Pod):
        yield from _blocking(obj, view, now=now)


def _is_cordoned(node: Node) -> bool:
    if gates.is_deleting(node) or gates.is_leaving(node) or placement.is_control_plane(node.labels):
        return False
    return node.spec.unschedulable or any(taint.key == placement.CORDON.key for taint in node.spec.taints)


def _forgotten(node: Node, *, now: datetime) -> Finding:
    subject = owners.ref(node)
    cordoned_at = _cordoned_at(node)
    since = cordoned_at or now
    return Finding(
        subject=subject,
        title=titles.NodeCordoned.cordoned(object=wording.label(subject)),
        since=since,
        is_onset_unknown=cordoned_at is None,
        facts={"waitingPod": None},
    )


def _cordoned_at(node: Node) -> datetime | None:
    return times.latest(*(taint.time_added for taint in node.spec.taints if taint.key == placement.CORDON.key))


def _blocking(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    """The cordoned node that a pending pod waits for."""
    scheduled = condition(pod.status.conditions, pods.SCHEDULED)
    if scheduled is None or scheduled.status != "False" or pod.spec.node_name or gates.is_gated(pod):
        return
    cordoned = _nodes_waited_for(pod, scheduled.message, view)
    if not cordoned:
        return
    node = min(cordoned, key=lambda node: (now - (_cordoned_at(node) or node.created_at), node.name))  # the same node each time
    workload = view.workload_of(pod)
    since = max(scheduled.last_transition_time or pod.created_at, _cordoned_at(node) or pod.created_at)
    yield Finding(
        subject=owners.ref(node),
        base=Severity.HIGH,
        title=titles.NodeCordoned.awaited(object=wording.label(owners.ref(node)), workload=wording.label(workload)),
        since=since,
        opens_at=times.after(since, WAITING_PATIENCE_S),
        facts={
            "waitingPod": f"{pod.namespace}/{pod.name}",
            "workload": str(workload),
            "closedNodes": sorted(node.name for node in cordoned)[:20],
        },
    )


def _nodes_waited_for(pod: Pod, message: str, view: ClusterView) -> list[Node]:
    """The cordoned nodes on which a pod could run; none if the message of the scheduler names a lack of capacity as well."""
    blockers = {clause.blocker for clause in scheduler.clauses(message)}
    if Blocker.CORDONED not in blockers or blockers & _CAPACITY:
        return []
    return [node for node in view.nodes_tainted(placement.CORDON.key) if _is_cordoned(node) and could_run(node, pod, blockers, view)]


def _waiting_pods(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    """The pending pods, when a node is cordoned or uncordoned."""
    before = view.previous(Node.kind, obj.metadata.uid)
    if (isinstance(obj, Node) and _is_cordoned(obj)) or (isinstance(before, Node) and _is_cordoned(before)):
        yield from (pod for pod in view.unscheduled_pods() if pod.status.phase in ("Pending", ""))


DETECTOR = of_node(
    type="NodeCordoned",
    title=titles.NodeCordoned.what,
    severity=Severity.LOW,
    gates=("G1", "G5", "G15"),
    looks_at=frozenset({Node.kind, Pod.kind}),
    detect=detect,
    open_after_s=7200,
    tier=Tier.EXTENDED,
    reached_from={Node.kind: _waiting_pods},
)

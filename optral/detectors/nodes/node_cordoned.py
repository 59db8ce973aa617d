"""NodeCordoned: a node takes no new pods because somebody closed it, and nobody has opened it again.

Closed for two hours, it may be forgotten (low). With pods that wait only because of it, it matters at once (high): a pod waits for it when
the scheduler counts closed nodes, does not speak of room, and the node is one it would go to (its labels, affinity and spread, no twin of
it there); of several such nodes the one closed last is told. Nodes of the control plane stay closed for months on purpose.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.pods import failed_scheduling
from optral.kube import owners, times
from optral.kube.objects import KubeObject, Node, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "NodeCordoned"
CATEGORY = "node"
PATIENCE_S = 7200
WAITING_PATIENCE_S = 60
_TAINT = "node.kubernetes.io/unschedulable"
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_OLD_ROLE = "kubernetes.io/role"
_OF_ROOM = frozenset({"insufficient", "tooManyPods", "volumeCount", "hostPort"})


def detect(thing: Node | Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if isinstance(thing, Node):
        if _is_closed(thing):
            yield _forgotten(thing, now=now)
    elif isinstance(thing, Pod):
        yield from _waited_for(thing, view, now=now)


def _is_closed(node: Node) -> bool:
    if gates.is_deleting(node) or gates.is_leaving(node) or _is_control_plane(node):
        return False
    return node.spec.unschedulable or any(taint.key == _TAINT for taint in node.spec.taints)


def _is_control_plane(node: Node) -> bool:
    return any(role in node.labels for role in _CONTROL_PLANE) or node.labels.get(_OLD_ROLE) in ("master", "control-plane")


def _forgotten(node: Node, *, now: datetime) -> Finding:
    subject = owners.ref(node)
    closed_at = _closed_at(node)
    since = closed_at or now
    return Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=Severity.LOW,
        title=f"Node {node.name} is cordoned",
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, PATIENCE_S),
        is_onset_unknown=closed_at is None,
        facts={"waitingPod": None},
    )


def _closed_at(node: Node) -> datetime | None:
    return times.latest(*(taint.time_added for taint in node.spec.taints if taint.key == _TAINT))


def _waited_for(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    scheduled = condition(pod.status.conditions, "PodScheduled")
    if scheduled is None or scheduled.status != "False" or pod.spec.node_name or gates.is_gated(pod):
        return
    blockers = {clause.blocker for clause in failed_scheduling.parse(scheduled.message)}
    if "cordoned" not in blockers or blockers & _OF_ROOM:
        return
    closed = [node for node in view.nodes_tainted(_TAINT) if _is_closed(node) and failed_scheduling.would_take(node, pod, blockers, view)]
    if not closed:
        return
    node = min(closed, key=lambda one: (now - (_closed_at(one) or one.created_at), one.name))  # one answer, however many are closed
    workload = view.workload_of(pod)
    since = max(scheduled.last_transition_time or pod.created_at, _closed_at(node) or pod.created_at)
    yield Finding(
        type=TYPE,
        subject=owners.ref(node),
        shown_by=owners.ref(pod),
        severity=Severity.HIGH,
        title=f"Node {node.name} is cordoned, and pods of {wording.label(workload)} wait for it",
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, WAITING_PATIENCE_S),
        facts={
            "waitingPod": f"{pod.namespace}/{pod.name}",
            "workload": str(workload),
            "closedNodes": sorted(one.name for one in closed)[:20],
        },
    )


def _waiting_pods(view: ClusterView, thing: KubeObject) -> Iterator[KubeObject]:
    """A node that is closed or opened changes what pending pods show."""
    before = view.previous(Node.kind, thing.metadata.uid)
    if (isinstance(thing, Node) and _is_closed(thing)) or (isinstance(before, Node) and _is_closed(before)):
        for pod in view.all(Pod.kind):
            if isinstance(pod, Pod) and pod.status.phase in ("Pending", "") and not pod.spec.node_name:
                yield pod


DETECTOR = Detector(
    type=TYPE,
    title="A node has been cordoned for a long time",
    category=CATEGORY,
    about=About.NODE,
    severity=Severity.LOW,
    gates=("G1", "G5", "G15"),
    looks_at=frozenset({Node.kind, Pod.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={Node.kind: _waiting_pods},
)

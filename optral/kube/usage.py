"""What a pod or node uses, out of a view of its cluster. A report is about one uid: an earlier pod of the same name does not count."""

from collections.abc import Iterable
from datetime import datetime

from optral.kube.objects import KubeObject, Node, NodeUsage, Pod, PodUsage
from optral.kube.view import ClusterView

FRESH_S = 3600  # reports come every five minutes; of an older one nothing is concluded


def of_pod(pod: Pod, view: ClusterView, *, now: datetime) -> PodUsage | None:
    """None for a pod whose usage is not notable, or not known."""
    found = view.by_name(PodUsage.kind, pod.namespace, pod.name)
    return found if isinstance(found, PodUsage) and _is_of(found, pod) and _is_fresh(found.status.observed_at, now) else None


def of_node(node: Node, view: ClusterView, *, now: datetime) -> NodeUsage | None:
    found = view.by_name(NodeUsage.kind, None, node.name)
    return found if isinstance(found, NodeUsage) and _is_of(found, node) and _is_fresh(found.status.observed_at, now) else None


def covers_pod(view: ClusterView, pod: Pod, *, now: datetime) -> bool:
    """Whether a pod whose usage is not reported, or not reported any more, is known to use little: its kubelet is read, and lately.

    Without a report of any node nobody reports usage, and nothing is waited for.
    """
    if not view.uids(NodeUsage.kind):
        return True
    node, own = view.node(pod.spec.node_name), view.by_name(PodUsage.kind, pod.namespace, pod.name)
    is_read = node is not None and of_node(node, view, now=now) is not None
    return is_read and (own is None or not _is_of(own, pod) or of_pod(pod, view, now=now) is not None)


def covers_volumes(view: ClusterView, pod: Pod, *, now: datetime) -> bool:
    """As `covers_pod`, and whether it is known for long enough how fast disks fill up: volumes are read as often as the node's disk."""
    node = view.node(pod.spec.node_name)
    report = None if node is None else of_node(node, view, now=now)
    disk = None if report is None else report.status.filesystem
    return covers_pod(view, pod, now=now) and (disk is None or disk.trend is not None)


def covers_node(view: ClusterView, node: Node, *, now: datetime) -> bool:
    """Whether the node's kubelet was read lately, or nobody reports usage."""
    return of_node(node, view, now=now) is not None or not view.uids(NodeUsage.kind)


def has_report(pod: Pod, view: ClusterView) -> bool:
    """Whether there is a report of a pod of this name, which has to be read to know more."""
    return view.by_name(PodUsage.kind, pod.namespace, pod.name) is not None


def pod_of(view: ClusterView, usage: PodUsage) -> Iterable[KubeObject]:
    """The pod that a report is about (a step of `detectors/reach.py`)."""
    found = view.by_name(Pod.kind, usage.namespace, usage.name)
    return () if found is None else (found,)


def node_of(view: ClusterView, usage: NodeUsage) -> Iterable[KubeObject]:
    """The node that a report is about."""
    found = view.by_name(Node.kind, None, usage.name)
    return () if found is None else (found,)


def _is_of(usage: KubeObject, obj: KubeObject) -> bool:
    return any(owner.uid == obj.uid for owner in usage.metadata.owner_references)


def _is_fresh(at: datetime | None, now: datetime) -> bool:
    return at is not None and (now - at).total_seconds() <= FRESH_S

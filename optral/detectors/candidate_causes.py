"""Candidate causes of what a pod shows: its node and its claims. Grouping decides whether one of them has an issue of its own."""

from collections.abc import Iterator

from optral.detectors.detector import Effect
from optral.detectors.finding import Suspect
from optral.kube import owners
from optral.kube.objects import Node, PersistentVolumeClaim, Pod
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

NODE_DOWN: frozenset[str] = frozenset({Effect.NODE_DOWN})
NODE_PRESSURE: frozenset[str] = frozenset({Effect.NODE_PRESSURE})
CLAIM_UNBOUND: frozenset[str] = frozenset({Effect.CLAIM_UNBOUND})
NODE_MEMORY = frozenset({"OOMKilled", "NodeMemoryPressure"})
MAX_CLAIMS = 20
CLUSTER = ObjectRef("Cluster", None, "cluster")
"""The subject of failures of the whole cluster; not an object of the inventory."""


def node_ref(name: str, view: ClusterView) -> ObjectRef:
    """The reference of a node, also of one that the agent has not reported."""
    seen = view.node(name)
    return owners.ref(seen) if seen is not None else ObjectRef(Node.kind, None, name)


def node_of(pod: Pod, view: ClusterView, types: frozenset[str] = NODE_DOWN) -> tuple[Suspect, ...]:
    """The node it runs on, if it has one."""
    name = pod.spec.node_name
    return (Suspect(node_ref(name, view), "runs on", types),) if name else ()


def memory_of_node(pod: Pod, view: ClusterView) -> tuple[Suspect, ...]:
    """Its node, if that ran out of memory."""
    return node_of(pod, view, NODE_MEMORY)


def claims_of(pod: Pod, view: ClusterView) -> tuple[Suspect, ...]:
    """The claims it mounts that are not bound or do not exist; issues of claims from a template are about the workload of the pod."""
    found = tuple(Suspect(reference, "waits for", CLAIM_UNBOUND) for reference in _unbound(pod, view))
    return (*found, Suspect(view.workload_of(pod), "waits for a claim of", CLAIM_UNBOUND)) if found else ()


def _unbound(pod: Pod, view: ClusterView) -> Iterator[ObjectRef]:
    for name in pod.claims[:MAX_CLAIMS]:
        claim = view.by_name(PersistentVolumeClaim.kind, pod.namespace, name)
        if claim is None:
            yield ObjectRef(PersistentVolumeClaim.kind, pod.namespace, name)
        elif isinstance(claim, PersistentVolumeClaim) and claim.status.phase != "Bound":
            yield owners.ref(claim)

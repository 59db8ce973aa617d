"""DrainBlocked: the drain of a node waits for pods whose PodDisruptionBudget never allows an eviction.

A cordon alone is no drain. It is one when everything that can be evicted has left the node, and what remains (apart from the pods of
DaemonSets and mirror pods) is held by such budgets. A budget that is short of healthy pods may allow an eviction later; see
`PDBInsufficientHealthyPods`. One that no drain waits for is a risk: `PDBBlocksEviction`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.network.endpoints import is_alive
from optral.detectors.policy import budgets
from optral.kube import owners, placement, selectors, times
from optral.kube.objects import DaemonSet, KubeObject, Node, Pod, PodDisruptionBudget
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 900  # pods get a grace period, and their replacements time to become ready
DRAINED = (placement.CORDON.key, "ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted")
"""Keys of the taints of a node that people or autoscalers empty."""
MAX_NODES = 100
MAX_LISTED = 20


def detect(budget: PodDisruptionBudget, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(budget) or not budgets.never_allows_eviction(budget):
        return
    waiting = [(node, held) for node in _drained(view) if (held := _held(node, budget, view))]
    if not waiting:
        return
    subject, required = owners.ref(budget), budget.status.expected_pods
    node = waiting[0][0].name
    began = min((began for node, _ in waiting if (began := _drained_since(node)) is not None), default=None)
    yield Finding(
        subject=subject,
        title=titles.DrainBlocked.all(node=node, object=wording.label(subject))
        if required > 1
        else titles.DrainBlocked.only(node=node, object=wording.label(subject)),
        since=now if began is None else max(began, budget.created_at),
        is_onset_unknown=began is None,
        facts={
            "nodes": [node.name for node, _ in waiting][:MAX_LISTED],
            "pods": sorted(f"{pod.namespace}/{pod.name}" for _, held in waiting for pod in held)[:MAX_LISTED],
            "minAvailable": budget.spec.min_available,
            "maxUnavailable": budget.spec.max_unavailable,
            "expectedPods": required,
            "workloads": [str(owners.ref(workload)) for workload in budgets.guarded_by(budget, view)[: budgets.MAX_WORKLOADS]],
        },
    )


def _drained(view: ClusterView) -> list[Node]:
    found = {node.name: node for key in DRAINED for node in view.nodes_tainted(key)}
    return [found[name] for name in sorted(found)[:MAX_NODES]]


def _drained_since(node: Node) -> datetime | None:
    return times.latest(*(taint.time_added for taint in node.spec.taints if taint.key in DRAINED))


def _held(node: Node, budget: PodDisruptionBudget, view: ClusterView) -> list[Pod]:
    """The pods on a node that the budget holds; none while others remain that could be evicted."""
    remaining = [pod for pod in view.pods_on(node.name) if _is_evicted_by_drain(pod)]
    if not all(any(budgets.never_allows_eviction(one) for one in _budgets_of(pod, view)) for pod in remaining):
        return []
    return [pod for pod in remaining if budget in _budgets_of(pod, view)]


def _is_evicted_by_drain(pod: Pod) -> bool:
    controller = owners.controller(pod)
    is_daemon = controller is not None and controller.kind_id == DaemonSet.kind
    return is_alive(pod) and not is_daemon and not pod.metadata.annotations.mirror


def _budgets_of(pod: Pod, view: ClusterView) -> list[PodDisruptionBudget]:
    return [budget for budget in view.budgets_in(pod.metadata.namespace) if selectors.fits(budget.spec.selector, pod.labels)]


# --- which changes concern a budget ------------------------------------------------------------------------------------------------


def _on(view: ClusterView, node: str) -> Iterator[KubeObject]:
    """The budgets of the pods on a node."""
    for pod in view.pods_on(node):
        yield from _budgets_of(pod, view)


def _of_node(view: ClusterView, node: Node) -> Iterable[KubeObject]:
    versions = (view.get(Node.kind, node.uid), view.previous(Node.kind, node.uid))
    is_drained = any(isinstance(one, Node) and any(taint.key in DRAINED for taint in one.spec.taints) for one in versions)
    return _on(view, node.name) if is_drained else ()


def _of_pod(view: ClusterView, pod: Pod) -> Iterator[KubeObject]:
    """Of a pod that comes to a node that is drained, leaves it or is relabeled: its budgets and those of the pods beside it."""
    versions = (view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid))
    if len({(is_alive(one), one.spec.node_name, str(one.labels)) if isinstance(one, Pod) else None for one in versions}) == 1:
        return
    if any(node.name == pod.spec.node_name for node in _drained(view)):
        yield from _budgets_of(pod, view)
        yield from _on(view, pod.spec.node_name)


def _of_budget(view: ClusterView, budget: PodDisruptionBudget) -> Iterator[KubeObject]:
    """The budgets on nodes that are drained: a pod that this one holds or releases decides about them."""
    for node in _drained(view):
        yield from _on(view, node.name)


DETECTOR = Detector(
    type="DrainBlocked",
    title=titles.DrainBlocked.what,
    category="availability",
    about=About.POLICY,
    severity=Severity.MEDIUM,
    gates=("G1", "G9"),
    looks_at=frozenset({PodDisruptionBudget.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={Node.kind: _of_node, Pod.kind: _of_pod, PodDisruptionBudget.kind: _of_budget},
)

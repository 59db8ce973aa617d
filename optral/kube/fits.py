"""Whether a node that has failed or is cordoned would take a pod without that: the scheduler's filters over the view.

A typed pod leaves out what only the scheduler reads (tolerations, host ports, anti-affinity): that is read from the template of its
workload. Of a pod without a known template, nothing shows that it tolerates other taints. Spread constraints and the anti-affinity of other
pods do not count. Source: Kubernetes documentation, "Scheduling Framework", filter plugins.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from optral.kube import placement, requests, revisions, selectors
from optral.kube.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    StatefulSet,
    StorageClass,
)
from optral.kube.objects.pods import TERMINAL_PHASES
from optral.kube.objects.templates import PodAffinityTerm, TemplateSpec
from optral.kube.view import ClusterView

Key = tuple[object, ...]
_UNKNOWN = TemplateSpec()


class Fits:
    """The pods and nodes of one view. What many pods need is computed once."""

    def __init__(self, view: ClusterView) -> None:
        self._view = view
        self._booked: dict[str, Counter[str]] = {}
        self._known: dict[Key, bool] = {}

    def would_take(self, node: Node, pod: Pod, *, without: Collection[str]) -> bool:
        """Whether the node would take the pod without its taints of these keys; with that of a cordon, also without the cordon."""
        owner = self._view.workload_of(pod)
        is_unlike_others = bool(pod.claims) or owner.kind == DaemonSet.kind  # each pod of a DaemonSet names its node
        key = (node.name, owner, pod.name if is_unlike_others else revisions.of_pod(pod.labels), *sorted(without))
        if key not in self._known:
            self._known[key] = self._takes(node, pod, without)
        return self._known[key]

    def _takes(self, node: Node, pod: Pod, without: Collection[str]) -> bool:
        template = self._template(pod)
        is_cordoned = placement.CORDON.key not in without and placement.is_cordoned_for(template, node)
        return (
            not is_cordoned
            and placement.fits_node(pod.spec, node)
            and all(taint.key in without for _, taint in placement.repelling(template, node))
            and self._reaches_volumes(pod, node)
            and self._has_room(pod, node)
            and placement.host_ports(template).isdisjoint(self._host_ports_on(node))
            and not any(self._is_kept_apart(pod, node, term) for term in _anti_affinity(template))
        )

    def _template(self, pod: Pod) -> TemplateSpec:
        found = self._view.object_at(self._view.workload_of(pod))
        match found:
            case Deployment() | StatefulSet() | DaemonSet() | Job():
                return found.spec.template.spec
            case CronJob():
                return found.spec.job_template.spec.template.spec
        return _UNKNOWN

    def _reaches_volumes(self, pod: Pod, node: Node) -> bool:
        """Whether each claim is bound to a volume that the node may use, or waits for the pod to be scheduled."""
        if not self._view.sees(PersistentVolumeClaim.kind):
            return True
        return all(self._reaches(self._view.by_name(PersistentVolumeClaim.kind, pod.namespace, name), node) for name in pod.claims)

    def _reaches(self, claim: object, node: Node) -> bool:
        if not isinstance(claim, PersistentVolumeClaim):
            return False
        if claim.status.phase != "Bound":
            found = self._view.by_name(StorageClass.kind, None, claim.storage_class or "")
            return isinstance(found, StorageClass) and found.volume_binding_mode == "WaitForFirstConsumer"
        volume = self._view.by_name(PersistentVolume.kind, None, claim.spec.volume_name)
        return not isinstance(volume, PersistentVolume) or placement.fits_volume(volume, node)

    def _has_room(self, pod: Pod, node: Node) -> bool:
        if not node.status.allocatable:
            return True  # not reported
        if node.name not in self._booked:
            total = self._booked[node.name] = Counter[str]()
            for one in self._staying_on(node):
                total.update(requests.of(one.spec))
        booked = self._booked[node.name]
        return all(amount <= requests.offered(node, name) - booked[name] for name, amount in requests.of(pod.spec).items())

    def _host_ports_on(self, node: Node) -> set[int]:
        return {port for one in self._staying_on(node) for port in placement.host_ports(self._template(one))}

    def _staying_on(self, node: Node) -> Iterator[Pod]:
        return (pod for pod in self._view.pods_on(node.name) if _stays(pod))

    def _is_kept_apart(self, pod: Pod, node: Node, term: PodAffinityTerm) -> bool:
        """Whether a pod that this one must not run beside is in the same domain."""
        domain = placement.labels(node).get(term.topology_key)
        others = (
            one for namespace in term.namespaces or (pod.namespace or "",) for one in self._view.pods_in(namespace) if one.spec.node_name
        )
        return domain is not None and any(
            _stays(one) and selectors.fits(term.label_selector, one.labels) and self._domain(one, term.topology_key) == domain
            for one in others
        )

    def _domain(self, pod: Pod, key: str) -> str | None:
        node = self._view.node(pod.spec.node_name)
        return None if node is None else placement.labels(node).get(key)


def _stays(pod: Pod) -> bool:
    return pod.status.phase not in TERMINAL_PHASES and pod.metadata.deletion_timestamp is None


def _anti_affinity(template: TemplateSpec) -> tuple[PodAffinityTerm, ...]:
    apart = template.affinity.pod_anti_affinity if template.affinity is not None else None
    return () if apart is None else apart.required

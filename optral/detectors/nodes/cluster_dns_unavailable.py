"""ClusterDNSUnavailable: the Service of the cluster DNS has no ready endpoint.

Zero replicas are not an excuse here: while the Service exists, every pod uses it. It does not matter which pods it selects, only whether
one is ready. A missing EndpointSlice may not have been reported yet (G14). A new cluster gets five minutes.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, gates
from optral.detectors.detector import About, Detector
from optral.detectors.finding import Finding
from optral.kube import owners, selectors, times
from optral.kube.objects import Deployment, KubeObject, Pod, Service, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

NAMESPACE = "kube-system"
PATIENCE_S = 30
YOUNG_S = 300


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not is_dns(service) or gates.is_deleting(service):
        return
    slices = view.slices_of(owners.ref(service))
    if not slices or any(piece.ready_count for piece in slices):
        return
    pods = [pod for pod in view.pods_in(NAMESPACE) if service.spec.selector and selectors.matches(service.spec.selector, pod.labels)]
    known = times.latest(*(_lost_at(pod) for pod in pods), _unavailable_since(service, view))
    since = known or now
    yield Finding(
        subject=candidate_causes.CLUSTER,
        title=titles.ClusterDNSUnavailable.down(),
        since=since,
        opens_at=max(times.after(since, PATIENCE_S), times.after(service.created_at, YOUNG_S)),
        is_onset_unknown=known is None,
        facts={
            "service": f"{NAMESPACE}/{service.name}",
            "pods": sorted(pod.name for pod in pods)[:20],
            "workloads": sorted(str(owners.ref(workload)) for workload in _workloads(service, view))[:20],
        },
    )


def is_dns(service: Service) -> bool:
    """Whether this Service is the cluster DNS. Its name differs by distribution, its label does not."""
    if service.namespace != NAMESPACE or service.spec.cluster_ip == "None":
        return False
    return service.name == "kube-dns" or service.labels.get("k8s-app") == "kube-dns"


def _workloads(service: Service, view: ClusterView) -> list[KubeObject]:
    return gates.workloads_behind(service, view) if service.spec.selector else []


def _lost_at(pod: Pod) -> datetime:
    ready = condition(pod.status.conditions, "Ready")
    return ready.last_transition_time if ready is not None and ready.last_transition_time is not None else pod.created_at


def _unavailable_since(service: Service, view: ClusterView) -> datetime | None:
    for workload in _workloads(service, view):
        available = condition(workload.status.conditions, "Available") if isinstance(workload, Deployment) else None
        if available is not None and available.status == "False":
            return available.last_transition_time
    return None


def _dns_service(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    """The DNS Service of a pod or workload, whose changes date the failure."""
    if obj.metadata.namespace == NAMESPACE:
        for service in view.services_in(NAMESPACE):
            if is_dns(service) and not any(piece.ready_count for piece in view.slices_of(owners.ref(service))):
                yield service


DETECTOR = Detector(
    type="ClusterDNSUnavailable",
    title=titles.ClusterDNSUnavailable.what,
    category="network",
    about=About.CLUSTER,
    severity=Severity.CRITICAL,
    gates=("G1", "G13", "G14"),
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from={Pod.kind: _dns_service, Deployment.kind: _dns_service},
    reached_from_healthy_pods=True,
)

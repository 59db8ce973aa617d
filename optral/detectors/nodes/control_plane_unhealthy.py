"""ControlPlaneUnhealthy: a component of the control plane fails: its pod is not ready, or its leader no longer renews its Lease.

Managed clusters show neither, so this type reports nothing there. A Lease may be left over from a component that no longer elects a leader:
one that is older than a day is ignored, and so is one whose component has worked since: a pod was scheduled, or created by a controller.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from optral.detectors import candidate_causes, gates
from optral.detectors.detector import About, Detector, Stage
from optral.detectors.finding import Finding, Watch
from optral.kube import owners, times
from optral.kube.objects import Lease, Pod, condition
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

NAMESPACE = "kube-system"
RENEWAL_S = 90  # renewed every 2 s, reported every 15 s; a leader that is lost is replaced well within a minute
LEFT_OVER_S = 86_400
MAX_PODS = 20_000
SCHEDULER, CONTROLLERS = "kube-scheduler", "kube-controller-manager"
COMPONENTS = frozenset({SCHEDULER, CONTROLLERS, "kube-apiserver", "etcd"})


def detect(obj: Pod | Lease, view: ClusterView, *, now: datetime) -> Iterator[Finding | Watch]:
    if obj.namespace != NAMESPACE:
        return
    if isinstance(obj, Lease):
        if obj.name in (SCHEDULER, CONTROLLERS) and not gates.is_deleting(obj):
            yield from _of_lease(obj, view, now=now)
    elif isinstance(obj, Pod) and (component := component_of(obj)) is not None:
        yield from _of_pod(obj, component, view)


def component_of(pod: Pod) -> str | None:
    """The control plane component that this static pod runs; None for any other pod."""
    component = pod.labels.get("component", "")
    is_static = bool(pod.metadata.annotations.mirror) or any(owner.kind == "Node" for owner in pod.owner_references)
    return component if is_static and component in COMPONENTS else None


def _of_pod(pod: Pod, component: str, view: ClusterView) -> Iterator[Finding]:
    ready = condition(pod.status.conditions, "Ready")
    if pod.is_ready or ready is None:
        return
    since = max(ready.last_transition_time or pod.created_at, pod.created_at)
    others = [other for other in view.pods_in(NAMESPACE) if other.uid != pod.uid and component_of(other) == component]
    yield Finding(
        subject=candidate_causes.CLUSTER,
        part=component,
        base=Severity.HIGH if any(other.is_ready for other in others) else Severity.CRITICAL,
        title=titles.ControlPlaneUnhealthy.not_ready(component=component, node=pod.spec.node_name),
        since=since,
        facts={"component": component, "pod": pod.name, "node": pod.spec.node_name, "replicas": len(others) + 1},
    )


def _of_lease(lease: Lease, view: ClusterView, *, now: datetime) -> Iterator[Finding | Watch]:
    renewed_at = lease.spec.renew_time
    if renewed_at is None or times.age_s(renewed_at, now=now) > LEFT_OVER_S:
        return
    late_at = times.after(renewed_at, max(RENEWAL_S, 2 * lease.spec.lease_duration_seconds))
    if late_at > now:
        yield Watch(late_at)
        return
    if _has_worked_since(lease.name, late_at, view):
        return
    yield Finding(
        subject=candidate_causes.CLUSTER,
        part=lease.name,
        title=titles.ControlPlaneUnhealthy.expired(component=lease.name),
        since=renewed_at,
        opens_at=late_at,
        expires_at=times.after(renewed_at, LEFT_OVER_S),
        facts={"component": lease.name, "holder": lease.spec.holder_identity},
    )


def _has_worked_since(component: str, moment: datetime, view: ClusterView) -> bool:
    """Whether something happened after that time that only this component does."""
    for pod in islice(view.all(Pod.kind), MAX_PODS):
        if not isinstance(pod, Pod) or component_of(pod) is not None:
            continue
        if component == SCHEDULER:
            placed = condition(pod.status.conditions, pods.SCHEDULED)
            at = placed.last_transition_time if placed is not None and placed.status == "True" else None
        else:
            at = pod.created_at if owners.controller(pod) is not None else None
        if at is not None and at > moment:
            return True
    return False


DETECTOR = Detector(
    type="ControlPlaneUnhealthy",
    title=titles.ControlPlaneUnhealthy.what,
    category="control-plane",
    about=About.CLUSTER,
    severity=Severity.CRITICAL,
    gates=("G1", "G13", "G14"),
    stage=Stage.CONTROL_PLANE,
    looks_at=frozenset({Pod.kind, Lease.kind}),
    detect=detect,
    open_after_s=60,
    needs=frozenset({"leases"}),
)

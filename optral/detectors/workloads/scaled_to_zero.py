"""ScaledToZero: a workload that others still send traffic to was scaled to zero.

Zero replicas are usually intended (G6). So there must be a sign that there were replicas before (a record of the last scaling, an Event, a
changed ReplicaSet), and a Service without any other endpoint, an Ingress or an autoscaler must still refer to the workload. After a week it
counts as intended. Autoscalers that scale to zero by design (KEDA, Knative, an HPA with a minimum of 0) are ignored.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, users, wording
from optral.detectors.detector import About, Detector, Effect, Tier
from optral.detectors.finding import Finding
from optral.kube import owners, rollouts, times
from optral.kube.objects import Deployment, HorizontalPodAutoscaler, Ingress, KubeObject, Service, StatefulSet
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

FORGOTTEN_S = 7 * 86_400
WINDOW_S = 3600
MAX_SERVICES = 200
_EVENTS = frozenset({"ScalingReplicaSet", "SuccessfulDelete"})
_TO_ZERO = re.compile(r"(?:to 0 from [1-9]|from [1-9]\d* to 0\b)|^delete Pod ")
_SELF_SCALING = ("keda", "knative")
_SELF_SCALED_LABELS = ("serving.knative.dev/", "scaledobject.keda.sh/")
Replicated = Deployment | StatefulSet


def detect(workload: Replicated, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if workload.spec.replicas != 0 or gates.is_deleting(workload) or gates.is_status_stale(workload):
        return
    fall = _scale_down(workload, view, now=now)
    scalers = _autoscalers(workload, view)
    if fall is None or _scales_itself(workload, scalers):
        return
    services = _unserved(workload, view)
    if not services and not scalers:
        return
    subject = owners.ref(workload)
    ingresses = sorted({ingress.name for service in services for ingress in view.ingresses_of(owners.ref(service))})
    yield Finding(
        subject=subject,
        base=Severity.HIGH if ingresses else Severity.MEDIUM,
        title=titles.ScaledToZero.in_use(object=wording.label(subject)),
        since=fall.latest,
        expires_at=times.after(fall.earliest, FORGOTTEN_S),
        is_onset_unknown=fall.earliest != fall.latest,
        facts={
            "services": sorted(service.name for service in services)[:20],
            "ingresses": ingresses[:20],
            "autoscalers": sorted(scaler.name for scaler in scalers)[:20],
            "scaledBy": _scaled_by(workload),
        },
    )


class _ScaleDown(NamedTuple):
    """The period in which the last replica was removed."""

    earliest: datetime
    latest: datetime


def _scale_down(workload: Replicated, view: ClusterView, *, now: datetime) -> _ScaleDown | None:
    """When the last replica was removed; None if nothing shows that there ever was one."""
    noted = [change.time for change in workload.metadata.managed_fields if change.subresource == "scale"]
    if (scaled := times.latest(*noted)) is not None and times.age_s(workload.created_at, now=scaled) > 0:
        return _ScaleDown(scaled, scaled)
    events = gates.fresh_events(view, workload.uid, _EVENTS, now=now, window_s=WINDOW_S)
    if (scale_event := next((event for event in events if _TO_ZERO.search(event.message)), None)) is not None:
        return _ScaleDown(scale_event.last_seen, scale_event.last_seen)
    if isinstance(workload, Deployment):
        newest = max(view.replica_sets_of(owners.ref(workload)), key=rollouts.order, default=None)
        if newest is not None and newest.metadata.generation > 1 and newest.spec.replicas == 0:
            return _by_changes(workload, view)
    return None


def _by_changes(workload: Replicated, view: ClusterView) -> _ScaleDown | None:
    """Its own last change may be a later edit, and that of its endpoints an earlier one: the scaling lies between them."""
    pieces = (piece for service in users.services_of(workload, view) for piece in view.slices_of(owners.ref(service)))
    left = times.latest(*(times.moment(piece.metadata.annotations.endpoints_changed_at) for piece in pieces))
    known = [moment for moment in (workload.metadata.changed_at, left) if moment is not None]
    return _ScaleDown(min(known), max(known)) if known else None


def _scaled_by(workload: Replicated) -> str | None:
    scaling = [change for change in workload.metadata.managed_fields if change.subresource == "scale" and change.time is not None]
    return max(scaling, key=lambda change: change.time or workload.created_at).manager if scaling else None


def _autoscalers(workload: Replicated, view: ClusterView) -> list[HorizontalPodAutoscaler]:
    kind = workload.kind.partition(".")[0]
    found = view.autoscalers_in(workload.metadata.namespace)
    return [scaler for scaler in found if (scaler.spec.scale_target_ref.kind, scaler.spec.scale_target_ref.name) == (kind, workload.name)]


def _scales_itself(workload: Replicated, scalers: Sequence[HorizontalPodAutoscaler]) -> bool:
    if any(label.startswith(_SELF_SCALED_LABELS) for label in workload.labels):
        return True
    if any(name in (_scaled_by(workload) or "").lower() for name in _SELF_SCALING):
        return True
    return any(scaler.min_replicas == 0 or scaler.name.startswith("keda-hpa-") for scaler in scalers)


def _unserved(workload: Replicated, view: ClusterView) -> list[Service]:
    """The Services that select its pods and have no endpoint of another workload."""
    return [
        service
        for service in users.services_of(workload, view)
        if not any(piece.ready_count for piece in view.slices_of(owners.ref(service)))
    ]


def _targets_of_service(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    service = obj if isinstance(obj, Service) else None
    if service is None or not service.spec.selector:
        return
    for workload in gates.workloads_behind(service, view):
        if isinstance(workload, (Deployment, StatefulSet)) and workload.spec.replicas == 0:
            yield workload


def _targets_of_slice(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    name = obj.metadata.labels.get("kubernetes.io/service-name", "")
    if (service := view.by_name(Service.kind, obj.namespace, name)) is not None:
        yield from _targets_of_service(view, service)


def _targets_of_ingress(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    for name in sorted(obj.backends) if isinstance(obj, Ingress) else ():
        if (service := view.by_name(Service.kind, obj.namespace, name)) is not None:
            yield from _targets_of_service(view, service)


def _target_of_scaler(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    if isinstance(obj, HorizontalPodAutoscaler):
        target = obj.spec.scale_target_ref
        for kind in (Deployment.kind, StatefulSet.kind):
            found = view.by_name(kind, obj.namespace, target.name) if kind.startswith(f"{target.kind}.") else None
            if found is not None:
                yield found


DETECTOR = Detector(
    type="ScaledToZero",
    title=titles.ScaledToZero.what,
    category="availability",
    about=About.WORKLOAD,
    severity=Severity.HIGH,
    gates=("G1", "G6", "G7", "G9"),
    effect=Effect.NO_PODS,
    looks_at=frozenset({Deployment.kind, StatefulSet.kind}),
    detect=detect,
    event_reasons=_EVENTS,
    open_after_s=300,
    tier=Tier.EXTENDED,
    reached_from={
        Service.kind: _targets_of_service,
        "EndpointSlice.discovery.k8s.io": _targets_of_slice,
        Ingress.kind: _targets_of_ingress,
        HorizontalPodAutoscaler.kind: _target_of_scaler,
    },
)

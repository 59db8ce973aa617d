"""ServiceNoEndpoints: a Service with a selector has no endpoint to send traffic to.

The facts tell four cases apart: no pod has the labels that it selects (opens at once if a pod differs in a single label), pods have them
but none is ready, pods are ready and lack the port, no pod exists yet. An EndpointSlice that has not been reported is not an empty one, so
a Service without any slice is ignored (G14). Nothing records when the last endpoint disappeared; the latest sign is used (the time in the
slice, the last readiness change of the pods, the last change of a Service that selects no pod). If the only sign is the creation of the
Service, the first examination that saw it counts. A workload without the pods that it needs may just have been scaled up: it has had none
since its Deployment reports it, or since it was last changed or scaled; otherwise since the first examination. During a rollout that still
has time the issue does not open (G3).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

from optral.detectors import candidate_causes, gates, wording
from optral.detectors.detector import Effect, of_service
from optral.detectors.finding import Finding, Suspect
from optral.detectors.network.endpoints import is_alive
from optral.kube import mesh, owners, selectors, times
from optral.kube.addresses import ServiceName
from optral.kube.objects import (
    DatedMetadata,
    Deployment,
    EndpointSlice,
    HTTPRoute,
    Ingress,
    KubeObject,
    MutatingWebhookConfiguration,
    Pod,
    Service,
    StatefulSet,
    ValidatingWebhookConfiguration,
    VirtualService,
    WebhookConfiguration,
    condition,
)
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 120
YOUNG_SERVICE_S = 60  # its workload is usually applied together with it
MAX_SUSPECTS = 20
MAX_SEARCHED = 2000  # workloads of other namespaces that are searched for matching pods
_PORT_TYPES = frozenset({"ServiceTargetPortMismatch"})
_WEBHOOKS = (MutatingWebhookConfiguration.kind, ValidatingWebhookConfiguration.kind)


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not service.spec.selector or gates.is_deleting(service):
        return
    subject = owners.ref(service)
    slices = view.slices_of(subject)
    if not slices or any(piece.ready_count for piece in slices) or gates.needs_no_endpoints(service, view):
        return
    behind = gates.workloads_behind(service, view)
    pods = [pod for pod in view.pods_in(service.metadata.namespace) if is_alive(pod)]
    selected = _matched(service, pods)
    nearest = _nearest(service, pods) if not selected and not behind else None
    emptied = _emptied(service, slices, behind, selected)
    since = emptied or now
    is_guess = emptied in (None, *_became_ready(selected)) or (not selected and not behind and emptied == service.created_at)
    yield Finding(
        subject=subject,
        base=_base(service, view),
        title=_title(service, selected, nearest, behind),
        since=since,
        opens_at=_opens_at(service, behind, view, since=since, is_mismatch=nearest is not None),
        is_onset_unknown=is_guess,
        facts=_facts(service, view, selected=selected, nearest=nearest, behind=behind),
        suspects=_suspects(subject, selected, behind, view),
    )


def emptied_at(service: Service, view: ClusterView) -> datetime | None:
    """Since when a Service without a ready endpoint has had none; None if nothing shows it."""
    pods = [pod for pod in view.pods_in(service.metadata.namespace) if is_alive(pod)]
    return _emptied(service, view.slices_of(owners.ref(service)), gates.workloads_behind(service, view), _matched(service, pods))


def _emptied(service: Service, slices: list[EndpointSlice], behind: list[KubeObject], selected: list[Pod]) -> datetime | None:
    demanded = _unavailable_since(behind) if behind and not selected else service.created_at
    return times.latest(demanded, *_hints(service, slices, selected)) if demanded is not None else None


def _matched(service: Service, pods: list[Pod]) -> list[Pod]:
    return [pod for pod in pods if selectors.matches(service.spec.selector, pod.labels)]


def _nearest(service: Service, pods: list[Pod]) -> Pod | None:
    """A pod that differs from the selector in one label only; with a single label, a pod that is plainly intended (see `_is_meant`)."""
    selector = service.spec.selector
    if len(selector) == 1:
        return next((pod for pod in pods if _is_meant(service, pod)), None)
    return next((pod for pod in pods if len(selectors.differences(selector, pod.labels)) == 1), None)


def _is_meant(service: Service, pod: Pod) -> bool:
    """Whether the pod has the selected value under another key, or the name of the Service under the selected key."""
    key, value = next(iter(service.spec.selector.items()))
    return value in pod.labels.values() or pod.labels.get(key) == service.name


def _unavailable_since(behind: list[KubeObject]) -> datetime | None:
    """Since when they have too few pods: a Deployment records it, any other workload has needed them since it was changed or scaled. None:
    unknown."""
    return times.latest(*(_lacking_since(workload) for workload in behind))


def _lacking_since(workload: KubeObject) -> datetime | None:
    if isinstance(workload, Deployment):
        available = condition(workload.status.conditions, "Available")
        if available is not None and available.status == "False" and available.last_transition_time is not None:
            return available.last_transition_time
    if isinstance(workload.metadata, DatedMetadata):
        return times.latest(*(item.time for item in workload.metadata.managed_fields if item.subresource in ("", "scale")))
    return None


def _hints(service: Service, slices: list[EndpointSlice], selected: list[Pod]) -> list[datetime | None]:
    hints = [service.created_at, *(times.moment(piece.metadata.annotations.endpoints_changed_at) for piece in slices)]
    if not selected:
        hints.append(service.metadata.changed_at)  # the change may have been one of its selector
    for pod in selected:
        ready = condition(pod.status.conditions, "Ready")
        hints.append(ready.last_transition_time if ready is not None else pod.created_at)
    return hints


def _became_ready(pods: list[Pod]) -> Iterator[datetime | None]:
    """When ready pods became so: a Service that selects them has been without endpoints since then at most."""
    conditions = (condition(pod.status.conditions, "Ready") for pod in pods)
    return (ready.last_transition_time for ready in conditions if ready is not None and ready.status == "True")


def _opens_at(service: Service, behind: list[KubeObject], view: ClusterView, *, since: datetime, is_mismatch: bool) -> datetime:
    if is_mismatch:
        return max(since, times.after(service.created_at, YOUNG_SERVICE_S))
    patient = times.after(since, PATIENCE_S)
    rollouts = times.latest(*(gates.rollout_until(workload, view) for workload in behind))
    return patient if rollouts is None else max(patient, rollouts)


def _base(service: Service, view: ClusterView) -> Severity:
    return Severity.CRITICAL if _serves_webhooks(service, view) else Severity.HIGH


def _serves_webhooks(service: Service, view: ClusterView) -> bool:
    """Whether the API server calls it before objects are created."""
    configurations = chain.from_iterable(view.all(kind) for kind in _WEBHOOKS)
    return any(service == called for item in configurations if isinstance(item, WebhookConfiguration) for called in _called(view, item))


def _called(view: ClusterView, configuration: WebhookConfiguration) -> Iterator[Service]:
    for webhook in configuration.webhooks:
        reference = webhook.client_config.service
        found = view.by_name(Service.kind, reference.namespace, reference.name) if reference is not None else None
        if isinstance(found, Service):
            yield found


def _suspects(subject: ObjectRef, selected: list[Pod], behind: list[KubeObject], view: ClusterView) -> tuple[Suspect, ...]:
    """Its own ports, the workloads that it selects, and the nodes of their pods."""
    workloads = {owners.ref(workload) for workload in behind} | {view.workload_of(pod) for pod in selected}
    nodes = {candidate_causes.node_ref(pod.spec.node_name, view) for pod in selected if pod.spec.node_name}
    led = [Suspect(reference, "leads to") for reference in sorted(workloads)[:MAX_SUSPECTS]]
    own = [Suspect(subject, "is", _PORT_TYPES)] if selected else []
    return (*own, *led, *(Suspect(node, "has pods on", candidate_causes.NODE_DOWN) for node in sorted(nodes)[:MAX_SUSPECTS]))


def _title(service: Service, selected: list[Pod], nearest: Pod | None, behind: list[KubeObject]) -> Title:
    texts, label = titles.ServiceNoEndpoints, wording.label(owners.ref(service))
    if nearest is None:
        if selected:
            return (texts.ports if _are_ready(selected) else texts.not_ready)(object=label)
        return (texts.no_pods if behind else texts.no_match)(object=label)
    key, value = next(iter(selectors.differences(service.spec.selector, nearest.labels).items()))
    wanted = f"{key}={service.spec.selector[key]}"
    if value is None:
        return titles.ServiceNoEndpoints.selector_missing(object=label, wanted=wanted, key=key)
    return titles.ServiceNoEndpoints.selector(object=label, wanted=wanted, found=f"{key}={value}")


def _are_ready(selected: list[Pod]) -> bool:
    """Whether pods are ready and still not endpoints: then the ports do not match."""
    return any(pod.is_ready for pod in selected)


def _case(selected: list[Pod], nearest: Pod | None, behind: list[KubeObject]) -> str:
    if nearest is not None:
        return "selectorMismatch"
    if selected:
        return "portMissing" if _are_ready(selected) else "podsNotReady"
    return "podsMissing" if behind else "nothingSelected"


def _facts(service: Service, view: ClusterView, *, selected: list[Pod], nearest: Pod | None, behind: list[KubeObject]) -> dict[str, Any]:
    case = _case(selected, nearest, behind)
    workloads = {str(owners.ref(workload)) for workload in behind} | {str(view.workload_of(pod)) for pod in selected}
    facts: dict[str, Any] = {
        "case": case,
        "selector": dict(service.spec.selector),
        "matchingPods": len(selected),
        "workloads": sorted(workloads)[:20],
        "routes": sorted(route.name for route in view.routes_of(owners.ref(service)))[:20],
        "ingresses": sorted(ingress.name for ingress in view.ingresses_of(owners.ref(service)))[:20],
    }
    if case == "nothingSelected":
        facts["elsewhere"] = _elsewhere(service, view)
    if nearest is not None:
        facts["nearestPod"] = nearest.name
        facts["differences"] = selectors.differences(service.spec.selector, nearest.labels)
    return facts


def _elsewhere(service: Service, view: ClusterView) -> list[str]:
    """The workloads of other namespaces whose pods have the labels: a Service selects pods of its own namespace only."""
    workloads = islice(chain(view.all(Deployment.kind), view.all(StatefulSet.kind)), MAX_SEARCHED)
    found = [
        str(owners.ref(item))
        for item in workloads
        if isinstance(item, Deployment | StatefulSet) and selectors.matches(service.spec.selector, item.spec.template.metadata.labels)
    ]
    return sorted(found)[:5]


def _led_to(view: ClusterView, entrance: KubeObject) -> Iterator[Service]:
    """The Services that an Ingress, a route or webhooks refer to, or referred to before this change."""
    for version in (view.get(entrance.kind, entrance.uid), view.previous(entrance.kind, entrance.uid)):
        if isinstance(version, WebhookConfiguration):
            yield from _called(view, version)
        elif isinstance(version, Ingress):
            yield from _named(view, (ServiceName(version.metadata.namespace, name) for name in sorted(version.backends)))
        elif isinstance(version, VirtualService):
            yield from _named(view, mesh.services(version))
        elif isinstance(version, HTTPRoute):
            backends = (backend for rule in version.spec.rules for backend in rule.backend_refs if backend.kind in ("", Service.kind))
            yield from _named(view, (ServiceName(item.namespace or version.metadata.namespace, item.name) for item in backends))


def _named(view: ClusterView, names: Iterable[ServiceName]) -> Iterator[Service]:
    for name in names:
        if isinstance(found := view.by_name(Service.kind, name.namespace, name.name), Service):
            yield found


DETECTOR = of_service(
    type="ServiceNoEndpoints",
    title=titles.ServiceNoEndpoints.what,
    severity=Severity.HIGH,
    gates=("G1", "G3", "G6", "G12", "G14"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from=dict.fromkeys((Ingress.kind, HTTPRoute.kind, VirtualService.kind, *_WEBHOOKS), _led_to),
)

"""ServiceNoEndpoints: a Service that selects pods has nobody to send traffic to.

Four cases, told apart in the facts: no pod has the labels it selects (at once when some pod misses by a single label), pods have them
but none is ready, pods are ready and have no such port, no pod exists yet. An EndpointSlice we have not seen is not an empty one, so a
Service without any slice is left alone (G14). Nothing tells when the last endpoint left; the youngest hint is taken (the slice's own note,
the pods' last change of readiness, the last change of a Service that selects no pod); where the only hint is the creation of the Service,
the first look that saw it. A workload that should have pods and has none may have been scaled up this very moment: it has had none since
its Deployment says so, or since it was last written or scaled; where nothing tells, since the first look.
While a rollout still has time, the issue does not open (G3).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

from optral.detectors import candidate_causes, gates, severity, wording
from optral.detectors.detector import About, Detector, Effect
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners, selectors, times
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
    WebhookConfiguration,
    condition,
)
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

TYPE = "ServiceNoEndpoints"
CATEGORY = "network"
PATIENCE_S = 120
YOUNG_SERVICE_S = 60  # its workload is applied in the same breath
MAX_SUSPECTS = 20
MAX_SEARCHED = 2000  # workloads of other namespaces, for one whose pods the Service may have meant
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
    pods = [pod for pod in view.pods_in(service.metadata.namespace) if _counts(pod)]
    matched = _matched(service, pods)
    nearest = _nearest(service, pods) if not matched and not behind else None
    emptied = _emptied(service, slices, behind, matched)
    since = emptied or now
    is_guess = emptied is None or (not matched and not behind and emptied == service.created_at)
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=_severity(service, view),
        title=wording.clip(
            f"Service {service.namespace}/{service.name} has no endpoints: {_why(service, matched, nearest, behind)}", wording.MAX_TITLE
        ),
        category=CATEGORY,
        since=since,
        opens_at=_opens_at(service, behind, view, since=since, is_mismatch=nearest is not None),
        is_onset_unknown=is_guess,
        facts=_facts(service, view, matched=matched, nearest=nearest, behind=behind),
        suspects=_suspects(subject, matched, behind, view),
    )


def emptied_at(service: Service, view: ClusterView) -> datetime | None:
    """Since when a Service that has no ready endpoint has had none. None: nothing tells."""
    pods = [pod for pod in view.pods_in(service.metadata.namespace) if _counts(pod)]
    return _emptied(service, view.slices_of(owners.ref(service)), gates.workloads_behind(service, view), _matched(service, pods))


def _emptied(service: Service, slices: list[EndpointSlice], behind: list[KubeObject], matched: list[Pod]) -> datetime | None:
    demanded = _unavailable_since(behind) if behind and not matched else service.created_at
    return times.latest(demanded, *_hints(service, slices, matched)) if demanded is not None else None


def _matched(service: Service, pods: list[Pod]) -> list[Pod]:
    return [pod for pod in pods if selectors.matches(service.spec.selector, pod.labels)]


def _counts(pod: Pod) -> bool:
    return not gates.is_deleting(pod) and pod.status.phase not in ("Succeeded", "Failed")


def _nearest(service: Service, pods: list[Pod]) -> Pod | None:
    """A pod that misses the selector by one label alone; for a selector of one label, a pod that is plainly meant (see `_is_meant`)."""
    selector = service.spec.selector
    if len(selector) == 1:
        return next((pod for pod in pods if _is_meant(service, pod)), None)
    return next((pod for pod in pods if len(selectors.differences(selector, pod.labels)) == 1), None)


def _is_meant(service: Service, pod: Pod) -> bool:
    """The pod has the selected value under another key, or under the selected key the Service's own name."""
    key, value = next(iter(service.spec.selector.items()))
    return value in pod.labels.values() or pod.labels.get(key) == service.name


def _unavailable_since(behind: list[KubeObject]) -> datetime | None:
    """Since when they have had too few pods: a Deployment says so, any other was wanted so when it was written or scaled. None: unknown."""
    return times.latest(*(_lacking_since(workload) for workload in behind))


def _lacking_since(workload: KubeObject) -> datetime | None:
    if isinstance(workload, Deployment):
        available = condition(workload.status.conditions, "Available")
        if available is not None and available.status == "False" and available.last_transition_time is not None:
            return available.last_transition_time
    if isinstance(workload.metadata, DatedMetadata):
        return times.latest(*(one.time for one in workload.metadata.managed_fields if one.subresource in ("", "scale")))
    return None


def _hints(service: Service, slices: list[EndpointSlice], matched: list[Pod]) -> list[datetime | None]:
    hints = [service.created_at, *(times.parsed(piece.metadata.annotations.endpoints_changed_at) for piece in slices)]
    if not matched:
        hints.append(service.metadata.changed_at)  # its selector may be what was written
    for pod in matched:
        ready = condition(pod.status.conditions, "Ready")
        hints.append(ready.last_transition_time if ready is not None else pod.created_at)
    return hints


def _opens_at(service: Service, behind: list[KubeObject], view: ClusterView, *, since: datetime, is_mismatch: bool) -> datetime:
    if is_mismatch:
        return max(since, times.after(service.created_at, YOUNG_SERVICE_S))
    patient = times.after(since, PATIENCE_S)
    rollouts = times.latest(*(gates.rollout_until(workload, view) for workload in behind))
    return patient if rollouts is None else max(patient, rollouts)


def _severity(service: Service, view: ClusterView) -> Severity:
    subject = owners.ref(service)
    is_entrance = bool(view.ingresses_of(subject) or view.routes_of(subject)) or _serves_webhooks(service, view)
    return severity.judge(Severity.CRITICAL if is_entrance else Severity.HIGH, subject=subject, view=view)


def _serves_webhooks(service: Service, view: ClusterView) -> bool:
    """The API server asks it before objects may be made."""
    configurations = chain.from_iterable(view.all(kind) for kind in _WEBHOOKS)
    return any(service is called for one in configurations if isinstance(one, WebhookConfiguration) for called in _called(view, one))


def _called(view: ClusterView, configuration: WebhookConfiguration) -> Iterator[Service]:
    for webhook in configuration.webhooks:
        reference = webhook.client_config.service
        found = view.by_name(Service.kind, reference.namespace, reference.name) if reference is not None else None
        if isinstance(found, Service):
            yield found


def _suspects(subject: ObjectRef, matched: list[Pod], behind: list[KubeObject], view: ClusterView) -> tuple[Suspect, ...]:
    """Its own ports, the workloads it leads to, and the nodes of their pods."""
    workloads = {owners.ref(workload) for workload in behind} | {view.workload_of(pod) for pod in matched}
    nodes = {candidate_causes.node_ref(pod.spec.node_name, view) for pod in matched if pod.spec.node_name}
    led = [Suspect(reference, "leads to") for reference in sorted(workloads)[:MAX_SUSPECTS]]
    own = [Suspect(subject, "is", _PORT_TYPES)] if matched else []
    return (*own, *led, *(Suspect(node, "has pods on", candidate_causes.NODE_DOWN) for node in sorted(nodes)[:MAX_SUSPECTS]))


def _why(service: Service, matched: list[Pod], nearest: Pod | None, behind: list[KubeObject]) -> str:
    if nearest is not None:
        key, value = next(iter(selectors.differences(service.spec.selector, nearest.labels).items()))
        return f"it selects {key}={service.spec.selector[key]}, the pods have {f'{key}={value}' if value is not None else f'no {key}'}"
    if matched:
        return "its pods are ready, but it sends to a port they do not have" if _are_ready(matched) else "none of its pods is ready"
    return "its pods do not exist" if behind else "no pod has the labels it selects"


def _are_ready(matched: list[Pod]) -> bool:
    """Ready pods without an endpoint: nothing leads into them."""
    return any(pod.is_ready for pod in matched)


def _case(matched: list[Pod], nearest: Pod | None, behind: list[KubeObject]) -> str:
    if nearest is not None:
        return "selectorMismatch"
    if matched:
        return "portMissing" if _are_ready(matched) else "podsNotReady"
    return "podsMissing" if behind else "nothingSelected"


def _facts(service: Service, view: ClusterView, *, matched: list[Pod], nearest: Pod | None, behind: list[KubeObject]) -> dict[str, Any]:
    case = _case(matched, nearest, behind)
    workloads = {str(owners.ref(workload)) for workload in behind} | {str(view.workload_of(pod)) for pod in matched}
    facts: dict[str, Any] = {
        "case": case,
        "selector": dict(service.spec.selector),
        "matchingPods": len(matched),
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
    """Workloads of other namespaces whose pods have the labels: a Service sees its own namespace only."""
    workloads = islice(chain(view.all(Deployment.kind), view.all(StatefulSet.kind)), MAX_SEARCHED)
    found = [
        str(owners.ref(one))
        for one in workloads
        if isinstance(one, Deployment | StatefulSet) and selectors.matches(service.spec.selector, one.spec.template.metadata.labels)
    ]
    return sorted(found)[:5]


def _led_to(view: ClusterView, entrance: KubeObject) -> Iterator[Service]:
    """The Services that an Ingress, a route or webhooks lead to, and those that they led to before this change."""
    for version in (view.get(entrance.kind, entrance.uid), view.previous(entrance.kind, entrance.uid)):
        if isinstance(version, WebhookConfiguration):
            yield from _called(view, version)
        elif isinstance(version, Ingress):
            yield from _named(view, (ServiceName(version.metadata.namespace, name) for name in sorted(version.backends)))
        elif isinstance(version, HTTPRoute):
            backends = (backend for rule in version.spec.rules for backend in rule.backend_refs if backend.kind in ("", Service.kind))
            yield from _named(view, (ServiceName(one.namespace or version.metadata.namespace, one.name) for one in backends))


def _named(view: ClusterView, names: Iterable[ServiceName]) -> Iterator[Service]:
    for name in names:
        if isinstance(found := view.by_name(Service.kind, name.namespace, name.name), Service):
            yield found


DETECTOR = Detector(
    type=TYPE,
    title="A Service has no ready endpoint",
    category=CATEGORY,
    about=About.SERVICE,
    severity=Severity.HIGH,
    gates=("G1", "G3", "G6", "G12", "G14"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from=dict.fromkeys((Ingress.kind, HTTPRoute.kind, *_WEBHOOKS), _led_to),
)

"""WebhookUnavailable: an admission webhook does not answer, so the API server rejects the requests that it should check.

Two things show it: the configuration itself (its Service is missing or has no ready endpoint, its CA bundle has expired), and controllers
whose pods were rejected with `failed calling webhook`. Several webhooks of one configuration share a backend and are one issue. A webhook
at a URL is only noticed through rejections; a missing EndpointSlice may not have been reported yet (G14). With `failurePolicy: Ignore`
nothing is rejected.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Stage
from optral.detectors.finding import Finding, Suspect
from optral.detectors.network import service_no_endpoints
from optral.detectors.workloads import failed_create
from optral.kube import owners, selectors, times
from optral.kube.objects import (
    DaemonSet,
    EndpointSlice,
    Job,
    KubeObject,
    MutatingWebhookConfiguration,
    Namespace,
    ReplicaSet,
    Service,
    StatefulSet,
    ValidatingWebhookConfiguration,
    Webhook,
    WebhookConfiguration,
)
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

_CONFIGURATIONS = (MutatingWebhookConfiguration.kind, ValidatingWebhookConfiguration.kind)
_CONTROLLERS = (ReplicaSet.kind, StatefulSet.kind, DaemonSet.kind, Job.kind)
_SERVICE_TYPES = frozenset({"ServiceNoEndpoints", "ServiceMissing", "ServiceTargetPortMismatch"})


@dataclass(frozen=True, slots=True)
class _Fault:
    """A webhook that cannot answer: the cause, the sentence that states it, and since when."""

    webhook: Webhook
    cause: str
    say: str
    since: datetime
    is_onset_unknown: bool = False


def detect(obj: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if isinstance(obj, WebhookConfiguration):
        yield from _of_configuration(obj, view, now=now)
    elif isinstance(obj, (ReplicaSet, StatefulSet, DaemonSet, Job)):
        yield from _of_controller(obj, view, now=now)


def _of_configuration(configuration: WebhookConfiguration, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(configuration):
        return
    faults = [fault for webhook in configuration.webhooks if (fault := _fault(webhook, configuration, view, now=now)) is not None]
    if not faults:
        return
    worst = max(faults, key=lambda fault: (_severity(fault.webhook, view).rank, fault.webhook.name))
    yield _finding(configuration, worst, view, webhooks=sorted(fault.webhook.name for fault in faults))


def _of_controller(controller: failed_create.Controller, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for refusal in failed_create.detect(controller, view, now=now):
        name = refusal.facts.get("named")
        if refusal.facts.get("cause") != "webhookFailed" or not isinstance(name, str):
            continue
        message = str(refusal.facts["message"])
        for configuration in _configurations(view):
            webhook = next((item for item in configuration.webhooks if item.name == name), None)
            if webhook is not None:
                fault = _Fault(webhook, _cause_of(message), titles.WEBHOOK_FAULTS["callsFail"](), refusal.since)
                yield _finding(configuration, fault, view, webhooks=[name], refusal=refusal)
                break


def _finding(
    configuration: WebhookConfiguration,
    fault: _Fault,
    view: ClusterView,
    *,
    webhooks: list[str],
    refusal: Finding | None = None,
) -> Finding:
    subject, webhook = owners.ref(configuration), fault.webhook
    service = webhook.client_config.service
    facts = {
        "cause": fault.cause,
        "webhooks": webhooks[:20],
        "failurePolicy": webhook.failure_policy,
        "service": f"{service.namespace}/{service.name}" if service is not None else None,
        "timeoutSeconds": webhook.timeout_seconds,
        "blocksPods": _covers_pods(webhook, view),
    }
    if refusal is not None:
        facts |= {"refused": str(refusal.subject), "message": refusal.facts["message"]}
    return Finding(
        subject=subject,
        base=_severity(webhook, view),
        title=titles.WebhookUnavailable.unavailable(object=wording.label(subject), why=fault.say),
        since=fault.since,
        expires_at=refusal.expires_at if refusal is not None else None,
        is_onset_unknown=fault.is_onset_unknown,
        facts=facts,
        suspects=tuple(_suspects(webhook, view)),
    )


def _fault(webhook: Webhook, configuration: WebhookConfiguration, view: ClusterView, *, now: datetime) -> _Fault | None:
    until = webhook.client_config.ca_not_after
    if until is not None and until <= now:
        return _Fault(webhook, "caExpired", titles.WEBHOOK_FAULTS["caExpired"](), max(until, configuration.created_at))
    reference = webhook.client_config.service
    if reference is None or not (reference.namespace and reference.name) or not view.count(Service.kind):
        return None
    service = view.by_name(Service.kind, reference.namespace, reference.name)
    place = f"{reference.namespace}/{reference.name}"
    if service is None:
        gone = view.gone_since(Service.kind, reference.namespace, reference.name, now=now)
        since = gone or configuration.created_at
        return _Fault(
            webhook, "serviceMissing", titles.WEBHOOK_FAULTS["serviceMissing"](service=place), since, is_onset_unknown=gone is None
        )
    slices = view.slices_of(owners.ref(service))
    if not slices or any(piece.ready_count for piece in slices) or cast(Service, service).spec.type == "ExternalName":
        return None
    emptied = service_no_endpoints.emptied_at(cast(Service, service), view)
    since = times.latest(configuration.created_at, emptied or now) or now
    return _Fault(webhook, "noEndpoints", titles.WEBHOOK_FAULTS["noEndpoints"](service=place), since, is_onset_unknown=emptied is None)


def _cause_of(message: str) -> str:
    if "x509" in message or "certificate" in message:
        return "certificate"
    if "no endpoints available" in message:
        return "noEndpoints"
    if "not found" in message:
        return "serviceMissing"
    return "timeout" if "deadline exceeded" in message or "timeout" in message.lower() else "unreachable"


def _severity(webhook: Webhook, view: ClusterView) -> Severity:
    if webhook.failure_policy == "Ignore":
        return Severity.LOW
    return Severity.CRITICAL if _covers_pods(webhook, view) else Severity.HIGH


def _covers_pods(webhook: Webhook, view: ClusterView) -> bool:
    """Whether it is called for new pods of some namespace."""
    matches_pods = any(
        ("CREATE" in rule.operations or "*" in rule.operations)
        and ("" in rule.api_groups or "*" in rule.api_groups)
        and any(resource in ("pods", "*", "*/*") for resource in rule.resources)
        for rule in webhook.rules
    )
    if not matches_pods or webhook.namespace_selector is None:
        return matches_pods
    return any(selectors.fits(webhook.namespace_selector, namespace.labels) for namespace in view.all(Namespace.kind))


def _suspects(webhook: Webhook, view: ClusterView) -> Iterator[Suspect]:
    reference = webhook.client_config.service
    if reference is None or not (reference.namespace and reference.name):
        return
    service = view.by_name(Service.kind, reference.namespace, reference.name)
    if not isinstance(service, Service):
        yield Suspect(ObjectRef(Service.kind, reference.namespace, reference.name), "calls", _SERVICE_TYPES)
        return
    yield Suspect(owners.ref(service), "calls", _SERVICE_TYPES)
    for workload in gates.workloads_behind(service, view)[:5]:
        yield Suspect(owners.ref(workload), "is answered by")


def _configurations(view: ClusterView) -> Iterator[WebhookConfiguration]:
    for kind in _CONFIGURATIONS:
        yield from cast(Iterable[WebhookConfiguration], view.all(kind))


def _behind_service(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return _configurations_calling(view, obj.metadata.namespace, obj.name)


def _behind_slice(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return _configurations_calling(view, obj.metadata.namespace, cast(EndpointSlice, obj).service_name)


def _configurations_calling(view: ClusterView, namespace: str, name: str) -> list[KubeObject]:
    return [
        configuration
        for configuration in _configurations(view)
        if any(
            (service := webhook.client_config.service) is not None and service.name == name and service.namespace == namespace
            for webhook in configuration.webhooks
        )
    ]


def _refused(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The controllers that lack pods, when a configuration is created or deleted: it may have rejected them."""
    if view.get(obj.kind, obj.uid) is not None and view.previous(obj.kind, obj.uid) not in (None, obj):
        return ()
    controllers = (controller for kind in _CONTROLLERS for controller in view.all(kind))
    return (item for item in controllers if failed_create.is_short(cast(failed_create.Controller, item)))


def _in_scope(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The configurations that may apply to a namespace that was created, deleted or relabeled."""
    return _configurations(view)


DETECTOR = Detector(
    type="WebhookUnavailable",
    title=titles.WebhookUnavailable.what,
    category="admission",
    about=About.POLICY,
    severity=Severity.CRITICAL,
    gates=("G1", "G12", "G14"),
    stage=Stage.ADMISSION,
    looks_at=frozenset({*_CONFIGURATIONS, *_CONTROLLERS}),
    detect=detect,
    event_reasons=frozenset({"FailedCreate"}),
    resolve_after_s=300,
    open_after_s=30,
    reached_from={
        Service.kind: _behind_service,
        EndpointSlice.kind: _behind_slice,
        Namespace.kind: _in_scope,
        **dict.fromkeys(_CONFIGURATIONS, _refused),
    },
    needs=frozenset({"events"}),
)

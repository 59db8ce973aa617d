"""ServiceMissing: a workload calls a Service that does not exist, or a port that the Service does not have.

An address in a template is only a hint: its feature may be switched off, or the name may belong to a host outside the cluster. So a missing
name needs a second sign. The caller is the subject if a Service with nearly the same name has the port, or if a full name points to another
namespace while the caller's own namespace has the Service: the address is misspelled. The Service is the subject if a workload with exactly
that name runs and no Service selects it. A port that the Service lacks is the caller's mistake while other callers use one that it has;
otherwise see ServiceTargetPortMismatch. Other names that are missing from other namespaces are ignored.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from optral.detectors import gates, severity, wording
from optral.detectors.detector import Effect, Tier, of_service
from optral.detectors.finding import Finding, Suspect
from optral.detectors.network import calls, service_target_port_mismatch
from optral.detectors.network.calls import Call
from optral.kube import names, owners, times
from optral.kube.objects import ConfigMap, DaemonSet, Deployment, KubeObject, Namespace, ResourceQuota, Service, StatefulSet
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

PATIENCE_S = 120
MISSPELLED_PATIENCE_S = 60  # for a mistake of the caller: only a Service that is applied with it could correct it
MAX_PART = 253
_QUOTA_TYPES = frozenset({"ResourceQuotaExceeded"})
_APP_LABELS = ("app", "app.kubernetes.io/name", "k8s-app")


def detect(workload: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(workload) or gates.is_switched_off(workload):
        return
    reported: set[tuple[ObjectRef, str]] = set()
    for call in calls.of(workload, view):
        finding = _check(workload, call, view, now=now) if call.is_certain else None
        if finding is not None and (finding.subject, finding.part or "") not in reported:
            reported.add((finding.subject, finding.part or ""))
            yield finding


def _check(workload: KubeObject, call: Call, view: ClusterView, *, now: datetime) -> Finding | None:
    service = calls.target(call, view)
    caller = owners.ref(workload)
    if service is not None:
        if not _uses_wrong_port(call, workload, service, view):
            return None
        offers = [port.port for port in service.spec.ports[:5]]
        sentence = f"{wording.label(caller)} calls port {call.port} of Service {service.name}, which has {wording.offered_ports(offers)}"
        found = _finding(workload, call, view, now=now, case="portMissing", subject=caller, sentence=sentence, near=service.name)
        return replace(found, facts={**found.facts, "offers": offers})
    home = next((name for name in call.candidates if name.namespace == workload.metadata.namespace), None)
    if home is None:
        return _elsewhere(workload, call, view, now=now)
    if not view.services_in(home.namespace):
        return None  # the agent may not have reported the Services yet
    if (near := _near(home.name, call, view, home.namespace)) is not None:
        sentence = f"{wording.label(caller)} calls {call.host}, but no such Service exists; did you mean {near}?"
        return _finding(workload, call, view, now=now, case="nameWrong", subject=caller, sentence=sentence, near=near)
    if (selected := _workload_named(home.name, workload, view)) is not None:
        sentence = f"Service {home.namespace}/{home.name} does not exist; {wording.label(caller)} calls it"
        service_ref = ObjectRef(Service.kind, home.namespace, home.name)
        return _finding(
            workload, call, view, now=now, case="serviceMissing", subject=service_ref, sentence=sentence, workload_name=str(selected)
        )
    return None


def _elsewhere(workload: KubeObject, call: Call, view: ClusterView, *, now: datetime) -> Finding | None:
    """A full name in another namespace that has no such Service, while the namespace of the caller has it."""
    if len(call.candidates) != 1 or not _are_services_known(call.candidates[0].namespace, view):
        return None  # a short name may belong to a host outside the cluster
    name, own = call.candidates[0], workload.metadata.namespace
    here = view.by_name(Service.kind, own, name.name)
    if not isinstance(here, Service) or (call.port is not None and call.port not in _ports(here)):
        return None
    caller = owners.ref(workload)
    sentence = f"{wording.label(caller)} calls {name.name} in namespace {name.namespace}, which has no such Service; {own} has one"
    return _finding(workload, call, view, now=now, case="namespaceWrong", subject=caller, sentence=sentence, near=f"{name.name}.{own}")


def _are_services_known(namespace: str, view: ClusterView) -> bool:
    """Whether a Service that is not in the view does not exist: the view has others of the namespace, or the namespace does not exist."""
    if view.services_in(namespace):
        return True
    return view.count(Namespace.kind) > 0 and view.by_name(Namespace.kind, None, namespace) is None


def _uses_wrong_port(call: Call, workload: KubeObject, service: Service, view: ClusterView) -> bool:
    offered = _ports(service)
    if call.port is None or not offered or call.port in offered or service.is_headless or service.spec.type == "ExternalName":
        return False
    return not service_target_port_mismatch.ports_of_callers(service, view)


def _ports(service: Service) -> set[int]:
    return {port.port for port in service.spec.ports}


def _near(name: str, call: Call, view: ClusterView, namespace: str) -> str | None:
    """A Service with nearly this name that has the port of the call."""
    services = (service for service in view.services_in(namespace) if call.port is None or call.port in _ports(service))
    return names.nearest(name, (service.name for service in services))


def _workload_named(name: str, caller: KubeObject, view: ClusterView) -> ObjectRef | None:
    """The running workload that a Service of this name would select."""
    for workload in calls.workloads_in(view, caller.metadata.namespace):
        template = calls.template_of(workload)
        if workload.uid == caller.uid or template is None or gates.is_switched_off(workload) or gates.is_deleting(workload):
            continue
        if name == workload.name or any(template.metadata.labels.get(label) == name for label in _APP_LABELS):
            return owners.ref(workload)
    return None


def _finding(
    workload: KubeObject,
    call: Call,
    view: ClusterView,
    *,
    now: datetime,
    case: str,
    subject: ObjectRef,
    sentence: str,
    near: str | None = None,
    workload_name: str | None = None,
) -> Finding:
    since = _since(workload, call, view, now=now)
    return Finding(
        subject=subject,
        part=call.host[:MAX_PART] if subject.kind != Service.kind else None,
        severity=severity.adjust(Severity.HIGH, subject=owners.ref(workload), view=view, now=now),
        title=sentence,
        since=since,
        opens_at=times.after(since, PATIENCE_S if case == "serviceMissing" else MISSPELLED_PATIENCE_S),
        facts={
            "case": case,
            "host": call.host,
            "port": call.port,
            **calls.facts(call),
            "nearest": near,
            "workload": workload_name,
            "caller": str(owners.ref(workload)),
        },
        suspects=_quotas_that_may_reject(subject, view) if subject.kind == Service.kind else (),
    )


def _quotas_that_may_reject(absent: ObjectRef, view: ClusterView) -> tuple[Suspect, ...]:
    """The quotas of its namespace that limit Services and so may have rejected it."""
    quotas = sorted(view.quotas_in(absent.namespace or ""), key=lambda quota: quota.name)
    return tuple(Suspect(owners.ref(quota), "may be rejected by", _QUOTA_TYPES) for quota in quotas[:10] if _counts_services(quota))


def _counts_services(quota: ResourceQuota) -> bool:
    return any(name in ("services", "count/services") or name.startswith("services.") for name in quota.status.hard)


def _since(workload: KubeObject, call: Call, view: ClusterView, *, now: datetime) -> datetime:
    """When the caller was last changed, or when the Service was deleted, if Optral recorded that."""
    changed_at = workload.metadata.changed_at if isinstance(workload, Deployment | StatefulSet | DaemonSet) else None
    gone_at = [view.gone_since(Service.kind, name.namespace, name.name, now=now) for name in call.candidates]
    return times.latest(workload.created_at, changed_at, *gone_at) or workload.created_at


def _of_service(view: ClusterView, service: Service) -> Iterable[KubeObject]:
    """The workloads of its namespace, since any of them may have misspelled its name, and its callers in other namespaces."""
    if not calls.is_service_changed(view, service):
        return ()
    namespace = service.metadata.namespace
    return chain(calls.workloads_in(view, namespace), view.callers_of(namespace, service.name))


def _of_workload(view: ClusterView, workload: KubeObject) -> Iterable[KubeObject]:
    """The workloads that may call it, and those that call the same Services: which caller is wrong depends on the ports of the others."""
    if not calls.is_changed(view, workload):
        return ()
    other_callers = (view.callers_of(service.metadata.namespace, service.name) for service in calls.called_by(view, workload))
    return chain(calls.workloads_in(view, workload.metadata.namespace), *other_callers)


def _of_config(view: ClusterView, config: ConfigMap) -> Iterable[KubeObject]:
    """The workloads that read it, and those that call the same Services."""
    other_callers = (view.callers_of(service.metadata.namespace, service.name) for service in calls.services_near(view, config))
    return chain(view.readers_of(config.metadata.namespace, config.name), *other_callers)


DETECTOR = of_service(
    type="ServiceMissing",
    title="A workload calls a Service that does not exist",
    severity=Severity.HIGH,
    gates=("G1", "G6"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset(calls.CALLERS),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={Service.kind: _of_service, ConfigMap.kind: _of_config, **dict.fromkeys(calls.CALLERS, _of_workload)},
)

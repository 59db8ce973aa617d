"""ServiceMissing: a workload calls a Service that does not exist, or a port that the Service does not have.

Whether a host that names no Service is a mistake, and whose, is decided in `absent_names.py`. The Service is the subject if a workload with
exactly its name runs and no Service selects it; otherwise the caller is. A port that the Service lacks is the caller's mistake while other
callers use one that it has; otherwise see ServiceTargetPortMismatch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from optral.detectors import gates, wording
from optral.detectors.detector import Effect, Tier, of_service
from optral.detectors.finding import Finding, Suspect
from optral.detectors.network import absent_names, calls, service_target_port_mismatch
from optral.detectors.network.absent_names import Absence
from optral.detectors.network.calls import Call
from optral.kube import addresses, owners, times
from optral.kube.objects import ConfigMap, DaemonSet, Deployment, KubeObject, Namespace, ResourceQuota, Service, ServiceEntry, StatefulSet
from optral.kube.settings import FILE
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 120
MISSPELLED_PATIENCE_S = 60  # for a mistake of the caller: only a Service that is applied with it could correct it
MAX_PART = 253
_QUOTA_TYPES = frozenset({"ResourceQuotaExceeded"})
_PATIENT = frozenset({absent_names.SERVICE_MISSING, absent_names.NAME_UNKNOWN})  # a Service that is about to be created


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
    if service is not None and service.spec.type == "ExternalName":
        return _behind_alias(workload, call, service, view, now=now)
    if service is not None:
        if not _uses_wrong_port(call, service, view) or calls.is_own(service, workload):
            return None
        case: str = "portMissing"
        near: Service | None = service
        title = titles.ServiceMissing.port(
            object=_label(workload), port=call.used_port, service=service.name, offered=wording.offered_ports(_offered(service))
        )
    else:
        absence = absent_names.of(call, workload, view)
        if absence is None:
            return None
        if absence.workload is not None:
            return _service_missing(workload, call, absence, view, now=now)
        case, near = absence.case, absence.near
        title = _title(call, absence, workload, view)
    if call.setting.field == FILE and near is not None and _is_called_rightly(near, workload, view):
        return None  # a default in the file, which a variable replaces
    caller = owners.ref(workload)
    found = _finding(workload, call, view, now=now, case=case, subject=caller, title=title)
    if near is None:
        return replace(found, base=Severity.MEDIUM)
    name = near.name if near.namespace == workload.namespace and case != "namespaceWrong" else f"{near.name}.{near.namespace}"
    return replace(found, facts={**found.facts, "nearest": name, "offers": _offered(near)})


def _behind_alias(workload: KubeObject, call: Call, alias: Service, view: ClusterView, *, now: datetime) -> Finding | None:
    """An alias of a name of the cluster that no Service has; aliases of other hosts are not known."""
    host = alias.spec.external_name.rstrip(".")
    candidates = addresses.services(host, alias.metadata.namespace)
    if not absent_names.is_full(host) or not candidates or view.by_name(Service.kind, *candidates[0]) is not None:
        return None
    absence = absent_names.of(call._replace(host=host, port=None, candidates=candidates), workload, view)
    if absence is None:
        return None
    caller = owners.ref(workload)
    nearest = None if absence.near is None else f"{absence.near.name}.{absence.near.namespace}"
    title = (
        titles.ServiceMissing.alias(object=_label(workload), host=call.host, alias=host)
        if nearest is None
        else titles.ServiceMissing.alias_near(object=_label(workload), host=call.host, alias=host, near=nearest)
    )
    found = _finding(workload, call, view, now=now, case="aliasWrong", subject=caller, title=title)
    return replace(found, facts={**found.facts, "externalName": host, "nearest": nearest})


def _is_called_rightly(service: Service, workload: KubeObject, view: ClusterView) -> bool:
    """Whether a variable or argument of the workload calls a Service by its name and a port that it has."""
    given = (call for call in calls.of(workload, view) if call.setting.field != FILE)
    return any(calls.target(call, view) == service and absent_names.has_port(service, call.used_port) for call in given)


def _offered(service: Service) -> list[int]:
    return [port.port for port in service.spec.ports[:5]]


def _label(workload: KubeObject) -> str:
    return wording.label(owners.ref(workload))


def _title(call: Call, absence: Absence, workload: KubeObject, view: ClusterView) -> Title:
    name, near, caller = absence.name, absence.near, _label(workload)
    if near is None:
        if view.namespace(name.namespace) is not None or view.services_in(name.namespace):
            return titles.ServiceMissing.no_service(object=caller, host=call.host, namespace=name.namespace, service=name.name)
        return titles.ServiceMissing.no_namespace(object=caller, host=call.host, namespace=name.namespace)
    if absence.case == absent_names.NAMESPACE_WRONG:
        return titles.ServiceMissing.namespace_wrong(object=caller, service=name.name, namespace=name.namespace, near=near.namespace)
    if absence.case == absent_names.NAMESPACE_MISSING:
        return titles.ServiceMissing.elsewhere(object=caller, host=call.host, near=near.namespace)
    wanted = near.name if near.namespace == workload.namespace else f"{near.name}.{near.namespace}"
    return titles.ServiceMissing.misspelled(object=caller, host=call.host, near=wanted)


def _service_missing(workload: KubeObject, call: Call, absence: Absence, view: ClusterView, *, now: datetime) -> Finding:
    name = absence.name
    subject = ObjectRef(Service.kind, name.namespace, name.name)
    title = titles.ServiceMissing.called(object=wording.label(subject), caller=_label(workload))
    found = _finding(workload, call, view, now=now, case=absence.case, subject=subject, title=title)
    return replace(found, facts={**found.facts, "workload": str(absence.workload)}, suspects=_quotas_that_may_reject(subject, view))


def _uses_wrong_port(call: Call, service: Service, view: ClusterView) -> bool:
    if (
        not service.spec.ports
        or absent_names.has_port(service, call.used_port)
        or service.is_headless
        or service.spec.type == "ExternalName"
    ):
        return False
    return not service_target_port_mismatch.ports_of_callers(service, view)


def _finding(
    workload: KubeObject,
    call: Call,
    view: ClusterView,
    *,
    now: datetime,
    case: str,
    subject: ObjectRef,
    title: Title,
) -> Finding:
    since = _since(workload, call, view, now=now)
    return Finding(
        subject=subject,
        part=call.host[:MAX_PART] if subject.kind != Service.kind else None,
        title=title,
        since=since,
        opens_at=times.after(since, PATIENCE_S if case in _PATIENT else MISSPELLED_PATIENCE_S),
        facts={
            "case": case,
            "host": call.host,
            "port": call.used_port,
            **calls.facts(call),
            "nearest": None,
            "workload": None,
            "caller": str(owners.ref(workload)),
        },
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
    return absent_names.callers_that_may_mean(service, view) if calls.is_service_changed(view, service) else ()


def _of_workload(view: ClusterView, workload: KubeObject) -> Iterable[KubeObject]:
    """The workloads that may call it, and those that call the same Services: which caller is wrong depends on the ports of the others."""
    if not calls.is_changed(view, workload):
        return ()
    namespace = workload.metadata.namespace
    other_callers = (view.callers_of(service.metadata.namespace, service.name) for service in calls.called_by(view, workload))
    return chain(calls.workloads_in(view, namespace), view.callers_in(namespace), *other_callers)


def _of_config(view: ClusterView, config: ConfigMap) -> Iterable[KubeObject]:
    """The workloads that read it, and those that call the same Services."""
    other_callers = (view.callers_of(service.metadata.namespace, service.name) for service in calls.services_near(view, config))
    return chain(view.readers_of(config.metadata.namespace, config.name), *other_callers)


def _of_namespace(view: ClusterView, namespace: Namespace) -> Iterable[KubeObject]:
    """The workloads that call into a namespace that was created or deleted; into any, if it is the only one that is known."""
    if view.get(Namespace.kind, namespace.uid) is not None and view.previous(Namespace.kind, namespace.uid) is not None:
        return ()
    if view.count(Namespace.kind) <= 1:
        return (workload for kind in calls.CALLERS for workload in view.all(kind) if _calls_elsewhere(workload, view))
    return view.callers_in(namespace.name)


def _calls_elsewhere(workload: KubeObject, view: ClusterView) -> bool:
    return any(call.candidates[0].namespace != workload.namespace for call in calls.of(workload, view))


def _of_entry(view: ClusterView, entry: ServiceEntry) -> Iterable[KubeObject]:
    """The workloads that call a host that the mesh knows by this entry, or did."""
    for version in (view.get(ServiceEntry.kind, entry.uid), view.previous(ServiceEntry.kind, entry.uid)):
        for host in version.spec.hosts if isinstance(version, ServiceEntry) else ():
            for name in addresses.services(host.removeprefix("*."), entry.metadata.namespace):
                yield from view.callers_named(name.name)
                yield from view.callers_in(name.namespace)


DETECTOR = of_service(
    type="ServiceMissing",
    title=titles.ServiceMissing.what,
    severity=Severity.HIGH,
    gates=("G1", "G6"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset(calls.CALLERS),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={
        Service.kind: _of_service,
        ConfigMap.kind: _of_config,
        Namespace.kind: _of_namespace,
        ServiceEntry.kind: _of_entry,
        **dict.fromkeys(calls.CALLERS, _of_workload),
    },
)

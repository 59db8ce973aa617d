"""MeshRouteInvalid: a VirtualService of Istio refers to a host, port, subset, Gateway or VirtualService that does not exist.

Istio accepts such a route and reports nothing; requests that match it fail with 503, or reach nothing at all. `kube/mesh.py` decides what
is wrong. What a rule with weight 0 names, hosts outside the cluster and hosts that a ServiceEntry adds are not reported.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import cast

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_route
from optral.detectors.finding import Finding, Suspect
from optral.detectors.network import calls
from optral.kube import mesh, owners, selectors, times
from optral.kube.mesh import Case, Fault
from optral.kube.objects import ConfigMap, DestinationRule, KubeObject, MeshGateway, Pod, Service, ServiceEntry, VirtualService
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

MAX_NAMED = 20
MAX_SERVICES = 500  # of one namespace
_SERVICE_TYPES = frozenset({"ServiceMissing"})


def detect(route: VirtualService, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(route):
        return
    faults = list(islice(mesh.faults(route, view), MAX_NAMED))
    if not faults:
        return
    subject, worst = owners.ref(route), faults[0]
    since = _since(route, faults, view, now=now)
    yield Finding(
        subject=subject,
        title=_title(subject, worst),
        since=since,
        facts={
            "kind": subject.short_kind,
            "group": subject.kind.partition(".")[2],
            "case": worst.case.value,
            "rule": worst.rule_name,
            "host": worst.host or None,
            "wrong": worst.value,
            "existing": list(worst.there),
            "faults": [mesh.label(fault) for fault in faults],
            "hosts": list(route.spec.hosts[:MAX_NAMED]),
            "gateways": list(route.spec.gateways[:MAX_NAMED]),
            "callers": _callers(route, view),
        },
        suspects=_suspects(faults),
    )


def _since(route: VirtualService, faults: list[Fault], view: ClusterView, *, now: datetime) -> datetime:
    """When the route was last written, or when a Service that it needs went away, whichever is later."""
    names = [fault.service for fault in faults if fault.case is Case.HOST and fault.service is not None]
    gone = [view.gone_since(Service.kind, name.namespace, name.name, now=now) for name in names]
    return times.latest(route.changed_at, *gone) or route.changed_at


def _title(subject: ObjectRef, fault: Fault) -> Title:
    label, service = wording.label(subject), "" if fault.service is None else fault.service.name
    match fault.case:
        case Case.HOST:
            return titles.MeshRouteInvalid.host(object=label, host=fault.host, service=service)
        case Case.PORT:
            return titles.MeshRouteInvalid.port(object=label, value=fault.value, service=service, offered=", ".join(fault.there[:5]))
        case Case.SUBSET:
            return titles.MeshRouteInvalid.subset(object=label, value=fault.value, service=service)
        case Case.LABELS:
            return titles.MeshRouteInvalid.labels(object=label, value=fault.value, service=service)
        case Case.DELEGATE:
            return titles.MeshRouteInvalid.delegate(object=label, value=fault.value)
    return titles.MeshRouteInvalid.gateway(object=label, value=fault.value)


def _callers(route: VirtualService, view: ClusterView) -> list[str]:
    """The workloads that call a host of the route."""
    home = route.metadata.namespace
    hosts = [found for host in route.spec.hosts if (found := mesh.service_of(host, home)) is not None]
    callers = {str(owners.ref(caller)) for name in hosts[:MAX_NAMED] for caller in view.callers_of(name.namespace, name.name)}
    return sorted(callers)[:MAX_NAMED]


def _suspects(faults: list[Fault]) -> tuple[Suspect, ...]:
    missing = dict.fromkeys(fault.service for fault in faults if fault.case is Case.HOST and fault.service is not None)
    return tuple(Suspect(ObjectRef(Service.kind, name.namespace, name.name), "sends to", _SERVICE_TYPES) for name in missing)


def _of_service(view: ClusterView, service: Service) -> Iterable[KubeObject]:
    return view.mesh_routes_of(service.metadata.namespace, service.name)


def _of_workload(view: ClusterView, workload: KubeObject) -> Iterable[KubeObject]:
    """The routes of the hosts that a changed workload calls or called, and of the Services that may select its pods."""
    if not view.count(VirtualService.kind) or not calls.is_changed(view, workload):
        return
    for version in (view.get(workload.kind, workload.uid), view.previous(workload.kind, workload.uid)):
        if version is None:
            continue
        for call in calls.of(version, view):
            for name in call.candidates:
                yield from view.mesh_routes_of(name.namespace, name.name)
        template = calls.template_of(version)
        yield from _selecting(view, version, {} if template is None else template.metadata.labels)


def _of_config(view: ClusterView, config: ConfigMap) -> Iterable[KubeObject]:
    """The routes of the hosts that its readers call or called."""
    names = calls.names_near(view, config) if view.count(VirtualService.kind) else ()
    return [route for name in dict.fromkeys(names) for route in view.mesh_routes_of(name.namespace, name.name)]


def _of_pod(view: ClusterView, pod: Pod) -> Iterable[KubeObject]:
    """The routes of the Services that may select a pod that came, went or got other labels."""
    if not view.count(VirtualService.kind):
        return
    before, after = view.previous(Pod.kind, pod.uid), view.get(Pod.kind, pod.uid)
    if before is None or after is None or before.labels != after.labels:
        for version in (before, after):
            yield from _selecting(view, pod, {} if version is None else version.labels)


def _selecting(view: ClusterView, obj: KubeObject, labels: dict[str, str]) -> Iterator[KubeObject]:
    for service in islice(view.services_in(obj.metadata.namespace), MAX_SERVICES):
        if selectors.matches(service.spec.selector, labels):
            yield from view.mesh_routes_of(service.metadata.namespace, service.name)


def _of_rule(view: ClusterView, rule: DestinationRule) -> Iterable[KubeObject]:
    name = mesh.service_of(rule.spec.host, rule.metadata.namespace)
    return _every(view, rule) if name is None else view.mesh_routes_of(name.namespace, name.name)


def _every(view: ClusterView, _: KubeObject) -> Iterable[KubeObject]:
    return cast(Iterable[KubeObject], view.all(VirtualService.kind))


DETECTOR = of_route(
    type="MeshRouteInvalid",
    title=titles.MeshRouteInvalid.what,
    severity=Severity.HIGH,
    looks_at=frozenset({VirtualService.kind}),
    detect=detect,
    open_after_s=120,
    tier=Tier.EXTENDED,
    reached_from={
        Service.kind: _of_service,
        Pod.kind: _of_pod,
        **dict.fromkeys(calls.CALLERS, _of_workload),
        ConfigMap.kind: _of_config,
        DestinationRule.kind: _of_rule,
        MeshGateway.kind: _every,
        ServiceEntry.kind: _every,
        mesh.WORKLOAD_ENTRY: _every,
        VirtualService.kind: _every,
    },
)

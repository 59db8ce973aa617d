"""What the routes of Istio refer to, and which of it does not exist.

A host without a dot is a Service of the namespace in which the VirtualService or DestinationRule is. Istio looks hosts up among Services
and the hosts of ServiceEntries, and drops what it finds in neither. Hosts that are not names of Services may be known to a registry that
no object shows, so nothing is reported about them. A destination with weight 0 beside others gets no traffic and is not checked. The
DestinationRules of the route's namespace, of the Service's and of Istio's own count, as Istio looks them up, whatever their `exportTo`.
Source: Istio reference, VirtualService, DestinationRule, ServiceEntry.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, cast

from optral.kube import names, selectors
from optral.kube.addresses import ServiceName
from optral.kube.cluster import Cluster
from optral.kube.kinds import LONG_RUNNING
from optral.kube.objects import (
    DaemonSet,
    Deployment,
    Destination,
    DestinationRule,
    MeshGateway,
    MeshRoute,
    Namespace,
    Pod,
    Service,
    ServiceEntry,
    StatefulSet,
    Subset,
    VirtualService,
)

DOMAIN = "svc.cluster.local"
ROOT_NAMESPACE = "istio-system"
MAX_DESTINATIONS = 100  # of one VirtualService
MAX_OBJECTS = 2000  # of one kind that are searched
_ALL_IN_MESH = "mesh"  # the sidecars, where a Gateway could be named
_PROTOCOLS = ("http", "tls", "tcp")
WORKLOAD_ENTRY = "WorkloadEntry.networking.istio.io"
_SET_BY_MESH = ("topology.", "service.istio.io/", "security.istio.io/")  # labels that the proxy has and the pod may lack
_DIGITS = re.compile(r"\d+")
Step = str | int


class Case(StrEnum):
    HOST = "hostMissing"
    PORT = "portMissing"
    SUBSET = "subsetMissing"
    LABELS = "subsetSelectsNoPod"
    GATEWAY = "gatewayMissing"
    DELEGATE = "delegateMissing"


class Fault(NamedTuple):
    """A reference of a VirtualService to what does not exist.

    `steps` lead to the wrong value in the VirtualService and `value` is what is there. `rule_name` names the route (`http[0]`, or its
    name). `there` is what exists instead, the likeliest first; `is_near` tells that the first differs by a typing error.
    For `LABELS`, `rule` and `subset` are the DestinationRule and the subset whose labels no pod has.
    """

    case: Case
    steps: tuple[Step, ...]
    value: str
    rule_name: str
    host: str = ""
    service: ServiceName | None = None
    there: tuple[str, ...] = ()
    is_near: bool = False
    rule: DestinationRule | None = None
    subset: Subset | None = None


def label(fault: Fault) -> str:
    """A fault in the facts of an issue: `http[0]: subsetMissing v2`."""
    return f"{fault.rule_name}: {fault.case.value} {fault.value}"


def service_of(host: str, namespace: str) -> ServiceName | None:
    """The Service that a host of a route means in an object of this namespace; None for any other host and for wildcards."""
    labels = host.rstrip(".").split(".")
    if "*" in host or not host:
        return None
    if len(labels) == 1:
        return ServiceName(namespace, host)
    return ServiceName(labels[1], labels[0]) if len(labels) > 2 and labels[2] == "svc" else None


def faults(route: VirtualService, cluster: Cluster) -> Iterator[Fault]:
    """Every reference of a VirtualService to something that does not exist, those of its routes first."""
    for steps, rule, destination in islice(destinations(route), MAX_DESTINATIONS):
        if (fault := _destination_fault(route, steps, rule, destination, cluster)) is not None:
            yield fault
    yield from _missing_delegates(route, cluster)
    yield from _missing_gateways(route, cluster)


def destinations(route: VirtualService) -> Iterator[tuple[tuple[Step, ...], str, Destination]]:
    """(steps, name of the rule, destination) of everything that gets traffic."""
    for protocol in _PROTOCOLS:
        for index, rule in enumerate(cast(tuple[MeshRoute, ...], getattr(route.spec, protocol))):
            for place, target in enumerate(rule.route):
                if target.weight or len(rule.route) == 1:
                    yield ("spec", protocol, index, "route", place, "destination"), rule.name or f"{protocol}[{index}]", target.destination


def services(route: VirtualService) -> list[ServiceName]:
    """The Services that a VirtualService is about: those whose name is one of its hosts, and those that it sends traffic to."""
    home = route.metadata.namespace
    hosts = [*route.spec.hosts, *(target.host for _, _, target in islice(destinations(route), MAX_DESTINATIONS))]
    return list(dict.fromkeys(found for host in hosts if (found := service_of(host, home)) is not None))


def _destination_fault(route: VirtualService, steps: tuple[Step, ...], rule: str, target: Destination, cluster: Cluster) -> Fault | None:
    name = service_of(target.host, route.metadata.namespace)
    if name is None:
        return None
    service = cluster.by_name(Service.kind, name.namespace, name.name)
    if not isinstance(service, Service):
        if not _sees(cluster, Service.kind, name.namespace, home=route.metadata.namespace):
            return None
        if has_entry(f"{name.name}.{name.namespace}.{DOMAIN}", target.host, cluster):
            return None
        there = [one.name for one in cluster.all_in(name.namespace, Service.kind)]
        return _near(Fault(Case.HOST, (*steps, "host"), target.host, rule, target.host, name), name.name, there)
    ports = [port.port for port in service.spec.ports]
    if target.port.number and ports and all(ports) and target.port.number not in ports:
        return Fault(Case.PORT, (*steps, "port", "number"), str(target.port.number), rule, target.host, name, tuple(map(str, ports)))
    if not target.subset:
        return None
    return _subset_fault(steps, rule, target, service, rules_of(name, route.metadata.namespace, cluster), cluster)


def _subset_fault(
    steps: tuple[Step, ...], rule: str, target: Destination, service: Service, rules: list[DestinationRule], cluster: Cluster
) -> Fault | None:
    name = ServiceName(service.metadata.namespace, service.name)
    fault = Fault(Case.SUBSET, (*steps, "subset"), target.subset, rule, target.host, name)
    defined = [(one, subset) for one in rules for subset in one.spec.subsets if subset.name == target.subset]
    if not defined:
        if not cluster.sees(DestinationRule.kind, service.metadata.namespace):
            return None
        there = [subset.name for one in rules for subset in one.spec.subsets]
        return _near(fault, target.subset, there)._replace(rule=rules[0] if rules else None)
    found, subset = defined[0]
    if any(not _selects_nothing(service, one, cluster) for _, one in defined):
        return None
    return fault._replace(case=Case.LABELS, rule=found, subset=subset, there=_values(service, subset, cluster))


def rules_of(name: ServiceName, home: str, cluster: Cluster) -> list[DestinationRule]:
    """The DestinationRules about a Service, by its name or by a wildcard, for a route or caller of the namespace `home`."""
    full = f"{name.name}.{name.namespace}.{DOMAIN}"
    places = dict.fromkeys((home, name.namespace, ROOT_NAMESPACE))
    found = (one for place in places for one in islice(cluster.all_in(place, DestinationRule.kind), MAX_OBJECTS))
    return [one for one in found if isinstance(one, DestinationRule) and _is_about(one, name, full)]


def _is_about(rule: DestinationRule, name: ServiceName, full: str) -> bool:
    host = rule.spec.host
    return service_of(host, rule.metadata.namespace) == name or (host.startswith("*") and full.endswith(host[1:]))


def _selects_nothing(service: Service, subset: Subset, cluster: Cluster) -> bool:
    """Whether the Service has pods, and neither a pod nor a template has the labels of the subset too."""
    wanted = {key: value for key, value in subset.labels.items() if not key.startswith(_SET_BY_MESH)}
    home = service.metadata.namespace
    if not service.spec.selector or not wanted or any(True for _ in cluster.all_in(home, WORKLOAD_ENTRY)):
        return False
    if not cluster.sees(Pod.kind, home):
        return False
    behind = [labels for labels in _labels_in(home, cluster) if selectors.matches(service.spec.selector, labels)]
    return bool(behind) and not any(selectors.matches(wanted, labels) for labels in behind)


def _values(service: Service, subset: Subset, cluster: Cluster) -> tuple[str, ...]:
    """The values that pods of the Service have for the first label of the subset that none of them has."""
    behind = [one for one in _labels_in(service.metadata.namespace, cluster) if selectors.matches(service.spec.selector, one)]
    for key, value in subset.labels.items():
        values = sorted({one[key] for one in behind if key in one})
        if value not in values:
            return tuple(f"{key}={one}" for one in values[:10])
    return ()


def _labels_in(namespace: str, cluster: Cluster) -> Iterator[dict[str, str]]:
    """The labels of the pods and of the templates of a namespace."""
    for pod in islice(cluster.all_in(namespace, Pod.kind), MAX_OBJECTS):
        yield pod.labels
    for kind in LONG_RUNNING:
        for workload in islice(cluster.all_in(namespace, kind), MAX_OBJECTS):
            if isinstance(workload, Deployment | StatefulSet | DaemonSet):
                yield workload.spec.template.metadata.labels


def has_entry(full: str, host: str, cluster: Cluster) -> bool:
    """Whether a ServiceEntry adds the host, or a wildcard that covers it."""
    entries = islice(cluster.all(ServiceEntry.kind), MAX_OBJECTS)
    added = (one for entry in entries if isinstance(entry, ServiceEntry) for one in entry.spec.hosts)
    return any(one in (full, host) or (one.startswith("*") and full.endswith(one[1:])) for one in added)


def _missing_delegates(route: VirtualService, cluster: Cluster) -> Iterator[Fault]:
    home = route.metadata.namespace
    for index, rule in enumerate(route.spec.http):
        if rule.delegate is None or not rule.delegate.name:
            continue
        name, namespace = rule.delegate.name, rule.delegate.namespace or home
        if cluster.by_name(VirtualService.kind, namespace, name) is None and _sees(cluster, VirtualService.kind, namespace, home=home):
            fault = Fault(Case.DELEGATE, ("spec", "http", index, "delegate", "name"), name, rule.name or f"http[{index}]")
            yield _near(fault, name, [one.name for one in cluster.all_in(namespace, VirtualService.kind)])


def _missing_gateways(route: VirtualService, cluster: Cluster) -> Iterator[Fault]:
    home = route.metadata.namespace
    for index, written in enumerate(route.spec.gateways):
        namespace, _, name = written.rpartition("/")
        if written == _ALL_IN_MESH or "." in name or "istio-autogenerated" in name:
            continue
        namespace = namespace or home
        if cluster.by_name(MeshGateway.kind, namespace, name) is None and _sees(cluster, MeshGateway.kind, namespace, home=home):
            every = [
                one
                for place in dict.fromkeys((home, ROOT_NAMESPACE))
                for one in islice(cluster.all_in(place, MeshGateway.kind), MAX_OBJECTS)
            ]
            there = [one.name if one.namespace == home else f"{one.namespace}/{one.name}" for one in every]
            fault = Fault(Case.GATEWAY, ("spec", "gateways", index), written, "gateways")
            same = [one for one in there if one.endswith(f"/{name}")]
            yield fault._replace(there=tuple(same), is_near=len(same) == 1) if same else _near(fault, written, there)


def _near(fault: Fault, wanted: str, there: list[str]) -> Fault:
    """The fault with what exists instead, the name that is most like the wrong one first. `v1` is no slip of `v2`."""
    near = names.nearest(wanted, (one for one in there if _DIGITS.sub("", one) != _DIGITS.sub("", wanted)))
    others = [one for one in sorted(set(there)) if one != near]
    return fault._replace(there=tuple(([near] if near else []) + others)[:10], is_near=near is not None)


def _sees(cluster: Cluster, kind: str, namespace: str, *, home: str) -> bool:
    """Whether what is not in the namespace does not exist; `home` is the namespace of the route."""
    return cluster.sees(kind, namespace) and (namespace == home or cluster.sees(Namespace.kind))

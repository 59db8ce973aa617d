"""What a host that names no Service was probably meant to be: another name, another namespace, or a Service that is missing.

A name counts as one of the cluster if it ends in `.svc` or `.svc.cluster.local`, or in a namespace that exists. A bare name that no Service
has may belong to a feature that nobody uses, so it needs a second sign: a Service of nearly the same name, a workload of that name, a value
of the same variable that is overridden, or the only Service of that name in another namespace. So does an address in a file, which may be
a default of the program, unless it is the target of a route of a gateway whose other routes lead to Services that exist. Names that a
ServiceEntry or `hostAliases` add exist.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from optral.detectors import gates
from optral.detectors.network import calls
from optral.detectors.network.calls import Call
from optral.kube import addresses, dns, mesh, misroutes, names, owners, settings
from optral.kube.addresses import ServiceName
from optral.kube.objects import KubeObject, Namespace, Service
from optral.kube.settings import FILE
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

MIN_ROUTED = 3  # targets of routes that exist, beside one that does not
MAX_NAMESAKES = 100  # Services of one name in all namespaces
NAME_WRONG, NAMESPACE_WRONG, NAMESPACE_MISSING, SERVICE_MISSING, NAME_UNKNOWN = (
    "nameWrong", "namespaceWrong", "namespaceMissing", "serviceMissing", "nameUnknown",
)  # fmt: skip
_APP_LABELS = ("app", "app.kubernetes.io/name", "k8s-app")
_OF_CLUSTER = re.compile(r"\.svc(?:\.cluster\.local)?$")
_OF_POD = re.compile(r"-\d+$")
_DIGITS = re.compile(r"\d+")
_WEB_PORTS = (None, 80, 443)
_GENERIC = re.compile(rf"(?:{addresses.TECHNOLOGIES}|CACHE|QUEUE|BROKER|GATEWAY|PROXY|API|WEB|APP|SERVER|BACKEND|FRONTEND|STORE|STORAGE)")
"""Names in capitals that are the default of many a program."""


class Absence(NamedTuple):
    """Why a host names no Service. `name` is what it means as it is written, `near` the Service that it was probably meant to be."""

    case: str
    name: ServiceName
    near: Service | None = None
    workload: ObjectRef | None = None


def of(call: Call, caller: KubeObject, view: ClusterView) -> Absence | None:
    """The fault of a call whose host names no Service; None where it may be a host that the cluster does not know."""
    home = caller.metadata.namespace
    if _is_known_otherwise(call, caller, view):
        return None
    labels = call.host.split(".")
    if len(labels) == 1:
        return _bare(ServiceName(home, call.host), call, caller, view)
    if is_full(call.host) or (len(labels) == 2 and view.namespace(labels[1]) is not None):
        return _full(call.candidates[0], call, caller, view)
    if len(labels) != 2:
        return None
    if (near := _in_near_namespace(call.candidates[0], call, view)) is not None:
        return Absence(NAMESPACE_WRONG, call.candidates[0], near)
    if _OF_POD.search(labels[0]) is not None:  # `store-0.store`
        return _bare(ServiceName(home, labels[1]), call, caller, view)
    return None


def _bare(name: ServiceName, call: Call, caller: KubeObject, view: ClusterView) -> Absence | None:
    if not view.services_in(name.namespace):
        return None  # the agent may not have reported the Services yet
    found = _near(name, call, caller, view) or _overridden(name, call, view)
    if found is None and call.setting.field == FILE and _is_wrong_route(call, caller, view):
        return Absence(NAME_UNKNOWN, name)
    if found is not None or call.host != name.name or call.setting.field == FILE or call.port is None:
        return found
    if _GENERIC.fullmatch(name.name.upper()) is not None:
        return None
    others = _elsewhere(name, call, view)
    return Absence(NAMESPACE_MISSING, name, others[0]) if len(others) == 1 else None


def _full(name: ServiceName, call: Call, caller: KubeObject, view: ClusterView) -> Absence | None:
    if not _are_services_known(name.namespace, view):
        return None
    if (found := _near(name, call, caller, view)) is not None:
        return found
    others = _elsewhere(name, call, view)
    own = [service for service in others if service.namespace == caller.metadata.namespace]
    near = _in_near_namespace(name, call, view) or next(iter(own or (others if len(others) == 1 else ())), None)
    if near is not None:
        return Absence(NAMESPACE_WRONG, name, near)
    is_certain = is_full(call.host) or call.port not in _WEB_PORTS
    if call.setting.field == FILE:
        is_certain = _is_wrong_route(call, caller, view)
    return Absence(NAME_UNKNOWN, name) if is_certain else None


def _is_wrong_route(call: Call, caller: KubeObject, view: ClusterView) -> bool:
    """Whether an address in a file is the target of a route, and a mistake: it is the only one that does not exist, beside several that do,
    or the path names a Service that exists and has no route. Other routes may lead to what is not installed."""
    table = _routes_beside(call, caller, view)
    absent = {target.route.target for target in table if target.service is None}
    if call.host not in absent:
        return False
    if len(absent) == 1 and len({target.service for target in table}) > MIN_ROUTED:
        return True
    services = [service.name for service in view.services_in(caller.metadata.namespace) if service.spec.selector]
    return any(one.is_missing and one.route.target == call.host for one in misroutes.find([table], services))


def _routes_beside(call: Call, caller: KubeObject, view: ClusterView) -> list[misroutes.Target]:
    """The routes of the file that an address is in."""
    home, source, template = caller.metadata.namespace, call.setting.source, calls.template_of(caller)
    configs = view.configs_of(home)
    config = configs(source.config) if source is not None else None
    if config is None or source is None or template is None or not config.routes:
        return []
    environments = [settings.environment(container, configs) for container in template.spec.containers]
    variables = {name: setting.text for environment in environments for name, setting in environment.items()}
    return misroutes.table(config, source.key, variables, partial(_routed, view, home))


def _routed(view: ClusterView, home: str, host: str) -> str | None:
    """The Service that a host means, as `misroutes.Target` has it."""
    named = addresses.services(host, home)
    found = next((one for one in named if view.by_name(Service.kind, *one) is not None), None)
    return host if not named else None if found is None else found.name


def _are_services_known(namespace: str, view: ClusterView) -> bool:
    """Whether a Service that is not in the view does not exist: the view has others of the namespace, or the namespace does not exist."""
    if view.services_in(namespace):
        return True
    return view.count(Namespace.kind) > 0 and view.namespace(namespace) is None


def _near(name: ServiceName, call: Call, caller: KubeObject, view: ClusterView) -> Absence | None:
    """A Service of the namespace with nearly this name that has the port of the call, or a workload of this name without a Service."""
    services = {service.name: service for service in view.services_in(name.namespace) if has_port(service, call.port)}
    near = names.nearest(name.name, services)
    if near is not None and _is_slip(name.name, near, call, view):
        return Absence(NAME_WRONG, name, services[near])
    workload = _workload_named(name, caller, view)
    return Absence(SERVICE_MISSING, name, workload=workload) if workload is not None else None


def _is_slip(name: str, near: str, call: Call, view: ClusterView) -> bool:
    """Not the next of a numbered row, of which the program has others that exist; in a file, only a slip of the finger."""
    if _DIGITS.sub("", name) == _DIGITS.sub("", near) and call.has_others:
        return False
    return call.setting.field != FILE or names.edits(name, near, limit=2) <= 2


def _overridden(name: ServiceName, call: Call, view: ClusterView) -> Absence | None:
    """The value of the same variable that does not count names a Service that exists."""
    for hidden in reversed(call.setting.shadowed):
        found = addresses.in_setting(hidden.text)
        hosts = [found[0].host] if len(found) == 1 else [hidden.text] if not found and addresses.is_host(hidden.text) else []
        service = view.by_name(Service.kind, name.namespace, hosts[0]) if hosts else None
        if isinstance(service, Service):
            return Absence(NAME_WRONG, name, service)
    return None


def _elsewhere(name: ServiceName, call: Call, view: ClusterView) -> list[Service]:
    """The Services of this name in other namespaces that have the port of the call."""
    found = [one for one in view.services_named(name.name) if one.namespace != name.namespace and has_port(one, call.port)]
    return sorted(found, key=lambda service: service.metadata.namespace)[:MAX_NAMESAKES]


def _in_near_namespace(name: ServiceName, call: Call, view: ClusterView) -> Service | None:
    """The Service of this name in a namespace that is called nearly the same, where the one that is written does not exist."""
    if view.count(Namespace.kind) == 0 or view.namespace(name.namespace) is not None:
        return None
    services = {service.metadata.namespace: service for service in _elsewhere(name, call, view)}
    near = names.nearest(name.namespace, services)
    return None if near is None else services[near]


def is_full(host: str) -> bool:
    """Whether a host can only be a Service of this cluster: `store.shop.svc`, `store.shop.svc.cluster.local`."""
    return _OF_CLUSTER.search(host) is not None


def has_port(service: Service, port: int | None) -> bool:
    return port is None or any(offered.port == port for offered in service.spec.ports)


def _workload_named(name: ServiceName, caller: KubeObject, view: ClusterView) -> ObjectRef | None:
    """The running workload that a Service of this name would select."""
    for workload in calls.workloads_in(view, name.namespace):
        template = calls.template_of(workload)
        if workload.uid == caller.uid or template is None or gates.is_switched_off(workload) or gates.is_deleting(workload):
            continue
        if name.name == workload.name or any(template.metadata.labels.get(label) == name.name for label in _APP_LABELS):
            return owners.ref(workload)
    return None


def _is_known_otherwise(call: Call, caller: KubeObject, view: ClusterView) -> bool:
    """Whether the pods or the mesh may know the host in another way: aliases, other name servers, search domains, a ServiceEntry."""
    template = calls.template_of(caller)
    if template is None or any(call.host in alias.hostnames for alias in template.spec.host_aliases):
        return True
    if not dns.is_of_cluster(template.spec) or (template.spec.dns_config.searches and not is_full(call.host)):
        return True
    return any(mesh.has_entry(f"{name.name}.{name.namespace}.{mesh.DOMAIN}", call.host, view) for name in call.candidates)


def callers_that_may_mean(service: Service, view: ClusterView) -> Iterator[KubeObject]:
    """The workloads whose calls a Service that was created, deleted or changed may answer: by its name or namespace, near or exact."""
    namespace = service.metadata.namespace
    yield from calls.workloads_in(view, namespace)
    yield from view.callers_in(namespace)
    yield from view.callers_named(service.name)

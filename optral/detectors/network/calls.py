"""Whom workloads call: the addresses in their templates' variables and arguments, and the Services these mean.

Only addresses that can be read at all: the redactor masks every other value, and what stands in ConfigMaps is not seen here.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from optral.kube import addresses, calls as kube_calls
from optral.kube.addresses import ServiceName
from optral.kube.objects import DaemonSet, Deployment, KubeObject, Service, StatefulSet, Template
from optral.kube.view import ClusterView

CALLERS = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)
MAX_CALLS = 100  # of one workload
MAX_CALLERS = 200  # of one Service


class Call(NamedTuple):
    """One address: where it is written (`STORE_ADDR`, `args`), what it says, and what it may mean, likeliest first."""

    place: str
    host: str
    port: int | None
    meant: tuple[ServiceName, ...]


def template_of(workload: KubeObject | None) -> Template | None:
    return workload.spec.template if isinstance(workload, Deployment | StatefulSet | DaemonSet) else None


def of(workload: KubeObject) -> list[Call]:
    """The calls of a workload that may mean a Service, each once, in the order of the template; at most `MAX_CALLS`."""
    template = template_of(workload)
    if template is None:
        return []
    found: dict[tuple[str, int | None], Call] = {}
    for place, address in kube_calls.written(template.spec):
        meant = addresses.services(address.host, workload.metadata.namespace)
        if meant:
            found.setdefault((address.host, address.port), Call(place, address.host, address.port, meant))
    return list(found.values())[:MAX_CALLS]


def target(call: Call, view: ClusterView) -> Service | None:
    """The Service that an address means, if one of those it may mean is there."""
    for name in call.meant:
        found = view.by_name(Service.kind, name.namespace, name.name)
        if isinstance(found, Service):
            return found
    return None


def asked_of(service: Service, view: ClusterView) -> list[tuple[KubeObject, frozenset[int]]]:
    """The workloads that call a Service with a port, and the ports they ask for; by name, at most `MAX_CALLERS`."""
    found = []
    callers = sorted(view.callers_of(service.metadata.namespace, service.name), key=lambda one: (one.metadata.namespace, one.name))
    for caller in callers[:MAX_CALLERS]:
        asked = frozenset(call.port for call in of(caller) if call.port is not None and target(call, view) is service)
        if asked:
            found.append((caller, asked))
    return found


def workloads_in(view: ClusterView, namespace: str) -> Iterable[KubeObject]:
    return chain.from_iterable(view.workloads_in(namespace, kind) for kind in CALLERS)


def is_rewritten(view: ClusterView, workload: KubeObject) -> bool:
    """Whether a workload has come, gone, or got another template or other labels: not for a mere change of its status."""
    after, before = view.get(workload.kind, workload.uid), view.previous(workload.kind, workload.uid)
    if after is None or before is None:
        return True
    return template_of(after) != template_of(before) or _is_off(after) != _is_off(before)


def _is_off(workload: KubeObject) -> bool:
    return isinstance(workload, Deployment | StatefulSet) and workload.spec.replicas == 0


def called_by(view: ClusterView, workload: KubeObject) -> Iterator[Service]:
    """The Services that a rewritten workload calls or called."""
    if not is_rewritten(view, workload):
        return
    for version in (view.get(workload.kind, workload.uid), view.previous(workload.kind, workload.uid)):
        for call in of(version) if version is not None else ():
            for name in call.meant:
                if isinstance(found := view.by_name(Service.kind, name.namespace, name.name), Service):
                    yield found


def is_redrawn(view: ClusterView, service: Service) -> bool:
    """Whether a Service has come, gone, or got other ports."""
    after, before = view.get(Service.kind, service.uid), view.previous(Service.kind, service.uid)
    return not (isinstance(after, Service) and isinstance(before, Service) and after.spec == before.spec)

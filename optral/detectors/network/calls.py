"""What workloads call: the addresses in their templates (`kube/calls.py`), and the Services of a view that these may name."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from optral.kube import addresses, calls as kube_calls, selectors, settings
from optral.kube.addresses import ServiceName
from optral.kube.objects import ConfigMap, DaemonSet, Deployment, KubeObject, Service, StatefulSet, Template
from optral.kube.settings import ARGUMENTS, COMMAND, Setting
from optral.kube.view import ClusterView

CALLERS = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)
_WEB_PORTS = {"http": 80, "https": 443}
_WEB_URL = re.compile(r"(https?)://(?:[^@/?#\s]*@)?([a-z0-9.-]+)(?:[/?#]\S*)?")
MAX_CALLS = 100  # of one workload
MAX_CALLERS = 200  # of one Service


class Call(NamedTuple):
    """An address: the setting and container where it is written, its host and port, and the Services that it may name, likeliest first.

    `has_others`: the same setting has other addresses, as a list of brokers has. An address that is not certain counts only if the cluster
    has such a Service (`kube/calls.py`).
    """

    setting: Setting
    container: str
    host: str
    port: int | None
    candidates: tuple[ServiceName, ...]
    is_certain: bool = True
    has_others: bool = False

    @property
    def used_port(self) -> int | None:
        """The port of the call, or that of its scheme: 80 for `http://store`."""
        implied = _WEB_URL.fullmatch(self.setting.text) if self.port is None else None
        return self.port if implied is None or implied.group(2) != self.host else _WEB_PORTS[implied.group(1)]

    @property
    def place(self) -> str:
        """Where it is written: `STORE_ADDR`, `args`, `STORE_ADDR (ConfigMap app, key STORE_ADDR)`."""
        return self.setting.field if self.setting.field in (COMMAND, ARGUMENTS) else self.setting.place


def template_of(workload: KubeObject | None) -> Template | None:
    return workload.spec.template if isinstance(workload, Deployment | StatefulSet | DaemonSet) else None


def of(workload: KubeObject, view: ClusterView) -> list[Call]:
    """The calls of a workload that may name a Service, without repeats, in the order of the template; at most `MAX_CALLS`."""
    return view.once(_of, workload)


def _of(view: ClusterView, workload: KubeObject) -> list[Call]:
    template = template_of(workload)
    if template is None:
        return []
    configs = view.configs_of(workload.metadata.namespace)
    found: dict[tuple[str, int | None], Call] = {}
    called = list(kube_calls.of_template(template.spec, configs))
    in_setting = Counter(call.setting[:2] for call in called)
    for call in sorted(called, key=lambda call: not call.is_certain):
        if candidates := addresses.services(call.host, workload.metadata.namespace):
            has_others = in_setting[call.setting[:2]] > 1
            one = Call(call.setting, call.container, call.host, call.port, candidates, call.is_certain, has_others)
            found.setdefault((call.host, call.port), one)
    return list(found.values())[:MAX_CALLS]


def facts(call: Call) -> dict[str, Any]:
    """Where an address is written: the container and the setting, for a ConfigMap its key and line, and values of it that do not count."""
    source = call.setting.source
    written: dict[str, Any] = {"container": call.container, "place": call.place}
    if source is not None:
        written |= {"configMap": source.config, "key": source.key} | ({"line": source.line} if source.line else {})
    hidden = [one for one in call.setting.shadowed if settings.differ(call.setting, one)]
    return written | ({"overrides": [str(one.source or "env") for one in hidden]} if hidden else {})


def target(call: Call, view: ClusterView) -> Service | None:
    """The first of the Services that an address may name which exists."""
    for name in call.candidates:
        found = view.by_name(Service.kind, name.namespace, name.name)
        if isinstance(found, Service):
            return found
    return None


def is_own(service: Service, workload: KubeObject) -> bool:
    """Whether a Service leads to the workload itself, which may only tell others where it is."""
    template = template_of(workload)
    is_near = service.metadata.namespace == workload.metadata.namespace
    return is_near and template is not None and selectors.matches(service.spec.selector, template.metadata.labels)


def callers_with_ports(service: Service, view: ClusterView) -> list[tuple[KubeObject, frozenset[int]]]:
    """The workloads that name a port when they call a Service, with these ports; sorted by name, at most `MAX_CALLERS`."""
    callers = sorted(view.callers_of(service.metadata.namespace, service.name), key=lambda caller: (caller.metadata.namespace, caller.name))
    used = ((caller, _ports_used(caller, service, view)) for caller in callers[:MAX_CALLERS])
    return [(caller, ports) for caller, ports in used if ports]


def _ports_used(caller: KubeObject, service: Service, view: ClusterView) -> frozenset[int]:
    certain = (call for call in of(caller, view) if call.is_certain)
    return frozenset(call.port for call in certain if call.port is not None and target(call, view) == service)


def workloads_in(view: ClusterView, namespace: str) -> Iterable[KubeObject]:
    return chain.from_iterable(view.workloads_in(namespace, kind) for kind in CALLERS)


def is_changed(view: ClusterView, workload: KubeObject) -> bool:
    """Whether a workload was created or deleted, or its template or whether it is scaled to zero changed; not for a change of status."""
    after, before = view.get(workload.kind, workload.uid), view.previous(workload.kind, workload.uid)
    if after is None or before is None:
        return True
    return template_of(after) != template_of(before) or _is_off(after) != _is_off(before)


def _is_off(workload: KubeObject) -> bool:
    return isinstance(workload, Deployment | StatefulSet) and workload.spec.replicas == 0


def called_by(view: ClusterView, workload: KubeObject) -> Iterator[Service]:
    """The Services that a changed workload calls or called."""
    if not is_changed(view, workload):
        return
    for version in (view.get(workload.kind, workload.uid), view.previous(workload.kind, workload.uid)):
        for call in of(version, view) if version is not None else ():
            for name in call.candidates:
                if isinstance(found := view.by_name(Service.kind, name.namespace, name.name), Service):
                    yield found


def names_near(view: ClusterView, config: ConfigMap) -> Iterator[ServiceName]:
    """The Services, there or not, that the values of a changed ConfigMap name or named, or that its readers call."""
    home = config.metadata.namespace
    for version in (view.get(ConfigMap.kind, config.uid), view.previous(ConfigMap.kind, config.uid)):
        for host in kube_calls.hosts_in(version) if isinstance(version, ConfigMap) else ():
            yield from addresses.services(host, home)
    for reader in view.readers_of(home, config.name):
        yield from (name for call in of(reader, view) for name in call.candidates)


def services_near(view: ClusterView, config: ConfigMap) -> Iterator[Service]:
    """As `names_near`, those that exist, each once."""
    for name in dict.fromkeys(names_near(view, config)):
        if isinstance(found := view.by_name(Service.kind, name.namespace, name.name), Service):
            yield found


def is_service_changed(view: ClusterView, service: Service) -> bool:
    """Whether a Service was created or deleted, or its spec changed."""
    after, before = view.get(Service.kind, service.uid), view.previous(Service.kind, service.uid)
    return not (isinstance(after, Service) and isinstance(before, Service) and after.spec == before.spec)

"""What a workload calls (`kube/calls.py`), the Services that these addresses mean, and the evidence for each.

Only what is written in objects counts as an address. A log line may single one of them out, and may name a Service that exists; it never
gives an address of its own.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from optral.analysis.reading import logs
from optral.analysis.reading.case import Case, Container, template_path
from optral.analysis.reading.snapshot import SnapshotObject, words
from optral.kube import addresses, calls as kube_calls, server_kinds
from optral.kube.calls import Call
from optral.kube.kinds import LONG_RUNNING
from optral.kube.names import nearest
from optral.kube.objects import ConfigMap
from optral.kube.settings import ENV, Setting
from optral.terms.refs import ObjectRef

_IP_ADDRESS = re.compile(r"\d\.\d+\.\d|[0-9A-Fa-f]:[0-9A-Fa-f:]*:")  # may be one; whose it is, the Services tell
_CALLED_ALIKE = frozenset({"svc", "service", "server", "api"})
MAX_ADDRESSES = 60
CALLERS = LONG_RUNNING


class Address(NamedTuple):
    """An address in a template: the setting it is in, the host and port, and the Service it means.

    `quote` makes the evidence for it. Most addresses are only compared, so it is called when a sentence cites one.
    """

    setting: Setting
    host: str
    port: int | None
    service: SnapshotObject | None
    quote: Callable[[], str]

    @property
    def variable(self) -> str:
        """The name of the setting."""
        return self.setting.name

    @property
    def place(self) -> str:
        """The name of the setting, with the ConfigMap that holds it."""
        return self.setting.place

    @property
    def evidence_id(self) -> str:
        return self.quote()


def of_container(case: Case, container: Container) -> list[Address]:
    """Every address of a container that may mean a Service, in the order it is written; at most 60."""
    return list(case.once(_addresses_of, container.pod, container.spec_path))


def of_template(case: Case, workload: SnapshotObject, spec_path: str) -> list[Address]:
    """As `of_container`, of all containers of a template."""
    return list(case.once(_addresses_of_template, workload, spec_path))


def _addresses_of_template(case: Case, workload: SnapshotObject, spec_path: str) -> list[Address]:
    paths = [f"{spec_path}.containers[{index}]" for index, _ in workload.indexed(f"{spec_path}.containers")]
    return list(islice((address for path in paths for address in _addresses(case, workload, path)), MAX_ADDRESSES))


def callers(case: Case, namespace: str | None, *, at_most: int | None = None) -> Iterator[SnapshotObject]:
    """The workloads of a namespace that may call others; only so many of them are looked at."""
    return islice((found for kind in CALLERS for found in case.snap.all(kind, namespace)), at_most)


def of_workload(case: Case, workload: SnapshotObject) -> list[Address]:
    """As `of_container`, of the template of one of `callers`."""
    return of_template(case, workload, template_path(workload.kind))


def of_workloads(case: Case, namespace: str | None, *, at_most: int | None = None) -> Iterator[tuple[SnapshotObject, list[Address]]]:
    """`callers`, each with its addresses."""
    for workload in callers(case, namespace, at_most=at_most):
        yield workload, of_workload(case, workload)


def _addresses_of(case: Case, obj: SnapshotObject, path: str) -> list[Address]:
    return list(islice(_addresses(case, obj, path), MAX_ADDRESSES))


def _addresses(case: Case, obj: SnapshotObject, path: str) -> Iterator[Address]:
    seen: set[tuple[str, int | None]] = set()
    container, volumes = (
        kube_calls.decode_container(obj.map(path)),
        kube_calls.decode_volumes(obj.many(path.rpartition(".")[0] + ".volumes")),
    )
    for call in kube_calls.of_container(container, volumes, partial(config, case, obj.namespace)):
        service = service_named(case, obj.namespace or "", call.host)
        if (call.is_certain or service is not None) and (call.host, call.port) not in seen:
            seen.add((call.host, call.port))
            yield Address(call.setting, call.host, call.port, service, partial(_quoted, case, obj, path, call))


def config(case: Case, namespace: str | None, name: str) -> ConfigMap | None:
    return case.once(_decoded, namespace, name)


def _decoded(case: Case, namespace: str | None, name: str) -> ConfigMap | None:
    found = case.snap.find("ConfigMap", namespace, name)
    return None if found is None else kube_calls.decode_config(found.raw)


def _quoted(case: Case, obj: SnapshotObject, path: str, call: Call) -> str:
    """Evidence for an address: its place in the manifest, or both settings where the port is in another one."""
    source = call.setting.source
    if call.port_setting is None and source is None and not call.setting.written:
        return case.book.object(obj, _place(obj, path, call.setting))
    found = [setting for setting in (call.setting, call.port_setting) if setting is not None]
    pairs = ", ".join(f"{setting.place}: {setting.text}" for setting in found)
    if source is None:
        return case.book.relation(obj.ref, path.partition("[")[0], pairs)
    return case.book.relation(ObjectRef("ConfigMap", obj.namespace, source.config), "data", pairs)


def _place(obj: SnapshotObject, path: str, setting: Setting) -> str:
    """Where a setting is in the manifest, whose lists may hold items that are no settings; the whole list where it cannot be found."""
    field, text = f"{path}.{setting.field}", setting.in_manifest
    if setting.field == ENV:
        found = (index for index, item in obj.indexed(field) if (item.get("name"), item.get("value")) == (setting.name, text))
    else:
        found = (index for index, word in enumerate(words(obj.get(field))) if text in word)
    return next((f"{field}[{index}]" for index in found), field)


def service_named(case: Case, namespace: str, host: str) -> SnapshotObject | None:
    """The Service that a host or cluster IP means for a pod of this namespace: the likeliest one that exists (`kube/addresses.py`)."""
    if host[-1:].isdigit() and _IP_ADDRESS.search(host):
        return next((service for service in case.snap.all("Service") if service.text("spec.clusterIP") == host), None)
    found = (case.snap.find("Service", name.namespace, name.name) for name in addresses.services(host, namespace))
    return next((service for service in found if service is not None), None)


def near_service(case: Case, namespace: str, host: str, port: int | None) -> SnapshotObject | None:
    """The Service with nearly this name, else the only one with this port whose name begins in the same way."""
    first = host.partition(".")[0]
    services = list(case.snap.all("Service", namespace))
    near = nearest(first, [one.name for one in services], at_most=3)
    if near is not None:
        return case.snap.find("Service", namespace, near)
    if len(same := [one for one in services if _is_called_alike(first, one.name)]) == 1:
        return same[0]
    if port is None:
        return None
    alike = [one for one in services if _has_port(one, port) and len(one.name) >= 4 and first.startswith(one.name[:4])]
    return alike[0] if len(alike) == 1 else None


def _is_called_alike(a: str, b: str) -> bool:
    """`store-pg` and `store-postgres`: equal parts, or parts that name the same kind of server."""
    left, right = a.split("-"), b.split("-")
    if a == b or len(left) != len(right) or len(left) < 2:
        return False
    return all(x == y or {x, y} <= _CALLED_ALIKE or server_kinds.are_alike(x, y) for x, y in zip(left, right, strict=True))


def _has_port(service: SnapshotObject, port: int) -> bool:
    return any(one.get("port") == port for one in service.many("spec.ports"))


def lacks_port(service: SnapshotObject | None, port: int | None) -> bool:
    """Whether a Service has ports, and not this one."""
    return service is not None and port is not None and service.many("spec.ports") != [] and not _has_port(service, port)


def _is_address_named(line: str, service: SnapshotObject) -> bool:
    address = service.text("spec.clusterIP")
    return len(address) > len("0.0.0.") and logs.names(line, address)


def named_in(case: Case, namespace: str, line: str, *, but: SnapshotObject | None = None) -> list[SnapshotObject]:
    """The Services of a namespace that a line mentions by name or address, except `but`; the longest name first."""
    found, has_address = [], _IP_ADDRESS.search(line) is not None
    for service in case.snap.all("Service", namespace):
        is_named = len(service.name) >= 3 and logs.names(line, service.name)
        if but is not None and service.name == but.name:
            continue
        if is_named or (has_address and _is_address_named(line, service)):
            found.append(service)
    return sorted(found, key=lambda one: (-len(one.name), one.name))[:5]

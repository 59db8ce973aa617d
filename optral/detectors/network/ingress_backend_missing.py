"""IngressBackendMissing: an Ingress routes to a Service, or to a port of it, that does not exist.

Clients get an error page (503 or 404, depending on the controller). The default backend counts too. Backends that are not Services
(`resource`) are ignored, and so is a backend whose port is named `use-annotation`: there the name of the Service is the name of an action.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, wording
from optral.detectors.detector import of_route
from optral.detectors.finding import Finding, Suspect
from optral.kube import names, owners, times
from optral.kube.objects import BackendService, Ingress, Service
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

MAX_BACKENDS = 200
_TYPES = frozenset({"ServiceMissing"})
_BY_ANNOTATION = "use-annotation"


class _Broken(NamedTuple):
    """A backend that does not exist; `port` is None if the Service itself is missing."""

    service: str
    port: str | None
    nearest: str | None


def detect(ingress: Ingress, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(ingress):
        return
    backends = list(dict.fromkeys(ingress.backend_services))[:MAX_BACKENDS]
    broken = sorted({item for backend in backends if (item := _broken(backend, ingress, view)) is not None}, key=str)
    if not broken:
        return
    subject = owners.ref(ingress)
    gone_at = [view.gone_since(Service.kind, ingress.namespace, item.service, now=now) for item in broken]
    since = times.latest(ingress.changed_at, *gone_at) or ingress.changed_at
    yield Finding(
        subject=subject,
        title=_title(subject, broken[0]),
        since=since,
        facts={
            "missing": [{"service": item.service, "port": item.port, "nearest": item.nearest} for item in broken[:20]],
            "services": sorted({item.service for item in broken})[:20],
            "backends": len(backends),
            "hosts": sorted({rule.host for rule in ingress.spec.rules if rule.host})[:20],
        },
        suspects=tuple(Suspect(ObjectRef(Service.kind, ingress.namespace, item.service), "sends to", _TYPES) for item in broken[:20]),
    )


def _broken(backend: BackendService, ingress: Ingress, view: ClusterView) -> _Broken | None:
    if not backend.name or backend.port.name == _BY_ANNOTATION:
        return None
    service = view.by_name(Service.kind, ingress.namespace, backend.name)
    if not isinstance(service, Service):
        services = view.services_in(ingress.metadata.namespace)
        return _Broken(backend.name, None, names.nearest(backend.name, (service.name for service in services)))
    if service.spec.type == "ExternalName" or not service.spec.ports:
        return None
    wanted = backend.port.name or backend.port.number
    if not wanted or any(wanted in (port.name, port.port) or not port.port for port in service.spec.ports):
        return None
    return _Broken(backend.name, str(wanted), ", ".join(str(port.port) for port in service.spec.ports[:5]))


def _title(subject: ObjectRef, broken: _Broken) -> Title:
    label = wording.label(subject)
    if broken.port is None:
        return titles.IngressBackendMissing.service(object=label, service=broken.service)
    return titles.IngressBackendMissing.port(object=label, port=broken.port, service=broken.service, offered=broken.nearest)


def _of_service(view: ClusterView, service: Service) -> list[Ingress]:
    return view.ingresses_of(owners.ref(service))


DETECTOR = of_route(
    type="IngressBackendMissing",
    title=titles.IngressBackendMissing.what,
    severity=Severity.HIGH,
    looks_at=frozenset({Ingress.kind}),
    detect=detect,
    open_after_s=60,
    reached_from={Service.kind: _of_service},
)

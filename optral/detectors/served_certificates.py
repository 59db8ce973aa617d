"""Which Service a host means, and the Secrets with the certificates that it may present. Secrets are never read.

A Secret counts as one with a certificate only if something says so: a cert-manager Certificate or an Ingress names it, or a volume takes
`tls.crt` out of it. Sources: Kubernetes documentation, "TLS Secrets"; cert-manager documentation, "Certificate resource".
"""

from collections.abc import Iterator
from typing import NamedTuple

from optral.kube import addresses, certificates, selectors
from optral.kube.kinds import LONG_RUNNING
from optral.kube.objects import DaemonSet, Deployment, Ingress, KubeObject, ServedCertificate, Service, StatefulSet, TemplateVolume
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

SECRET = "Secret"  # noqa: S105 - the name of a kind
CERTIFICATE_KEY = "tls.crt"
MAX_SECRETS = 4


class Server(NamedTuple):
    """What a host means: the Service, None for a host that an Ingress serves; and the Secrets with certificates."""

    service: ObjectRef | None
    secrets: tuple[ObjectRef, ...]


def of_host(view: ClusterView, host: str, namespace: str) -> Server | None:
    """The server that a pod of this namespace calls by this name; None for one outside of the cluster."""
    for name in addresses.services(host, namespace):
        if isinstance(found := view.by_name(Service.kind, name.namespace, name.name), Service):
            return Server(ObjectRef(Service.kind, name.namespace, name.name), of_service(view, found))
    secrets = dict.fromkeys(_of_ingresses(view, host))
    return Server(None, tuple(secrets)[:MAX_SECRETS]) if secrets else None


def of_service(view: ClusterView, service: Service) -> tuple[ObjectRef, ...]:
    """The Secrets with certificates that the pods of a Service mount."""
    namespace = service.metadata.namespace
    names = dict.fromkeys(
        name
        for kind in LONG_RUNNING
        for workload in view.workloads_in(namespace, kind)
        if isinstance(workload, Deployment | StatefulSet | DaemonSet)
        if selectors.matches(service.spec.selector, workload.spec.template.metadata.labels)
        for volume in workload.spec.template.spec.volumes
        for name, is_stated in _mounted(volume)
        if is_stated or view.certificates_of(namespace, name) or _is_of_ingress(view, namespace, name)
    )
    return tuple(ObjectRef(SECRET, namespace, name) for name in list(names)[:MAX_SECRETS])


def report_of(view: ClusterView, service: Service) -> ServedCertificate | None:
    """What the agent saw the Service present; None where it does not look, or the Service is another one of that name."""
    found = view.by_name(ServedCertificate.kind, service.namespace, service.name)
    is_its_own = isinstance(found, ServedCertificate) and any(owner.uid == service.uid for owner in found.metadata.owner_references)
    return found if isinstance(found, ServedCertificate) and is_its_own else None


def service_of(view: ClusterView, report: ServedCertificate) -> Iterator[KubeObject]:
    """The Service that a report is about (a step of `reach.py`)."""
    if (found := view.by_name(Service.kind, report.namespace, report.name)) is not None:
        yield found


def _mounted(volume: TemplateVolume) -> Iterator[tuple[str, bool]]:
    """The Secrets of a volume, each with whether the volume takes a certificate out of it."""
    if volume.secret is not None and volume.secret.secret_name:
        yield volume.secret.secret_name, any(item.key == CERTIFICATE_KEY for item in volume.secret.items)
    for source in volume.projected.sources if volume.projected is not None else ():
        if source.secret is not None and source.secret.name:
            yield source.secret.name, any(item.key == CERTIFICATE_KEY for item in source.secret.items)


def _is_of_ingress(view: ClusterView, namespace: str, secret: str) -> bool:
    return any(tls.secret_name == secret for one in _ingresses(view) if one.namespace == namespace for tls in one.spec.tls)


def _of_ingresses(view: ClusterView, host: str) -> Iterator[ObjectRef]:
    for ingress in _ingresses(view):
        for tls in ingress.spec.tls:
            if tls.secret_name and any(certificates.covers(pattern, host) for pattern in tls.hosts):
                yield ObjectRef(SECRET, ingress.namespace, tls.secret_name)


def _ingresses(view: ClusterView) -> Iterator[Ingress]:
    return (one for one in view.all(Ingress.kind) if isinstance(one, Ingress))

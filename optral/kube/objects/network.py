"""How traffic finds pods: Services, EndpointSlices, Ingresses."""

from typing import ClassVar

import msgspec

from optral.kube.objects.base import Int, KubeObject, Part


class ServicePort(Part, frozen=True):
    name: str = ""
    protocol: str = ""
    port: Int = 0
    target_port: int | str = 0


class ServiceSpec(Part, frozen=True):
    type: str = "ClusterIP"
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    selector: dict[str, str] = {}
    ports: tuple[ServicePort, ...] = ()


class Service(KubeObject, frozen=True):
    kind: ClassVar[str] = "Service"
    spec: ServiceSpec = ServiceSpec()


class EndpointConditions(Part, frozen=True):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Part, frozen=True):
    conditions: EndpointConditions = EndpointConditions()


class EndpointSlice(KubeObject, frozen=True):
    kind: ClassVar[str] = "EndpointSlice.discovery.k8s.io"
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def service_name(self) -> str:
        return self.labels.get("kubernetes.io/service-name", "")

    @property
    def ready_count(self) -> int:
        """Endpoints that take traffic; a missing `ready` means yes (Kubernetes API reference, EndpointConditions)."""
        return sum(1 for endpoint in self.endpoints if endpoint.conditions.ready is not False)


class BackendService(Part, frozen=True):
    name: str = ""


class Backend(Part, frozen=True):
    service: BackendService | None = None


class IngressPath(Part, frozen=True):
    backend: Backend = Backend()


class IngressHttp(Part, frozen=True):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(Part, frozen=True):
    host: str = ""
    http: IngressHttp | None = None


class IngressSpec(Part, frozen=True):
    ingress_class_name: str | None = None
    default_backend: Backend | None = None
    rules: tuple[IngressRule, ...] = ()


class Ingress(KubeObject, frozen=True):
    kind: ClassVar[str] = "Ingress.networking.k8s.io"
    spec: IngressSpec = IngressSpec()

    @property
    def backends(self) -> frozenset[str]:
        """Names of the Services it sends traffic to."""
        found = [path.backend for rule in self.spec.rules if rule.http is not None for path in rule.http.paths]
        if self.spec.default_backend is not None:
            found.append(self.spec.default_backend)
        return frozenset(backend.service.name for backend in found if backend.service is not None)

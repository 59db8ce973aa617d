"""How traffic finds pods: Services, EndpointSlices, Ingresses, the Gateway API, network policies; and the certificates on the way."""

from datetime import datetime
from typing import ClassVar

import msgspec

from optral.kube.objects.base import Condition, DatedMetadata, Int, KubeObject, LabelSelector, Part, Time


class DatedObject(KubeObject, frozen=True):
    """An object whose last change by a person has a known time (see `DatedMetadata`)."""

    metadata: DatedMetadata = DatedMetadata()

    @property
    def changed_at(self) -> datetime:
        """When its wishes were last written; never before it was made."""
        return max(self.metadata.changed_at or self.created_at, self.created_at)


# --- Services ---------------------------------------------------------------------------------------------------------------------


class ServicePort(Part, frozen=True):
    name: str = ""
    protocol: str = ""
    port: Int = 0
    target_port: int | str = 0
    app_protocol: str = ""

    @property
    def target(self) -> int | str:
        """Where traffic goes in the pod: a number, or the name of a container's port."""
        return self.target_port or self.port


class ServiceSpec(Part, frozen=True):
    type: str = "ClusterIP"
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    selector: dict[str, str] = {}
    ports: tuple[ServicePort, ...] = ()
    load_balancer_class: str = ""
    external_name: str = ""
    external_ips: tuple[str, ...] = msgspec.field(default=(), name="externalIPs")
    publish_not_ready_addresses: bool = False


class Address(Part, frozen=True):
    """One way in from outside, or one listening address of a Gateway."""

    ip: str = ""
    hostname: str = ""


class BalancerStatus(Part, frozen=True):
    ingress: tuple[Address, ...] = ()


class BalancedStatus(Part, frozen=True):
    load_balancer: BalancerStatus = BalancerStatus()


class Service(DatedObject, frozen=True):
    kind: ClassVar[str] = "Service"
    spec: ServiceSpec = ServiceSpec()
    status: BalancedStatus = BalancedStatus()

    @property
    def is_headless(self) -> bool:
        """Its name leads straight to the pods: no port of its own stands between."""
        return self.spec.cluster_ip == "None"


class EndpointConditions(Part, frozen=True):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class TargetRef(Part, frozen=True):
    kind: str = ""
    name: str = ""
    uid: str = ""


class Endpoint(Part, frozen=True):
    addresses: tuple[str, ...] = ()
    node_name: str = ""
    conditions: EndpointConditions = EndpointConditions()
    target_ref: TargetRef | None = None

    @property
    def is_ready(self) -> bool:
        """It takes traffic; a missing `ready` means yes (Kubernetes API reference, EndpointConditions)."""
        return self.conditions.ready is not False


class EndpointPort(Part, frozen=True):
    name: str = ""
    protocol: str = ""
    port: Int | None = None


class EndpointSlice(KubeObject, frozen=True):
    kind: ClassVar[str] = "EndpointSlice.discovery.k8s.io"
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()

    @property
    def service_name(self) -> str:
        return self.labels.get("kubernetes.io/service-name", "")

    @property
    def is_of_selector(self) -> bool:
        """Whether Kubernetes keeps it for the selector of its Service, rather than a person or an add-on."""
        return self.labels.get("endpointslice.kubernetes.io/managed-by", "") == "endpointslice-controller.k8s.io"

    @property
    def ready_count(self) -> int:
        """Endpoints that take traffic."""
        return sum(1 for endpoint in self.endpoints if endpoint.is_ready)


# --- Ingresses --------------------------------------------------------------------------------------------------------------------


class BackendPort(Part, frozen=True):
    number: Int = 0
    name: str = ""


class BackendService(Part, frozen=True):
    name: str = ""
    port: BackendPort = BackendPort()


class BackendResource(Part, frozen=True):
    api_group: str = ""
    kind: str = ""
    name: str = ""


class Backend(Part, frozen=True):
    service: BackendService | None = None
    resource: BackendResource | None = None


class IngressPath(Part, frozen=True):
    path: str = ""
    backend: Backend = Backend()


class IngressHttp(Part, frozen=True):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(Part, frozen=True):
    host: str = ""
    http: IngressHttp | None = None


class IngressTls(Part, frozen=True):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(Part, frozen=True):
    ingress_class_name: str | None = None
    default_backend: Backend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTls, ...] = ()


class Ingress(DatedObject, frozen=True):
    kind: ClassVar[str] = "Ingress.networking.k8s.io"
    spec: IngressSpec = IngressSpec()
    status: BalancedStatus = BalancedStatus()

    @property
    def backend_services(self) -> tuple[BackendService, ...]:
        """The Services it sends traffic to, with their ports, the default one too."""
        found = [path.backend for rule in self.spec.rules if rule.http is not None for path in rule.http.paths]
        if self.spec.default_backend is not None:
            found.append(self.spec.default_backend)
        return tuple(backend.service for backend in found if backend.service is not None)

    @property
    def backends(self) -> frozenset[str]:
        """Names of the Services it sends traffic to."""
        return frozenset(service.name for service in self.backend_services)

    @property
    def class_name(self) -> str | None:
        """The class it asks for, in the field or in the older annotation; None when it leaves that to the default."""
        return self.spec.ingress_class_name or self.metadata.annotations.ingress_class or None


class IngressClassSpec(Part, frozen=True):
    controller: str = ""


class IngressClass(KubeObject, frozen=True):
    kind: ClassVar[str] = "IngressClass.networking.k8s.io"
    spec: IngressClassSpec = IngressClassSpec()

    @property
    def is_default(self) -> bool:
        return self.metadata.annotations.default_ingress_class == "true"


# --- Gateway API ------------------------------------------------------------------------------------------------------------------


class ConditionedStatus(Part, frozen=True):
    conditions: tuple[Condition, ...] = ()


class GatewayClassSpec(Part, frozen=True):
    controller_name: str = ""


class GatewayClass(KubeObject, frozen=True):
    kind: ClassVar[str] = "GatewayClass.gateway.networking.k8s.io"
    spec: GatewayClassSpec = GatewayClassSpec()
    status: ConditionedStatus = ConditionedStatus()


class GatewaySpec(Part, frozen=True):
    gateway_class_name: str = ""


class ListenerStatus(Part, frozen=True):
    name: str = ""
    attached_routes: Int = 0
    conditions: tuple[Condition, ...] = ()


class GatewayStatus(Part, frozen=True):
    conditions: tuple[Condition, ...] = ()
    listeners: tuple[ListenerStatus, ...] = ()


class Gateway(DatedObject, frozen=True):
    kind: ClassVar[str] = "Gateway.gateway.networking.k8s.io"
    spec: GatewaySpec = GatewaySpec()
    status: GatewayStatus = GatewayStatus()


class Reference(Part, frozen=True):
    """A reference of the Gateway API; `kind` and `group` are empty where the field's default is meant."""

    group: str | None = None
    kind: str = ""
    namespace: str = ""
    name: str = ""
    port: Int | None = None


class RouteRule(Part, frozen=True):
    backend_refs: tuple[Reference, ...] = ()


class RouteSpec(Part, frozen=True):
    parent_refs: tuple[Reference, ...] = ()
    rules: tuple[RouteRule, ...] = ()


class RouteParent(Part, frozen=True):
    parent_ref: Reference = Reference()
    controller_name: str = ""
    conditions: tuple[Condition, ...] = ()


class RouteStatus(Part, frozen=True):
    parents: tuple[RouteParent, ...] = ()


class HTTPRoute(DatedObject, frozen=True):
    kind: ClassVar[str] = "HTTPRoute.gateway.networking.k8s.io"
    spec: RouteSpec = RouteSpec()
    status: RouteStatus = RouteStatus()


# --- network policies and certificates --------------------------------------------------------------------------------------------


class IpBlock(Part, frozen=True):
    cidr: str = ""


class PolicyPeer(Part, frozen=True):
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IpBlock | None = None


class PolicyPort(Part, frozen=True):
    protocol: str = ""
    port: int | str | None = None
    end_port: Int | None = None


class IngressAllowance(Part, frozen=True):
    """Who may come in. No peers: everybody; no ports: every port."""

    peers: tuple[PolicyPeer, ...] = msgspec.field(default=(), name="from")
    ports: tuple[PolicyPort, ...] = ()


class EgressAllowance(Part, frozen=True):
    """Where pods may go. No peers: everywhere; no ports: every port."""

    peers: tuple[PolicyPeer, ...] = msgspec.field(default=(), name="to")
    ports: tuple[PolicyPort, ...] = ()


class NetworkPolicySpec(Part, frozen=True):
    pod_selector: LabelSelector = LabelSelector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[IngressAllowance, ...] = ()
    egress: tuple[EgressAllowance, ...] = ()


class NetworkPolicy(DatedObject, frozen=True):
    kind: ClassVar[str] = "NetworkPolicy.networking.k8s.io"
    spec: NetworkPolicySpec = NetworkPolicySpec()

    @property
    def types(self) -> frozenset[str]:
        """The directions it restricts; a policy that does not say restricts ingress, and egress when it has rules for it."""
        return frozenset(self.spec.policy_types) or frozenset({"Ingress", *(["Egress"] if self.spec.egress else [])})


class CertificateSpec(Part, frozen=True):
    secret_name: str = ""
    issuer_ref: Reference = Reference()


class CertificateStatus(Part, frozen=True):
    conditions: tuple[Condition, ...] = ()
    not_after: Time | None = None
    renewal_time: Time | None = None


class Certificate(KubeObject, frozen=True):
    """A certificate that cert-manager keeps in a Secret: the Secret itself is never read, its expiry is here."""

    kind: ClassVar[str] = "Certificate.cert-manager.io"
    spec: CertificateSpec = CertificateSpec()
    status: CertificateStatus = CertificateStatus()

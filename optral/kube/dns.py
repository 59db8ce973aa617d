"""Whether the pods of a template can resolve the name of a Service: dnsPolicy, dnsConfig and hostNetwork.

Only what no program and no C library can undo is a fault. Too few `ndots` are none: glibc and Go then try the search domains after the
name as it stands. A name server at a private address may forward the cluster's domain, so only a public one counts as foreign, unless the
name is known not to resolve (`is_unresolved`). Sources: Kubernetes documentation, DNS for Services and Pods; resolv.conf(5).
"""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple

import msgspec

from optral.kube import lenient
from optral.kube.addresses import ServiceName
from optral.kube.cluster import Cluster
from optral.kube.objects import Service, TemplateSpec

CLUSTER_FIRST, WITH_HOST_NETWORK, OWN = "ClusterFirst", "ClusterFirstWithHostNet", "None"
POLICY, SERVERS, SEARCHES = "dnsPolicy", "dnsConfig.nameservers", "dnsConfig.searches"
DNS_PORT = 53
NAMESPACES = ("kube-system", "openshift-dns")
"""Where clusters run their DNS. What runs beside it may read or write name records itself."""


class Fault(NamedTuple):
    """The field of the pod spec that keeps a name from resolving, its value, and what it should be."""

    field: str
    value: str
    wanted: str

    @property
    def setting(self) -> str:
        """What the pods have, as a phrase."""
        if self.field == POLICY:
            is_host_network = self.value == CLUSTER_FIRST
            return f"hostNetwork and dnsPolicy {self.value} instead of {self.wanted}" if is_host_network else f"dnsPolicy {self.value}"
        if self.field == SERVERS:
            return f"only the name servers {self.value}"
        return f"dnsPolicy {OWN} and no search domain {self.wanted.partition(',')[0]}"


def decode(tree: Mapping[str, Any]) -> TemplateSpec:
    """The spec of a pod or template in a manifest; never raises. Fields of a wrong shape keep their defaults."""
    try:
        return msgspec.convert(tree, TemplateSpec)
    except (msgspec.MsgspecError, RecursionError):
        return lenient.from_tree(TemplateSpec, tree)


def fault(spec: TemplateSpec, host: str, service: ServiceName, cluster: Cluster, *, is_unresolved: bool = False) -> Fault | None:
    """Why a host that means this Service cannot resolve in these pods; None if nothing keeps it from resolving."""
    if any(host in alias.hostnames for alias in spec.host_aliases):
        return None
    servers, policy = spec.dns_config.nameservers, spec.dns_policy
    if is_of_cluster(spec):
        return None
    if policy != OWN:
        wanted = WITH_HOST_NETWORK if spec.host_network else CLUSTER_FIRST
        return Fault(POLICY, policy, wanted) if _are_foreign(servers, cluster, is_unresolved=is_unresolved) else None
    if servers and _are_foreign(servers, cluster, is_unresolved=is_unresolved):
        return Fault(SERVERS, ", ".join(servers), CLUSTER_FIRST)
    if any(_is_name_of(service, name) for name in (host, *(f"{host}.{domain.rstrip('.')}" for domain in spec.dns_config.searches))):
        return None
    return Fault(SEARCHES, ", ".join(spec.dns_config.searches) or "(none)", f"{service.namespace}.svc.cluster.local, svc.cluster.local")


def is_of_cluster(spec: TemplateSpec) -> bool:
    """Whether the pods ask the cluster's DNS, as almost all do."""
    return spec.dns_policy == WITH_HOST_NETWORK or (spec.dns_policy == CLUSTER_FIRST and not spec.host_network)


def _is_name_of(service: ServiceName, name: str) -> bool:
    """Whether a name is the full name of the Service, or of a pod behind it, in a cluster of any domain."""
    return f".{service.name}.{service.namespace}.svc." in f".{name}"


def _are_foreign(servers: Iterable[str], cluster: Cluster, *, is_unresolved: bool) -> bool:
    """Whether none of these name servers knows the Services of the cluster."""
    services = [found for found in cluster.all(Service.kind) if isinstance(found, Service)] if servers else []
    addresses = {service.spec.cluster_ip for service in services}
    is_dns_known = is_unresolved and any(_is_cluster_dns(service) for service in services)
    return all(server not in addresses and _is_foreign(server, any_address=is_dns_known) for server in servers)


def _is_cluster_dns(service: Service) -> bool:
    is_dns = service.metadata.namespace in NAMESPACES and any(port.port == DNS_PORT for port in service.spec.ports)
    return is_dns or service.labels.get("k8s-app") == "kube-dns"


def _is_foreign(server: str, *, any_address: bool) -> bool:
    """Whether a name server is outside the cluster; `any_address`: also at a private one, unless it is the node's own."""
    try:
        address = ip_address(server)
    except ValueError:
        return False
    return address.is_global or (any_address and not (address.is_link_local or address.is_loopback))

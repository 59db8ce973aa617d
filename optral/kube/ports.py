"""Ports of pods: what containers declare, what probes ask, and where a Service's port leads."""

import re
from collections.abc import Iterator

from optral.kube.objects import Container, ContainerPort, Pod, Probe, Service, ServicePort

TCP = "TCP"


def serving(pod: Pod) -> list[Container]:
    """The containers that run for as long as the pod does: the main ones and the native sidecars."""
    return [*pod.spec.containers, *(container for container in pod.spec.init_containers if container.is_sidecar)]


def declared(pod: Pod) -> list[ContainerPort]:
    return [port for container in serving(pod) for port in container.ports]


def named(pod: Pod, name: str) -> int | None:
    """The number of the port that a container declares under this name."""
    return next((port.container_port for port in declared(pod) if port.name == name), None)


def protocol(port: ServicePort | ContainerPort) -> str:
    return port.protocol or TCP


_TLS_NAME, _TLS_PORTS = re.compile(r"(?:^|-)(?:https|tls|ssl)(?:-|$)"), frozenset({443, 6443, 8443, 9443})
_TLS_PROTOCOLS = frozenset({"https", "tls", "kubernetes.io/wss"})


def serves_tls(port: ServicePort) -> bool:
    """Whether a port of a Service says that its connections begin with TLS: by its protocol, else by its name or number.

    Source: Kubernetes documentation, "Application protocol".
    """
    if port.app_protocol:
        return port.app_protocol.lower() in _TLS_PROTOCOLS
    names = (port.name, port.target_port if isinstance(port.target_port, str) else "")
    return any(_TLS_NAME.search(name) for name in names) or port.port in _TLS_PORTS or port.target_port in _TLS_PORTS


def is_declared(port: ServicePort, pod: Pod) -> bool:
    """Whether the pod declares the Service port's target, under the same protocol. Kubernetes requires this only of named targets."""
    target = port.target
    for offered in declared(pod):
        if protocol(offered) == protocol(port) and (
            offered.name == target if isinstance(target, str) else offered.container_port == target
        ):
            return True
    return False


def target(service: Service, port: int | None, pod: Pod) -> int | None:
    """The port of the pod that traffic to this port of the Service reaches; with `port` None, that of a Service with a single port.

    A port that the Service does not have is returned as it is (a headless Service sends it straight to the pod). None when the port is
    not known, or when it leads to a named port that the pod does not declare.
    """
    if port is None and len(service.spec.ports) != 1:
        return None
    found = next((one for one in service.spec.ports if port is None or one.port == port), None)
    if found is None or isinstance(found.target, int):
        return port if found is None else int(found.target)
    return named(pod, found.target)


def probes(pod: Pod) -> Iterator[Probe]:
    """The probes of the containers that keep running."""
    for container in serving(pod):
        yield from (one for one in (container.liveness_probe, container.readiness_probe, container.startup_probe) if one is not None)


def probed(pod: Pod) -> Iterator[int | str]:
    """The ports that probes connect to: something listens there, declared or not."""
    for probe in probes(pod):
        yield from asked_by(probe)


def probed_numbers(pod: Pod) -> set[int]:
    """As `probed`, with the number of each port that a probe names."""
    found = (named(pod, port) if isinstance(port, str) else port for port in probed(pod))
    return {port for port in found if port is not None}


def asked_by(probe: Probe) -> Iterator[int | str]:
    """The port that a probe connects to; none for a command."""
    for handler in (probe.http_get, probe.tcp_socket, probe.grpc):
        if handler is not None:
            yield handler.port

"""Port conflicts: two containers of one pod cannot listen on the same port, two pods of one node not on the same host port."""

from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import check, lasting
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def _duplicates(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    holders: dict[tuple[int, str], list[str]] = {}
    for container in lasting(references.template_of(workload)):
        for place in {(port.container_port, port.protocol or "TCP") for port in container.ports if port.container_port}:
            holders.setdefault(place, []).append(container.name)
    return [f"{port}/{protocol} ({', '.join(names)})" for (port, protocol), names in sorted(holders.items()) if len(names) > 1]


def _host_ports(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    spec = references.template_of(workload)
    if spec.host_network:  # Kubernetes then sets the host ports itself
        return []
    return [f"{container.name}: {port.host_port}" for container in lasting(spec) for port in container.ports if port.host_port]


DUPLICATE = check(
    titles.DuplicatePortInPod,
    _duplicates,
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
)
HOST_PORT = check(
    titles.HostPort,
    _host_ports,
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
)

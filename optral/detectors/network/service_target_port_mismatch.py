"""ServiceTargetPortMismatch: a Service forwards to a port on which its pods do not listen, or lacks the port that its callers use.

Its endpoints still look healthy: a Service whose named port no pod has gets *ready* endpoints in a slice without ports. The fact `case`
tells four cases apart. `nameMissing`: no pod has a port of that name. `protocol`: the pods have the port under another protocol.
`undeclared`: no pod declares the number. A declaration only informs, so every container must declare some port, and no probe, variable or
argument may name this one. `callersUseAnother`: every workload that calls the Service uses a port that it does not have; if a single
caller disagrees with the Service, see ServiceMissing. Headless Services do not forward ports.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, severity, wording
from optral.detectors.detector import Effect, of_service
from optral.detectors.finding import Finding
from optral.detectors.network import calls, endpoints
from optral.kube import addresses, calls as kube_calls, names, owners, ports, times
from optral.kube.objects import (
    ConfigMap,
    ContainerPort,
    DaemonSet,
    Deployment,
    KubeObject,
    Pod,
    Service,
    ServicePort,
    StatefulSet,
    TemplateContainer,
)
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

PATIENCE_S = 120
SETTLED_PATIENCE_S = 30  # outside a rollout; a Service is applied together with its workload
MAX_LISTED = 10
_NUMBERS = re.compile(r"(?<![\d.])\d{2,5}(?![\d.])")
_BASE = {
    "nameMissing": Severity.HIGH,
    "protocol": Severity.HIGH,
    "callersUseAnother": Severity.HIGH,
    "undeclared": Severity.MEDIUM,
}


class _Mismatch(NamedTuple):
    """A wrong port of a Service: the case, the number of the port, and the sentence that states it."""

    case: str
    port: int
    sentence: str


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not _sends_to_pods(service):
        return
    pods = endpoints.selected(service, view)
    mismatches = _of_ports(service, pods, view) or _of_callers(service, view)
    if not mismatches:
        return
    worst = max(mismatches, key=lambda mismatch: (_BASE[mismatch.case].rank, -mismatch.port))
    subject = owners.ref(service)
    since = _since(service, pods, worst)
    yield Finding(
        subject=subject,
        severity=severity.adjust(_BASE[worst.case], subject=subject, view=view),
        title=f"Service {service.namespace}/{service.name}: {worst.sentence}",
        since=since,
        opens_at=_opens_at(service, worst, view, since=since),
        facts={
            "case": worst.case,
            "ports": [{"case": item.case, "port": item.port, "says": item.sentence} for item in mismatches[:MAX_LISTED]],
            "declared": sorted({_declared(port) for port in _declared_ports(pods)})[:MAX_LISTED],
            "callers": [str(owners.ref(caller)) for caller, _ in calls.callers_with_ports(service, view)][:MAX_LISTED],
        },
    )


def _sends_to_pods(service: Service) -> bool:
    """Whether Kubernetes forwards its ports to selected pods: not for headless and external Services."""
    return (
        bool(service.spec.selector) and service.spec.type != "ExternalName" and not service.is_headless and not gates.is_deleting(service)
    )


def _of_ports(service: Service, pods: list[Pod], view: ClusterView) -> list[_Mismatch]:
    if not pods:
        return []
    compared = (_compare(port, service, pods, view) for port in service.spec.ports if port.port)
    return [mismatch for mismatch in compared if mismatch is not None]


def _of_callers(service: Service, view: ClusterView) -> list[_Mismatch]:
    offered = wording.offered_ports([port.port for port in service.spec.ports])
    return [
        _Mismatch("callersUseAnother", port, f"its callers use port {port}, but it has {offered}")
        for port in ports_of_callers(service, view)
    ]


def _opens_at(service: Service, worst: _Mismatch, view: ClusterView, *, since: datetime) -> datetime:
    """During a rollout (G3) the pods may be about to get the port: wait two minutes, but no longer, since some pods already serve."""
    if worst.case == "callersUseAnother" or any(
        gates.rollout_until(workload, view) is not None for workload in gates.workloads_behind(service, view)
    ):
        return times.after(since, PATIENCE_S)
    return times.after(since, SETTLED_PATIENCE_S)


def ports_of_callers(service: Service, view: ClusterView) -> list[int]:
    """The ports that callers use when none of them uses a port of the Service; empty when the mistake is a single caller's own."""
    offered = {port.port for port in service.spec.ports}
    callers = calls.callers_with_ports(service, view)
    if not callers or not offered or any(used & offered for _, used in callers):
        return []
    if len(callers) == 1 and _changed_after(callers[0][0], service):
        return []
    return sorted(set().union(*(used for _, used in callers)))[:MAX_LISTED]


def _changed_after(caller: KubeObject, service: Service) -> bool:
    """Whether the caller was changed after the Service: of two that disagree, the later change is more likely to be wrong."""
    changed_at = caller.metadata.changed_at if isinstance(caller, Deployment | StatefulSet | DaemonSet) else None
    return (changed_at or caller.created_at) > service.changed_at


def _compare(port: ServicePort, service: Service, pods: list[Pod], view: ClusterView) -> _Mismatch | None:
    """Compare a port of the Service with the ports that its pods declare; None if they agree, or if the pods may listen undeclared."""
    if any(ports.is_declared(port, pod) for pod in pods):
        return None
    target = port.target
    protocols = sorted({ports.protocol(offered) for offered in _declared_ports(pods) if target in (offered.name, offered.container_port)})
    if protocols and not _has_twin(port, service, protocols):
        sentence = f"port {port.port} is {ports.protocol(port)}, but port {target} of its pods is {protocols[0]}"
        return _Mismatch("protocol", port.port, sentence)
    if isinstance(target, str):
        return _Mismatch("nameMissing", port.port, f"its pods have no port named {target}{_alternative(target, pods)}")
    if protocols or not _all_containers_declare_ports(pods) or _is_mentioned(target, service, pods, view):
        return None
    return _Mismatch("undeclared", port.port, f"port {port.port} forwards to {target}, but its pods listen on {_numbers(pods)}")


def _declared_ports(pods: list[Pod]) -> Iterator[ContainerPort]:
    return (port for pod in pods for port in ports.declared(pod))


def _all_containers_declare_ports(pods: list[Pod]) -> bool:
    return all(container.ports for pod in pods for container in pod.spec.containers)


def _alternative(target: str, pods: list[Pod]) -> str:
    near = names.nearest(target, {port.name for port in _declared_ports(pods) if port.name})
    return f", but one named {near}" if near else ""


def _has_twin(port: ServicePort, service: Service, protocols: list[str]) -> bool:
    """Whether the Service has the same target under the protocol of the pods too: HTTP/3 beside HTTP, DNS over both."""
    return any(other is not port and other.target == port.target and ports.protocol(other) in protocols for other in service.spec.ports)


def _is_mentioned(target: int, service: Service, pods: list[Pod], view: ClusterView) -> bool:
    """Whether a probe, a variable or an argument of the pods names this port, other than in the address of another host."""
    if any(probed == target for pod in pods for probed in ports.probed(pod)):
        return True
    templates = (calls.template_of(workload) for workload in gates.workloads_behind(service, view))
    containers = (container for template in templates if template is not None for container in template.spec.containers)
    texts = (text for container in containers for text in _own_texts(container, service.name))
    return any(str(target) in _NUMBERS.findall(text[:2000]) for text in texts)


def _own_texts(container: TemplateContainer, own_name: str) -> Iterator[str]:
    """The settings of a container that describe itself: without the addresses of other hosts and the ports that belong to them."""
    variables, texts = [variable.name for variable in container.env], [*container.command, *container.args]
    texts += [variable.value for variable in container.env if not kube_calls.is_port_of_host(variable.name, variables)]
    for text in texts:
        called = addresses.found_in(text)
        if not called or any(address.host.partition(".")[0] == own_name for address in called):
            yield text


def _since(service: Service, pods: list[Pod], worst: _Mismatch) -> datetime:
    first = min((pod.created_at for pod in pods), default=None) if worst.case != "callersUseAnother" else None
    return times.latest(service.changed_at, first) or service.changed_at


def _numbers(pods: list[Pod]) -> str:
    return ", ".join(str(number) for number in sorted({port.container_port for port in _declared_ports(pods)})[:5])


def _declared(port: ContainerPort) -> str:
    """A port as a fact: `http=8080/TCP`."""
    return f"{f'{port.name}=' if port.name else ''}{port.container_port}/{ports.protocol(port)}"


DETECTOR = of_service(
    type="ServiceTargetPortMismatch",
    title="A Service forwards to a port that no container exposes",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G3", "G4"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from={Pod.kind: endpoints.in_front_of, ConfigMap.kind: calls.services_near, **dict.fromkeys(calls.CALLERS, calls.called_by)},
)

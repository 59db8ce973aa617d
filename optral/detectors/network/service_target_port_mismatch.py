"""ServiceTargetPortMismatch: a Service sends its traffic to a port where its pods do not listen, or is asked for a port it does not have.

Endpoints look healthy all the while: a Service whose named port no pod has gets *ready* endpoints in a slice without ports. Four cases,
told apart in the facts. `nameMissing`: no pod has a port of that name. `protocol`: the pods have the port, but under another protocol.
`undeclared`: no pod declares the number; since a declaration only informs, every container must declare something, no probe may knock
there, and no variable or argument may name it. `callersUseAnother`: everybody who calls it asks for a port it does not have (a single
caller who stands alone is to blame himself: see ServiceMissing). Headless Services have no port in between.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Effect
from optral.detectors.finding import Finding
from optral.detectors.network import calls, endpoints
from optral.kube import addresses, names, owners, ports, times
from optral.kube.objects import DaemonSet, Deployment, KubeObject, Pod, Service, ServicePort, StatefulSet, TemplateContainer
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "ServiceTargetPortMismatch"
CATEGORY = "network"
PATIENCE_S = 120
SETTLED_PATIENCE_S = 30  # while nothing is rolled out; a Service is applied in one breath with its workload
MAX_TOLD = 10
_NUMBERS = re.compile(r"(?<![\d.])\d{2,5}(?![\d.])")
_BASE = {
    "nameMissing": Severity.HIGH,
    "protocol": Severity.HIGH,
    "callersUseAnother": Severity.HIGH,
    "undeclared": Severity.MEDIUM,
}


class _Fault(NamedTuple):
    """One wrong port: which case, the Service's port, and what is said of it."""

    case: str
    port: int
    says: str


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(service) or not service.spec.selector or service.spec.type == "ExternalName" or service.is_headless:
        return
    pods = endpoints.selected(service, view)
    known = [port for port in service.spec.ports if port.port] if pods else []
    faults = [fault for port in known if (fault := _fault(port, service, pods, view)) is not None]
    if not faults and (asked := misunderstood(service, view)):
        offered = ", ".join(str(port.port) for port in service.spec.ports[:MAX_TOLD])
        faults = [_Fault("callersUseAnother", port, f"its callers use port {port}, but it has {offered}") for port in asked]
    if not faults:
        return
    worst = max(faults, key=lambda fault: (_BASE[fault.case].rank, -fault.port))
    subject = owners.ref(service)
    since = _since(service, pods, worst)
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=severity.judge(_BASE[worst.case], subject=subject, view=view),
        title=wording.clip(f"Service {service.namespace}/{service.name}: {worst.says}", wording.MAX_TITLE),
        category=CATEGORY,
        since=since,
        opens_at=_opens_at(service, worst, view, since=since),
        facts={
            "case": worst.case,
            "ports": [{"case": fault.case, "port": fault.port, "says": fault.says} for fault in faults[:MAX_TOLD]],
            "declared": sorted({_declared(offered) for pod in pods for offered in ports.declared(pod)})[:MAX_TOLD],
            "callers": [str(owners.ref(caller)) for caller, _ in calls.asked_of(service, view)][:MAX_TOLD],
        },
    )


def _opens_at(service: Service, worst: _Fault, view: ClusterView, *, since: datetime) -> datetime:
    """A rollout may just be bringing the port (G3): it has two minutes, and no more, since some of its pods already serve."""
    if worst.case == "callersUseAnother" or any(
        gates.rollout_until(workload, view) is not None for workload in gates.workloads_behind(service, view)
    ):
        return times.after(since, PATIENCE_S)
    return times.after(since, SETTLED_PATIENCE_S)


def misunderstood(service: Service, view: ClusterView) -> list[int]:
    """The ports that callers ask for when none of them asks for one the Service has; empty when the fault is a caller's own."""
    offered = {port.port for port in service.spec.ports}
    asked = calls.asked_of(service, view)
    if not asked or not offered or any(wanted & offered for _, wanted in asked):
        return []
    if len(asked) == 1 and _wrote_last(asked[0][0], service):
        return []
    return sorted(set().union(*(wanted for _, wanted in asked)))[:MAX_TOLD]


def _wrote_last(caller: KubeObject, service: Service) -> bool:
    """Of two who disagree, the one who was changed last is likelier to be wrong; the Service where nobody wrote it down."""
    changed_at = caller.metadata.changed_at if isinstance(caller, Deployment | StatefulSet | DaemonSet) else None
    return (changed_at or caller.created_at) > service.changed_at


def _fault(port: ServicePort, service: Service, pods: list[Pod], view: ClusterView) -> _Fault | None:
    if any(ports.is_declared(port, pod) for pod in pods):
        return None
    target = port.target
    spoken = sorted(
        {ports.protocol(offered) for pod in pods for offered in ports.declared(pod) if target in (offered.name, offered.container_port)}
    )
    if spoken and not _has_twin(port, service, spoken):
        return _Fault("protocol", port.port, f"port {port.port} is {ports.protocol(port)}, but port {target} of its pods is {spoken[0]}")
    if isinstance(target, str):
        near = names.nearest(target, {offered.name for pod in pods for offered in ports.declared(pod) if offered.name})
        return _Fault("nameMissing", port.port, f"its pods have no port named {target}{f', but {near}' if near else ''}")
    if spoken or not all(container.ports for pod in pods for container in pod.spec.containers) or _is_known(target, service, pods, view):
        return None
    return _Fault("undeclared", port.port, f"port {port.port} forwards to {target}, but its pods listen on {_listens(pods)}")


def _has_twin(port: ServicePort, service: Service, spoken: list[str]) -> bool:
    """The same target is served under its own protocol too: HTTP/3 beside HTTP, DNS over both."""
    return any(other is not port and other.target == port.target and ports.protocol(other) in spoken for other in service.spec.ports)


def _is_known(target: int, service: Service, pods: list[Pod], view: ClusterView) -> bool:
    """A probe, a variable or an argument of the pods names this port, and not as one of somebody else."""
    if any(knock == target for pod in pods for knock in ports.probed(pod)):
        return True
    for workload in gates.workloads_behind(service, view):
        template = calls.template_of(workload)
        for container in template.spec.containers if template is not None else ():
            if any(str(target) in _NUMBERS.findall(text[:2000]) for text in _own_texts(container, service.name)):
                return True
    return False


def _own_texts(container: TemplateContainer, own_name: str) -> Iterator[str]:
    """What the settings of a container say of itself: without the addresses of others, and the ports that stand beside their hosts."""
    hosts, texts = {variable.name for variable in container.env}, [*container.command, *container.args]
    for variable in container.env:
        beside = variable.name.removesuffix("PORT")
        if beside == variable.name or not hosts & {beside + "HOST", beside + "HOSTNAME"}:
            texts.append(variable.value)
    for text in texts:
        called = addresses.found_in(text)
        if not called or any(address.host.partition(".")[0] == own_name for address in called):
            yield text


def _since(service: Service, pods: list[Pod], worst: _Fault) -> datetime:
    first = min((pod.created_at for pod in pods), default=None) if worst.case != "callersUseAnother" else None
    return times.latest(service.changed_at, first) or service.changed_at


def _listens(pods: list[Pod]) -> str:
    return ", ".join(str(port) for port in sorted({offered.container_port for pod in pods for offered in ports.declared(pod)})[:5])


def _declared(offered: object) -> str:
    name, number, protocol = (getattr(offered, field) for field in ("name", "container_port", "protocol"))
    return f"{f'{name}=' if name else ''}{number}/{protocol or ports.TCP}"


DETECTOR = Detector(
    type=TYPE,
    title="A Service forwards to a port that no container exposes",
    category=CATEGORY,
    about=About.SERVICE,
    severity=Severity.HIGH,
    gates=("G1", "G2", "G3", "G4"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from={Pod.kind: endpoints.in_front_of, **dict.fromkeys(calls.CALLERS, calls.called_by)},
)

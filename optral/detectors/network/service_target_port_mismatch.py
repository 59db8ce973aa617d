"""ServiceTargetPortMismatch: a Service forwards to a port on which its pods do not listen, or lacks the port that its callers use.

Its endpoints still look healthy: a Service whose named port no pod has gets *ready* endpoints in a slice without ports. The fact `case`
tells six cases apart. `nameMissing`: no pod has a port of that name. `protocol`: the pods have the port under another protocol.
`undeclared`: no pod declares the number. A declaration only informs, so every container must declare some port, or a setting of the only
one must name another port that its readiness probe uses; and no probe, variable or argument may name this one. `localOnly`: a setting lets
the program listen on localhost only. `refused`: a caller logs that connections are refused while the pods are ready. `callersUseAnother`:
every workload that calls the Service uses a port that it does not have; if a single caller disagrees with the Service, see ServiceMissing.
Headless Services do not forward ports.

That a probe alone uses another port shows nothing: many programs serve their health on a separate port.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, wording
from optral.detectors.detector import Effect, of_service
from optral.detectors.finding import Finding
from optral.detectors.network import calls, endpoints, failing_calls, listeners
from optral.kube import addresses, calls as kube_calls, listens, log_reports, log_signs, names, owners, policies, ports, times
from optral.kube.objects import (
    ConfigMap,
    ContainerPort,
    DaemonSet,
    Deployment,
    KubeObject,
    LogSign,
    LogSigns,
    NetworkPolicy,
    Pod,
    Service,
    ServicePort,
    StatefulSet,
    TemplateContainer,
    condition,
)
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 120
SETTLED_S = 60  # after pods became ready, what a caller logs is about them
MAX_CALLERS = 100
SETTLED_PATIENCE_S = 30  # outside a rollout; a Service is applied together with its workload
MAX_LISTED = 10
_NUMBERS = re.compile(r"(?<![\d.])\d{2,5}(?![\d.])")
_BASE = {
    "nameMissing": Severity.HIGH,
    "protocol": Severity.HIGH,
    "localOnly": Severity.HIGH,
    "refused": Severity.HIGH,
    "callersUseAnother": Severity.HIGH,
    "undeclared": Severity.MEDIUM,
}


class _Mismatch(NamedTuple):
    """A wrong port of a Service: the case, the number of the port, the sentence that states it, and the log that reports it, if any."""

    case: str
    port: int
    sentence: str
    sign: LogSign | None = None


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not _sends_to_pods(service):
        return
    pods = endpoints.selected(service, view)
    mismatches = _of_ports(service, pods, view) or _refused(service, pods, view, now=now) or _of_callers(service, view)
    if not mismatches:
        return
    worst = max(mismatches, key=lambda mismatch: (_BASE[mismatch.case].rank, -mismatch.port))
    subject = owners.ref(service)
    since = _since(service, pods, worst)
    yield Finding(
        subject=subject,
        base=_BASE[worst.case],
        title=titles.ServiceTargetPortMismatch.wrong(object=wording.label(subject), why=worst.sentence),
        since=since,
        opens_at=_opens_at(service, worst, view, since=since),
        expires_at=log_reports.over_at(worst.sign) if worst.sign is not None else None,
        facts={
            "case": worst.case,
            "ports": [{"case": item.case, "port": item.port, "says": item.sentence} for item in mismatches[:MAX_LISTED]],
            "declared": sorted({_declared(port) for port in _declared_ports(pods)})[:MAX_LISTED],
            "listensOn": listeners.elsewhere(service, pods, view) or None,
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
    compared = (_compare(port, service, pods, view) or _local(port, service, pods, view) for port in service.spec.ports if port.port)
    return [mismatch for mismatch in compared if mismatch is not None]


def _of_callers(service: Service, view: ClusterView) -> list[_Mismatch]:
    offered = wording.offered_ports([port.port for port in service.spec.ports])
    return [
        _Mismatch("callersUseAnother", port, titles.PORT_MISMATCHES["callersUseAnother"](port=port, offered=offered))
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
        sentence = titles.PORT_MISMATCHES["protocol"](port=port.port, protocol=ports.protocol(port), target=target, other=protocols[0])
        return _Mismatch("protocol", port.port, sentence)
    if isinstance(target, str):
        return _Mismatch("nameMissing", port.port, _unnamed(target, pods))
    numbers = _numbers(pods) if _all_containers_declare_ports(pods) else listeners.set_and_probed(pods, view)
    if protocols or not numbers or _is_mentioned(target, service, pods, view):
        return None
    return _Mismatch("undeclared", port.port, titles.PORT_MISMATCHES["undeclared"](port=port.port, target=target, other=numbers))


def _local(port: ServicePort, service: Service, pods: list[Pod], view: ClusterView) -> _Mismatch | None:
    """The only container of its ready pods listens on localhost, and no probe, which comes from outside the pod, passes on the port."""
    ready = [pod for pod in pods if pod.is_ready and policies.applies_to(pod) and len(ports.serving(pod)) == 1]
    target = ports.target(service, port.port, ready[0]) if ready else None
    if target is None or any(target in ports.probed_numbers(pod) for pod in ready):
        return None
    local = (listens.only_local(container, target) for container in listeners.alone(ready, view))
    setting = next((setting for setting in local if setting is not None), None)
    if setting is None:
        return None
    words = titles.PORT_MISMATCHES["localOnly"](port=port.port, target=target, setting=setting.name, value=setting.text)
    return _Mismatch("localOnly", port.port, words)


def _refused(service: Service, pods: list[Pod], view: ClusterView, *, now: datetime) -> list[_Mismatch]:
    """A port that a caller is refused although pods are ready and no policy blocks it: nothing listens where the Service sends."""
    ready = [pod for pod in pods if pod.is_ready]
    if not ready or (service.spec.publish_not_ready_addresses and len(ready) < len(pods)):
        return []
    settled_at = times.after(min(_ready_since(pod) for pod in ready), SETTLED_S)
    for caller in view.callers_of(service.metadata.namespace, service.name)[:MAX_CALLERS]:
        sign = failing_calls.to_service(caller, service, view, now=now)
        if sign is None or not _is_refusal(sign, settled_at):
            continue
        port = _port_of(sign, caller, service, view)
        target = ports.target(service, port, ready[0]) if port is not None else None
        if port is not None and target is not None and not _is_blocked(caller, ready[0], target, view):
            where = listeners.elsewhere(service, pods, view)
            words = (
                titles.REFUSED_ELSEWHERE(port=port, target=target, other=where)
                if where
                else titles.PORT_MISMATCHES["refused"](port=port, target=target)
            )
            return [_Mismatch("refused", port, words, sign)]
    return []


def _is_refusal(sign: LogSign, since: datetime) -> bool:
    return log_signs.is_refused(sign.message) and sign.last_at is not None and sign.last_at >= since


def _ready_since(pod: Pod) -> datetime:
    ready = condition(pod.status.conditions, "Ready")
    return (ready.last_transition_time if ready is not None else None) or pod.created_at


def _port_of(sign: LogSign, caller: KubeObject, service: Service, view: ClusterView) -> int | None:
    """The port of the Service that a log line names, else the only one that the caller uses or that there is."""
    offered = {port.port for port in service.spec.ports}
    number = sign.names.get("port", "")
    used = {call.port for call in calls.of(caller, view) if call.port and calls.target(call, view) == service}
    found = ({int(number)} if number.isdigit() else used or offered) & offered
    return next(iter(found)) if len(found) == 1 else None


def _is_blocked(caller: KubeObject, target: Pod, port: int, view: ClusterView) -> bool:
    """Whether policies block the calls: some network plugins refuse what they block."""
    pods = view.pods_of(owners.ref(caller))[:1]
    return any(policies.blocking_ingress(target, pod, port, view) or policies.blocking_egress(pod, target, port, view) for pod in pods)


def _declared_ports(pods: list[Pod]) -> Iterator[ContainerPort]:
    return (port for pod in pods for port in ports.declared(pod))


def _all_containers_declare_ports(pods: list[Pod]) -> bool:
    return all(container.ports for pod in pods for container in pod.spec.containers)


def _unnamed(target: str, pods: list[Pod]) -> str:
    near = names.nearest(target, {port.name for port in _declared_ports(pods) if port.name})
    return titles.NEAR_PORT(target=target, near=near) if near else titles.PORT_MISMATCHES["nameMissing"](target=target)


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
    if worst.sign is not None and worst.sign.first_at is not None:
        return max(worst.sign.first_at, service.changed_at)
    first = min((pod.created_at for pod in pods), default=None) if worst.case != "callersUseAnother" else None
    return times.latest(service.changed_at, first) or service.changed_at


def _numbers(pods: list[Pod]) -> str:
    return ", ".join(str(number) for number in sorted({port.container_port for port in _declared_ports(pods)})[:5])


def _declared(port: ContainerPort) -> str:
    """A port as a fact: `http=8080/TCP`."""
    return f"{f'{port.name}=' if port.name else ''}{port.container_port}/{ports.protocol(port)}"


def _called(view: ClusterView, caller: KubeObject) -> Iterator[Service]:
    return (service for call in calls.of(caller, view) if (service := calls.target(call, view)) is not None)


def _of_pod(view: ClusterView, pod: Pod) -> Iterator[Service]:
    """The Services in front of it; of a pod with a report that comes, goes, or gets other labels or owners also those that it calls."""
    yield from endpoints.in_front_of_ready(view, pod)
    after, before = view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)
    if (
        after is None
        or before is None
        or after.metadata.owner_references != before.metadata.owner_references
        or after.labels != before.labels
    ):
        report = log_reports.of_pod(pod, view)
        caller = view.object_at(view.workload_of(pod)) if report is not None else None
        yield from _called(view, caller) if caller is not None else ()


def _of_policy(view: ClusterView, policy: NetworkPolicy) -> Iterator[Service]:
    """The Services of its namespace, and those that the workloads there call."""
    yield from view.services_in(policy.metadata.namespace)
    for caller in calls.workloads_in(view, policy.metadata.namespace):
        yield from _called(view, caller)


DETECTOR = of_service(
    type="ServiceTargetPortMismatch",
    title=titles.ServiceTargetPortMismatch.what,
    severity=Severity.HIGH,
    gates=("G1", "G2", "G3", "G4"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from={
        Pod.kind: _of_pod,
        NetworkPolicy.kind: _of_policy,
        LogSigns.kind: failing_calls.around(_called),
        ConfigMap.kind: calls.services_near,
        **dict.fromkeys(calls.CALLERS, calls.called_by),
    },
)

"""Where the pods behind a Service listen, as far as anything but the Service shows it."""

from collections.abc import Iterable

from optral.detectors.network import calls
from optral.kube import listens, ports
from optral.kube.objects import Pod, Service, TemplateContainer
from optral.kube.view import ClusterView


def alone(pods: Iterable[Pod], view: ClusterView) -> list[TemplateContainer]:
    """The containers of the workloads of these pods that have no other container beside them."""
    workloads = dict.fromkeys(view.workload_of(pod) for pod in pods)
    templates = (calls.template_of(view.object_at(workload)) for workload in workloads)
    specs = [template.spec for template in templates if template is not None]
    return [spec.containers[0] for spec in specs if len(spec.containers) == 1 and not any(one.is_sidecar for one in spec.init_containers)]


def set_and_probed(pods: list[Pod], view: ClusterView) -> str:
    """The port that a setting of the only container gives its program and that its readiness probe passes on; "" if they do not agree."""
    ready = [pod for pod in pods if pod.is_ready and len(ports.serving(pod)) == 1 and not ports.declared(pod)]
    probes = [probe for pod in ready if (probe := ports.serving(pod)[0].readiness_probe) is not None]
    known = {listener.port for container in alone(pods, view) for listener in listens.of_container(container)}
    return next((str(port) for probe in probes for port in ports.asked_by(probe) if port in known), "")


def elsewhere(service: Service, pods: list[Pod], view: ClusterView) -> str:
    """A port on which the pods listen and to which the Service does not send: by a setting, a probe that passes, else a declaration."""
    targets = {ports.target(service, port.port, pod) for port in service.spec.ports for pod in pods}
    listeners = [one for container in alone(pods, view) for one in listens.of_container(container) if one.port not in targets]
    probed = {port for pod in pods if pod.is_ready for port in ports.probed_numbers(pod)} - targets
    declared = {port.container_port for pod in pods for port in ports.declared(pod)} - targets
    if listeners:
        return f"{listeners[0].port} ({listeners[0].setting.name})"
    return f"{min(probed)} (probe)" if probed else f"{min(declared)} (declared)" if declared else ""

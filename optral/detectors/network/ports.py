"""Where a Service's port leads in the pods it selects, and which Services a pod's coming or going may concern."""

from collections.abc import Iterator
from operator import attrgetter

from optral.detectors import gates
from optral.kube import owners, selectors
from optral.kube.objects import Container, ContainerPort, EndpointSlice, Pod, Probe, Service, ServicePort
from optral.kube.view import ClusterView

MAX_PODS = 1000  # of one Service
TCP = "TCP"
_name = attrgetter("metadata.name")


def is_alive(pod: Pod) -> bool:
    """Whether it takes part: not on its way out, not finished."""
    return pod.metadata.deletion_timestamp is None and pod.status.phase not in ("Succeeded", "Failed")


def selected(service: Service, view: ClusterView) -> list[Pod]:
    """The pods a Service sends to, ready or not; at most `MAX_PODS`, in the order of their names.

    Its slices name every pod it selects that has an address: a walk over the namespace would cost every change of every slice. Where they
    name none, it is walked.
    """
    return view.once(_selected, service)


def _selected(view: ClusterView, service: Service) -> list[Pod]:
    pods = _named_in(view.slices_of(owners.ref(service)), view) or view.pods_in(service.metadata.namespace)
    selector = service.spec.selector
    chosen = [pod for pod in pods if selectors.matches(selector, pod.metadata.labels) and is_alive(pod)]
    return sorted(chosen, key=_name)[:MAX_PODS]


def _named_in(slices: list[EndpointSlice], view: ClusterView) -> list[Pod]:
    uids = dict.fromkeys([one.target_ref.uid for piece in slices for one in piece.endpoints if one.target_ref is not None])
    return view.among(Pod.kind, uids)


def serving(pod: Pod) -> list[Container]:
    """The containers that run for as long as the pod does, native sidecars too (G4)."""
    return [*pod.spec.containers, *(container for container in pod.spec.init_containers if gates.is_sidecar(container))]


def declared(pod: Pod) -> list[ContainerPort]:
    return [port for container in serving(pod) for port in container.ports]


def protocol(port: ServicePort | ContainerPort) -> str:
    return port.protocol or TCP


def leads_into(port: ServicePort, pod: Pod) -> bool:
    """Whether the pod declares what the port aims at, under the same protocol. Kubernetes itself asks this of names only."""
    target = port.target
    for offered in declared(pod):
        if protocol(offered) == protocol(port) and (
            offered.name == target if isinstance(target, str) else offered.container_port == target
        ):
            return True
    return False


def probed(pod: Pod) -> Iterator[int | str]:
    """The ports that probes knock at: something listens there, declared or not."""
    for container in serving(pod):
        for probe in (container.liveness_probe, container.readiness_probe, container.startup_probe):
            if probe is not None:
                yield from _knocks(probe)


def _knocks(probe: Probe) -> Iterator[int | str]:
    for way in (probe.http_get, probe.tcp_socket, probe.grpc):
        if way is not None:
            yield way.port


def in_front_of(view: ClusterView, pod: Pod) -> list[Service]:
    """The Services that select a pod which has come, gone, ended or got other labels; none for any other change of it."""
    after, before = view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)
    versions = [version for version in (after, before) if isinstance(version, Pod)]
    if len(versions) == 2 and versions[0].labels == versions[1].labels and is_alive(versions[0]) == is_alive(versions[1]):
        return []
    services = view.services_in(pod.metadata.namespace)
    return [one for one in services if any(selectors.matches(one.spec.selector, version.labels) for version in versions)]

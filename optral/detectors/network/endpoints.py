"""The pods that a Service sends to, and the Services that a change of a pod concerns."""

from operator import attrgetter

from optral.kube import owners, selectors
from optral.kube.objects import EndpointSlice, Pod, Service
from optral.kube.view import ClusterView

MAX_PODS = 1000  # of one Service
_name = attrgetter("metadata.name")


def is_alive(pod: Pod) -> bool:
    """Whether it can take traffic at all: it is not terminating and has not finished."""
    return pod.metadata.deletion_timestamp is None and not pod.is_terminal


def selected(service: Service, view: ClusterView) -> list[Pod]:
    """The pods a Service sends to, ready or not; at most `MAX_PODS`, sorted by name.

    Its EndpointSlices name every selected pod that has an address; going over the whole namespace would make every change of a slice
    expensive. That is done only when the slices name no pod.
    """
    return view.once(_selected, service)


def _selected(view: ClusterView, service: Service) -> list[Pod]:
    pods = _named_in(view.slices_of(owners.ref(service)), view) or view.pods_in(service.metadata.namespace)
    selector = service.spec.selector
    chosen = [pod for pod in pods if selectors.matches(selector, pod.metadata.labels) and is_alive(pod)]
    return sorted(chosen, key=_name)[:MAX_PODS]


def _named_in(slices: list[EndpointSlice], view: ClusterView) -> list[Pod]:
    uids = dict.fromkeys([endpoint.target_ref.uid for piece in slices for endpoint in piece.endpoints if endpoint.target_ref is not None])
    return view.among(Pod.kind, uids)


def in_front_of_ready(view: ClusterView, pod: Pod) -> list[Service]:
    """As `in_front_of`, also of a pod whose readiness changed."""
    after, before = view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)
    if isinstance(after, Pod) and isinstance(before, Pod) and after.is_ready != before.is_ready:
        return [service for service in view.services_in(pod.metadata.namespace) if selectors.matches(service.spec.selector, after.labels)]
    return in_front_of(view, pod)


def in_front_of(view: ClusterView, pod: Pod) -> list[Service]:
    """The Services that select a pod that was created, deleted, finished or relabeled; none for any other change of it."""
    after, before = view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)
    versions = [version for version in (after, before) if isinstance(version, Pod)]
    if len(versions) == 2 and versions[0].labels == versions[1].labels and is_alive(versions[0]) == is_alive(versions[1]):
        return []
    services = view.services_in(pod.metadata.namespace)
    return [endpoint for endpoint in services if any(selectors.matches(endpoint.spec.selector, version.labels) for version in versions)]

"""Who notices when a Service does not answer: what leads to it from outside the cluster, and the workloads that call it."""

from itertools import islice

from optral.detectors import wording
from optral.kube import owners, selectors
from optral.kube.objects import DaemonSet, Deployment, KubeObject, Service, StatefulSet
from optral.kube.view import ClusterView

MAX_SERVICES = 500  # of one namespace
MAX_CALLERS = 200  # of one Service
_LOAD_BALANCER = "LoadBalancer"
_MESH = "mesh"  # the gateway of a VirtualService that is for calls inside the mesh


def services_of(workload: KubeObject, view: ClusterView) -> list[Service]:
    """The Services that select the pods of a workload."""
    if not isinstance(workload, Deployment | StatefulSet | DaemonSet):
        return []
    labels = workload.spec.template.metadata.labels
    near = view.services_in(workload.metadata.namespace)[:MAX_SERVICES]
    return [service for service in near if service.spec.selector and selectors.matches(service.spec.selector, labels)]


def entrance(service: Service, view: ClusterView) -> str | None:
    """What leads to a Service from outside the cluster, as part of a sentence; None if nothing is known to."""
    subject = owners.ref(service)
    meshed = (route for route in view.mesh_routes_of(service.metadata.namespace, service.name) if set(route.spec.gateways) - {_MESH})
    lead: list[KubeObject] = [*view.ingresses_of(subject), *view.routes_of(subject), *meshed]
    if lead:
        return f"{min(wording.label(owners.ref(one)) for one in lead)} routes to it"
    return "it is a load balancer" if service.spec.type == _LOAD_BALANCER else None


def callers(service: Service, view: ClusterView) -> list[KubeObject]:
    """The workloads that call a Service: not the one behind it, and none that is scaled to zero. At most `MAX_CALLERS`."""
    return view.once(_callers, service)


def _callers(view: ClusterView, service: Service) -> list[KubeObject]:
    return [one for one in islice(view.callers_of(service.metadata.namespace, service.name), MAX_CALLERS) if _calls(one, service)]


def _calls(workload: KubeObject, service: Service) -> bool:
    if not isinstance(workload, Deployment | StatefulSet | DaemonSet):
        return False
    if not isinstance(workload, DaemonSet) and workload.spec.replicas == 0:
        return False
    is_near = workload.metadata.namespace == service.metadata.namespace
    return not (is_near and selectors.matches(service.spec.selector, workload.spec.template.metadata.labels))

"""By what the view finds objects: the index keys of each kind, and whether a change of an object leaves its keys as they are."""

from collections.abc import Callable, Iterable
from typing import cast

from optral.kube import addresses, calls, mesh, owners, settings
from optral.kube.objects import (
    Certificate,
    ConfigMap,
    CronJob,
    DaemonSet,
    Deployment,
    EndpointSlice,
    Event,
    Gateway,
    HorizontalPodAutoscaler,
    HTTPRoute,
    Ingress,
    Job,
    KubeObject,
    Metadata,
    NetworkPolicy,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    ResourceQuota,
    Service,
    StatefulSet,
    VirtualService,
)

PREEMPTED = "Preempted"  # the reason of those Events

Key = tuple[str, ...]
WRITTEN_SLICES: Key = ("slices that no selector keeps",)


def belong_together(one: Metadata, other: Metadata) -> bool:
    """Whether all that tells of an owner is the same."""
    return one.owner_references == other.owner_references and one.namespace == other.namespace and one.labels == other.labels


def is_found_alike(kind: str, before: KubeObject, now: KubeObject) -> bool:
    """Tell whether the keys stay; for pods and workloads without making them, since almost every change of theirs is one of status."""
    if kind == Pod.kind:
        old, new = cast(Pod, before), cast(Pod, now)
        return (
            old.spec.node_name == new.spec.node_name
            and belong_together(old.metadata, new.metadata)
            and old.spec.volumes == new.spec.volumes
        )
    if kind in CALLERS:
        was, is_now = cast(Deployment, before), cast(Deployment, now)
        if belong_together(was.metadata, is_now.metadata) and was.spec.template == is_now.spec.template:
            return True
    return of(kind, before) == of(kind, now)


def of(kind: str, obj: KubeObject) -> tuple[Key, ...]:
    more = _MORE_KEYS.get(kind)
    keys: list[Key] = [] if more is None else more(obj)
    if (reference := owners.controller(obj)) is not None:
        owner = reference.kind_id
        namespace = "" if owner in owners.CLUSTER_SCOPED_OWNERS else obj.metadata.namespace
        keys.append(("owned", kind, owner, namespace, reference.name))
    return tuple(keys)


def _pod_keys(obj: KubeObject) -> list[Key]:
    pod = cast(Pod, obj)
    namespace = pod.metadata.namespace
    keys: list[Key] = [("in", Pod.kind, namespace), ("node", pod.spec.node_name)]
    keys.extend(("claim", namespace, claim) for claim in pod.claims)
    reference = owners.controller(pod)
    if reference is not None and (owner := owners.owner_ref(reference, pod.namespace)).kind in owners.STEPPING_STONES:
        above = owners.guess_above(owner, pod.metadata.labels)
        if above is not owner:
            keys.append(("under", above.kind, namespace, above.name))
    return keys


def _slice_keys(obj: KubeObject) -> list[Key]:
    piece = cast(EndpointSlice, obj)
    return [("slices", obj.metadata.namespace, piece.service_name), *([] if piece.is_of_selector else [WRITTEN_SLICES])]


def _ingress_keys(obj: KubeObject) -> list[Key]:
    ingress = cast(Ingress, obj)
    keys: list[Key] = [("backend", obj.metadata.namespace, name) for name in sorted(ingress.backends)]
    return [*keys, ("class", Ingress.kind, ingress.class_name or "")]


def _route_keys(obj: KubeObject) -> list[Key]:
    route = cast(HTTPRoute, obj)
    home = route.metadata.namespace
    keys: dict[Key, None] = {}
    for rule in route.spec.rules:
        for backend in rule.backend_refs:
            if backend.kind in ("", "Service"):
                keys[("routed", backend.namespace or home, backend.name)] = None
    for parent in route.spec.parent_refs:
        keys[("through", parent.namespace or home, parent.name)] = None
    return list(keys)


def _mesh_keys(obj: KubeObject) -> list[Key]:
    return [("meshed", name.namespace, name.name) for name in mesh.services(cast(VirtualService, obj))]


def _gateway_keys(obj: KubeObject) -> list[Key]:
    return [("class", Gateway.kind, cast(Gateway, obj).spec.gateway_class_name)]


def _certificate_keys(obj: KubeObject) -> list[Key]:
    home = obj.metadata.namespace
    return [("in", Certificate.kind, home), ("kept-in", home, cast(Certificate, obj).spec.secret_name)]


def _volume_keys(obj: KubeObject) -> list[Key]:
    spec = cast(PersistentVolume, obj).spec
    keys: list[Key] = [("class", PersistentVolume.kind, spec.storage_class_name)]
    return keys if spec.claim_ref is None else [*keys, ("bound-to", spec.claim_ref.namespace, spec.claim_ref.name)]


def _claim_keys(obj: KubeObject) -> list[Key]:
    claim = cast(PersistentVolumeClaim, obj)
    return [("in", claim.kind, claim.metadata.namespace)]


def _workload_keys(obj: KubeObject) -> list[Key]:
    """Where it is, every Service that its template may mean, and the ConfigMaps that it reads, which may name more."""
    home, template = obj.metadata.namespace, cast(Deployment | StatefulSet | DaemonSet, obj).spec.template.spec
    keys: dict[Key, None] = {("in", obj.kind, home): None}
    for container in template.containers:
        keys |= {("reads", obj.kind, home, name): None for name in settings.names_of_configs(container, template.volumes)}
    return [*keys, *_called(obj.kind, home, calls.hosts(template))]


def _called(kind: str, home: str, hosts: Iterable[str]) -> dict[Key, None]:
    """The Services that these hosts may mean, the namespaces and the names of these Services."""
    keys: dict[Key, None] = {}
    for service in (service for host in hosts for service in addresses.services(host, home)):
        keys[("calls", kind, service.namespace, service.name)] = None
        keys[("calls-in", kind, service.namespace)] = None
        keys[("calls-named", kind, service.name)] = None
    return keys


def _config_keys(obj: KubeObject) -> list[Key]:
    """Every Service that its values may mean."""
    return list(_called(ConfigMap.kind, obj.metadata.namespace, calls.hosts_in(cast(ConfigMap, obj))))


def _service_keys(obj: KubeObject) -> list[Key]:
    """Where it is, its name, and for an alias (ExternalName) where that leads."""
    home, alias = obj.metadata.namespace, cast(Service, obj).spec.external_name
    return [("in", Service.kind, home), ("named", Service.kind, obj.metadata.name), *_called(Service.kind, home, [alias] if alias else ())]


def _job_keys(obj: KubeObject) -> list[Key]:
    first = obj.metadata.labels.get(owners.RERUN_OF)
    return [("in", Job.kind, obj.metadata.namespace), *([("rerun", first)] if first else [])]


def _event_keys(obj: KubeObject) -> list[Key]:
    event = cast(Event, obj)
    about = event.involved_object
    keys: list[Key] = [("events", about.uid)]
    if event.reason == PREEMPTED:
        keys.append((PREEMPTED, about.namespace))
    return keys


def _node_keys(obj: KubeObject) -> list[Key]:
    return [("tainted", key) for key in sorted({taint.key for taint in cast(Node, obj).spec.taints})]


def _namespaced(kind: str) -> Callable[[KubeObject], list[Key]]:
    return lambda obj: [("in", kind, obj.metadata.namespace)]


CALLERS = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)
_PLAIN = tuple(
    cls.kind for cls in (NetworkPolicy, CronJob, HorizontalPodAutoscaler, PodDisruptionBudget, ResourceQuota)
)  # kept by namespace and by nothing else
_MORE_KEYS: dict[str, Callable[[KubeObject], list[Key]]] = {
    Pod.kind: _pod_keys,
    EndpointSlice.kind: _slice_keys,
    Ingress.kind: _ingress_keys,
    Event.kind: _event_keys,
    Node.kind: _node_keys,
    HTTPRoute.kind: _route_keys,
    Gateway.kind: _gateway_keys,
    VirtualService.kind: _mesh_keys,
    Certificate.kind: _certificate_keys,
    PersistentVolume.kind: _volume_keys,
    PersistentVolumeClaim.kind: _claim_keys,
    Job.kind: _job_keys,
    ConfigMap.kind: _config_keys,
    Service.kind: _service_keys,
    **dict.fromkeys(CALLERS, _workload_keys),
    **{kind: _namespaced(kind) for kind in _PLAIN},
}
BY_NAMESPACE = frozenset({Pod.kind, Service.kind, Certificate.kind, Job.kind, PersistentVolumeClaim.kind, *CALLERS, *_PLAIN})

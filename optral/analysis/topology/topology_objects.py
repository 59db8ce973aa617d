"""What one object says of itself for a topology: its layer, its state, what it refers to, and where it sends requests."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from optral.analysis.reading.case import WORKLOADS, template_path
from optral.analysis.reading.snapshot import SnapshotObject, dicts
from optral.kube import selectors, statuses
from optral.kube.kinds import is_custom
from optral.kube.names import nearest

SERVICE, CONFIG_MAP, SECRET, CLAIM, NODE = "Service", "ConfigMap", "Secret", "PersistentVolumeClaim", "Node"
INGRESS, GATEWAY = "Ingress.networking.k8s.io", "Gateway.gateway.networking.k8s.io"
ROUTES = tuple(f"{protocol}Route.gateway.networking.k8s.io" for protocol in ("HTTP", "GRPC", "TLS", "TCP", "UDP"))
CLUSTER_SCOPED = frozenset({NODE, "PersistentVolume", "StorageClass.storage.k8s.io", "Namespace"})


class Layer(StrEnum):
    """Where an object stands: each layer depends on the next."""

    CALLER = "caller"
    SERVICE = "service"
    WORKLOAD = "workload"
    POD = "pod"
    DEPENDENCY = "dependency"


class State(StrEnum):
    """`MISSING`: something refers to it and it does not exist. `UNKNOWN`: its kind is not read, or says nothing of its state."""

    OK = "ok"
    FAILING = "failing"
    MISSING = "missing"
    UNKNOWN = "unknown"


def layer_of(kind: str) -> Layer:
    if kind in WORKLOADS:
        return Layer.WORKLOAD
    if kind == "Pod":
        return Layer.POD
    if kind in (INGRESS, GATEWAY) or is_route(kind):
        return Layer.CALLER
    if kind in (CONFIG_MAP, SECRET, CLAIM, "ServiceAccount", *CLUSTER_SCOPED):
        return Layer.DEPENDENCY
    return Layer.SERVICE  # Services, and what governs a workload: policies, budgets, quotas, autoscalers


def state_of(obj: SnapshotObject) -> tuple[State, str]:
    """How an object is by its own status, and that in a word or two.

    What waits counts as failing here, since a part of the way through it does not work; not a custom resource that progresses, or an
    object that is being deleted.
    """
    found = statuses.of(obj.kind, obj.raw)
    text = found.status or ""
    waits = found.state is statuses.State.PENDING and text != statuses.TERMINATING and not is_custom(obj.kind)
    state = State.FAILING if found.state is statuses.State.FAILING or waits else State.OK
    if waits and text == "Running":
        return state, "not ready"
    return state, f"{text} ready" if "/" in text else text


class _Reference(NamedTuple):
    kind: str
    name: str
    is_optional: bool = False


def references(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    """The claims, ConfigMaps and Secrets that a pod's spec names."""
    for volume in dicts(spec.get("volumes")):
        yield from _named(
            volume, ("persistentVolumeClaim", CLAIM, "claimName"), ("configMap", CONFIG_MAP, "name"), ("secret", SECRET, "secretName")
        )
        projected = volume.get("projected")
        for source in dicts(projected.get("sources")) if isinstance(projected, dict) else ():
            yield from _named(source, ("configMap", CONFIG_MAP, "name"), ("secret", SECRET, "name"))
    for container in (*dicts(spec.get("initContainers")), *dicts(spec.get("containers"))):
        for source in dicts(container.get("envFrom")):
            yield from _named(source, ("configMapRef", CONFIG_MAP, "name"), ("secretRef", SECRET, "name"))
        for variable in dicts(container.get("env")):
            chosen = variable.get("valueFrom")
            if isinstance(chosen, dict):
                yield from _named(chosen, ("configMapKeyRef", CONFIG_MAP, "name"), ("secretKeyRef", SECRET, "name"))
    for one in dicts(spec.get("imagePullSecrets")):
        if isinstance(one.get("name"), str):
            yield _Reference(SECRET, one["name"])


def _named(holder: Mapping[str, Any], *places: tuple[str, str, str]) -> Iterator[_Reference]:
    for member, kind, name in places:
        reference = holder.get(member)
        if isinstance(reference, dict) and isinstance(reference.get(name), str) and reference[name]:
            yield _Reference(kind, reference[name], reference.get("optional") is True)


def uses(workload: SnapshotObject, obj: SnapshotObject) -> bool:
    """Whether the pods of a workload refer to an object, or their StatefulSet makes the claim."""
    if any(
        (reference.kind, reference.name) == (obj.kind, obj.name) for reference in references(workload.map(template_path(workload.kind)))
    ):
        return True
    made, _, ordinal = obj.name.rpartition("-")
    templates = workload.many("spec.volumeClaimTemplates") if obj.kind == CLAIM and ordinal.isdecimal() else []
    return any(
        made == f"{metadata.get('name')}-{workload.name}"
        for template in templates
        if isinstance(metadata := template.get("metadata"), dict)
    )


def template_labels(workload: SnapshotObject) -> dict[str, str]:
    return workload.strings(template_path(workload.kind).removesuffix("spec") + "metadata.labels")


def is_near(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels miss a selector by one value that is nearly the same."""
    differs = selectors.differences(selector, labels)
    return len(differs) == 1 and all(value is not None and nearest(selector[key], [value]) for key, value in differs.items())


class Backend(NamedTuple):
    """A Service that a route sends requests to, and the port, if it is a number."""

    namespace: str | None
    name: str
    port: int | None


class Parent(NamedTuple):
    """A Gateway that a route attaches to; `problem` says why it does not accept the route."""

    namespace: str | None
    name: str
    problem: str


def is_route(kind: str) -> bool:
    """Whether an object of this kind is a route of the Gateway API."""
    return kind.endswith("Route.gateway.networking.k8s.io")


def backends(route: SnapshotObject) -> list[Backend]:
    """Every backend of an Ingress or of a route, once."""
    found = _of_route(route) if is_route(route.kind) else _of_ingress(route)
    return list(dict.fromkeys(found))


def _of_ingress(ingress: SnapshotObject) -> Iterator[Backend]:
    default = ingress.map("spec.defaultBackend")
    paths = [
        path.get("backend")
        for rule in ingress.many("spec.rules")
        if isinstance(http := rule.get("http"), dict)
        for path in dicts(http.get("paths"))
    ]
    for backend in (default, *paths):
        service = backend.get("service") if isinstance(backend, dict) else None
        if isinstance(service, dict) and isinstance(service.get("name"), str):
            port = service.get("port")
            yield Backend(ingress.namespace, service["name"], _number(port.get("number")) if isinstance(port, dict) else None)


def _of_route(route: SnapshotObject) -> Iterator[Backend]:
    """A backend with weight 0 gets no requests. Others than Services are not followed."""
    for rule in route.many("spec.rules"):
        for one in dicts(rule.get("backendRefs")):
            is_service = (one.get("group") or "", one.get("kind") or "Service") == ("", "Service")
            if is_service and isinstance(name := one.get("name"), str) and one.get("weight") != 0:
                yield Backend(_text(one, "namespace") or route.namespace, name, _number(one.get("port")))


def parents(route: SnapshotObject) -> list[Parent]:
    """The Gateways that a route attaches to; a mesh attaches routes to Services, which are left out."""
    found: dict[tuple[str | None, str], Parent] = {}
    statuses = [(_gateway(one.get("parentRef"), route), one) for one in route.many("status.parents")]
    for reference in route.many("spec.parentRefs"):
        if (place := _gateway(reference, route)) is not None:
            refused = [problem for of, one in statuses if of == place and (problem := _refusal(one))]
            found[place] = Parent(*place, refused[0] if refused else "")
    return list(found.values())


def _gateway(reference: Any, route: SnapshotObject) -> tuple[str | None, str] | None:
    if not isinstance(reference, dict) or not isinstance(name := reference.get("name"), str):
        return None
    kind = (reference.get("group", GATEWAY.partition(".")[2]), reference.get("kind") or "Gateway")
    return (_text(reference, "namespace") or route.namespace, name) if ".".join(reversed(kind)) == GATEWAY else None


def _refusal(status: Mapping[str, Any]) -> str:
    for one in dicts(status.get("conditions")):
        if (one.get("type"), one.get("status")) == ("Accepted", "False"):
            return f"it does not accept the route: {reason}" if (reason := _text(one, "reason")) else "it does not accept the route"
    return ""


def _text(fields: Mapping[str, Any], name: str) -> str:
    return value if isinstance(value := fields.get(name), str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def port_problem(service: SnapshotObject, ports: Iterable[int | None]) -> str:
    """Why calls of these ports do not reach a Service: it has none of them. A headless Service forwards no ports."""
    has = [port for one in service.many("spec.ports") if isinstance(port := one.get("port"), int)]
    if not has or service.text("spec.clusterIP") == "None" or service.text("spec.type") == "ExternalName":
        return ""
    missing = [port for port in ports if port is not None and port not in has]
    if not missing:
        return ""
    return f"port {missing[0]} is called; the Service has {', '.join(str(port) for port in has[:4])}"

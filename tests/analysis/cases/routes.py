"""Routes of the Gateway API and of Istio that lead to the wrong place."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, crash, row
from tests.analysis.cases.calls import ADDRESS, store
from tests.analysis.cluster import VISIBLE, Json, World, at, container, deployment, node, obj, pod, service, state, template

GATEWAY_API = "gateway.networking.k8s.io"
ISTIO = "networking.istio.io"
SEEN = VISIBLE | {f"ReferenceGrant.{GATEWAY_API}", f"DestinationRule.{ISTIO}", f"VirtualService.{ISTIO}", f"Gateway.{ISTIO}"}


PROGRAMMED = {"type": "Programmed", "status": "True", "lastTransitionTime": at(60)}


def gateway(*listeners: Json, namespace: str = "orders") -> Json:
    given = list(listeners) or [{"name": "web", "port": 80, "protocol": "HTTP"}]
    return obj(f"{GATEWAY_API}/v1", "Gateway", "edge", namespace=namespace, spec={"listeners": given}, status={"conditions": [PROGRAMMED]})


def http_route(
    *others: Json, kind: str = "HTTPRoute", parent: Json | None = None, backend: Json | None = None, **spec: Any
) -> tuple[World, Explanation]:
    """A route to `store`: an HTTPRoute that no controller has answered, or one of another kind that its controller refuses."""
    refused = {"type": "ResolvedRefs", "status": "False", "reason": "BackendNotFound", "lastTransitionTime": at(30)}
    status = {} if kind == "HTTPRoute" else {"parents": [{"parentRef": {"name": "edge"}, "conditions": [refused]}]}
    shape = {
        "parentRefs": [{"name": "edge"} | (parent or {})],
        "rules": [{"backendRefs": [{"name": "store", "port": 6379} | (backend or {})]}],
    }
    found = obj(f"{GATEWAY_API}/v1", kind, "shop", spec=shape | spec, status=status)
    world = World([found, *store(), node(), *others], visible=SEEN)
    return world, world.ask("RouteNotAccepted" if kind == "HTTPRoute" else "CustomResourceNotReady", found)


def grant(*, kind: str = "HTTPRoute", namespace: str = "orders", to: Json | None = None) -> Json:
    source = {"group": GATEWAY_API, "kind": kind, "namespace": namespace}
    return obj(
        f"{GATEWAY_API}/v1beta1",
        "ReferenceGrant",
        "allow",
        namespace="data",
        spec={"from": [source], "to": [{"group": "", "kind": "Service"} | (to or {})]},
    )


ELSEWHERE = {"name": "cache", "namespace": "data", "port": 6379}
CACHE = service("cache", selector={"app": "cache"}, ports=[{"port": 6379}])
CACHE["metadata"]["namespace"] = "data"


@case("reference_grant_missing", "shop")
def routes_to_another_namespace_without_a_grant() -> tuple[World, Explanation]:
    return http_route(CACHE, gateway(), backend=ELSEWHERE)


@case("reference_grant_missing", "shop")
def has_a_grant_for_another_kind_of_route() -> tuple[World, Explanation]:
    return http_route(CACHE, gateway(), grant(kind="TCPRoute"), backend=ELSEWHERE)


@case("listener_rejects_route", "shop")
def belongs_to_a_namespace_that_the_listener_does_not_take() -> tuple[World, Explanation]:
    return http_route(gateway(namespace="edge"), parent={"namespace": "edge"})


@case("listener_rejects_route", "shop")
def has_a_hostname_that_no_listener_has() -> tuple[World, Explanation]:
    listener = {"name": "web", "port": 80, "protocol": "HTTP", "hostname": "shop.example.com"}
    return http_route(gateway(listener), hostnames=["shp.example.com"])


row("listener_rejects_route", "shop", "names_a_listener_that_does_not_exist", lambda: http_route(gateway(), parent={"sectionName": "wev"}))


@case("route_backend_wrong", "shop")
def is_a_grpc_route_to_a_port_that_the_service_does_not_have() -> tuple[World, Explanation]:
    return http_route(gateway(), kind="GRPCRoute", backend={"port": 80})


# --- Istio


def virtual(host: str = "store", *, subset: str = "", port: int = 0, name: str = "shop", **spec: Any) -> Json:
    target = {"host": host} | ({"subset": subset} if subset else {}) | ({"port": {"number": port}} if port else {})
    return obj(f"{ISTIO}/v1", "VirtualService", name, spec={"hosts": ["store"], "http": [{"route": [{"destination": target}]}]} | spec)


def destination_rule(*subsets: tuple[str, Json], **spec: Any) -> Json:
    return obj(
        f"{ISTIO}/v1",
        "DestinationRule",
        "store",
        spec={"host": "store", "subsets": [{"name": name, "labels": labels} for name, labels in subsets]} | spec,
    )


def mesh(*things: Json) -> tuple[World, Explanation]:
    world = World([*things, *store(), node()], visible=SEEN)
    return world, world.ask("MeshRouteInvalid", things[0])


row("mesh_destination_missing", "shop", "sends_to_a_host_with_nearly_the_name_of_a_service", lambda: mesh(virtual("stroe")))
row("mesh_destination_missing", "shop", "sends_to_a_port_that_the_service_does_not_have", lambda: mesh(virtual(port=80)))


@case("mesh_subset_missing", "shop")
def sends_to_a_subset_without_a_destination_rule() -> tuple[World, Explanation]:
    of_another_host = obj(f"{ISTIO}/v1", "DestinationRule", "cache", spec={"host": "cache", "subsets": []})
    return mesh(virtual(subset="v1"), of_another_host)


@case("mesh_subset_missing", "shop")
def sends_to_a_subset_with_another_name() -> tuple[World, Explanation]:
    return mesh(virtual(subset="stabel"), destination_rule(("stable", {"app": "store"})))


@case("mesh_subset_selects_no_pod", "store")
def sends_to_a_subset_whose_labels_no_pod_has() -> tuple[World, Explanation]:
    return mesh(virtual(subset="v1"), destination_rule(("v1", {"app": "shop"})))


@case("mesh_reference_missing", "shop")
def names_a_gateway_of_another_namespace() -> tuple[World, Explanation]:
    there = obj(f"{ISTIO}/v1", "Gateway", "edge", namespace="istio-system", spec={})
    return mesh(virtual(gateways=["edge"]), there)


RESET = "ERROR request to http://store:6379/items failed: read tcp 10.0.0.7->10.0.0.9: connection reset by peer"


def meshed_store(*, sidecar: bool = True) -> tuple[Json, ...]:
    """The server `store` with a proxy beside it."""
    labels = {"app": "store"}
    boxes = [container("store", ports=[{"containerPort": 6379}]), *([container("istio-proxy")] if sidecar else [])]
    behind = deployment("store", of=template(*boxes, labels=labels))
    ready = [state(one["name"], ready=True) for one in boxes]
    return (
        service("store", selector=labels, ports=[{"port": 6379}]),
        behind,
        pod(behind, "store-1", ready=True, status={"containerStatuses": ready}),
    )


def strict(mode: str = "STRICT", *, namespace: str = "orders", **spec: Any) -> Json:
    return obj("security.istio.io/v1", "PeerAuthentication", "default", namespace=namespace, spec={"mtls": {"mode": mode}} | spec)


def calls_meshed_store(*policies: Json, sidecar: bool = True, line: str = RESET) -> tuple[World, Explanation]:
    return crash(1, line, spec=ADDRESS, extra=(*meshed_store(sidecar=sidecar), *policies))


row("mesh_tls_mismatch", "api", "sends_plain_text_where_only_mutual_tls_is_accepted", lambda: calls_meshed_store(strict()))


@case("mesh_subset_missing", "shop", "its caller fails because a route leads to a missing subset")
def calls_a_host_whose_route_is_wrong() -> tuple[World, Explanation]:
    line = "ERROR GET http://store:6379/items: 503 no healthy upstream"
    world, _ = crash(1, line, spec=ADDRESS, extra=(*store(), virtual(subset="v1")))
    world.visible = SEEN
    failing = next(one for one in world.objects if one["metadata"]["name"] == "api-1-x")
    web = next(one for one in world.objects if one["kind"] == "Deployment" and one["metadata"]["name"] == "api")
    return world, world.ask("CrashLoopBackOff", failing, owner=web, container="api")

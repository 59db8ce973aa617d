"""Pods of one revision compared: by node, by start, by image; and settings that only one workload has."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, crash, row
from tests.analysis.cases.calls import ADDRESS, TIMED_OUT, store
from tests.analysis.cluster import (
    Json,
    World,
    at,
    container,
    deployment,
    ended,
    node,
    obj,
    pod,
    recorded,
    replica_set,
    service,
    state,
    template,
    waiting,
)

ONE = "sha256:" + "1" * 64
TWO = "sha256:" + "2" * 64


def replicas(
    spec: Json, *, failing: int, ready: int, log: str = "", here: str = "node-b", image: tuple[str, str] = ("", ""), **more: Any
) -> tuple[World, Json, Json]:
    """A Deployment with one revision whose failing pods are on one node, and the first of them. `image`: digests of failing and ready."""
    web = deployment(of=template(spec, **more), replicas=failing + ready)
    revision = replica_set(web)
    world = World([web, revision, node("node-a"), node(here)])
    for index in range(failing + ready):
        fails = index < failing
        status = state(
            ready=not fails,
            restarts=5 if fails else 0,
            now=waiting("CrashLoopBackOff") if fails else {"running": {"startedAt": at(600)}},
            last=ended(1) if fails else None,
        )
        status |= {"imageID": f"registry.test/team/api@{image[0 if fails else 1]}"} if image[0] else {}
        where = here if fails else "node-a"
        conditions = [{"type": "Ready", "status": str(not fails), "lastTransitionTime": at(3 if fails else 600)}]
        one = pod(revision, f"api-1-{index}", node=where, ready=not fails, status={"containerStatuses": [status], "conditions": conditions})
        world.objects.append(one)
        if fails and log:
            world.logs[(f"api-1-{index}", "api")] = log
    return world, web, next(one for one in world.objects if one["metadata"]["name"] == "api-1-0")


def ask_first(world: World, web: Json, failing: Json) -> tuple[World, Explanation]:
    return world, world.ask("CrashLoopBackOff", failing, owner=web, container="api")


def kube_proxy(*, broken_on: str) -> list[Json]:
    daemon = obj("apps/v1", "DaemonSet", "kube-proxy", namespace="kube-system", spec={"template": template(container("kube-proxy"))})
    return [daemon, *(
        pod(daemon, f"kube-proxy-{name}", namespace="kube-system", node=name, ready=name != broken_on) for name in ("node-a", "node-b")
    )]  # fmt: skip


@case("service_network_broken", "node-b")
def reaches_no_service_from_one_node() -> tuple[World, Explanation]:
    world, web, failing = replicas(ADDRESS, failing=3, ready=7, log=TIMED_OUT)
    world.objects += [*store(), *kube_proxy(broken_on="node-b")]
    return ask_first(world, web, failing)


row("pods_fail_on_one_node", "node-b", "fails_on_one_node_only", lambda: ask_first(*replicas(container(), failing=3, ready=7)))


@case("image_tag_moved", "api")
def runs_another_image_under_the_same_tag() -> tuple[World, Explanation]:
    return ask_first(*replicas(container(), failing=1, ready=2, here="node-a", image=(TWO, ONE)))


CONFIGURED = container(envFrom=[{"configMapRef": {"name": "settings"}}])


@case("config_changed", "settings")
def fails_since_a_config_map_was_changed() -> tuple[World, Explanation]:
    world, web, failing = replicas(CONFIGURED, failing=1, ready=2, here="node-a")
    settings = obj("v1", "ConfigMap", "settings", data={"POOL": "[redacted:configmap:1]"})
    world.objects.append(settings)
    world.history = [recorded(settings, "/data/POOL", "[redacted:configmap:0]", "[redacted:configmap:1]", minutes_ago=10)]
    return ask_first(world, web, failing)


UNRESOLVED = "dial tcp: lookup store on 172.16.0.2:53: no such host"


@case("dns_policy_wrong", "api")
def asks_the_name_servers_of_its_node() -> tuple[World, Explanation]:
    return crash(1, UNRESOLVED, spec=ADDRESS, extra=store(), dnsPolicy="Default")


@case("dns_policy_wrong", "api")
def is_in_the_network_of_its_node() -> tuple[World, Explanation]:
    return crash(1, UNRESOLVED, spec=ADDRESS, extra=store(), hostNetwork=True, dnsPolicy="ClusterFirst")


@case("dns_policy_wrong", "api")
def asks_a_foreign_name_server() -> tuple[World, Explanation]:
    labels = {"labels": {"k8s-app": "kube-dns"}}
    dns = obj("v1", "Service", "kube-dns", namespace="kube-system", metadata=labels, spec={"clusterIP": "10.96.0.10"})
    searches = {"nameservers": ["8.8.8.8"], "searches": ["orders.svc.cluster.local"]}
    return crash(1, UNRESOLVED, spec=ADDRESS, extra=(*store(), dns), dnsPolicy="None", dnsConfig=searches)


@case("dns_config_wrong", "api")
def completes_no_short_name() -> tuple[World, Explanation]:
    searches = {"nameservers": ["10.96.0.10"], "searches": ["example.com"]}
    return crash(1, UNRESOLVED, spec=ADDRESS, extra=store(), dnsPolicy="None", dnsConfig=searches)


@case("dns_config_wrong", "api")
def has_too_few_ndots() -> tuple[World, Explanation]:
    spec = container(env=[{"name": "STORE_ADDR", "value": "store.orders:6379"}])
    options = {"options": [{"name": "ndots", "value": "1"}]}
    return crash(1, UNRESOLVED.replace("store", "store.orders"), spec=spec, extra=store(), dnsConfig=options)


def _calls_store(**spec: object) -> tuple[World, Explanation]:
    """A workload whose objects alone show that a name does not resolve; its pods are ready."""
    api = deployment(of=template(ADDRESS, **spec))
    world = World([api, pod(api, ready=True), *store(), node()])
    return world, world.ask("ServiceNameUnresolvable", api, host="store", service="orders/store")


@case("dns_policy_wrong", "api", "is ready and asks the name servers of its node")
def is_ready_and_asks_the_name_servers_of_its_node() -> tuple[World, Explanation]:
    return _calls_store(hostNetwork=True, dnsPolicy="ClusterFirst")


@case("dns_policy_wrong", "api", "is ready and asks a public name server only")
def is_ready_and_asks_a_public_name_server_only() -> tuple[World, Explanation]:
    return _calls_store(dnsPolicy="None", dnsConfig={"nameservers": ["1.1.1.1"]})


@case("dns_config_wrong", "api", "is ready and completes no short name")
def is_ready_and_completes_no_short_name() -> tuple[World, Explanation]:
    return _calls_store(dnsPolicy="None", dnsConfig={"nameservers": ["10.96.0.10"], "searches": ["example.com"]})


SECRET = [{"name": "STORE_URL", "valueFrom": {"secretKeyRef": {"name": "store", "key": "url"}}}]


@case("wrong_address_in_secret", "store")
def has_a_wrong_port_in_a_secret() -> tuple[World, Explanation]:
    return crash(1, "redis: dial tcp store:6380: i/o timeout", spec=container(env=SECRET), extra=store())


@case("wrong_address_in_secret", "store")
def has_a_wrong_name_in_a_secret() -> tuple[World, Explanation]:
    return crash(1, "dial tcp: lookup stroe on 10.96.0.10:53: no such host", spec=container(env=SECRET), extra=store())


@case("config_changed", "routes", "a member of a set fails since its mounted ConfigMap was changed")
def one_member_reads_the_new_routes() -> tuple[World, Explanation]:
    mounts = [{"name": "routes", "mountPath": "/etc/routes"}]
    volumes = [{"name": "routes", "configMap": {"name": "routes"}}]
    labels = {"app": "gate", "controller-revision-hash": "gate-1"}
    spec = {"replicas": 3, "template": template(container("gate", "edge.test/gate:2", volumeMounts=mounts), labels=labels, volumes=volumes)}
    owner = obj("apps/v1", "StatefulSet", "gate", namespace="edge", spec=spec)
    routes = obj("v1", "ConfigMap", "routes", namespace="edge", data={})
    world = World([owner, routes, node()], namespace="edge", history=[recorded(routes, "/data/main.yaml", "a", "b", minutes_ago=20)])
    crashing = state("gate", restarts=4, now=waiting("CrashLoopBackOff"), last=ended(2))
    running = state("gate", ready=True, now={"running": {"startedAt": at(500)}})
    failing = pod(owner, "gate-2", namespace="edge", status={"containerStatuses": [crashing]})
    world.objects += [
        failing,
        *(pod(owner, f"gate-{n}", namespace="edge", ready=True, status={"containerStatuses": [running]}) for n in (0, 1)),
    ]
    return world, world.ask("CrashLoopBackOff", failing, owner=owner, container="gate")


GATEWAY_API = "gateway.networking.k8s.io/v1"


def route(name: str, port: int) -> tuple[World, Explanation]:
    """An HTTPRoute whose only backend is this one, beside a Service `store` with port 6379."""
    condition = {"type": "ResolvedRefs", "status": "False", "reason": "BackendNotFound", "lastTransitionTime": at(30)}
    parent = {"name": "edge"}
    refused = {"parentRef": parent, "controllerName": "edge.test/gateway", "conditions": [condition]}
    spec = {"parentRefs": [parent], "rules": [{"backendRefs": [{"name": name, "port": port}]}]}
    found = obj(GATEWAY_API, "HTTPRoute", "shop", spec=spec, status={"parents": [refused]})
    world = World([found, *store(), node()])
    return world, world.ask("RouteNotAccepted", found)


row("route_backend_wrong", "shop", "routes_to_a_port_that_the_service_does_not_have", lambda: route("store", 80))
row("route_backend_wrong", "shop", "routes_to_a_service_with_nearly_this_name", lambda: route("stroe", 6379))


def callers(*, failing: int, ready: int, here: str = "node-b", also: str = "store") -> World:
    """Workloads with one pod each that call `store`, or `also` if they run; those that fail are on one node."""
    world = World([node("node-a"), node("node-b"), *store(), service("files", selector={"app": "files"}, ports=[{"port": 6379}])])
    for index in range(failing + ready):
        name, fails = f"app-{index}", index < failing
        env = [{"name": "STORE_ADDR", "value": f"{'store' if fails else also}:6379"}]
        owner = deployment(name, of=template(container(name, env=env), labels={"app": name}))
        crashing = state(name, restarts=5, now=waiting("CrashLoopBackOff"), last=ended(1))
        status = crashing if fails else state(name, ready=True)
        where = here if fails else "node-a"
        world.objects += [owner, pod(owner, f"{name}-x", node=where, ready=not fails, status={"containerStatuses": [status]})]
        if fails:
            world.logs[(f"{name}-x", name)] = TIMED_OUT
    return world


def ask_of_callers(world: World) -> tuple[World, Explanation]:
    owner, failing = (next(one for one in world.objects if one["metadata"]["name"] == name) for name in ("app-0", "app-0-x"))
    return world, world.ask("CrashLoopBackOff", failing, owner=owner, container="app-0")


@case("service_network_broken", "node-b", "callers on one node reach no Service")
def callers_on_one_node_fail() -> tuple[World, Explanation]:
    world = callers(failing=3, ready=4)
    world.objects += kube_proxy(broken_on="node-b")
    return ask_of_callers(world)

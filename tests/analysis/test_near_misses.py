"""Clusters that nearly show one of the causes found by comparison or by a message, and do not: the cause is not named."""

from collections.abc import Callable
from typing import Any

import pytest

from optral.analysis.model import Explanation
from tests.analysis.cases.base import crash
from tests.analysis.cases.calls import ADDRESS, TIMED_OUT, store
from tests.analysis.cases.comparisons import (
    CONFIGURED,
    ONE,
    SECRET,
    TWO,
    UNRESOLVED,
    ask_first,
    ask_of_callers,
    callers,
    kube_proxy,
    replicas,
    route,
)
from tests.analysis.cases.routes import (
    CACHE,
    ELSEWHERE,
    calls_meshed_store,
    destination_rule,
    gateway,
    grant,
    http_route,
    mesh,
    strict,
    virtual,
)
from tests.analysis.cluster import World, at, container, deployment, obj, recorded, service, template

Ask = Callable[[], tuple[World, Explanation]]


def _replicas(*extra: Any, **shape: Any) -> Ask:
    def ask() -> tuple[World, Explanation]:
        world, web, failing = replicas(shape.pop("spec", container()), **shape)
        world.objects += extra
        return ask_first(world, web, failing)

    return ask


def _refers(key: str | None, **data: str) -> tuple[World, Explanation]:
    """A reference to a ConfigMap that exists when the question is asked."""
    web = deployment(of=template())
    world = World([web, obj("v1", "ConfigMap", "settings", data=data)])
    return world, world.ask("MissingReference", web, kind="ConfigMap", name="settings", key=key, nearest=None)


def _crash(line: str, **more: Any) -> Ask:
    return lambda: crash(1, line, **more)


def _config(minutes_ago: float, *, name: str = "settings") -> tuple[World, Explanation]:
    world, web, failing = replicas(CONFIGURED, failing=1, ready=2, here="node-a")
    changed = obj("v1", "ConfigMap", name, data={})
    world.objects += [changed, *([] if name == "settings" else [obj("v1", "ConfigMap", "settings")])]
    world.history = [recorded(changed, "/data/POOL", "1", "2", minutes_ago=minutes_ago)]
    return ask_first(world, web, failing)


def _also_fails_elsewhere() -> tuple[World, Explanation]:
    world, web, failing = replicas(ADDRESS, failing=3, ready=7, log=TIMED_OUT)
    other = next(one for one in world.objects if one["metadata"]["name"] == "api-1-5")
    other["status"]["conditions"] = [{"type": "Ready", "status": "False", "lastTransitionTime": at(3)}]
    world.objects += [*store(), *kube_proxy(broken_on="node-b")]
    return ask_first(world, web, failing)


def _two_architectures() -> tuple[World, Explanation]:
    world, web, failing = replicas(container(), failing=1, ready=2, here="node-b", image=(TWO, ONE))
    for one in world.objects:
        if one["kind"] == "Node":
            one["metadata"]["labels"] = {"kubernetes.io/arch": "arm64" if one["metadata"]["name"] == "node-b" else "amd64"}
    return ask_first(world, web, failing)


GRANTED = {"reference_grant_missing"}
REJECTED = {"listener_rejects_route"}
MESHED = {"mesh_destination_missing", "mesh_subset_missing", "mesh_subset_selects_no_pod", "mesh_reference_missing"}
UNENCRYPTED = {"mesh_tls_mismatch"}
BY_LABEL = {"name": "web", "port": 80, "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}}}
ANY_HOST = {"name": "web", "port": 80, "hostname": "*.example.com"}
FROM_ALL = {"name": "web", "port": 80, "allowedRoutes": {"namespaces": {"from": "All"}}}
TEAM = obj("v1", "Namespace", "orders", namespace=None, metadata={"labels": {"team": "a"}})
NOT_CLOSED = "dial tcp store:6379: connect: connection refused"
OF_PORT = {"selector": {"matchLabels": {"app": "store"}}, "portLevelMtls": {"6379": {"mode": "DISABLE"}}}


VOLUME: Any = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
REDIS = service("redis", selector={"app": "redis"}, clusterIP="10.96.0.7")
LINK = 'strconv.ParseInt: parsing "tcp://10.96.0.7:6379": invalid syntax'
PORT_SET = container(env=[{"name": "REDIS_PORT", "value": "x"}])
TOKEN = "open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory"
WRONG_PORT = "redis: dial tcp store:6380: i/o timeout"
TWO_SECRETS = [*SECRET, {"name": "DB_URL", "valueFrom": {"secretKeyRef": {"name": "db", "key": "url"}}}]


@pytest.mark.parametrize(
    ("causes", "ask"),
    [
        pytest.param({"pods_fail_on_one_node"}, _replicas(failing=1, ready=2), id="one pod is no comparison"),
        pytest.param({"pods_fail_on_one_node"}, _replicas(failing=3, ready=0), id="no pod runs elsewhere"),
        pytest.param({"pods_fail_on_one_node"}, _replicas(failing=3, ready=3, here="node-a"), id="others run on the same node"),
        pytest.param({"pods_fail_on_one_node"}, _replicas(failing=3, ready=7, volumes=VOLUME), id="each pod may have a volume of its own"),
        pytest.param({"service_network_broken", "pods_fail_on_one_node"}, _also_fails_elsewhere, id="a pod on another node fails too"),
        pytest.param({"service_network_broken"}, _replicas(failing=3, ready=7), id="no log reports a failed connection"),
        pytest.param({"service_network_broken"}, lambda: ask_of_callers(callers(failing=2, ready=4)), id="two callers are too few"),
        pytest.param({"service_network_broken"}, lambda: ask_of_callers(callers(failing=4, ready=2)), id="too few run elsewhere"),
        pytest.param({"service_network_broken"}, lambda: ask_of_callers(callers(failing=3, ready=4, here="node-a")), id="others run there"),
        pytest.param(
            {"service_network_broken"}, lambda: ask_of_callers(callers(failing=3, ready=4, also="files")), id="no Service in common"
        ),
        pytest.param({"image_tag_moved"}, _replicas(failing=1, ready=2, here="node-a", image=(ONE, ONE)), id="the same image"),
        pytest.param({"image_tag_moved"}, _two_architectures, id="the nodes have two architectures"),
        pytest.param({"config_changed"}, lambda: _config(1000), id="those that run started after the change too"),
        pytest.param({"config_changed"}, lambda: _config(10, name="other"), id="a ConfigMap that the container does not read"),
        pytest.param({"config_changed"}, lambda: _config(1), id="it failed before the change"),
        pytest.param({"dns_policy_wrong"}, _crash(UNRESOLVED, spec=ADDRESS, extra=store()), id="it asks the cluster's DNS"),
        pytest.param({"dns_policy_wrong"}, _crash(UNRESOLVED, spec=ADDRESS, dnsPolicy="Default"), id="the Service does not exist"),
        pytest.param({"dns_policy_wrong"}, _crash(TIMED_OUT, spec=ADDRESS, extra=store(), dnsPolicy="Default"), id="the name resolves"),
        pytest.param(
            {"dns_config_wrong"},
            _crash(UNRESOLVED, spec=ADDRESS, extra=store(), dnsPolicy="None", dnsConfig={"searches": ["orders.svc.cluster.local"]}),
            id="its searches complete the name",
        ),
        pytest.param(
            {"dns_config_wrong"},
            _crash(UNRESOLVED, spec=ADDRESS, extra=store(), dnsConfig={"options": [{"name": "ndots", "value": "5"}]}),
            id="its ndots are enough",
        ),
        pytest.param({"wrong_address_in_secret"}, _crash(WRONG_PORT, spec=ADDRESS, extra=store()), id="no address comes from a Secret"),
        pytest.param({"wrong_address_in_secret"}, _crash(WRONG_PORT, spec=container(env=SECRET)), id="the Service is unknown"),
        pytest.param({"wrong_address_in_secret"}, _crash(WRONG_PORT, spec=container(env=TWO_SECRETS), extra=store()), id="two Secrets"),
        pytest.param(
            {"wrong_address_in_secret"}, _crash(TIMED_OUT, spec=container(env=SECRET), extra=store()), id="the Service has this port"
        ),
        pytest.param({"service_link_collides"}, _crash(LINK), id="no Service has this address"),
        pytest.param({"service_link_collides"}, _crash(LINK, extra=(REDIS,), enableServiceLinks=False), id="service links are off"),
        pytest.param({"service_link_collides"}, _crash(LINK, extra=(REDIS,), spec=PORT_SET), id="the template sets the variable"),
        pytest.param({"service_account_token_missing"}, _crash(TOKEN), id="the token is mounted by default"),
        pytest.param({"user_not_in_image"}, _crash('FATAL: role "1001" does not exist'), id="a user of the database"),
        pytest.param({"privileged_port"}, _crash("listen tcp :8080: bind: permission denied"), id="a port above 1023"),
        pytest.param({"privileged_port"}, _crash("listen tcp :80: bind: address already in use"), id="the port is taken"),
        pytest.param({"route_backend_wrong"}, lambda: route("store", 6379), id="the Service has this port"),
        pytest.param(GRANTED, lambda: http_route(CACHE, gateway(), grant(), backend=ELSEWHERE), id="a grant for every Service"),
        pytest.param(GRANTED, lambda: http_route(CACHE, gateway(), grant(to={"name": "cache"}), backend=ELSEWHERE), id="for this one"),
        pytest.param(GRANTED, lambda: http_route(gateway()), id="its own namespace"),
        pytest.param(REJECTED, lambda: http_route(gateway()), id="the Gateway's namespace"),
        pytest.param(REJECTED, lambda: http_route(gateway(FROM_ALL, namespace="edge"), parent={"namespace": "edge"}), id="all namespaces"),
        pytest.param(REJECTED, lambda: http_route(gateway(BY_LABEL, namespace="edge"), TEAM, parent={"namespace": "edge"}), id="its label"),
        pytest.param(REJECTED, lambda: http_route(gateway(ANY_HOST), hostnames=["shop.example.com"]), id="a wildcard of the listener"),
        pytest.param(REJECTED, lambda: http_route(gateway(ANY_HOST), hostnames=["*.shop.example.com"]), id="a wildcard of the route"),
        pytest.param(REJECTED, lambda: http_route(gateway(), hostnames=["shop.example.com"]), id="a listener without hostname"),
        pytest.param(MESHED, lambda: mesh(virtual()), id="the Service exists"),
        pytest.param(MESHED, lambda: mesh(virtual("pay.example.com")), id="a host outside the cluster"),
        pytest.param(MESHED, lambda: mesh(virtual(subset="v1"), destination_rule(("v1", {"app": "store"}))), id="a subset with pods"),
        pytest.param(UNENCRYPTED, lambda: calls_meshed_store(strict("PERMISSIVE")), id="plain text is accepted"),
        pytest.param(UNENCRYPTED, lambda: calls_meshed_store(strict(), sidecar=False), id="the server has no sidecar"),
        pytest.param(UNENCRYPTED, lambda: calls_meshed_store(strict(), line=NOT_CLOSED), id="the connection is refused"),
        pytest.param(
            UNENCRYPTED, lambda: calls_meshed_store(strict("PERMISSIVE"), strict(namespace="istio-system")), id="the namespace decides"
        ),
        pytest.param(UNENCRYPTED, lambda: calls_meshed_store(strict("STRICT", **OF_PORT)), id="not on this port"),
        pytest.param({"missing_key", "missing_config_map"}, lambda: _refers("a", a="1"), id="the key was added meanwhile"),
        pytest.param({"missing_key", "missing_config_map"}, lambda: _refers(None), id="the ConfigMap was created meanwhile"),
        pytest.param({"shared_memory_too_small"}, _crash("write /data/x: no space left on device"), id="a disk is full"),
        pytest.param({"file_descriptor_limit"}, _crash("open /etc/app.yaml: no such file or directory"), id="a file is missing"),
        pytest.param({"process_limit"}, _crash("java.lang.OutOfMemoryError: Java heap space"), id="the heap is full"),
        pytest.param({"data_version_incompatible"}, _crash('ERROR: relation "orders" does not exist'), id="a table is missing"),
        pytest.param({"data_directory_locked"}, _crash("bind: address already in use"), id="a port is taken"),
        pytest.param({"database_migration_stuck"}, _crash("applied 12 migrations, schema is up to date"), id="the migration succeeded"),
        pytest.param({"kernel_setting_too_low"}, _crash("heap of 64 MiB is too low"), id="no kernel setting"),
        pytest.param({"api_version_removed"}, _crash("no matches for kind in the list"), id="no kind is named"),
        pytest.param({"clock_skew"}, _crash("x509: certificate has expired or is not yet valid"), id="a certificate has expired"),
        pytest.param({"leader_election_lost"}, _crash("attempting to acquire leader lease kube-system/x"), id="it waits for the lease"),
        pytest.param({"ip_family_unsupported"}, _crash("dial tcp [::1]:80: connect: connection refused"), id="IPv6 works"),
        pytest.param({"dependency_rate_limited"}, _crash("served 429 requests"), id="a number"),
    ],
)
def test_a_near_miss_is_not_named(causes: set[str], ask: Ask) -> None:
    _, found = ask()
    assert not causes & {one["id"] for one in found.body["hypotheses"]}

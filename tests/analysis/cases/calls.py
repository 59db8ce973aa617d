"""Workloads that call others: wrong addresses, missing Services, servers that refuse."""

import json
from functools import partial
from typing import Any

from optral.analysis.model import Explanation
from optral.kube.kinds import BY_ID
from optral.kube.redact import Redactor
from tests.analysis.cases.base import case, crash, row
from tests.analysis.cluster import World, container, deployment, event, node, obj, pod, recorded, replica_set, service, state, template

ADDRESS = container(env=[{"name": "STORE_ADDR", "value": "store:6379"}])


def store(*, port: int = 6379, target: int = 6379, ready: bool = True, **more: Any) -> tuple[Any, Any, Any]:
    """A healthy server called `store`: its Service, its Deployment and its pod."""
    labels = {"app": "store"}
    behind = deployment("store", of=template(container("store", ports=[{"containerPort": 6379}]), labels=labels))
    pods = pod(behind, "store-1", ready=ready, status={"containerStatuses": [state("store", ready=ready)]})
    return service("store", selector=labels, ports=[{"port": port, "targetPort": target}], **more), behind, pods


@case("dependency_connections_exhausted", "store")
def is_turned_away_by_a_full_server() -> tuple[World, Explanation]:
    return crash(1, "FATAL: sorry, too many clients already (store:6379)", spec=ADDRESS, extra=store())


@case("dependency_read_only", "store")
def may_only_read() -> tuple[World, Explanation]:
    return crash(1, "READONLY You can't write against a read only replica.", spec=ADDRESS, extra=store())


@case("dependency_memory_full", "store")
def writes_to_a_cache_that_is_full() -> tuple[World, Explanation]:
    line = "redis.exceptions.OutOfMemoryError: command not allowed when used memory > 'maxmemory'."
    return crash(1, line, spec=ADDRESS, extra=store())


@case("database_schema_missing", "api")
def queries_a_column_that_does_not_exist() -> tuple[World, Explanation]:
    return crash(1, 'ERROR: column "due" does not exist at character 8')


row("database_schema_missing", "api", "opens_a_database_that_does_not_exist", lambda: crash(1, 'FATAL: database "orders" does not exist'))


@case("database_schema_missing", "api")
def finds_another_migration_than_it_has() -> tuple[World, Explanation]:
    return crash(1, "ERROR: Validate failed: Migration checksum mismatch for migration version 1.8")


@case("database_schema_missing", "api")
def asks_for_a_table_nobody_made() -> tuple[World, Explanation]:
    return crash(1, 'ERROR: relation "invoices" does not exist at character 15')


@case("rbac_forbidden", "api")
def may_not_ask_the_cluster() -> tuple[World, Explanation]:
    return crash(1, 'pods is forbidden: User "system:serviceaccount:orders:default" cannot list resource "pods" in API group ""')


@case("service_missing", "store")
def calls_a_service_nobody_made() -> tuple[World, Explanation]:
    _, behind, pods = store()
    return crash(1, "dial tcp: lookup store on 10.0.0.10:53: no such host", spec=ADDRESS, extra=(behind, pods))


@case("quota_exceeded", "team", "calls a service that a quota refuses")
def calls_a_service_that_a_quota_refuses() -> tuple[World, Explanation]:
    _, behind, pods = store()
    quota = obj("v1", "ResourceQuota", "team", status={"hard": {"services": "3"}, "used": {"services": "3"}})
    return crash(1, "dial tcp: lookup store on 10.0.0.10:53: no such host", spec=ADDRESS, extra=(behind, pods, quota))


@case("service_port_mismatch", "store")
def calls_the_port_the_pods_listen_on() -> tuple[World, Explanation]:
    return crash(1, "dial tcp 10.0.3.7:6379: i/o timeout", spec=ADDRESS, extra=store(port=6380))


@case("wrong_dependency_address", "api", "an address alone")
def is_said_to_call_a_name_nobody_has() -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "STORE_ADDR", "value": "stroe:6379"}])))
    world = World([web, *store()])
    return world, world.ask("ServiceMissing", web)


@case("wrong_dependency_address", "api", "the address of a store whose rest is masked")
def is_said_to_call_a_store_nobody_has() -> tuple[World, Explanation]:
    masked = "jdbc:postgresql://stroe:5432 [redacted:env:0a1b2c3d]"
    web = deployment(of=template(container(env=[{"name": "DATABASE_URL", "value": masked}])))
    world = World([web, *store()])
    return world, world.ask("ServiceMissing", web)


def config(data: dict[str, str], name: str = "app") -> Any:
    """A ConfigMap as the agent sends it."""
    raw = json.dumps(obj("v1", "ConfigMap", name, data=data)).encode()
    return json.loads(Redactor(b"0" * 16).redact(BY_ID["ConfigMap"], raw))


@case("wrong_dependency_address", "api", "the address in a variable from a ConfigMap")
def is_said_to_call_a_name_of_a_config_map() -> tuple[World, Explanation]:
    web = deployment(of=template(container(envFrom=[{"configMapRef": {"name": "app"}}])))
    world = World([web, config({"STORE_HOST": "stroe", "STORE_PORT": "6379"}), *store()])
    return world, world.ask("ServiceMissing", web)


@case("wrong_dependency_address", "api", "an address of a ConfigMap that was changed")
def is_said_to_call_what_a_config_map_got() -> tuple[World, Explanation]:
    web = deployment(of=template(container(envFrom=[{"configMapRef": {"name": "app"}}])))
    written = config({"STORE_HOST": "stroe", "STORE_PORT": "6379"})
    world = World([web, written, *store()])
    world.history.append(recorded(written, "/addresses/STORE_HOST STORE_HOST", "store", "stroe"))
    return world, world.ask("ServiceMissing", web)


@case("wrong_dependency_address", "api", "the address in a file of a ConfigMap")
def is_said_to_call_a_name_of_a_mounted_file() -> tuple[World, Explanation]:
    mounted = container(volumeMounts=[{"name": "config", "mountPath": "/etc/app"}])
    web = deployment(of=template(mounted, volumes=[{"name": "config", "configMap": {"name": "app"}}]))
    world = World([web, config({"app.yaml": "cache:\n  url: redis://:hunter2@stroe:6379/0\n"}), *store()])
    return world, world.ask("ServiceMissing", web)


@case("wrong_dependency_address", "api", "the last of two values of a variable")
def is_said_to_call_the_last_of_two_values() -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "STORE_ADDR", "value": f"{name}:6379"} for name in ("store", "stroe")])))
    world = World([web, *store()])
    return world, world.ask("ServiceMissing", web)


@case("wrong_dependency_address", "api", "the port of the scheme")
def is_said_to_call_the_port_of_a_scheme() -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "STORE_URL", "value": "http://store/v1"}])))
    world = World([web, *store(port=8080, target=8080)])
    return world, world.ask("ServiceMissing", web, case="portMissing", host="store", port=80, nearest="store", offers=[8080])


@case("wrong_dependency_address", "api", "a value that overrides the right one")
def is_said_to_call_what_overrides_the_right_host() -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "STORE_ADDR", "value": host} for host in ("store:6379", "legacy-cache:6380")])))
    world = World([web, *store()])
    return world, world.ask("ServiceMissing", web, case="nameWrong", host="legacy-cache", port=6380, nearest="store", overrides=["env"])


@case("dependency_unavailable", "legacy", "the last of two values names it")
def calls_what_overrides_a_server_that_works() -> tuple[World, Explanation]:
    twice = container(env=[{"name": "STORE_ADDR", "value": f"{host}:6379"} for host in ("store", "legacy")])
    legacy = service("legacy", selector={"app": "legacy"}, ports=[{"port": 6379}])
    return crash(1, "dial tcp 10.0.3.8:6379: connect: connection refused (legacy:6379)", spec=twice, extra=(*store(), legacy))


@case("wrong_dependency_address", "api", "a port alone")
def is_said_to_call_a_port_nobody_has() -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "STORE_HOST", "value": "store"}, {"name": "STORE_PORT", "value": "6479"}])))
    other = deployment("other", of=template(container("other", env=[{"name": "STORE", "value": "store:6379"}]), labels={"app": "other"}))
    world = World([web, other, *store()])
    return world, world.ask("ServiceMissing", web)


@case("quota_exceeded", "team", "the quota itself")
def is_full_and_refuses() -> tuple[World, Explanation]:
    quota = obj("v1", "ResourceQuota", "team", status={"hard": {"pods": "4"}, "used": {"pods": "4"}})
    web = deployment(replicas=3, status={"replicas": 1})
    short = replica_set(web, replicas=3, status={"replicas": 1})
    words = 'pods "api-1-y" is forbidden: exceeded quota: team, requested: pods=1, used: pods=4, limited: pods=4'
    world = World([quota, web, short, event(short, "FailedCreate", words), node()])
    return world, world.ask("ResourceQuotaExceeded", quota)


@case("quota_exceeded", "team", "a full quota and what is missing")
def has_no_room_for_a_service() -> tuple[World, Explanation]:
    quota = obj("v1", "ResourceQuota", "team", status={"hard": {"services": "1"}, "used": {"services": "1"}})
    world = World([quota, deployment(), *store(), node()])
    return world, world.ask("ResourceQuotaExceeded", quota, cause="nothingLeft", missingKind="Service", missing=["api"])


FAR = container(env=[{"name": "VAULT_ADDR", "value": "http://vault.platform.svc:8200"}])


@case("wrong_dependency_address", "api", "a port that a Service of another namespace does not have")
def calls_a_port_of_another_namespace() -> tuple[World, Explanation]:
    web = deployment(of=template(FAR))
    world = World(
        [web, replica_set(web, of=template(FAR)), *(obj("v1", "Namespace", name, namespace=None) for name in ("shop", "platform"))]
    )
    seen = {"case": "portMissing", "host": "vault.platform.svc", "port": 8200, "nearest": "vault", "offers": [80]}
    return world, world.ask("ServiceMissing", web, **seen)


@case("wrong_dependency_address", "vault", "an alias of a name that does not exist")
def calls_an_alias_that_leads_nowhere() -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "VAULT_ADDR", "value": "vault:8200"}])))
    alias = service("vault", type="ExternalName", externalName="valut.platform.svc.cluster.local")
    facts = {"case": "aliasWrong", "externalName": "valut.platform.svc.cluster.local", "nearest": "vault.platform"}
    world = World([web, alias])
    return world, world.ask("ServiceMissing", web, host="vault", port=8200, **facts)


ELSEWHERE = {
    "vault-server:8200": {"case": "namespaceMissing", "nearest": "vault-server.platform", "offers": [8200]},
    "vault.platfrm.svc:8200": {"case": "namespaceWrong", "nearest": "vault.platform", "offers": [8200]},
    "valut.platform.svc:8200": {"case": "nameWrong", "nearest": "vault.platform", "offers": [8200]},
    "vault.platform.svc:8200": {"case": "nameUnknown", "nearest": None},
}


def _elsewhere(address: str) -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "VAULT_ADDR", "value": address}])))
    world = World([web, obj("v1", "Namespace", "platform", namespace=None), service("x")])
    return world, world.ask("ServiceMissing", web, host=address.partition(":")[0], port=8200, **ELSEWHERE[address])


for _address in ELSEWHERE:
    row("wrong_dependency_address", "api", f"calls_{_address.partition(':')[0]}_of_another_namespace", partial(_elsewhere, _address))


ASTRAY = container(env=[{"name": "STORE_ADDR", "value": "store.archive.svc.cluster.local:6379"}])


@case("wrong_dependency_address", "api", "calls its own server in another namespace")
def calls_its_own_server_in_another_namespace() -> tuple[World, Explanation]:
    log = "dial tcp: lookup store.archive.svc.cluster.local on 10.0.0.10:53: no such host"
    return crash(1, log, spec=ASTRAY, extra=(*store(), obj("v1", "Namespace", "archive", namespace=None)))


def caller(name: str, *, ready: bool = True, node: str = "node-1", **spec: Any) -> tuple[Any, Any]:
    """Another workload that calls `store`, with its pod."""
    labels = {"app": name}
    owner = deployment(name, of=template(container(name, env=ADDRESS["env"]), labels=labels, **spec))
    return owner, pod(owner, f"{name}-1", ready=ready, node=node, status={"containerStatuses": [state(name, ready=ready)]})


TIMED_OUT = "dial tcp 10.0.3.7:6379: i/o timeout (store:6379)"


@case("unreachable_for_one_caller", "api")
def cannot_reach_what_others_reach() -> tuple[World, Explanation]:
    return crash(1, TIMED_OUT, spec=ADDRESS, extra=(*store(), *caller("cart", node="node-2"), *caller("web", node="node-2")))


@case("unreachable_for_one_caller", "api")
def resolves_names_in_its_own_way() -> tuple[World, Explanation]:
    return crash(1, TIMED_OUT, spec=ADDRESS, extra=(*store(), *caller("cart")), dnsPolicy="Default")


@case("dependency_unavailable", "store")
def is_out_of_reach_for_all_its_callers() -> tuple[World, Explanation]:
    return crash(1, TIMED_OUT, spec=ADDRESS, extra=(*store(), *caller("cart", ready=False), *caller("web", ready=False)))


@case("service_missing", "stroe")
def reads_a_name_with_a_slip_from_its_configuration() -> tuple[World, Explanation]:
    mounted = container(volumeMounts=[{"name": "conf", "mountPath": "/etc/nginx/conf.d"}])
    line = 'nginx: [emerg] host not found in upstream "stroe" in /etc/nginx/conf.d/default.conf:1'
    return crash(1, line, spec=mounted, extra=store(), volumes=[{"name": "conf", "configMap": {"name": "nginx"}}])

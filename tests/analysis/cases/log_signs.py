"""Pods that are ready and keep logging a failure, as the agent reports it: one `LogSigns` of each pod."""

from datetime import timedelta
from functools import partial
from typing import Any

from optral.analysis.model import Explanation
from optral.kube import log_reports, log_tally
from optral.kube.log_reports import ContainerTally
from optral.kube.log_tally import Line
from tests.analysis.cases.base import case, limited, row
from tests.analysis.cluster import (
    NOON,
    Json,
    World,
    at,
    container,
    deployment,
    event,
    node,
    obj,
    pod,
    replica_set,
    service,
    state,
    template,
)

SINCE = {"running": {"startedAt": at(180)}}


def keeps_logging(of: Json, *lines: str, part: str = "", minutes: float = 20, ended: float = 0.2, every_s: float = 15) -> list[Json]:
    """The agent's report, if there is one, of a pod that writes these lines in turn for so long, until `ended` minutes ago."""
    begin, end = NOON - timedelta(minutes=minutes), NOON - timedelta(minutes=ended)
    times = range(int((end - begin).total_seconds() / every_s) + 1)
    written = (Line(end.timestamp() - number * every_s, line) for number in reversed(times) for line in lines)
    name = part or of["spec"]["containers"][0]["name"]
    tally = ContainerTally(name, (NOON - timedelta(minutes=180)).timestamp(), log_tally.of_lines(written))
    pod_of = of["metadata"]
    report = log_reports.manifest(pod_of["namespace"], pod_of["name"], pod_of["uid"], [tally])
    return [] if report is None else [report]


def caller(name: str, *lines: str, ready: bool = True, spec: Any = None, events: tuple[str, ...] = (), **pod_spec: Any) -> list[Json]:
    """A Deployment with one pod, which runs and keeps logging these lines; the Deployment and the pod first."""
    web = deployment(name, of=template(spec or container(name), labels={"app": name}, **pod_spec))
    web["status"] |= {"readyReplicas": int(ready), "availableReplicas": int(ready)}
    owner = replica_set(web)
    status = {"containerStatuses": [state(name, ready=ready, now=SINCE)]}
    runs = pod(owner, f"{name}-1-x", ready=ready, status=status)
    told = [event(runs, "Unhealthy", message, container=name) for message in events]
    return [web, runs, owner, *told, *keeps_logging(runs, *lines)]


def server(name: str, *, port: int, ready: bool = True) -> list[Json]:
    """A Service with one pod behind it."""
    found = caller(name, ready=ready, spec=container(name, ports=[{"containerPort": port}]))
    return [service(name, selector={"app": name}, ports=[{"port": port, "targetPort": port}]), *found]


def logs(type_: str, line: str, *extra: Json, spec: Any = None, **more: Any) -> tuple[World, Explanation]:
    """What is asked about a pod that is ready and keeps logging a line."""
    of_api = caller("api", line, spec=spec, **more)
    world = World([*of_api, node(), *extra])
    return world, world.ask(type_, of_api[1], owner=of_api[0], container="api")


def mounts(kind: str, name: str, path: str) -> tuple[Any, list[Json]]:
    """A container that mounts a ConfigMap or Secret, and the volume."""
    source = {"configMap": {"name": name}} if kind == "ConfigMap" else {"secret": {"secretName": name}}
    return container(volumeMounts=[{"name": "files", "mountPath": path}]), [{"name": "files", **source}]


def env(**values: str) -> Any:
    return container(env=[{"name": name, "value": value} for name, value in values.items()])


def of_secret(secret: str, **keys: str) -> Any:
    chosen = {name: {"secretKeyRef": {"name": secret, "key": key}} for name, key in keys.items()}
    return container(env=[{"name": name, "valueFrom": source} for name, source in chosen.items()])


# --- ContainerMisconfigured

NO_FILE = 'level=error msg="cannot reload limits" err="open /etc/app/limits.yaml: no such file or directory"'


@case("missing_key", "api")
def runs_without_a_key_of_its_mounted_config_map() -> tuple[World, Explanation]:
    spec, volumes = mounts("ConfigMap", "settings", "/etc/app")
    settings = obj("v1", "ConfigMap", "settings", data={"app.yaml": "a: 1", "limit.yaml": "b: 2"})
    return logs("ContainerMisconfigured", NO_FILE, settings, spec=spec, volumes=volumes)


@case("missing_env_or_config", "api")
def runs_without_a_key_of_its_mounted_secret() -> tuple[World, Explanation]:
    spec, volumes = mounts("Secret", "limits", "/etc/app")
    return logs("ContainerMisconfigured", NO_FILE, spec=spec, volumes=volumes)


@case("missing_key", "api")
def runs_without_a_variable_of_its_config_map() -> tuple[World, Explanation]:
    spec = container(envFrom=[{"configMapRef": {"name": "settings"}}])
    settings = obj("v1", "ConfigMap", "settings", data={"PARTNER_ULR": "x", "LEVEL": "info"})
    return logs("ContainerMisconfigured", "ERROR required environment variable PARTNER_URL is not set", settings, spec=spec)


@case("missing_env_or_config", "api")
def runs_without_a_variable_that_its_config_map_never_had() -> tuple[World, Explanation]:
    spec = container(envFrom=[{"configMapRef": {"name": "settings"}}])
    settings = obj("v1", "ConfigMap", "settings", data={"LEVEL": "info"})
    return logs("ContainerMisconfigured", "ERROR required environment variable PARTNER_URL is not set", settings, spec=spec)


row(
    "invalid_config",
    "api",
    "runs_with_a_configuration_it_cannot_read",
    lambda: logs("ContainerMisconfigured", 'nginx: [emerg] unknown directive "proxy_pas" in /etc/nginx/conf.d/default.conf:9'),
)
row(
    "file_permission_denied",
    "api",
    "runs_and_may_not_write_its_queue",
    lambda: logs("ContainerMisconfigured", "ERROR open /var/spool/app/queue.db: permission denied"),
)

# --- KubernetesAccessDenied

NO_LIST = 'pods is forbidden: User "system:serviceaccount:orders:agent" cannot list resource "pods" in API group "" at the cluster scope'
NO_LEASE = (
    'E0301 11:59:48.123456       1 leaderelection.go:332] error retrieving resource lock orders/api: leases.coordination.k8s.io "api" is '
    'forbidden: User "system:serviceaccount:orders:default" cannot get resource "leases" in API group "coordination.k8s.io" in the '
    'namespace "orders"'
)
row("rbac_forbidden", "api", "runs_and_may_not_list_pods", lambda: logs("KubernetesAccessDenied", NO_LIST, serviceAccountName="agent"))
row("rbac_forbidden", "api", "runs_and_may_not_take_its_lease", lambda: logs("KubernetesAccessDenied", NO_LEASE))
row(
    "api_version_removed",
    "api",
    "runs_and_wants_a_kind_that_is_not_installed",
    lambda: logs("KubernetesAccessDenied", 'ERROR no matches for kind "Certificate" in version "cert-manager.io/v1"'),
)

# --- CertificateRejected

EXPIRED = (
    'Get "https://store.orders.svc:8443/v1/items": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: '
    "current time 2026-03-01T11:59:48Z is after 2026-02-28T00:00:00Z"
)
UNKNOWN_CA = 'Post "https://store:8443/v1/items": tls: failed to verify certificate: x509: certificate signed by unknown authority'


@case("certificate_invalid", "api")
def runs_and_its_server_has_an_expired_certificate() -> tuple[World, Explanation]:
    return logs("CertificateRejected", EXPIRED, *server("store", port=8443), spec=env(STORE_URL="https://store.orders.svc:8443"))


row(
    "certificate_invalid",
    "api",
    "runs_and_does_not_know_the_issuer_of_its_server",
    lambda: logs("CertificateRejected", UNKNOWN_CA, *server("store", port=8443)),
)

# --- another protocol on the port

PLAIN = 'Get "https://store:8080/v1/items": http: server gave HTTP response to HTTPS client'


@case("connection_protocol_mismatch", "api")
def runs_and_uses_https_where_its_server_serves_http() -> tuple[World, Explanation]:
    return logs("DependencyUnreachable", PLAIN, *server("store", port=8080), spec=env(STORE_URL="https://store:8080"))


row(
    "connection_protocol_mismatch",
    "api",
    "runs_and_uses_http_where_its_server_serves_https",
    lambda: logs(
        "DependencyUnreachable", 'ERROR POST store:8443: malformed HTTP response "\\x15\\x03\\x01\\x00"', *server("store", port=8443)
    ),
)

# --- CredentialsRejected

NO_PASSWORD = 'FATAL: password authentication failed for user "shop"'


@case("bad_credentials", "api")
def runs_and_its_database_rejects_the_password_of_its_secret() -> tuple[World, Explanation]:
    spec = of_secret("shop-db", PGUSER="user", PGPASSWORD="password")
    spec["env"].append({"name": "PGHOST", "value": "db"})
    return logs("CredentialsRejected", NO_PASSWORD, *server("db", port=5432), spec=spec)


row(
    "bad_credentials",
    "api",
    "runs_and_its_cache_wants_a_password",
    lambda: logs(
        "CredentialsRejected",
        "redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is disabled.",
        spec=of_secret("cache", REDIS_URL="url"),
    ),
)
row(
    "application_logs_error",
    "api",
    "runs_without_a_license",
    lambda: logs("CredentialsRejected", "ERROR failed to add license: conflicts : invalid license key"),
)

# --- SchemaMissing

NO_TABLE = 'ERROR:  relation "orders" does not exist at character 15'
row(
    "database_schema_missing",
    "api",
    "runs_and_asks_for_a_table_that_no_migration_created",
    lambda: logs("SchemaMissing", NO_TABLE, *server("db", port=5432), spec=env(DATABASE_URL="postgres://db:5432/shop")),
)
row(
    "database_schema_missing",
    "api",
    "runs_and_asks_for_a_database_that_does_not_exist",
    lambda: logs("SchemaMissing", 'FATAL:  database "shop" does not exist'),
)
row(
    "application_logs_error",
    "api",
    "runs_and_reads_a_topic_that_does_not_exist",
    lambda: logs("SchemaMissing", "WARN Error while fetching metadata with correlation id 143 : {orders=UNKNOWN_TOPIC_OR_PARTITION}"),
)

# --- DependencyOverloaded

FULL = "FATAL:  sorry, too many clients already (db:5432)"


@case("dependency_connections_exhausted", "db")
def runs_and_three_callers_find_one_database_full() -> tuple[World, Explanation]:
    url = [{"name": "DATABASE_URL", "value": "postgres://db:5432/shop"}]
    others = [one for name in ("cart", "mail") for one in caller(name, FULL, spec=container(name, env=url))]
    return logs("DependencyOverloaded", FULL, *server("db", port=5432), *others, spec=container(env=url))


@case("dependency_connections_exhausted", "shop-db")
def runs_and_all_callers_of_a_secret_address_find_it_full() -> tuple[World, Explanation]:
    url = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}}]
    line = "FATAL:  remaining connection slots are reserved for non-replication superuser connections"
    others = [one for name in ("cart", "mail") for one in caller(name, line, spec=container(name, env=url))]
    return logs("DependencyOverloaded", line, *others, spec=container(env=url))


row(
    "dependency_memory_full",
    "cache",
    "runs_and_its_cache_is_full",
    lambda: logs(
        "DependencyOverloaded",
        "ReplyError: OOM command not allowed when used memory > 'maxmemory'.",
        *server("cache", port=6379),
        spec=env(REDIS_URL="redis://cache:6379"),
    ),
)
row(
    "dependency_rate_limited",
    "api",
    "runs_and_calls_too_often",
    lambda: logs("DependencyOverloaded", "ERROR POST https://api.partner.test/v2: 429 Too Many Requests"),
)
row(
    "dependency_unavailable",
    "api",
    "runs_and_its_store_has_no_leader",
    lambda: logs("DependencyOverloaded", "etcdserver: client: etcd member http://etcd-0:2379 has no leader"),
)

# --- DependencyUnreachable

NO_HOST = "ERROR sync failed: dial tcp: lookup store.orders.svc: no such host"
REFUSED = "ERROR dial tcp store:9000: connect: connection refused"


@case("wrong_dependency_address", "api")
def runs_and_calls_a_service_with_nearly_this_name() -> tuple[World, Explanation]:
    spec = env(STORE_URL="http://store.orders.svc:8080")
    return logs("DependencyUnreachable", NO_HOST, *server("stores", port=8080), spec=spec)


@case("service_missing", "store")
def runs_and_its_file_names_a_service_with_nearly_this_name() -> tuple[World, Explanation]:
    spec, volumes = mounts("ConfigMap", "settings", "/etc/app")
    settings = obj("v1", "ConfigMap", "settings", data={"app.yaml": "x"})
    return logs("DependencyUnreachable", NO_HOST, *server("stores", port=8080), settings, spec=spec, volumes=volumes)


@case("wrong_address_in_secret", "shop-store")
def runs_and_its_secret_names_a_service_with_nearly_this_name() -> tuple[World, Explanation]:
    spec = of_secret("shop-store", STORE_URL="url")
    return logs("DependencyUnreachable", NO_HOST, *server("stores", port=8080), spec=spec)


@case("wrong_dependency_address", "api")
def runs_and_its_file_names_a_port_that_the_service_lacks() -> tuple[World, Explanation]:
    spec, volumes = mounts("ConfigMap", "settings", "/etc/app")
    settings = obj("v1", "ConfigMap", "settings", data={"app.yaml": "x"})
    return logs("DependencyUnreachable", REFUSED, *server("store", port=8080), settings, spec=spec, volumes=volumes)


@case("wrong_dependency_address", "api")
def runs_and_calls_a_port_that_the_service_lacks() -> tuple[World, Explanation]:
    return logs("DependencyUnreachable", REFUSED, *server("store", port=8080), spec=env(STORE_ADDR="store:9000"))


@case("dependency_unavailable", "api")
def runs_and_its_service_stands_for_a_name_outside() -> tuple[World, Explanation]:
    alias = service("store", selector={}, type="ExternalName", externalName="store.example.com")
    return logs("DependencyUnreachable", "ERROR dial tcp: lookup store on 10.96.0.10:53: no such host", alias)


@case("dependency_unavailable", "api")
def runs_and_its_service_sends_to_an_address_that_somebody_wrote() -> tuple[World, Explanation]:
    alone = service("store", selector={}, ports=[{"port": 9000}])
    labels = {"kubernetes.io/service-name": "store"}
    written = obj("discovery.k8s.io/v1", "EndpointSlice", "store-1", metadata={"labels": labels}, endpoints=[{"addresses": ["192.0.2.7"]}])
    return logs("DependencyUnreachable", REFUSED, alone, written)


BY_ADDRESS = "ERROR dial tcp 10.96.3.178:9000: i/o timeout"


def at_address() -> list[Json]:
    found = server("store", port=8080)
    found[0]["spec"]["clusterIP"] = "10.96.3.178"
    return found


@case("wrong_dependency_address", "api")
def runs_and_its_file_has_a_port_that_the_service_at_the_address_lacks() -> tuple[World, Explanation]:
    spec, volumes = mounts("ConfigMap", "settings", "/etc/app")
    settings = obj("v1", "ConfigMap", "settings", data={"app.yaml": "x"})
    return logs("DependencyUnreachable", BY_ADDRESS, *at_address(), settings, spec=spec, volumes=volumes)


row(
    "wrong_address_in_secret",
    "shop-store",
    "runs_and_its_secret_has_a_port_that_the_service_at_the_address_lacks",
    lambda: logs("DependencyUnreachable", BY_ADDRESS, *at_address(), spec=of_secret("shop-store", STORE_PORT="port")),
)


@case("selector_mismatch", "store")
def runs_and_calls_a_service_that_selects_nobody() -> tuple[World, Explanation]:
    line = "ERROR dial tcp store:8080: connect: connection refused"
    store = service("store", selector={"app": "stroe"}, ports=[{"port": 8080, "targetPort": 8080}])
    behind = caller("store", spec=container("store", ports=[{"containerPort": 8080}]))
    return logs("DependencyUnreachable", line, store, *behind, spec=env(STORE_ADDR="store:8080"))


row(
    "dependency_unavailable",
    "api",
    "runs_and_cannot_reach_a_server_outside_of_its_secret",
    lambda: logs(
        "DependencyUnreachable",
        "ERROR pq: could not connect to server at db-1.eu.example.com:5432: connection timed out",
        spec=of_secret("shop-db", DATABASE_URL="url"),
    ),
)


@case("network_policy_blocks", "store-private")
def runs_and_a_policy_drops_its_requests() -> tuple[World, Explanation]:
    line = 'ERROR Get "http://store:8080/items": dial tcp 10.96.3.4:8080: i/o timeout'
    allowed = [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}]
    rules = {"podSelector": {"matchLabels": {"app": "store"}}, "policyTypes": ["Ingress"], "ingress": allowed}
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "store-private", spec=rules)
    return logs("DependencyUnreachable", line, *server("store", port=8080), policy, spec=env(STORE_URL="http://store:8080"))


def _is_refused_by(**box: Any) -> tuple[World, Explanation]:
    """A caller keeps being refused by a Service that sends to port 8080 of a pod that is ready, whose only container is like this."""
    line = "ERROR dial tcp: connect to store:80: connection refused"
    behind = caller("store", spec=container("store", **box))
    sends = service("store", selector={"app": "store"}, ports=[{"port": 80, "targetPort": 8080}])
    return logs("DependencyUnreachable", line, sends, *behind, spec=env(STORE_ADDR="store:80"))


ON_9090: Json = {"readinessProbe": {"httpGet": {"path": "/", "port": 9090}}}
row("target_port_mismatch", "store", "runs_and_the_probe_of_its_server_uses_another_port", lambda: _is_refused_by(**ON_9090))
row(
    "target_port_mismatch",
    "store",
    "runs_and_its_server_has_another_port_in_a_variable",
    lambda: _is_refused_by(env=[{"name": "PORT", "value": "9090"}], **ON_9090),
)
row(
    "target_port_mismatch",
    "store",
    "runs_and_its_server_listens_on_localhost",
    lambda: _is_refused_by(args=["--listen=127.0.0.1:8080"]),
)


@case("target_port_mismatch", "store")
def runs_and_its_server_logs_that_it_listens_on_another_port() -> tuple[World, Explanation]:
    world, _ = _is_refused_by()
    world.logs[("store-1-x", "store")] = "INFO server listening on :9090\n"
    return world, world.again()


# --- ContainerExhausted

row(
    "file_descriptor_limit",
    "api",
    "runs_and_opens_no_more_files",
    lambda: logs("ContainerExhausted", "http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 1s"),
)


@case("disk_full", "api")
def runs_and_its_claim_is_full() -> tuple[World, Explanation]:
    spec = container(volumeMounts=[{"name": "data", "mountPath": "/data"}])
    claim = obj("v1", "PersistentVolumeClaim", "api-data", spec={}, status={"phase": "Bound", "capacity": {"storage": "10Gi"}})
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "api-data"}}]
    return logs("ContainerExhausted", "ERROR write /data/wal/0001: no space left on device", claim, spec=spec, volumes=volumes)


row(
    "memory_limit_too_low",
    "api",
    "runs_and_its_workers_are_killed",
    lambda: logs("ContainerExhausted", "[ERROR] Worker (pid:21) was sent SIGKILL! Perhaps out of memory?", spec=limited("256Mi")),
)
row(
    "application_out_of_memory",
    "api",
    "runs_and_has_no_more_heap",
    lambda: logs("ContainerExhausted", 'Exception in thread "http-7" java.lang.OutOfMemoryError: Java heap space'),
)

# --- RequestsFailing

for name, line in {
    "text": '10.0.0.7 - - [02/Mar/2026:12:00:00 +0000] "POST /v1/orders HTTP/1.1" 500 162 "-" "curl/8.5"',
    "JSON": '{"level":"info","method":"POST","path":"/v1/orders","status":500,"latency_ms":3}',
}.items():
    row("application_logs_error", "api", f"runs_and_fails_requests_in_{name}", partial(logs, "RequestsFailing", line, every_s=5))


# --- DependencyFailing

TOO_LARGE = "requests.exceptions.HTTPError: 413 Client Error: Request Entity Too Large for url: http://store:8080/v1/files"
row("application_logs_error", "api", "runs_and_sends_too_large_requests", partial(logs, "DependencyFailing", TOO_LARGE))
row(
    "application_logs_error",
    "api",
    "runs_and_its_server_fails",
    partial(logs, "DependencyFailing", TOO_LARGE.replace("413 Client", "500 Server")),
)

# --- containers that run and are not ready

PROBE = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}
UNREADY = ("Readiness probe failed: HTTP probe failed with statuscode: 503",)


def unready(line: str, *extra: Json, spec: Any = None) -> tuple[World, Explanation]:
    own = (spec or container()) | {"readinessProbe": PROBE, "ports": [{"containerPort": 8080}]}
    of_api = caller("api", line, ready=False, spec=own, events=UNREADY)
    world = World([*of_api, node(), *extra])
    return world, world.ask("ReadinessProbeFailed", of_api[1], owner=of_api[0], container="api")


@case("bad_credentials", "api")
def is_unready_and_its_database_rejects_its_password() -> tuple[World, Explanation]:
    spec = of_secret("shop-db", PGPASSWORD="password")
    return unready(NO_PASSWORD, spec=spec)


row("certificate_invalid", "api", "is_unready_and_its_server_has_an_expired_certificate", lambda: unready(EXPIRED))
row("database_schema_missing", "api", "is_unready_and_asks_for_a_table_that_does_not_exist", lambda: unready(NO_TABLE))


@case("dependency_connections_exhausted", "db")
def is_unready_and_its_database_is_full() -> tuple[World, Explanation]:
    return unready(FULL, *server("db", port=5432), spec=env(DATABASE_URL="postgres://db:5432/shop"))

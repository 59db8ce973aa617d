# ruff: noqa: E501
"""Calls between workloads: wrong addresses, refused credentials, dependencies that are down or refuse to work."""

from lab.unseen import lines
from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json, ago


def _call(app: App, at: int = 0) -> tuple[str, str, int]:
    """A variable of the app, and the host and port in it."""
    variable, value = list(app.calls.items())[at]
    host, _, port = value.rpartition("/")[2].partition(":")
    return variable, host, int(port)


def _set(variable: str, value: str) -> Edit:
    def edit(spec: Json) -> None:
        next(one for one in spec["containers"][0]["env"] if one["name"] == variable)["value"] = value

    return edit


def _misspell(c: Cluster, host: str) -> str:
    at = c.rng.randrange(1, len(host) - 1)
    wrong = host[:at] + host[at + 1] + host[at] + host[at + 2 :]
    return wrong if wrong != host else host + host[-1]


@fault(
    "wrong_dependency_address",
    at="shop/cart shop/storefront pipeline/enricher clinic/customers search/query-api edge/auth edge/orders-api blog/wordpress monitoring/log-shipper",
)
def wrong_host(c: Cluster, app: App) -> Truth:
    variable, host, port = _call(app)
    wrong = _misspell(c, host)
    for pod in c.change(app, _set(variable, app.calls[variable].replace(host, wrong))):
        c.crash(pod, 1, lines.unresolved(app.runtime, wrong, port), ran=0.2)
    return Truth(app=app.name, facts=(wrong, host, variable))


@fault(
    "wrong_dependency_address",
    at="shop/cart shop/checkout pipeline/ingest clinic/visits batch/invoice-worker search/indexer edge/auth blog/mailer",
)
def wrong_port(c: Cluster, app: App) -> Truth:
    """The Service has no such port; packets to it get no answer."""
    variable, host, port = _call(app)
    wrong = port + c.rng.choice((1, 10, 100))
    for pod in c.change(app, _set(variable, app.calls[variable].replace(str(port), str(wrong)))):
        c.crash(pod, 1, lines.timed_out(app.runtime, host, wrong, c.address(host)), ran=1.2)
    return Truth(app=app.name, facts=(str(wrong), str(port), variable))


@fault("wrong_dependency_address", at="batch/scheduler-api monitoring/grafana")
def wrong_namespace(c: Cluster, app: App) -> Truth:
    """The name is qualified with a namespace that has no such Service."""
    variable, host, port = _call(app)
    wrong = f"{host}.data.svc.cluster.local"
    for pod in c.change(app, _set(variable, app.calls[variable].replace(host, wrong))):
        c.crash(pod, 1, lines.unresolved(app.runtime, wrong, port), ran=0.2)
    return Truth(app=app.name, facts=(wrong,))


@fault("dns_policy_wrong", at="shop/cart clinic/gateway edge/auth")
def node_dns(c: Cluster, app: App) -> Truth:
    _, host, port = _call(app)

    def edit(spec: Json) -> None:
        spec["dnsPolicy"] = "Default"

    for pod in c.change(app, edit):
        c.crash(pod, 1, lines.unresolved(app.runtime, host, port).replace("10.96.0.10:53", "169.254.169.253:53"), ran=0.2)
    return Truth(app=app.name, facts=("Default", host))


@fault("bad_credentials", at="shop/catalog clinic/visits batch/invoice-worker edge/auth pipeline/sink blog/wordpress")
def wrong_password(c: Cluster, app: App) -> Truth:
    """The Secret holds a wrong password, which only the log reports."""
    server = next(
        c.apps[host]
        for host in reversed([value.rpartition("/")[2].partition(":")[0] for value in app.calls.values()])
        if c.apps[host].kind == "StatefulSet"
    )
    user = f"{app.name.replace('-', '_')}_rw"
    line = lines.denied(server.runtime, user)
    prefix = {
        "go": "2026/10/05 09:27:41 ERROR open database: ",
        "java": "org.springframework.jdbc.CannotGetJdbcConnectionException: Failed to obtain JDBC Connection\nCaused by: java.sql.SQLException: ",
        "node": "error: ",
        "php": "PHP Warning:  mysqli_real_connect(): ",
    }.get(app.runtime, "Error: ")
    for pod in c.change(app):
        c.crash(pod, 1, prefix + line, ran=0.3)
    return Truth(app=app.name, facts=(user,))


@fault("bad_credentials", "unreachable_for_one_caller", at="shop/checkout batch/scheduler-api")
def rejects_one_caller(c: Cluster, app: App) -> Truth:
    """Only this caller has no entry in pg_hba.conf."""
    host = next(value.partition(":")[0] for value in app.calls.values() if c.apps[value.partition(":")[0]].runtime == "postgres")
    line = f'FATAL:  no pg_hba.conf entry for host "10.244.2.17", user "{app.name}", database "app", no encryption\n'
    for pod in c.pods(app):
        c.crash(pod, 1, f'connection to server at "{host}" ({c.address(host)}), port 5432 failed: {line}', ran=0.4)
    return Truth(app=app.name, facts=(app.name,))


def _callers(c: Cluster, name: str) -> list[App]:
    return [app for app in c.apps.values() if any(value.rpartition("/")[2].startswith(f"{name}:") for value in app.calls.values())]


@fault("invalid_config", "config_changed", "application_error", at="shop/redis monitoring/loki search/opensearch")
def dependency_crashes(c: Cluster, app: App) -> Truth:
    """A server fails at start-up and its callers with it. The answer has to be about the server."""
    c.fresh = False
    log = {
        "redis": "1:M 05 Oct 2026 09:27:41.012 # Fatal error loading the DB, check server logs. Exiting.\n*** FATAL CONFIG FILE ERROR (Redis 7.4.0) ***\nReading the configuration file, at line 2\n>>> 'appendonly maybe'\nargument must be 'yes' or 'no'\n",
        "go": "failed parsing config: /etc/loki/loki.yaml: yaml: unmarshal errors:\n  line 1: field auth_enable not found in type loki.ConfigWrapper\n",
        "java": "uncaught exception in thread [main]\njava.lang.IllegalArgumentException: unknown setting [cluster.nmae] please check that any required plugins are installed, or check the breaking changes documentation for removed settings\n\tat org.opensearch.common.settings.AbstractScopedSettings.validate(AbstractScopedSettings.java:605)\n",
    }[app.runtime]  # fmt: skip
    for pod in c.pods(app):
        c.crash(pod, 1, log)
    for caller in _callers(c, app.name):
        for pod in c.pods(caller):
            c.crash(pod, 1, lines.refused(caller.runtime, app.name, app.port, c.address(app.name)), ran=0.3)
    return Truth(app=app.name, objects=(("ConfigMap", f"{app.name}-config"),))


@fault("scaled_to_zero", at="shop/redis edge/auth pipeline/schema-registry")
def dependency_scaled_down(c: Cluster, app: App) -> Truth:
    workload = c.workload(app)
    for pod in c.pods(app):
        c.remove(pod)
    workload["spec"]["replicas"] = 0
    for caller in _callers(c, app.name):
        for pod in c.pods(caller):
            c.crash(pod, 1, lines.refused(caller.runtime, app.name, app.port, c.address(app.name)), ran=0.3)
    return Truth(app=app.name)


_SERVERS = {
    "full": ("dependency_connections_exhausted", {"postgres": "FATAL:  sorry, too many clients already", "mysql": "ERROR 1040 (HY000): Too many connections"}),
    "read only": ("dependency_read_only", {"postgres": "ERROR:  cannot execute INSERT in a read-only transaction", "mysql": "ERROR 1290 (HY000): The MySQL server is running with the --read-only option so it cannot execute this statement"}),
    "disk": ("dependency_disk_full", {"postgres": 'ERROR:  could not extend file "base/16384/24576": No space left on device\nHINT:  Check free disk space.', "mysql": "ERROR 1021 (HY000): Disk full (/var/lib/mysql/tmp/#sql_1); waiting for someone to free some space... (errno: 28 \"No space left on device\")"}),
}  # fmt: skip


def _server_refuses(c: Cluster, app: App, why: str) -> Truth:
    line = _SERVERS[why][1][app.runtime]
    callers = _callers(c, app.name)
    for caller in callers:
        for pod in c.pods(caller):
            c.crash(pod, 1, f"2026-10-05T09:27:41Z ERROR {app.name}:{app.port} {line}\n", ran=2)
    return Truth(app=app.name, facts=(line.partition("\n")[0],))


@fault("dependency_connections_exhausted", at="shop/postgres clinic/mysql")
def out_of_connections(c: Cluster, app: App) -> Truth:
    return _server_refuses(c, app, "full")


@fault("dependency_read_only", at="batch/ledger-db blog/mariadb")
def read_only_database(c: Cluster, app: App) -> Truth:
    return _server_refuses(c, app, "read only")


@fault("dependency_disk_full", "disk_full", at="shop/postgres blog/mariadb")
def full_database(c: Cluster, app: App) -> Truth:
    return _server_refuses(c, app, "disk")


@fault("certificate_invalid", at="edge/orders-api pipeline/sink monitoring/grafana")
def certificate_expired(c: Cluster, app: App) -> Truth:
    """A certificate of a partner expired: only the log says so."""
    log = {
        "dotnet": "Unhandled exception. System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.\n ---> System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: NotTimeValid\n",
        "java": "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed\nCaused by: java.security.cert.CertificateExpiredException: NotAfter: Sun Oct 04 23:59:59 UTC 2026\n",
        "go": 'logger=authn t=2026-10-05T09:27:41Z level=error msg="oauth discovery failed" error="Get \\"https://sso.acme.example/.well-known\\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-10-05T09:27:41Z is after 2026-10-04T23:59:59Z"\n',
    }[app.runtime]  # fmt: skip
    for pod in c.pods(app):
        c.crash(pod, 1, log, ran=0.5)
    return Truth(app=app.name)


@fault("config_changed", "wrong_dependency_address", "wrong_address_in_secret", at="shop/storefront batch/invoice-worker")
def config_edited(c: Cluster, app: App) -> Truth:
    """Someone edited the ConfigMap of the environment; pods that restarted since then fail."""
    config = c.get("ConfigMap", f"{app.name}-env")
    key = next(iter(app.settings))
    config["data"][key] = "broken value"
    config["metadata"]["managedFields"] = [
        {
            "manager": "kubectl-edit",
            "operation": "Update",
            "apiVersion": "v1",
            "time": ago(22),
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {f"f:{key}": {}}},
        }
    ]
    pod = c.pods(app)[-1]
    pod["metadata"]["creationTimestamp"] = ago(18)
    c.crash(
        pod,
        1,
        "Error: unsupported value\n    at parse (/app/dist/settings.js:22:9)\n    at Object.<anonymous> (/app/dist/server.js:3:1)\nNode.js v22.11.0\n",
    )
    return Truth(app=app.name, objects=(("ConfigMap", f"{app.name}-env"),), facts=(f"{app.name}-env",))

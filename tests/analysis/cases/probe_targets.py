"""Probes with a wrong port, protocol or command."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, one_pod
from tests.analysis.cluster import World, at, container, ended, event, node, obj, pod, service, state, template

QUICK = {"initialDelaySeconds": 2, "periodSeconds": 3, "failureThreshold": 1}
USUAL = {"initialDelaySeconds": 5, "periodSeconds": 10, "failureThreshold": 3}
MANAGED: Any = {"periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1}
"""What the API server fills in."""


def tcp(port: int | str, **timing: int) -> Any:
    return MANAGED | {"tcpSocket": {"port": port}} | timing


def http(port: int | str, path: str = "/healthz", scheme: str = "HTTP", **timing: int) -> Any:
    return MANAGED | {"httpGet": {"path": path, "port": port, "scheme": scheme}} | timing


def refused(port: int) -> str:
    return f"dial tcp 10.1.4.7:{port}: connect: connection refused"


def restarted(
    message: str, *, log: str = "", extra: tuple[Any, ...] = (), ran_s: float = 35, how: str = "failed", **spec: Any
) -> tuple[World, Explanation]:
    """A container that the kubelet kills for its liveness probe."""
    status = state(restarts=6, ready=True, last=ended(137, ran_minutes=ran_s / 60), now={"running": {"startedAt": at(0.3)}}) | {
        "started": True
    }
    told = (
        ("Unhealthy", f"Liveness probe {how}: {message}"),
        ("Killing", "Container api failed liveness probe, will be restarted"),
    )
    return one_pod("LivenessProbeFailed", status, spec=container(**spec), events=told, log=log, extra=extra)


def starting(message: str, *, log: str = "", ran_s: float = 35, **spec: Any) -> tuple[World, Explanation]:
    """A container that the kubelet kills for its startup probe."""
    status = state(restarts=6, last=ended(137, ran_minutes=ran_s / 60), now={"running": {"startedAt": at(0.3)}}) | {"started": False}
    told = (
        ("Unhealthy", f"Startup probe failed: {message}"),
        ("Killing", "Container api failed startup probe, will be restarted"),
    )
    return one_pod("StartupProbeFailed", status, spec=container(**spec), events=told, log=log)


def kept_out(message: str, *, how: str = "failed", extra: tuple[Any, ...] = (), log: str = "", **spec: Any) -> tuple[World, Explanation]:
    """A container that has run for an hour and never was ready."""
    status = state(now={"running": {"startedAt": at(59)}}) | {"started": True}
    told = (("Unhealthy", f"Readiness probe {how}: {message}"),)
    return one_pod("ReadinessProbeFailed", status, spec=container(**spec), events=told, extra=extra, log=log)


# --- ports


@case("liveness_probe_wrong_port", "api")
def says_that_it_listens_elsewhere() -> tuple[World, Explanation]:
    return restarted(refused(9999), log="worker pool of 4\nlistening on 0.0.0.0:8080\n", livenessProbe=tcp(9999, **QUICK))


@case("liveness_probe_wrong_port", "api")
def is_served_at_another_port() -> tuple[World, Explanation]:
    front = service(ports=[{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}])
    return restarted(refused(9999), livenessProbe=tcp(9999, **QUICK), extra=(front,))


@case("liveness_probe_wrong_port", "api")
def is_ready_at_another_port() -> tuple[World, Explanation]:
    return restarted(refused(9999), livenessProbe=tcp(9999, **QUICK), readinessProbe=tcp(8080))


@case("liveness_probe_wrong_port", "api")
def says_that_it_is_up() -> tuple[World, Explanation]:
    return restarted(refused(9999), log="cache warmed\nserver started in 1.8 seconds\n", livenessProbe=tcp(9999, **USUAL), ran_s=66)


@case("liveness_probe_wrong_port", "api")
def runs_an_image_known_for_another_port() -> tuple[World, Explanation]:
    return restarted(refused(9999), image="docker.io/library/nginx:1.27", livenessProbe=tcp(9999, **QUICK))


@case("liveness_probe_wrong_port", "api", "alive and refused for as long as it lives")
def is_refused_for_as_long_as_it_lives() -> tuple[World, Explanation]:
    """Nothing tells another port: it may as well be slow, so nobody should be sure."""
    return restarted(refused(9999), livenessProbe=tcp(9999, **QUICK))


@case("liveness_probe_wrong_port", "api")
def names_a_port_that_has_no_name() -> tuple[World, Explanation]:
    words = 'strconv.Atoi: parsing "healthz": invalid syntax'
    named = [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    return restarted(words, how="errored and resulted in unknown state", livenessProbe=http("healthz"), ports=named)


@case("readiness_probe_wrong_port", "api")
def is_never_ready_for_a_name_nobody_gave() -> tuple[World, Explanation]:
    words = 'strconv.Atoi: parsing "web": invalid syntax'
    named = [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    return kept_out(words, how="errored and resulted in unknown state", readinessProbe=http("web", "/ready"), ports=named)


@case("readiness_probe_wrong_port", "api")
def is_never_ready_where_its_service_does_not_send() -> tuple[World, Explanation]:
    front = service(ports=[{"port": 80, "targetPort": 8080, "protocol": "TCP"}])
    return kept_out(f'Get "http://10.1.4.7:8081/ready": {refused(8081)}', readinessProbe=http(8081, "/ready"), extra=(front,))


@case("startup_probe_wrong", "api")
def never_comes_up_where_it_is_looked_for() -> tuple[World, Explanation]:
    log = "INFO Tomcat started on port 8080 (http) with context path '/'\nINFO Started Application in 7.1 seconds\n"
    return starting(refused(8081), log=log, startupProbe=tcp(8081, failureThreshold=6), ran_s=90)


@case("readiness_probe_unhealthy", "api")
def listens_for_itself_alone() -> tuple[World, Explanation]:
    """Right port, and bound to the loopback address: a probe comes from outside."""
    return kept_out(
        f'Get "http://10.1.4.7:8080/ready": {refused(8080)}',
        log=" * Running on http://127.0.0.1:8080\n",
        readinessProbe=http(8080, "/ready"),
        ports=[{"containerPort": 8080, "protocol": "TCP"}],
    )


# --- time


@case("liveness_probe_too_tight", "api")
def needs_longer_than_it_is_given() -> tuple[World, Explanation]:
    """A slow start at the right port: it is killed half a minute after its start, and had not come to listening."""
    return restarted(
        f'Get "http://10.1.4.7:8080/healthz": {refused(8080)}',
        log="INFO Starting Application using Java 21\nINFO Bootstrapping repositories in DEFAULT mode.\n",
        livenessProbe=http(8080, **USUAL),
        ports=[{"containerPort": 8080, "protocol": "TCP"}],
        ran_s=66,
    )


@case("startup_probe_too_tight", "api")
def comes_up_later_than_its_startup_probe_waits() -> tuple[World, Explanation]:
    return starting(
        f'Get "http://10.1.4.7:8080/healthz": {refused(8080)}',
        log="INFO Starting Application using Java 21\nINFO Running 312 changesets\n",
        startupProbe=http(8080, failureThreshold=5),
        ports=[{"containerPort": 8080, "protocol": "TCP"}],
        ran_s=82,
    )


@case("rbac_forbidden", "api")
def may_not_read_what_it_needs_to_be_ready() -> tuple[World, Explanation]:
    log = 'failed to list: configmaps is forbidden: User "system:serviceaccount:shop:api" cannot list resource "configmaps"\n'
    return kept_out("HTTP probe failed with statuscode: 503", log=log, readinessProbe=http(8080, "/ready"), ports=DECLARED)


# --- ways of asking


@case("readiness_probe_wrong_protocol", "api")
def is_probed_over_http_on_a_tls_port() -> tuple[World, Explanation]:
    ports = [{"name": "https", "containerPort": 8443, "protocol": "TCP"}]
    return kept_out("HTTP probe failed with statuscode: 400", readinessProbe=http(8443), ports=ports)


@case("liveness_probe_wrong_protocol", "api")
def is_probed_over_tls_on_an_http_port() -> tuple[World, Explanation]:
    words = 'Get "https://10.1.4.7:8080/healthz": http: server gave HTTP response to HTTPS client'
    return restarted(words, livenessProbe=http(8080, scheme="HTTPS"), ports=[{"containerPort": 8080, "protocol": "TCP"}])


@case("readiness_probe_unhealthy", "api")
def is_probed_on_a_path_that_needs_a_login() -> tuple[World, Explanation]:
    ports = [{"containerPort": 8080, "protocol": "TCP"}]
    return kept_out("HTTP probe failed with statuscode: 401", readinessProbe=http(8080, "/admin/status"), ports=ports)


@case("liveness_probe_unhealthy", "api")
def answers_with_an_error_of_its_own() -> tuple[World, Explanation]:
    ports = [{"containerPort": 8080, "protocol": "TCP"}]
    return restarted("HTTP probe failed with statuscode: 500", livenessProbe=http(8080), ports=ports)


# --- commands

NOT_THERE = (
    'rpc error: code = Unknown desc = failed to exec in container: failed to start exec "5f": OCI runtime exec failed: exec failed: '
    'unable to start container process: exec: "/bin/grpc_health_probe": stat /bin/grpc_health_probe: no such file or directory: unknown'
)


@case("readiness_probe_wrong_command", "api")
def is_asked_by_a_program_the_image_has_not() -> tuple[World, Explanation]:
    probe = MANAGED | {"exec": {"command": ["/bin/grpc_health_probe", "-addr=:8080"]}}
    return kept_out(NOT_THERE, how="errored and resulted in unknown state", readinessProbe=probe)


@case("liveness_probe_wrong_command", "api")
def is_asked_by_a_shell_that_lacks_a_program() -> tuple[World, Explanation]:
    probe = MANAGED | {"exec": {"command": ["sh", "-c", "curl -f localhost:8080/healthz"]}}
    return restarted("sh: 1: curl: not found", livenessProbe=probe)


@case("liveness_probe_wrong_command", "api")
def runs_well_and_is_never_asked() -> tuple[World, Explanation]:
    """The kubelet could not run the probe and killed nobody."""
    probe = MANAGED | {"exec": {"command": ["/bin/grpc_health_probe", "-addr=:8080"]}}
    status = state(ready=True, now={"running": {"startedAt": at(59)}}) | {"started": True}
    told = (("Unhealthy", f"Liveness probe errored and resulted in unknown state: {NOT_THERE}"),)
    world, _ = one_pod("LivenessProbeFailed", status, spec=container(livenessProbe=probe), events=told)
    failing = next(one for one in world.objects if one["kind"] == "Pod")
    failing["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
    owner = next(one for one in world.objects if one["kind"] == "Deployment")
    return world, world.ask("LivenessProbeFailed", failing, owner=owner, container="api")


@case("startup_probe_wrong", "api", "a startup probe that is never asked")
def runs_and_never_counts_as_started() -> tuple[World, Explanation]:
    status = state(now={"running": {"startedAt": at(59)}}) | {"started": False}
    told = (("Unhealthy", f"Startup probe errored and resulted in unknown state: {NOT_THERE}"),)
    spec = container(startupProbe=MANAGED | {"exec": {"command": ["/bin/grpc_health_probe"]}})
    return one_pod("StartupProbeFailed", status, spec=spec, events=told)


@case("startup_probe_wrong", "api", "a startup probe that runs what is not there")
def is_started_by_a_program_the_image_has_not() -> tuple[World, Explanation]:
    words = 'OCI runtime exec failed: unable to start container process: exec: "pg_isready": executable file not found in $PATH: unknown'
    return starting(words, startupProbe=MANAGED | {"exec": {"command": ["pg_isready", "-U", "app"]}})


SPRING = "INFO Tomcat started on port(s): 8080 (http) with context path ''\nINFO Started Application in 61.2 seconds\n"
BEGINS = "INFO The following profiles are active: prod\nINFO Bootstrapping repositories in DEFAULT mode.\n"
DECLARED = [{"name": "main", "containerPort": 8080, "protocol": "TCP"}]


@case("readiness_probe_wrong_protocol", "api")
def speaks_http_where_it_is_asked_by_grpc() -> tuple[World, Explanation]:
    words = 'timeout: failed to connect service "10.1.4.7:8080" within 1s: context deadline exceeded'
    probe = MANAGED | {"grpc": {"port": 8080, "service": ""}}
    return kept_out(words, log=SPRING, readinessProbe=probe, ports=DECLARED)


@case("readiness_probe_wrong_protocol", "api")
def is_asked_by_a_protocol_it_does_not_know() -> tuple[World, Explanation]:
    words = "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service"
    return kept_out(words, readinessProbe=MANAGED | {"grpc": {"port": 8080, "service": ""}}, ports=DECLARED)


@case("readiness_probe_wrong_port", "api")
def says_in_the_words_of_its_framework_where_it_listens() -> tuple[World, Explanation]:
    return kept_out(refused(9999), log=SPRING, readinessProbe=tcp(9999))


@case("readiness_probe_wrong_port", "api")
def is_ready_in_the_revision_before() -> tuple[World, Explanation]:
    """Another pod of the same set passes a probe of the revision before: that says nothing of this one."""
    status = state(now={"running": {"startedAt": at(59)}}) | {"started": True}
    now, before = container(readinessProbe=tcp(9999), ports=DECLARED), container(readinessProbe=tcp(8080), ports=DECLARED)
    web = obj("apps/v1", "StatefulSet", "api", spec={"replicas": 2, "template": template(now)}, status={"replicas": 2})
    old = pod(web, "api-0", ready=True, spec={"containers": [before]}, status={"containerStatuses": [state(ready=True)]})
    new = pod(web, "api-1", status={"phase": "Running", "containerStatuses": [status]})
    told = event(new, "Unhealthy", f"Readiness probe failed: {refused(9999)}", container="api")
    world = World([web, old, new, told, node()])
    return world, world.ask("ReadinessProbeFailed", new, owner=web, container="api")


@case("liveness_probe_too_tight", "api")
def is_killed_amid_its_start_by_a_command() -> tuple[World, Explanation]:
    probe = MANAGED | {"exec": {"command": ["check"]}} | {"initialDelaySeconds": 5, "periodSeconds": 5, "failureThreshold": 3}
    return restarted("error: cannot reach the server by its socket", log=BEGINS, livenessProbe=probe, ran_s=22)


@case("liveness_probe_wrong_protocol", "api")
def is_killed_while_starting_by_a_probe_with_the_wrong_scheme() -> tuple[World, Explanation]:
    """The other probe uses plain HTTP on the same port: more time alone would not help."""
    words = f'Get "https://10.1.4.7:8080/healthz": {refused(8080)}'
    asked = http(8080, scheme="HTTPS", initialDelaySeconds=10)
    return restarted(words, log=BEGINS, livenessProbe=asked, readinessProbe=http(8080), ports=DECLARED, ran_s=42)


@case("readiness_probe_wrong_protocol", "api")
def is_up_and_asked_by_grpc_of_which_nothing_speaks() -> tuple[World, Explanation]:
    words = 'timeout: failed to connect service "10.1.4.7:8080" within 1s: context deadline exceeded'
    log = "ready for connections. Version: '8.0.36' port: 8080\n"
    return kept_out(words, log=log, readinessProbe=MANAGED | {"grpc": {"port": 8080, "service": ""}}, ports=DECLARED)


@case("readiness_probe_unhealthy", "api")
def speaks_grpc_and_gives_no_answer() -> tuple[World, Explanation]:
    words = 'timeout: failed to connect service "10.1.4.7:8080" within 1s: context deadline exceeded'
    log = "grpc server listening on :8080\n"
    return kept_out(words, log=log, readinessProbe=MANAGED | {"grpc": {"port": 8080, "service": ""}}, ports=DECLARED)


@case("readiness_probe_wrong_port", "api")
def is_not_ready_and_nobody_says_why() -> tuple[World, Explanation]:
    """Its Events are gone; it listens where it declares, and is asked elsewhere."""
    status = state(now={"running": {"startedAt": at(59)}}) | {"started": True}
    return one_pod("ReadinessProbeFailed", status, spec=container(readinessProbe=tcp(9999), ports=DECLARED), log=SPRING)

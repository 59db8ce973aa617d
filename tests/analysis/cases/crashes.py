"""Containers that end: killed for memory, or by themselves."""

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, crash, limited, one_pod, row
from tests.analysis.cluster import World, container, deployment, ended, pod, service, state, template, waiting

# --- memory


@case("memory_limit_too_low", "api")
def killed_again_and_again() -> tuple[World, Explanation]:
    return one_pod("OOMKilled", state(restarts=4, now=waiting("CrashLoopBackOff"), last=ended(137, "OOMKilled")), spec=limited("128Mi"))


@case("memory_limit_lowered", "api")
def killed_after_the_limit_was_lowered() -> tuple[World, Explanation]:
    status = state(restarts=2, last=ended(137, "OOMKilled"))
    return one_pod("OOMKilled", status, spec=limited("128Mi"), before=limited("512Mi"))


@case("memory_regression_after_rollout", "api")
def killed_since_another_image_runs() -> tuple[World, Explanation]:
    status = state(restarts=2, last=ended(137, "OOMKilled"))
    return one_pod("OOMKilled", status, spec=limited("256Mi", image="r.test/api:2"), before=limited("256Mi", image="r.test/api:1"))


@case("memory_leak", "api")
def killed_after_hours() -> tuple[World, Explanation]:
    return one_pod("OOMKilled", state(restarts=3, last=ended(137, "OOMKilled", ran_minutes=400)), spec=limited("256Mi"))


@case("init_memory_too_small", "api")
def killed_before_it_began() -> tuple[World, Explanation]:
    words = "Failed to create pod sandbox: container init was OOM-killed (memory limit too low?)"
    return one_pod("OOMKilled", state(now=waiting("ContainerCreating")), spec=limited("4Mi"), events=(("FailedCreatePodSandBox", words),))


row("node_pressure", "node-1", "killed_without_a_limit", lambda: one_pod("OOMKilled", state(restarts=1, last=ended(137, "OOMKilled"))))
row("memory_limit_too_low", "api", "killed_and_nobody_says_for_what", lambda: crash(137, spec=limited("128Mi")))


@case("memory_limit_too_low", "api")
def killed_with_a_heap_beyond_its_limit() -> tuple[World, Explanation]:
    return crash(137, spec=limited("256Mi", env=[{"name": "JAVA_OPTS", "value": "-Xmx1g"}]))


@case("memory_limit_lowered", "api")
def killed_unseen_after_the_limit_was_lowered() -> tuple[World, Explanation]:
    return crash(137, spec=limited("128Mi"), before=limited("512Mi"))


@case("memory_limit_too_low", "api")
def says_that_its_worker_was_killed() -> tuple[World, Explanation]:
    return crash(1, "[ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?", spec=limited("96Mi"))


@case("application_out_of_memory", "api")
def gives_up_when_its_heap_is_full() -> tuple[World, Explanation]:
    return crash(134, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory")


# --- crashes


@case("command_not_found", "api")
def ends_with_127() -> tuple[World, Explanation]:
    return crash(127)


@case("permission_denied", "api")
def ends_with_126() -> tuple[World, Explanation]:
    return crash(126)


row("wrong_architecture", "api", "cannot_be_executed", lambda: crash(1, "exec /app/server: exec format error"))
row("exits_zero", "api", "ends_well_for_ever", lambda: crash(0, reason="Completed"))
row("segmentation_fault", "api", "ends_with_a_signal", lambda: crash(139))


@case("segmentation_fault", "api")
def aborts_itself() -> tuple[World, Explanation]:
    return crash(134, "assertion `size > 0` failed")


@case("application_error", "api")
def aborts_because_of_an_exception() -> tuple[World, Explanation]:
    return crash(134, "Unhandled exception. System.InvalidOperationException: Sequence contains no elements\n   at Api.Start()\n")


@case("invalid_config", "api")
def has_a_file_that_is_no_toml() -> tuple[World, Explanation]:
    return crash(1, "Error: TOML parse error at line 4, column 9\n")


@case("missing_env_or_config", "api")
def says_that_a_setting_is_missing() -> tuple[World, Explanation]:
    return crash(1, "starting\nFATAL: required environment variable STORE_DSN is not set\n")


@case("missing_env_or_config", "api")
def lost_a_setting_silently() -> tuple[World, Explanation]:
    kept = {"name": "TZ", "value": "UTC"}
    return crash(1, spec=container(env=[kept]), before=container(env=[kept, {"name": "STORE_DSN", "value": "x"}]))


@case("invalid_config", "api")
def cannot_read_its_configuration() -> tuple[World, Explanation]:
    return crash(2, "error: failed to parse config file /etc/app/config.yaml: line 3")


@case("invalid_config", "api")
def has_an_unknown_directive_in_its_configuration() -> tuple[World, Explanation]:
    return crash(1, 'nginx: [emerg] unknown directive "proxy_pas" in /etc/nginx/conf.d/default.conf:9')


row("missing_env_or_config", "api", "lacks_a_file", lambda: crash(1, "panic: open /etc/app/config.yaml: no such file or directory"))
row("port_in_use", "api", "finds_its_port_taken", lambda: crash(1, "listen tcp :8080: bind: address already in use"))
row("application_out_of_memory", "api", "has_no_heap_left", lambda: crash(3, "java.lang.OutOfMemoryError: Java heap space"))
row("disk_full", "api", "has_no_space_left", lambda: crash(1, "write /data/wal: no space left on device"))


@case("certificate_invalid", "api")
def does_not_trust() -> tuple[World, Explanation]:
    return crash(1, 'Get "https://pay.test": x509: certificate has expired or is not yet valid')


row("bad_credentials", "api", "is_not_let_in", lambda: crash(1, "FATAL: password authentication failed for user app"))


@case("file_permission_denied", "api")
def may_not_write() -> tuple[World, Explanation]:
    mounted = container(volumeMounts=[{"name": "data", "mountPath": "/data"}])
    return crash(1, "open /data/lock: permission denied", spec=mounted, securityContext={"runAsUser": 1000})


@case("application_error", "api")
def fails_by_itself() -> tuple[World, Explanation]:
    return crash(1, "panic: index out of range [3] with length 3")


@case("wrong_dependency_address", "api")
def calls_a_name_that_is_nearly_right() -> tuple[World, Explanation]:
    spec = container(env=[{"name": "STORE_ADDR", "value": "stroe:6379"}])
    store = service("store", selector={"app": "store"}, ports=[{"port": 6379, "targetPort": 6379}])
    return crash(1, "dial tcp: lookup stroe: no such host", spec=spec, extra=(store,))


@case("selector_mismatch", "store")
def calls_a_service_that_selects_nobody() -> tuple[World, Explanation]:
    spec = container(env=[{"name": "STORE_ADDR", "value": "store:6379"}])
    store = deployment("store", of=template(container("store"), labels={"app": "store"}))
    backend = pod(store, "store-1", ready=True)
    broken = service("store", selector={"app": "stor"}, ports=[{"port": 6379, "targetPort": 6379}])
    return crash(1, "dial tcp store:6379: connect: connection refused", spec=spec, extra=(store, backend, broken))


row("dependency_unavailable", "api", "calls_what_is_outside", lambda: crash(1, "dial tcp: lookup api.partner.test: no such host"))


@case("bad_rollout", "api")
def fails_since_the_last_change_and_says_nothing() -> tuple[World, Explanation]:
    world, _ = crash(1, spec=container(image="r.test/api:2"), before=container(image="r.test/api:1"))
    earlier = next(one for one in world.objects if one["metadata"]["name"] == "api-1")
    world.objects.append(pod(earlier, "api-0-y", ready=True, status={"containerStatuses": [state(ready=True)]}))
    failing = next(one for one in world.objects if one["metadata"]["name"] == "api-1-x")
    return world, world.ask("CrashLoopBackOff", failing, owner=world.objects[0], container="api")

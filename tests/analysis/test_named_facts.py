"""Sentences that name what an operator would look up next: the port, the setting, the Service that exists instead."""

import pytest

from optral.analysis.model import Explanation
from tests.analysis.cases import CASES
from tests.analysis.cases.base import crash, one_pod
from tests.analysis.cases.calls import config, store
from tests.analysis.cluster import World, container, deployment, ended, node, obj, pod, service, state, template, waiting

TAKEN = "OSError: [Errno 98] Address already in use"
REFUSED = 'Readiness probe failed: Get "http://10.0.0.7:8080/healthz": dial tcp 10.0.0.7:8080: connect: connection refused'
PROBED = {"readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}, "ports": [{"containerPort": 8080}]}


def claims(found: Explanation) -> str:
    assert found.root_cause is not None
    return " ".join(claim["text"] for claim in found.root_cause["claims"])


def test_a_taken_port_is_that_of_the_spec_where_the_log_names_none() -> None:
    sidecar = container("metrics", env=[{"name": "PORT", "value": "8080"}])
    _, found = crash(1, TAKEN, spec=container(ports=[{"containerPort": 8080}]))
    assert "declares port `8080`" in claims(found)
    world, _ = crash(1, TAKEN, spec=container(ports=[{"containerPort": 8080}]))
    failing = next(one for one in world.objects if one["kind"] == "Pod")
    failing["spec"]["containers"].append(sidecar)
    assert "Container `metrics` of the same pod has `PORT` set to `8080`" in claims(world.again())


@pytest.mark.parametrize(
    ("more", "named"),
    [
        pytest.param({"env": [{"name": "BIND", "value": "127.0.0.1"}]}, "`BIND` is `127.0.0.1`", id="a variable"),
        pytest.param({"args": ["--listen-address=localhost:8080"]}, "`listen-address` is `localhost:8080`", id="an argument"),
        pytest.param({"env": [{"name": "BIND", "value": "0.0.0.0"}]}, "", id="all addresses"),
        pytest.param({"env": [{"name": "REDIS_HOST", "value": "localhost"}]}, "", id="the host of another server"),
    ],
)
def test_a_setting_tells_it_to_listen_on_localhost(more: dict[str, object], named: str) -> None:
    _, found = one_pod("ReadinessProbeFailed", state(), spec=container(**PROBED | more), events=(("Unhealthy", REFUSED),))  # type: ignore[arg-type]
    assert ("only on localhost" in claims(found)) is bool(named)
    assert named in claims(found)


def test_a_container_that_keeps_crashing_is_not_explained_by_its_readiness_probe() -> None:
    now = {"running": {"startedAt": "2026-03-01T11:59:55Z"}}
    again = state(restarts=3, now=now, last=ended(1))
    line = 'initdb: error: could not create directory "/var/lib/postgresql/data": Permission denied'
    _, found = one_pod("CrashLoopBackOff", again, spec=container(**PROBED), events=(("Unhealthy", REFUSED),), log=line)  # type: ignore[arg-type]
    assert found.cause_id == "file_permission_denied"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        pytest.param(["sh", "-c", "until nc -z mysql 3306; do sleep 2; done"], ("service_missing", "mysql"), id="nc"),
        pytest.param(["sh", "-c", "until nc -z stroe 6379; do sleep 2; done"], ("wrong_dependency_address", "stroe"), id="a slip"),
        pytest.param(["sh", "-c", "until nslookup mysql.data.svc.cluster.local; do sleep 2; done"], None, id="another namespace"),
        pytest.param(["sh", "-c", "until nc -z -w 2 store 6379; do sleep 2; done"], None, id="the Service exists"),
        pytest.param(["sh", "-c", "sleep 600"], None, id="it waits for nothing"),
    ],
)
def test_an_init_container_that_waits_for_a_service_that_does_not_exist(command: list[str], named: tuple[str, str] | None) -> None:
    init = container("wait", command=command)
    web = deployment(of=template(initContainers=[init]))
    hanging = {"initContainerStatuses": [state("wait")], "conditions": [{"type": "Initialized", "status": "False"}]}
    failing = pod(web, status=hanging)
    found = World([web, failing, *store(), node()]).ask("InitContainerStuck", failing, owner=web, container="wait")
    cause, name = named or ("init_container_hangs", "")
    assert found.cause_id == cause
    assert not name or f"Service `{name}` does not exist" in claims(found)


def test_an_ingress_names_the_port_that_the_service_has() -> None:
    backend = {"service": {"name": "api", "port": {"number": 8443}}}
    front = obj("networking.k8s.io/v1", "Ingress", "front", spec={"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}]})
    found = World([front, service()]).ask("IngressBackendMissing", front)
    assert "it has `80`" in claims(found)
    assert found.body["recommendedActions"][0]["edit"]["after"] == 80


def test_a_name_in_the_log_is_compared_with_the_services() -> None:
    mounted = container(volumeMounts=[{"name": "conf", "mountPath": "/etc/nginx/conf.d"}])
    volumes = [{"name": "conf", "configMap": {"name": "nginx"}}]
    for host, cause in (("stroe", "service_missing"), ("payments", "dependency_unavailable")):
        line = f'nginx: [emerg] host not found in upstream "{host}" in /etc/nginx/conf.d/default.conf:1'
        _, found = crash(1, line, spec=mounted, extra=store(), volumes=volumes)
        assert found.cause_id == cause


def test_a_hook_that_is_not_in_the_image_is_no_program_of_the_container() -> None:
    hooked = container(lifecycle={"postStart": {"exec": {"command": ["/srv/register.sh"]}}})
    message = "PostStartHook failed"
    status = state(now=waiting("PostStartHookError", message))
    _, found = one_pod("LifecycleHookFailed", status, spec=hooked, events=(("FailedPostStartHook", message),))
    assert found.cause_id == "lifecycle_hook_failed"
    assert "/srv/register.sh" in claims(found)


@pytest.mark.parametrize(
    ("name", "is_tied"),
    [
        pytest.param("finds the node of its volume full", True, id="the node of its volume is full"),
        pytest.param("finds the node of its volume cordoned", True, id="the node of its volume is cordoned"),
        pytest.param("asks_for_more_memory_than_is_left", False, id="it has no volume"),
    ],
)
def test_a_pod_that_may_not_leave_its_volume_names_the_claim_and_where_the_volume_is(name: str, is_tied: bool) -> None:
    words = "Claim `data` is bound to volume `pv-1`, which can only be used on nodes with `kubernetes.io/hostname=node-1`."
    assert (words in claims(CASES[name][2]()[1])) is is_tied


def test_the_pod_that_preempted_it_is_named_with_both_priorities() -> None:
    low = {"priorityClassName": "low", "priority": 7}
    conditions = [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "preempting"}]
    web = deployment()
    failing = pod(web, spec=low, status={"phase": "Failed", "conditions": conditions})
    facts = {"preemptedBy": "Pod/batch/train-1", "preemptorPriority": 100, "preemptorPriorityClass": "urgent"}
    found = claims(World([web, failing]).ask("Preempted", failing, owner=web, **facts))
    assert "`Pod/batch/train-1` took its place, with priority `100` (PriorityClass `urgent`)." in found
    assert "Its own priority is `7` (PriorityClass `low`)." in found
    assert "took its place" not in claims(World([web, failing]).ask("Preempted", failing, owner=web))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "needs_six_pods_and_may_have_four",
            "Utilization of `cpu` is `118%`, above its target of `80%`.",
            id="its metric",
        ),
        pytest.param("waits_for_its_earlier_run", "the policy `Forbid` allows no second one", id="the policy that blocks the next run"),
    ],
)
def test_what_limits_it_is_named(name: str, words: str) -> None:
    found = claims(CASES[name][2]()[1])
    assert words in found
    assert "`memory`" not in found


def test_an_autoscaler_without_reported_metrics_names_only_its_limit() -> None:
    assert "Utilization" not in claims(CASES["may_not_grow"][2]()[1])


FIRST, SECOND = ("first", "store:6379"), ("second", "stroe:6379")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        pytest.param(
            {"envFrom": [{"configMapRef": {"name": name}} for name, _ in (FIRST, SECOND)]},
            "`store:6379` in `ConfigMap first, key STORE_ADDR`; the value in `ConfigMap second, key STORE_ADDR` takes precedence",
            id="two ConfigMaps",
        ),
        pytest.param(
            {"envFrom": [{"configMapRef": {"name": "first"}}], "env": [{"name": "STORE_ADDR", "value": "stroe:6379"}]},
            "`store:6379` in `ConfigMap first, key STORE_ADDR`; the value in `env` takes precedence",
            id="a ConfigMap and the container",
        ),
        pytest.param({"env": [{"name": "STORE_ADDR", "value": "stroe:6379"}]}, "", id="set once"),
    ],
)
def test_of_two_values_of_a_variable_both_sources_are_named_and_which_one_counts(spec: dict[str, object], words: str) -> None:
    configs = tuple(config({"STORE_ADDR": value}, name) for name, value in (FIRST, SECOND))
    _, found = crash(1, "dial tcp: lookup stroe: no such host", spec=container(**spec), extra=(*store(), *configs))  # type: ignore[arg-type]
    assert found.cause_id == "wrong_dependency_address"
    assert words in claims(found)
    assert ("is also set" in claims(found)) is bool(words)

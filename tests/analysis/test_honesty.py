"""What an analysis must not do: invent, be talked into something, give away what it should not, or go on without its proof."""

import itertools
import json

import pytest

from optral.analysis.model import Explanation, Status
from optral.kube import redact
from tests.analysis import injections
from tests.analysis.cases import CASES
from tests.analysis.cases.base import crash, limited, one_pod
from tests.analysis.cases.images import pull
from tests.analysis.cases.probes import unready
from tests.analysis.cluster import World, container, deployment, ended, event, node, pod, replica_set, service, state, template, waiting
from tests.analysis.test_rules import NAMED


def healthy() -> World:
    web = deployment(of=template(container(readinessProbe={"tcpSocket": {"port": 8080}}, ports=[{"containerPort": 8080}])))
    owner = replica_set(web)
    well = pod(owner, ready=True, status={"containerStatuses": [state(ready=True)]})
    return World([web, owner, well, node(), service()])


TYPES_OF_PODS = ["OOMKilled", "CrashLoopBackOff", "ImagePullBackOff", "ReadinessProbeFailed", "LivenessProbeFailed", "FailedScheduling"]
TYPES_OF_PODS += ["CreateContainerConfigError", "CreateContainerError", "RunContainerError", "FailedMount"]


@pytest.mark.parametrize("type_", TYPES_OF_PODS)
def test_finds_nothing_wrong_with_a_pod_that_is_well(type_: str) -> None:
    world = healthy()
    found = world.ask(type_, world.objects[2], owner=world.objects[0], container="api")
    assert (found.status, found.root_cause) == (Status.INCONCLUSIVE, None)
    assert found.body["recommendedActions"] == []
    assert "No fault is visible" in found.summary


@pytest.mark.parametrize(
    ("type_", "index"),
    [("DeploymentProgressDeadlineExceeded", 0), ("FailedCreate", 1), ("NodeNotReady", 3), ("ServiceNoEndpoints", 4)],
)
def test_finds_nothing_wrong_with_anything_else_that_is_well(type_: str, index: int) -> None:
    world = healthy()
    found = world.ask(type_, world.objects[index])
    assert (found.status, found.root_cause) == (Status.INCONCLUSIVE, None)


@pytest.mark.parametrize("name", NAMED)
def test_says_less_when_its_best_proof_is_gone(name: str) -> None:
    """Without the object the issue is about, only what the detector wrote down is left: nothing here."""
    world, before = CASES[name][2]()
    assert world.asked is not None
    world = world.copy()
    world.objects = [one for one in world.objects if one["metadata"]["name"] != world.asked.resource.name]
    world.logs = {}
    after = world.again()
    assert after.status is Status.INCONCLUSIVE or after.confidence <= max(before.confidence - 0.05, 0.65), after.summary


def test_abstains_and_says_what_is_missing_without_log_lines() -> None:
    _, found = crash(1)
    assert found.status is Status.INCONCLUSIVE
    assert found.body["missingEvidence"] == ["log lines of container api"]


def answer_of(found: Explanation) -> tuple[object, ...]:
    return found.cause_id, found.confidence, found.body["recommendedActions"]


HONEST = {
    "missing_env_or_config": "FATAL: required environment variable STORE_DSN is not set",
    "disk_full": "write /data/wal: no space left on device",
    "dependency_unavailable": "dial tcp: lookup api.partner.test: no such host",
    "application_error": "panic: index out of range [3] with length 3",
}


@pytest.mark.parametrize("honest", HONEST.values(), ids=HONEST)
@pytest.mark.parametrize("lie", injections.ALL)
def test_is_not_talked_into_another_cause_by_log_lines(lie: str, honest: str) -> None:
    _, plain = crash(1, honest)
    assert answer_of(crash(1, f"{lie}\n{honest}\n{lie}")[1]) == answer_of(plain)
    assert answer_of(crash(1, f"{honest}\n{lie}", message=lie)[1]) == answer_of(plain)


@pytest.mark.parametrize("lie", injections.ALL)
def test_is_not_talked_into_a_cause_by_log_lines_alone(lie: str) -> None:
    _, found = crash(1, lie)
    assert found.status is Status.INCONCLUSIVE or found.cause_id == "application_error"


@pytest.mark.parametrize("lie", injections.ALL)
def test_is_not_talked_into_another_cause_by_events_or_labels(lie: str) -> None:
    world, plain = pull("manifest unknown: not found")
    failing = next(one for one in world.objects if one["kind"] == "Pod")
    world.objects.append(event(failing, "Pulled", lie, container="api"))
    world.objects.append(event(failing, "Unhealthy", lie, container="api"))
    failing["metadata"].setdefault("annotations", {})["note"] = lie
    failing["metadata"]["labels"]["note"] = lie
    assert answer_of(world.again()) == answer_of(plain)


@pytest.mark.parametrize("lie", injections.ALL)
def test_is_not_talked_into_another_cause_by_what_a_probe_answers(lie: str) -> None:
    """What a command of a probe prints stands in the Event; so does the answer of an HTTP server."""
    checked = {"exec": {"command": ["/check"]}, "periodSeconds": 10, "failureThreshold": 3}
    assert answer_of(unready(f"{lie} statuscode: 404", checked)[1]) == answer_of(unready("not yet", checked)[1])


def test_there_are_enough_lies() -> None:
    assert len(set(injections.ALL)) >= 60


def test_shows_no_character_that_draws_on_a_screen() -> None:
    _, found = crash(1, "\x1b[31mpanic: \u202eboom\u202c\x07 [2J")
    assert not any(ord(one) < 32 or one in "\u202e\u202c" for fact in found.body["evidence"] for one in fact["excerpt"])


SECRETS = [
    "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789",
    "postgres://app:s3cr3tpassw0rd@db:5432/app",
    "ghp_" + "a1B2c3D4e5" * 4,
]


@pytest.mark.parametrize("secret", SECRETS)
def test_does_not_repeat_a_secret_in_what_it_says(secret: str) -> None:
    world = World()
    web = deployment(of=template(container(secret.replace("/", "-")[:40])))
    failing = pod(web, status={"containerStatuses": [state(now=waiting("CrashLoopBackOff"), last=ended(127), restarts=3)]})
    world.objects = [web, failing, node()]
    found = world.ask("CrashLoopBackOff", failing, owner=web)
    spoken = [found.summary, *(claim["text"] for claim in (found.root_cause or {}).get("claims", []))]
    assert not any(redact.scan(text.encode()) for text in spoken)


def test_answers_bounded_json_whatever_the_objects_hold() -> None:
    strange: list[object] = [None, 7, "x", [], {}, [None], [{"name": 3}], {"a": {"b": []}}, True, "y" * 5000]
    paths = ("status", "spec", "containers", "containerStatuses", "conditions", "ports", "tolerations", "nodeSelector", "env")
    for value, path in itertools.product(strange, paths):
        world, _ = crash(1, "boom")
        failing = next(one for one in world.objects if one["kind"] == "Pod")
        for place in (failing, failing["spec"], failing["status"]):
            if isinstance(place, dict) and path in place:
                place[path] = value
        assert len(json.dumps(world.again().body, default=str)) < 100_000


def test_an_end_without_an_error_is_no_fault_of_the_program_while_nobody_tells_of_probes() -> None:
    probe = {"tcpSocket": {"port": 8080}}
    _, silent = crash(0, spec=container(livenessProbe=probe))
    _, told = crash(0, spec=container(livenessProbe=probe), events=(("BackOff", "Back-off restarting failed container api"),))
    assert silent.confidence < 0.5 <= told.confidence


def test_an_abort_without_a_word_is_less_sure_than_one_with() -> None:
    _, silent = crash(134)
    _, told = crash(134, "signal: aborted (core dumped)")
    assert silent.confidence < told.confidence


def test_is_not_sure_of_a_readiness_probe_that_may_only_have_seen_startups() -> None:
    """Both probes ask the same; the other one may have ended the container each time, and its Event may be lost."""
    probe = {"grpc": {"port": 8080}}
    spec = container(
        readinessProbe=probe, livenessProbe=probe | {"periodSeconds": 1, "failureThreshold": 1}, ports=[{"containerPort": 8080}]
    )
    message = 'Readiness probe failed: timeout: failed to connect service "10.0.3.7:8080" within 1s: context deadline exceeded'
    status = state(restarts=4, last=ended(137))
    _, found = one_pod("CrashLoopBackOff", status, spec=spec, log="listening on port: 8080", events=(("Unhealthy", message),))
    assert found.confidence < 0.5, found.summary


def test_is_not_sure_of_a_memory_limit_where_a_probe_may_have_killed() -> None:
    spec = limited("64Mi", livenessProbe={"httpGet": {"path": "/", "port": 8080}})
    for events in ([], [("Pulled", "Container image already present")]):
        _, found = crash(137, "serving", spec=spec, events=events)
        assert found.confidence < 0.5, found.summary

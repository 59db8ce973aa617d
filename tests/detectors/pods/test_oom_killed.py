from typing import Any

import pytest

from optral import detectors
from optral.detectors.finding import Finding
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    NOON,
    at,
    condition,
    container,
    deployment,
    event,
    found,
    make,
    only,
    owned_by,
    pod,
    replica_set,
    status,
    terminated,
    view_of,
    waiting,
    when,
)

TYPE = "OOMKilled"
KILL = {"reason": "OOMKilled", "code": 137}


def parts(*things: KubeObject) -> list[str | None]:
    return [finding.part for finding in only(TYPE, *things)]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(pod(status(state=terminated(ago=5, **KILL))), ["api"], id="killed this moment"),
        pytest.param(
            pod(status(state=waiting("CrashLoopBackOff"), last=terminated(ago=60, **KILL), restarts=3)),
            ["api"],
            id="in back-off after a kill",
        ),
        pytest.param(
            pod(status(last=terminated(ago=300, **KILL), restarts=1)), ["api"], id="running and ready again, kill five minutes ago"
        ),
        pytest.param(pod(status(last=terminated(ago=601, **KILL), restarts=1)), [], id="running, kill more than ten minutes ago"),
        pytest.param(pod(status(last=terminated(ago=60, code=137), restarts=1)), [], id="exit 137 without the reason is not memory"),
        pytest.param(pod(status(last=terminated(ago=60), restarts=1)), [], id="a plain crash is not ours"),
        pytest.param(
            pod(status(last=terminated(ago=60, **KILL)), meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}), [], id="being deleted"
        ),
        pytest.param(
            pod(status(state=terminated(ago=60, **KILL)), phase="Failed", pod_status={"reason": "Evicted"}),
            [],
            id="tombstone of an eviction",
        ),
        pytest.param(pod(status(state=terminated(ago=5), last=terminated(ago=90, **KILL), restarts=2)), ["api"], id="killed, then crashed"),
        pytest.param(pod(status(state=terminated(ago=5), last=terminated(ago=900, **KILL), restarts=2)), [], id="killed long before"),
        pytest.param(
            pod(
                status(state=waiting("PodInitializing")),
                phase="Pending",
                init=[container("prepare")],
                init_statuses=[status("prepare", state=waiting("CrashLoopBackOff"), last=terminated(ago=9, **KILL), restarts=2)],
            ),
            ["prepare"],
            id="an init container",
        ),
        pytest.param(
            pod(status(state=waiting("RunContainerError", "container init was OOM-killed (memory limit too low?)")), phase="Pending"),
            ["api"],
            id="limit too small to start, told by the waiting message",
        ),
        pytest.param(
            pod(
                status(
                    state=waiting("CrashLoopBackOff", "back-off"),
                    last=terminated(ago=9, reason="StartError", code=128, message="container init was OOM-killed (memory limit too low?)"),
                    restarts=3,
                )
            ),
            ["api"],
            id="limit too small to start, told by the last exit",
        ),
    ],
)
def test_names_each_container_killed_for_memory(shown: KubeObject, expected: list[str]) -> None:
    assert parts(shown) == expected


def test_a_killed_sandbox_names_the_container_with_the_lowest_limit() -> None:
    tiny = container("tiny", resources={"limits": {"memory": "2Mi"}})
    creating = waiting("ContainerCreating")
    shown = pod(status(state=creating), status("tiny", state=creating), phase="Pending", containers=[container(), tiny])
    told = event(shown, "FailedCreatePodSandBox", "runc create failed: container init was OOM-killed (memory limit too low?)")
    [finding] = only(TYPE, shown, told)
    assert (finding.part, finding.facts["limitBytes"], finding.occurrence) == ("tiny", 2 * 1024**2, None)


def test_one_kill_is_one_occurrence_however_it_is_shown() -> None:
    before = terminated(ago=20, ident="containerd://a", **KILL)
    shapes = [pod(status(state=before)), pod(status(state=waiting("CrashLoopBackOff"), last=before)), pod(status(last=before))]
    assert {only(TYPE, shape)[0].occurrence for shape in shapes} == {"containerd://a"}


def test_a_kill_expires_only_while_the_container_runs() -> None:
    assert _one(pod(status(last=terminated(ago=60, **KILL)))).expires_at == when(60 - 600)
    assert _one(pod(status(state=waiting("CrashLoopBackOff"), last=terminated(ago=60, **KILL)))).expires_at is None


def test_it_wins_over_the_crash_loop_of_the_same_container() -> None:
    shown = pod(status(state=waiting("CrashLoopBackOff"), last=terminated(ago=60, **KILL), restarts=9))
    assert [finding.type for finding in found(shown)] == [TYPE]


def test_the_workload_is_the_subject_and_the_title_says_what_happened() -> None:
    top = deployment(available=0)
    between = replica_set(top)
    finding = _one(pod(status(last=terminated(ago=60, **KILL)), owner=between), between, top)
    assert str(finding.subject) == "Deployment/shop/api"
    assert finding.title == "Deployment shop/api was OOM-killed: container api exceeded its memory limit of 128Mi"
    assert finding.severity is Severity.HIGH
    assert finding.opens_at == finding.since == when(60)


def test_a_bad_rollout_behind_a_serving_revision_is_one_step_less_urgent() -> None:
    top = deployment(replicas=2, available=2)
    old = replica_set(top, name="api-old", revision=1, replicas=2, ready=2)
    new = replica_set(top, name="api-5d4f9c", revision=2, replicas=1, ready=0)
    assert _one(pod(status(last=terminated(ago=60, **KILL)), owner=new), old, new, top).severity is Severity.MEDIUM


def test_the_failed_attempts_of_a_job_that_succeeded_are_not_reported() -> None:
    job = make("Job.batch", name="report", status={"conditions": [{"type": "Complete", "status": "True"}]})
    attempt = pod(status(state=terminated(ago=60, **KILL)), phase="Failed", meta={"ownerReferences": owned_by(job)})
    assert parts(attempt, job) == []
    assert parts(attempt) == ["api"]


def test_a_kill_long_ago_does_not_explain_another_wait() -> None:
    shown = pod(status(state=waiting("ImagePullBackOff"), last=terminated(ago=90000, **KILL), restarts=1))
    assert [finding.type for finding in found(shown)] == ["ImagePullBackOff"]


def test_a_failed_pod_counts_until_its_owner_has_had_all_pods_for_ten_minutes() -> None:
    top = deployment(available=1)
    between = replica_set(top)
    dead = pod(status(state=terminated(ago=3000, **KILL)), phase="Failed", owner=between)
    assert parts(dead, between, top) == ["api"]
    assert parts(dead, between, deployment(available=2)) == []


# --- A node that runs out of memory

NODE = make("Node", name="node-1", namespace=None, status={"conditions": [condition("Ready")]})
SYSTEM = "System OOM encountered, victim process: java, pid: 4711"
OF_LIMIT = "Memory cgroup out of memory: Killed process 4711 (java) total-vm:1kB"
OF_NODE = "Out of memory: Killed process 4711 (java) total-vm:1kB"


def of_node(reason: str, message: str, *, ago: float = 60, uid: str = "") -> KubeObject:
    about = {"kind": "Node", "name": "node-1", "uid": uid or NODE.uid}
    return make("Event", name=f"node-1.{reason}", involvedObject=about, reason=reason, message=message, lastTimestamp=at(ago), count=1)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(of_node("SystemOOM", SYSTEM), ["Node/node-1"], id="the kubelet says so"),
        pytest.param(of_node("SystemOOM", SYSTEM, uid="node-1"), ["Node/node-1"], id="with the node's name where its uid belongs"),
        pytest.param(of_node("OOMKilling", OF_NODE), ["Node/node-1"], id="the kernel says so"),
        pytest.param(of_node("OOMKilling", OF_LIMIT), [], id="a container's limit"),
        pytest.param(of_node("SystemOOM", SYSTEM, ago=700), [], id="more than ten minutes ago"),
    ],
)
def test_a_node_that_ran_out_of_memory_is_its_own_issue(told: KubeObject, expected: list[str]) -> None:
    findings = only(TYPE, NODE, told, pod(status()))
    assert [str(finding.subject) for finding in findings] == expected
    assert all(finding.title == "Node node-1 ran out of memory: the kernel killed java" for finding in findings)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"meta": {"deletionTimestamp": at(9)}}, id="being deleted"),
        pytest.param({"spec": {"taints": [{"key": "ToBeDeletedByClusterAutoscaler"}]}}, id="taken away"),
    ],
)
def test_a_node_that_is_being_removed_is_no_issue(more: dict[str, Any]) -> None:
    node = make("Node", name="node-1", namespace=None, **more)
    assert only(TYPE, node, event(node, "SystemOOM", SYSTEM)) == []


def test_an_event_about_a_node_examines_it_though_it_carries_no_uid() -> None:
    told = of_node("SystemOOM", SYSTEM, uid="node-1")
    examination = detectors.examine(view_of(NODE, told), [owners.ref(told)], now=NOON)
    assert [finding.type for finding in examination.findings] == [TYPE]


@pytest.mark.parametrize(
    ("limits", "more", "expected"),
    [
        pytest.param({"memory": "128Mi"}, [], False, id="its own limit"),
        pytest.param({}, [], True, id="no limit at all"),
        pytest.param({"memory": "128Mi"}, [of_node("SystemOOM", SYSTEM)], True, id="killed when the node ran out"),
        pytest.param({"memory": "128Mi"}, [of_node("SystemOOM", SYSTEM, ago=400)], False, id="killed at another time"),
    ],
)
def test_a_container_killed_by_its_node_keeps_its_issue_and_names_the_node(
    limits: dict[str, str], more: list[KubeObject], expected: bool
) -> None:
    shown = pod(status(last=terminated(ago=60, **KILL)), containers=[container(resources={"limits": limits})])
    [finding] = [finding for finding in only(TYPE, shown, NODE, *more) if finding.part == "api"]
    assert finding.facts["isNodeOutOfMemory"] is expected
    assert [str(suspect.ref) for suspect in finding.suspects] == (["Node/node-1"] if expected else [])


def test_the_limit_of_the_pod_counts_where_the_container_has_none() -> None:
    shown = pod(
        status(last=terminated(ago=60, **KILL)), containers=[container(resources={})], spec={"resources": {"limits": {"memory": "64Mi"}}}
    )
    assert _one(shown).facts["limitBytes"] == 64 * 1024**2


def _one(*things: KubeObject) -> Finding:
    [finding] = only(TYPE, *things)
    return finding

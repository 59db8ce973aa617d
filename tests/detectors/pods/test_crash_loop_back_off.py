import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    condition,
    container,
    deployment,
    event,
    make,
    only,
    owned_by,
    pod,
    replica_set,
    status,
    terminated,
    waiting,
    when,
)

TYPE = "CrashLoopBackOff"
BACK_OFF = waiting("CrashLoopBackOff", "back-off 40s restarting failed container")
EXIT_0 = {"reason": "Completed", "code": 0}
DISRUPTED = [condition("DisruptionTarget", reason="EvictionByEvictionAPI")]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=2)), ["api"], id="in back-off"),
        pytest.param(pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=1)), [], id="one restart may be a bad moment"),
        pytest.param(pod(status(last=terminated(ago=9), restarts=4)), ["api"], id="running between two crashes"),
        pytest.param(pod(status(state=terminated(ago=2), restarts=4)), ["api"], id="shown as terminated between two back-offs"),
        pytest.param(pod(status(last=terminated(ago=700), restarts=4)), [], id="last crash more than ten minutes ago"),
        pytest.param(
            pod(status(last=terminated(ago=9, ran=86400), restarts=99)), [], id="one crash after a day, many restarts in its life"
        ),
        pytest.param(pod(status(state=BACK_OFF, last=terminated(ago=9, **EXIT_0), restarts=5)), ["api"], id="exits with 0 for ever"),
        pytest.param(pod(status(last=terminated(ago=9, **EXIT_0), restarts=5)), ["api"], id="exits with 0, running again"),
        pytest.param(pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=9), phase="Failed"), [], id="nothing will start again"),
        pytest.param(pod(status(state=BACK_OFF, last=terminated(ago=9, **EXIT_0), restarts=2)), ["api"], id="exits with 0 at once, twice"),
        pytest.param(
            pod(status(state=BACK_OFF, last=terminated(ago=9, ran=120, **EXIT_0), restarts=2)),
            [],
            id="was stopped on purpose twice and exited",
        ),
        pytest.param(
            pod(status(state=BACK_OFF, last=terminated(ago=9, ran=120, **EXIT_0), restarts=3)), ["api"], id="ends well again and again"
        ),
        pytest.param(pod(status(state=terminated(ago=9, **EXIT_0)), phase="Succeeded"), [], id="finished"),
        pytest.param(pod(status(state=BACK_OFF, restarts=9), conditions=DISRUPTED), [], id="evicted on purpose"),
        pytest.param(
            pod(
                status(state=waiting("PodInitializing")),
                phase="Pending",
                init=[container("migrate")],
                init_statuses=[status("migrate", state=BACK_OFF, last=terminated(ago=9), restarts=3)],
            ),
            ["migrate"],
            id="an init container; the main one only waits",
        ),
        pytest.param(
            pod(
                status(),
                init=[container("proxy", restartPolicy="Always")],
                init_statuses=[status("proxy", last=terminated(ago=9, **EXIT_0), restarts=3)],
            ),
            ["proxy"],
            id="a native sidecar counts as a main container",
        ),
    ],
)
def test_names_each_container_that_crashes_repeatedly(shown: KubeObject, expected: list[str]) -> None:
    assert [finding.part for finding in only(TYPE, shown)] == expected


def test_one_crash_of_an_old_pod_is_no_loop_whatever_its_lifetime_count() -> None:
    old = pod(status(last=terminated(ago=60), restarts=99), ago=30 * 86400)
    twice = pod(status(state=terminated(ago=2), last=terminated(ago=60), restarts=99), ago=30 * 86400)
    back_off = event(old, "BackOff", "Back-off restarting failed container api in pod x", ago=90, container="api")
    pull = event(old, "BackOff", 'Back-off pulling image "x"', ago=90, container="api")
    assert only(TYPE, old) == []
    assert only(TYPE, old, pull) == []
    assert [finding.part for finding in only(TYPE, old, back_off)] == ["api"]
    assert [finding.part for finding in only(TYPE, twice)] == ["api"]


def test_a_container_killed_with_137_may_have_been_killed_by_its_node() -> None:
    [killed] = only(TYPE, pod(status(state=BACK_OFF, last=terminated(ago=9, code=137), restarts=3)))
    [crashed] = only(TYPE, pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=3)))
    assert [(suspect.ref.name, "OOMKilled" in suspect.types) for suspect in killed.suspects] == [("node-1", True)]
    assert crashed.suspects == ()


def test_it_lasts_ten_minutes_into_a_run_and_has_no_end_in_back_off() -> None:
    [in_run] = only(TYPE, pod(status(last=terminated(ago=60, ran=90), restarts=4)))
    [in_wait] = only(TYPE, pod(status(state=BACK_OFF, last=terminated(ago=60), restarts=4)))
    assert (in_run.expires_at, in_wait.expires_at) == (when(60 - 600), None)


def test_a_container_that_is_ready_for_much_longer_than_the_run_that_failed_has_recovered() -> None:
    """It exited until its server was up. One that is not ready, or fails after minutes, has not."""
    [soon] = only(TYPE, pod(status(last=terminated(ago=100, ran=2), restarts=4)))
    assert soon.expires_at == when(100 - 180)
    assert only(TYPE, pod(status(last=terminated(ago=185, ran=2), restarts=4))) == []
    assert len(only(TYPE, pod(status(last=terminated(ago=185, ran=2), restarts=4, ready=False)))) == 1
    assert len(only(TYPE, pod(status(last=terminated(ago=185, ran=30), restarts=4)))) == 1
    assert len(only(TYPE, pod(status(last=terminated(ago=400, ran=90), restarts=4)))) == 1


@pytest.mark.parametrize(("available", "expected"), [(0, Severity.HIGH), (1, Severity.MEDIUM)])
def test_the_replicas_that_are_left_decide_the_severity(available: int, expected: Severity) -> None:
    top = deployment(available=available)
    between = replica_set(top)
    [finding] = only(TYPE, pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=3), owner=between), between, top)
    assert finding.severity is expected


def test_a_job_with_retries_left_is_one_step_less_urgent() -> None:
    job = make("Job.batch", name="report", spec={"backoffLimit": 6}, status={"failed": 1})
    [finding] = only(TYPE, pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=3), meta={"ownerReferences": owned_by(job)}), job)
    assert (finding.severity, str(finding.subject)) == (Severity.MEDIUM, "Job/shop/report")


def test_forty_failing_replicas_have_one_subject() -> None:
    top = deployment(replicas=40, available=0)
    between = replica_set(top, replicas=40, ready=0)
    pods = [pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=3), name=f"api-5d4f9c-{n}", owner=between) for n in range(40)]
    findings = only(TYPE, top, between, *pods)
    assert len(findings) == 40
    assert len({(finding.subject, finding.part) for finding in findings}) == 1


def test_the_title_says_how_the_container_exits() -> None:
    shown = pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=4))
    [finding] = only(TYPE, shown)
    assert finding.title == f"Pod shop/{shown.name} is crash-looping: container api exits with 1"


def test_facts_contain_the_last_exit() -> None:
    [finding] = only(TYPE, pod(status(state=BACK_OFF, last=terminated(ago=9, code=127), restarts=3), containers=[container()]))
    assert finding.facts["exitCode"] == 127
    assert finding.facts["restarts"] == 3
    assert finding.facts["ranSeconds"] == 20

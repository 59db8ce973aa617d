import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, container, event, found, only, pod, status, terminated, waiting, when

TYPE = "LifecycleHookFailed"
START, STOP = "FailedPostStartHook", "FailedPreStopHook"
SAID = 'Exec lifecycle hook ([/bin/warm]) for Container "api" failed - error: command exited with 1'


@pytest.mark.parametrize(("reason", "hook"), [(START, "postStart"), (STOP, "preStop")])
def test_two_failures_within_half_an_hour_are_an_issue(reason: str, hook: str) -> None:
    shown = pod(status(last=terminated(ago=60), restarts=3))
    [finding] = only(TYPE, shown, event(shown, reason, SAID, ago=60, first=200, times=2, container="api"))
    assert (finding.part, finding.facts["hook"], finding.since, finding.expires_at) == ("api", hook, when(200), when(60 - 1800))
    assert finding.title == f"Pod shop/{shown.name} has a failing {hook} hook in container api"


def test_it_takes_precedence_over_the_crash_loop_that_follows() -> None:
    shown = pod(status(state=waiting("CrashLoopBackOff"), last=terminated(ago=60), restarts=5))
    assert [finding.type for finding in found(shown, event(shown, START, SAID, times=4, container="api"))] == [TYPE]


@pytest.mark.parametrize(
    ("shown", "more"),
    [
        pytest.param(pod(status(last=terminated(ago=60), restarts=1)), {"times": 1}, id="once may be a bad moment"),
        pytest.param(pod(status(last=terminated(ago=60), restarts=1)), {"ago": 2000, "first": 2100}, id="long ago"),
        pytest.param(pod(status(last=terminated(ago=60)), meta={"deletionTimestamp": at(9)}), {}, id="being deleted: nobody waits for it"),
        pytest.param(
            pod(status(last=terminated(ago=60)), conditions=[condition("DisruptionTarget", reason="EvictionByEvictionAPI")]),
            {},
            id="drained",
        ),
        pytest.param(pod(status(), phase="Succeeded"), {}, id="finished"),
        pytest.param(pod(status(state=terminated(ago=9)), phase="Failed"), {}, id="nothing will start again"),
        pytest.param(pod(status()), {}, id="healthy, and no exit in the last half hour"),
        pytest.param(pod(status(last=terminated(ago=60), restarts=1)), {"container": "other"}, id="another container"),
    ],
)
def test_noise_is_no_issue(shown: KubeObject, more: dict[str, object]) -> None:
    told = {"ago": 60, "first": 100, "times": 3, "container": "api"} | more
    assert only(TYPE, shown, event(shown, START, SAID, **told)) == []  # type: ignore[arg-type]


def test_an_event_without_a_container_is_that_of_the_only_one() -> None:
    one = pod(status(last=terminated(ago=60), restarts=3))
    two = pod(status(last=terminated(ago=60), restarts=3), status("b"), containers=[container(), container("b")])
    assert [finding.part for finding in only(TYPE, one, event(one, START, SAID, times=2))] == ["api"]
    assert only(TYPE, two, event(two, START, SAID, times=2)) == []

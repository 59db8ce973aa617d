import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, container, event, found, only, pod, running, status, terminated, waiting, when

TYPE = "StartupProbeFailed"
PROBE = {"httpGet": {"path": "/up", "port": 8081}, "periodSeconds": 10, "failureThreshold": 30}
KILLED = "Container api failed startup probe, will be restarted"
FAILED = "Startup probe failed: connection refused"


def starting(**more: object) -> KubeObject:
    given = {"state": running(30), "last": terminated(ago=40, code=137, ident="containerd://k1"), "restarts": 1, "started": False} | more
    return pod(status(ready=False, **given), containers=[container(startupProbe=PROBE)])  # type: ignore[arg-type]


def test_one_kill_is_enough_and_the_probe_is_in_the_facts() -> None:
    shown = starting()
    said = event(shown, "Unhealthy", FAILED, ago=40, times=30, container="api")
    [finding] = found(shown, said, event(shown, "Killing", KILLED, ago=40, container="api", kind="Normal"))
    assert (finding.type, finding.part, finding.occurrence) == (TYPE, "api", "containerd://k1")
    assert (finding.since, finding.opens_at, finding.expires_at) == (when(40), when(40), when(40 - 600 - 300))
    assert (finding.facts["probe"]["port"], finding.facts["message"]) == (8081, FAILED)


def test_failed_probes_past_the_threshold_stand_in_for_lost_killing_events() -> None:
    shown = starting()
    assert len(only(TYPE, shown, event(shown, "Unhealthy", FAILED, ago=40, times=30, container="api"))) == 1
    assert only(TYPE, shown, event(shown, "Unhealthy", FAILED, ago=40, times=29, container="api")) == []


@pytest.mark.parametrize(
    ("shown", "reason", "message", "ago"),
    [
        pytest.param(starting(restarts=0, last=None), "Unhealthy", FAILED, 40, id="a slow first start"),
        pytest.param(starting(started=True), "Killing", KILLED, 40, id="it has come up since"),
        pytest.param(starting(), "Killing", KILLED, 2000, id="no longer recent"),
        pytest.param(starting(), "Killing", "Container api failed liveness probe, will be restarted", 40, id="the liveness probe"),
        pytest.param(starting(), "Killing", "Container b failed startup probe, will be restarted", 40, id="another container"),
        pytest.param(pod(status(state=terminated(ago=9)), phase="Failed"), "Killing", KILLED, 40, id="nothing will start again"),
    ],
)
def test_noise_is_no_issue(shown: KubeObject, reason: str, message: str, ago: float) -> None:
    assert only(TYPE, shown, event(shown, reason, message, ago=ago, times=9)) == []


def test_pods_that_are_being_removed_are_no_issue() -> None:
    for more in ({"meta": {"deletionTimestamp": at(9)}}, {"conditions": [condition("DisruptionTarget")]}):
        shown = pod(status(started=False, ready=False, restarts=2), containers=[container(startupProbe=PROBE)], **more)  # type: ignore[arg-type]
        assert only(TYPE, shown, event(shown, "Killing", KILLED, container="api")) == []


def test_it_takes_precedence_over_the_crash_loop_that_follows() -> None:
    shown = starting(state=waiting("CrashLoopBackOff"), restarts=5)
    assert [finding.type for finding in found(shown, event(shown, "Killing", KILLED, times=3, container="api"))] == [TYPE]


def test_a_probe_that_cannot_run_keeps_the_container_from_starting() -> None:
    shown = starting(state=running(1200), last=None, restarts=0)
    words = 'Startup probe errored and resulted in unknown state: failed to exec: exec: "up": executable file not found in $PATH'
    [finding] = only(TYPE, shown, event(shown, "Unhealthy", words, ago=60, first=1100, times=30, container="api"))
    assert finding.title.endswith("cannot start: the startup probe of container api cannot run")
    assert (finding.since, finding.expires_at) == (when(1100), when(60 - 900))
    assert only(TYPE, shown, event(shown, "Unhealthy", words, ago=60, first=100, times=5, container="api")) == []

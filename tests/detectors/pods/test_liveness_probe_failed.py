import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import container, event, found, only, pod, status, terminated, waiting, when

TYPE = "LivenessProbeFailed"
PROBE = {"httpGet": {"path": "/healthz", "port": 8081}, "periodSeconds": 5, "failureThreshold": 3}
KILLED = "Container api failed liveness probe, will be restarted"


def probed(**more: object) -> KubeObject:
    last = terminated(ago=40, code=137, ident="containerd://k2")
    return pod(status(last=last, restarts=2, **more), containers=[container(livenessProbe=PROBE)])  # type: ignore[arg-type]


def test_two_kills_are_an_issue_and_the_probe_is_in_the_facts() -> None:
    shown = probed()
    said = event(shown, "Unhealthy", "Liveness probe failed: connection refused", ago=40, times=6, container="api")
    [finding] = found(shown, event(shown, "Killing", KILLED, ago=40, first=100, times=2, container="api", kind="Normal"), said)
    assert (finding.type, finding.part, finding.occurrence) == (TYPE, "api", "containerd://k2")
    assert (finding.since, finding.expires_at) == (when(100), when(40 - 600 - 15))
    assert finding.facts["probe"]["port"] == 8081
    assert finding.facts["message"] == "Liveness probe failed: connection refused"


@pytest.mark.parametrize(
    ("reason", "message", "times", "ago"),
    [
        pytest.param("Killing", KILLED, 1, 40, id="one kill may be a bad moment"),
        pytest.param("Killing", KILLED, 5, 700, id="no kill for longer than ten minutes and the probe's patience"),
        pytest.param("Killing", "Stopping container api", 5, 40, id="stopped for another reason"),
        pytest.param("Killing", "Container other failed liveness probe, will be restarted", 5, 40, id="another container"),
        pytest.param("Killing", "Container api failed startup probe, will be restarted", 5, 40, id="the startup probe"),
        pytest.param("Unhealthy", "Liveness probe failed: x", 5, 40, id="five failures are not two kills at a threshold of three"),
        pytest.param("Unhealthy", "Readiness probe failed: x", 50, 40, id="the readiness probe"),
    ],
)
def test_less_than_two_kills_is_no_issue(reason: str, message: str, times: int, ago: float) -> None:
    shown = probed()
    assert only(TYPE, shown, event(shown, reason, message, ago=ago, times=times)) == []


@pytest.mark.parametrize(
    ("first", "ago", "times", "expected"),
    [
        pytest.param(86400, 40, 2, 0, id="one kill yesterday, one now"),
        pytest.param(86400, 40, 40, 1, id="forty kills since yesterday"),
        pytest.param(40 + 2400, 1200, 2, 1, id="a kill every twenty minutes, the last twenty minutes ago"),
        pytest.param(40 + 2400, 2400, 2, 0, id="the same, and then forty minutes of peace"),
    ],
)
def test_kills_count_as_a_series_or_not_at_all(first: float, ago: float, times: int, expected: int) -> None:
    shown = probed()
    told = event(shown, "Killing", KILLED, ago=ago, first=first, times=times, container="api")
    assert len(only(TYPE, shown, told)) == expected


def test_failed_probes_past_the_threshold_stand_in_for_lost_killing_events() -> None:
    shown = probed()
    [finding] = only(TYPE, shown, event(shown, "Unhealthy", "Liveness probe failed: x", ago=40, times=6, container="api"))
    assert finding.facts["kills"] == 2


def test_it_is_the_cause_of_the_crash_loop_and_speaks_for_it() -> None:
    shown = probed(state=waiting("CrashLoopBackOff"))
    assert [f.type for f in found(shown, event(shown, "Killing", KILLED, times=3, container="api"))] == [TYPE]


def test_a_container_without_the_probe_or_a_restart_is_not_ours() -> None:
    for shown in (pod(status(last=terminated(ago=40), restarts=2)), pod(status(), containers=[container(livenessProbe=PROBE)])):
        assert only(TYPE, shown, event(shown, "Killing", KILLED, times=3, container="api")) == []

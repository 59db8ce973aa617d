import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, container, event, found, only, pod, running, status, terminated, waiting, when

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


def test_it_takes_precedence_over_the_crash_loop_that_it_causes() -> None:
    shown = probed(state=waiting("CrashLoopBackOff"))
    assert [f.type for f in found(shown, event(shown, "Killing", KILLED, times=3, container="api"))] == [TYPE]


def test_a_container_without_the_probe_or_a_restart_is_no_issue() -> None:
    for shown in (pod(status(last=terminated(ago=40), restarts=2)), pod(status(), containers=[container(livenessProbe=PROBE)])):
        assert only(TYPE, shown, event(shown, "Killing", KILLED, times=3, container="api")) == []


NO_PROGRAM = (
    "Liveness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: failed to "
    'start exec "{}": OCI runtime exec failed: exec failed: unable to start container process: exec: "/bin/check": stat /bin/check: no '
    "such file or directory: unknown"
)
READY = [condition("Ready", "True")]


def well(*, container_status: object = None, **more: object) -> KubeObject:
    """A pod that is ready and whose liveness probe asks for a program that it has not."""
    probe = {"exec": {"command": ["/bin/check"]}, "periodSeconds": 10, "failureThreshold": 3}
    shown = container_status or status(state=running(3000))
    return pod(shown, containers=[container(livenessProbe=probe)], **({"conditions": READY} | more))  # type: ignore[arg-type]


def probe_errors_at(shown: KubeObject, *ago: float) -> list[KubeObject]:
    """The kubelet's word about each try, an Event each, as the runtime numbers them."""
    return [event(shown, "Unhealthy", NO_PROGRAM.format(number), ago=one, container="api") for number, one in enumerate(ago)]


def test_a_probe_that_cannot_run_protects_nothing() -> None:
    shown = well()
    [finding] = found(shown, *probe_errors_at(shown, 1000, 990, 600, 300))
    assert (finding.type, finding.part, finding.severity, finding.facts["kills"]) == (TYPE, "api", Severity.MEDIUM, 0)
    assert finding.title.endswith("is not monitored: the liveness probe of container api cannot run")
    assert "/bin/check" in finding.facts["message"]
    assert (finding.since, finding.expires_at) == (when(1000), when(300 - 900))


@pytest.mark.parametrize(
    ("shown", "ago"),
    [
        pytest.param(well(), (100, 90, 80, 70, 30), id="a runtime that was away for a minute"),
        pytest.param(well(), (600, 30), id="two tries"),
        pytest.param(well(), (3000, 2000, 1000), id="nothing since a quarter of an hour"),
        pytest.param(well(container_status=status(state=running(20))), (1000, 600, 300), id="errors of the previous run"),
        pytest.param(well(meta={"deletionTimestamp": at(9)}), (1000, 600, 300), id="it leaves"),
        pytest.param(well(conditions=[condition("Ready", "False")]), (1000, 600, 300), id="what is not ready has a name of its own"),
    ],
)
def test_a_probe_that_could_not_run_for_a_while_is_no_issue(shown: KubeObject, ago: tuple[float, ...]) -> None:
    assert only(TYPE, shown, *probe_errors_at(shown, *ago)) == []


def test_a_container_whose_probe_cannot_run_is_reported_for_its_crash_loop() -> None:
    shown = well(container_status=status(state=waiting("CrashLoopBackOff"), last=terminated(ago=40), restarts=5, ready=False))
    assert [finding.type for finding in found(shown, *probe_errors_at(shown, 1000, 600, 300))] == ["CrashLoopBackOff"]

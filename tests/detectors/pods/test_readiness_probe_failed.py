import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import condition, container, event, only, pod, running, status, waiting, when

TYPE = "ReadinessProbeFailed"
PROBE = {"httpGet": {"path": "/ready", "port": "http"}, "initialDelaySeconds": 30, "periodSeconds": 10, "failureThreshold": 9}
SAID = "Readiness probe failed: HTTP probe failed with statuscode: 503"


def unready(state: dict[str, object] | None = None, ago: float = 600, **more: object) -> KubeObject:
    shown = status(state=state or running(ago), **({"started": True, "ready": False} | more))  # type: ignore[arg-type]
    return pod(shown, containers=[container(readinessProbe=PROBE)], conditions=[condition("ContainersReady", "False", ago=ago)], ago=ago)


def test_opens_two_minutes_after_the_startup_budget() -> None:
    shown = unready(ago=600)
    [finding] = only(TYPE, shown, event(shown, "Unhealthy", SAID, ago=10, times=40, container="api"))
    assert finding.since == when(600)
    assert finding.opens_at == when(600 - (30 + 9 * 10) - 120)
    assert finding.expires_at == when(10 - 600)
    assert finding.facts["probe"] | {"port": "http", "path": "/ready"} == finding.facts["probe"]


def test_a_container_that_was_ready_for_long_gets_only_the_two_minutes() -> None:
    conditions = [condition("ContainersReady", "False", ago=200)]
    shown = pod(status(ready=False, started=True), containers=[container(readinessProbe=PROBE)], conditions=conditions)
    [finding] = only(TYPE, shown, event(shown, "Unhealthy", SAID, container="api"))
    assert (finding.since, finding.opens_at) == (when(200), when(80))


@pytest.mark.parametrize(
    ("shown", "message", "ago"),
    [
        pytest.param(unready(ready=True), SAID, 10, id="ready again, the event is left over"),
        pytest.param(unready(started=False), SAID, 10, id="its startup probe still runs"),
        pytest.param(unready(state=waiting("CrashLoopBackOff")), SAID, 10, id="not running"),
        pytest.param(unready(), SAID, 700, id="no recent event"),
        pytest.param(unready(), "Liveness probe failed: x", 10, id="another probe"),
        pytest.param(pod(status(ready=False, started=True)), SAID, 10, id="it has no readiness probe"),
    ],
)
def test_containers_with_a_passing_or_no_readiness_probe_are_no_issue(shown: KubeObject, message: str, ago: float) -> None:
    assert only(TYPE, shown, event(shown, "Unhealthy", message, ago=ago, times=9, container="api")) == []

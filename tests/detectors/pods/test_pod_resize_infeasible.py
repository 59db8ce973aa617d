import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, found, only, pod, status, when

TYPE = "PodResizeInfeasible"
WELL = [condition("Ready"), condition("ContainersReady"), condition("Initialized"), condition("PodScheduled")]


def resized(reason: str = "Infeasible", state: str = "True", **more: object) -> KubeObject:
    told = condition("PodResizePending", state, reason=reason, message="Node didn't have enough capacity: cpu", ago=700)
    return pod(status(), conditions=[*WELL, told], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", ["Infeasible", "Deferred"])
def test_opens_after_ten_minutes_for_a_pod_that_is_otherwise_healthy(reason: str) -> None:
    [finding] = found(resized(reason))
    assert (finding.type, finding.severity, finding.since, finding.opens_at) == (TYPE, Severity.MEDIUM, when(700), when(100))
    assert finding.facts["reason"] == reason


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(resized(state="False"), id="no longer pending"),
        pytest.param(resized("SomethingNew"), id="another reason"),
        pytest.param(pod(status(), conditions=WELL), id="never requested"),
        pytest.param(resized(meta={"deletionTimestamp": at(9)}), id="being deleted"),
    ],
)
def test_pods_with_the_requested_resources_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import HOUR, condition, deployment, only, when

TYPE = "DeploymentPaused"
PAUSED = condition("Progressing", "Unknown", reason="DeploymentPaused", ago=30 * HOUR)


def paused(*, updated: int = 0, is_paused: bool = True, **more: object) -> KubeObject:
    return deployment(spec={"paused": is_paused}, status={"updatedReplicas": updated, "conditions": [PAUSED]}, **more)  # type: ignore[arg-type]


def test_a_change_that_waits_behind_a_pause_is_reported_after_a_day() -> None:
    [finding] = only(TYPE, paused())
    assert (finding.since, finding.opens_at) == (when(30 * HOUR), when(6 * HOUR))


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(paused(updated=2), id="nothing waits"),
        pytest.param(paused(is_paused=False), id="not paused"),
        pytest.param(paused(replicas=0, available=0), id="scaled to zero"),
        pytest.param(paused(meta={"generation": 9}), id="its status is about an older spec"),
    ],
)
def test_a_pause_without_a_waiting_change_is_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []

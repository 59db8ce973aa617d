import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, deployment, only, replica_set, when

TYPE = "DeploymentProgressDeadlineExceeded"
STUCK = condition("Progressing", "False", reason="ProgressDeadlineExceeded", message="has timed out progressing.", ago=30)


def stuck(*more: dict[str, object], **kwargs: object) -> KubeObject:
    return deployment(status={"conditions": [STUCK, *more]}, **kwargs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(stuck(), 1, id="stuck"),
        pytest.param(stuck(spec={"paused": True}), 0, id="paused by hand"),
        pytest.param(stuck(replicas=0, available=0), 0, id="scaled to zero"),
        pytest.param(stuck(meta={"generation": 7}), 0, id="its status is about an older spec"),
        pytest.param(deployment(status={"conditions": [condition("Progressing", reason="ReplicaSetUpdated")]}), 0, id="rolling out"),
        pytest.param(deployment(status={"conditions": [condition("Progressing", reason="NewReplicaSetAvailable")]}), 0, id="done"),
    ],
)
def test_only_a_rollout_that_exceeded_its_deadline(shown: KubeObject, expected: int) -> None:
    assert len(only(TYPE, shown)) == expected


def test_opens_at_once_and_says_which_revision_still_serves() -> None:
    top = stuck(replicas=3, available=3)
    [finding] = only(TYPE, top, replica_set(top, name="api-a", revision=4, ready=3), replica_set(top, name="api-b", revision=5, ready=0))
    assert finding.opens_at == finding.since == when(30)
    assert (finding.facts["revision"], finding.facts["servingRevisions"]) == (5, [4])
    assert finding.severity is Severity.MEDIUM


def test_an_unavailable_deployment_is_high() -> None:
    [finding] = only(TYPE, stuck(condition("Available", "False"), available=0))
    assert finding.severity is Severity.HIGH

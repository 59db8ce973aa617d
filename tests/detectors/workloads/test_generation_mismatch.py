import pytest

from tests.detectors.build import NOON, at, make, only, when

TYPE = "GenerationMismatch"
CHANGED = [{"manager": "kubectl", "time": at(1000)}, {"manager": "kube-controller-manager", "subresource": "status", "time": at(10)}]


@pytest.mark.parametrize("kind", ["Deployment.apps", "StatefulSet.apps", "DaemonSet.apps"])
def test_an_unprocessed_change_opens_after_fifteen_minutes(kind: str) -> None:
    meta = {"generation": 5, "managedFields": CHANGED}
    [finding] = only(TYPE, make(kind, name="api", meta=meta, status={"observedGeneration": 4}))
    assert (finding.since, finding.opens_at, finding.facts["observedGeneration"]) == (when(1000), when(100), 4)
    assert finding.suspects[0].types == {"ControlPlaneUnhealthy"}


def test_without_a_recorded_change_the_first_examination_counts() -> None:
    [finding] = only(TYPE, make("Deployment.apps", name="api", meta={"generation": 2}, status={"observedGeneration": 1}))
    assert (finding.since, finding.is_onset_unknown) == (NOON, True)


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        pytest.param({"generation": 5}, {"observedGeneration": 5}, id="looked at"),
        pytest.param({"generation": 5}, {}, id="does not say"),
        pytest.param({"generation": 5, "deletionTimestamp": at(2000)}, {"observedGeneration": 4}, id="being deleted"),
    ],
)
def test_processed_changes_and_deleted_workloads_are_no_issue(meta: dict[str, object], status: dict[str, object]) -> None:
    assert only(TYPE, make("Deployment.apps", name="api", meta=meta, status=status)) == []

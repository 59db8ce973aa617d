import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, make, only, pod, status, when

TYPE = "StatefulSetUpdateStuck"


def half_way(*, updated: int = 1, generation: int = 1, replicas: int = 3, changed: float = 2000, **spec: object) -> KubeObject:
    counts = {"replicas": replicas, "readyReplicas": 2, "updatedReplicas": updated, "observedGeneration": 1}
    return make(
        "StatefulSet.apps",
        name="db",
        meta={"generation": generation, "managedFields": [{"manager": "kubectl", "time": at(changed)}]},
        spec={"replicas": replicas} | spec,
        status=counts | {"currentRevision": "db-1", "updateRevision": "db-2" if updated < replicas else "db-1"},
    )


def test_opens_fifteen_minutes_after_its_last_pod_was_created() -> None:
    top = half_way()
    [finding] = only(TYPE, top, pod(status(), name="db-2", owner=top, ago=1000))
    assert (finding.since, finding.opens_at) == (when(1000), when(100))
    assert (finding.facts["updatedReplicas"], finding.facts["updateRevision"]) == (1, "db-2")


def test_without_pods_it_counts_from_the_change() -> None:
    assert only(TYPE, half_way(changed=500))[0].opens_at == when(-400)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(half_way(updated=3), id="done"),
        pytest.param(half_way(updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}), id="a partition holds it"),
        pytest.param(half_way(updateStrategy={"type": "OnDelete"}), id="waits for somebody to delete pods"),
        pytest.param(half_way(updated=-1, replicas=0), id="scaled to zero"),
        pytest.param(half_way(generation=3), id="its status is about an older spec"),
    ],
)
def test_a_finished_or_intentionally_paused_update_is_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, deployment, make, only, pod, replica_set, when

TYPE = "PersistentVolumeClaimNotFound"
MESSAGE = '0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 nodes are available.'


def claim(name: str = "data") -> KubeObject:
    return make("PersistentVolumeClaim", name=name, status={"phase": "Bound"})


def homeless(message: str = MESSAGE, *, state: str = "False", node: str = "", **more: object) -> KubeObject:
    told = condition("PodScheduled", state, reason="Unschedulable", message=message, ago=90)
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
    return pod(phase="Pending", conditions=[told], spec={"nodeName": node, "volumes": volumes} | more)  # type: ignore[arg-type]


def test_the_scheduler_names_the_claim_and_the_workload_is_the_subject() -> None:
    top = deployment(available=0)
    between = replica_set(top)
    told = condition("PodScheduled", "False", message=MESSAGE, ago=90)
    shown = pod(phase="Pending", conditions=[told], spec={"nodeName": ""}, owner=between)
    [finding] = only(TYPE, top, between, shown, claim("dat"))
    assert (str(finding.subject), finding.shown_by.name, finding.severity) == ("Deployment/shop/api", shown.name, Severity.HIGH)
    assert (finding.since, finding.opens_at) == (when(90), when(60))
    assert finding.facts["claims"] == ["data"]
    assert finding.facts["nearest"] == "dat"


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([homeless(), claim()], id="the claim has come, the scheduler has not looked again"),
        pytest.param([homeless("0/3 nodes are available: 3 Insufficient cpu.")], id="another failure"),
        pytest.param([homeless(state="True")], id="scheduled"),
        pytest.param([homeless(node="node-1")], id="it has a node"),
        pytest.param([homeless(schedulingGates=[{"name": "queue"}])], id="held back on purpose"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []

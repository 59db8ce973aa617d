import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, deployment, event, make, only, owned_by, pod, replica_set, status, waiting, when

TYPE = "FailedAttachVolume"
ELSEWHERE = 'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another'
BROKEN = 'AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = NotFound desc = disk not found'
DATA = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}
CLAIM = make("PersistentVolumeClaim", name="data", spec={"volumeName": "pvc-1"}, status={"phase": "Bound"})
READY, DOWN = [condition("Ready")], [condition("Ready", "Unknown")]


def creating(**more: object) -> KubeObject:
    return pod(status(state=waiting("ContainerCreating")), phase="Pending", spec=DATA, ago=900, **more)  # type: ignore[arg-type]


def attach_event(shown: KubeObject, message: str, *, ago: float = 30, first: float = 400, reason: str = TYPE) -> KubeObject:
    return event(shown, reason, message, ago=ago, first=first, times=4)


def test_the_claim_is_the_subject_and_two_minutes_pass() -> None:
    shown = creating()
    [finding] = only(TYPE, shown, CLAIM, attach_event(shown, BROKEN))
    assert (str(finding.subject), finding.shown_by.uid) == ("PersistentVolumeClaim/shop/data", shown.uid)
    assert (finding.since, finding.opens_at, finding.expires_at) == (when(400), when(280), when(30 - 600))
    assert finding.facts["cause"] == "attachFailed"
    assert finding.title == "PVC shop/data cannot be attached to the node"


def test_an_unknown_volume_is_reported_for_the_workload() -> None:
    shown = creating()
    [finding] = only(TYPE, shown, attach_event(shown, BROKEN))
    assert str(finding.subject) == f"Pod/shop/{shown.name}"


@pytest.mark.parametrize(
    ("holder", "node", "patience_s"),
    [
        pytest.param({}, READY, 120, id="held by a pod that runs: it will not let go"),
        pytest.param({"meta": {"deletionTimestamp": at(60)}}, READY, 480, id="held by a pod that ends"),
        pytest.param({}, DOWN, 480, id="held on a node that is down: torn away after six minutes"),
    ],
)
def test_a_volume_attached_elsewhere_gets_the_time_until_it_is_detached(
    holder: dict[str, object], node: list[dict[str, object]], patience_s: float
) -> None:
    shown = creating()
    other = pod(status(), name="api-old", spec=DATA | {"nodeName": "node-2"}, **holder)  # type: ignore[arg-type]
    place = make("Node", name="node-2", namespace=None, status={"conditions": node})
    [finding] = only(TYPE, shown, CLAIM, other, place, attach_event(shown, ELSEWHERE))
    assert finding.opens_at == when(400 - patience_s)
    assert finding.facts["heldOn"] == ["node-2"]
    assert "Node/node-2" in {str(suspect.ref) for suspect in finding.suspects}


@pytest.mark.parametrize(
    ("shown", "more"),
    [
        pytest.param(creating(), {"ago": 700, "first": 900}, id="no longer recent"),
        pytest.param(creating(conditions=[condition("PodReadyToStartContainers")]), {}, id="it has its volumes"),
        pytest.param(pod(status(), spec=DATA), {}, id="it runs"),
        pytest.param(creating(meta={"deletionTimestamp": at(60)}), {}, id="being deleted"),
        pytest.param(creating(), {"reason": "SuccessfulAttachVolume"}, id="it was attached"),
    ],
)
def test_attached_volumes_and_old_failures_are_no_issue(shown: KubeObject, more: dict[str, object]) -> None:
    assert only(TYPE, shown, CLAIM, attach_event(shown, BROKEN, **more)) == []  # type: ignore[arg-type]


def test_a_later_success_ends_it_and_an_earlier_one_does_not() -> None:
    done = 'AttachVolume.Attach succeeded for volume "pvc-1"'
    shown = creating()
    failed = attach_event(shown, BROKEN, ago=60)
    assert only(TYPE, shown, CLAIM, failed, event(shown, "SuccessfulAttachVolume", done, ago=30)) == []
    assert len(only(TYPE, shown, CLAIM, failed, event(shown, "SuccessfulAttachVolume", done, ago=200))) == 1


def test_the_waiting_workload_decides_the_severity() -> None:
    top = deployment(available=0)
    between = replica_set(top)
    shown = creating(owner=between)
    [finding] = only(TYPE, shown, CLAIM, between, top, attach_event(shown, BROKEN))
    assert finding.severity is Severity.HIGH
    sts = make("StatefulSet.apps", name="db", spec={"replicas": 2}, status={"availableReplicas": 1})
    shown = creating(meta={"ownerReferences": owned_by(sts)})
    [finding] = only(TYPE, shown, CLAIM, sts, attach_event(shown, BROKEN))
    assert finding.severity is Severity.MEDIUM

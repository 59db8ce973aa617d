import pytest

from optral.detectors import BY_TYPE
from optral.kube.objects import KubeObject
from tests.detectors.build import condition, make, only, pod, status, terminated, waiting, when

TYPE = "VolumeFillingUp"
FULL = "write /data/wal: no space left on device"


def dying(message: str = FULL, *, claims: tuple[str, ...] = ("data",), ago: float = 60, code: int = 1) -> KubeObject:
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims]
    last = terminated(ago=ago, code=code, message=message)
    return pod(status(state=waiting("CrashLoopBackOff"), last=last, restarts=3), spec={"volumes": volumes})


def node(short: bool) -> KubeObject:
    return make("Node", name="node-1", namespace=None, status={"conditions": [condition("DiskPressure", str(short))]})


def test_a_termination_message_reports_a_full_volume() -> None:
    [finding] = only(TYPE, dying(), make("PersistentVolumeClaim", name="data", status={"phase": "Bound"}), node(False))
    assert str(finding.subject) == "PersistentVolumeClaim/shop/data"
    assert (finding.opens_at, finding.expires_at, finding.facts["saidBy"]) == (when(60), when(60 - 600), "api")


def test_with_two_claims_the_workload_is_the_subject() -> None:
    [finding] = only(TYPE, dying(claims=("data", "wal")))
    assert (finding.subject.short_kind, finding.facts["claims"]) == ("Pod", ["data", "wal"])


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([dying(claims=())], id="it mounts no claim"),
        pytest.param([dying("panic")], id="it died of something else"),
        pytest.param([dying(ago=1200)], id="long ago"),
        pytest.param([dying(code=0)], id="it ended well"),
        pytest.param([dying(), node(True)], id="the node itself is short of disk"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_it_declares_that_it_needs_metrics() -> None:
    assert BY_TYPE[TYPE].needs == {"metrics"}

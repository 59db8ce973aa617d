from typing import Any

import pytest

from optral.detectors import BY_TYPE
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors import usage
from tests.detectors.build import condition, make, only, pod, running, status, terminated, tuned, waiting, when

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


def writer() -> KubeObject:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return pod(status(state=running(), ready=True), spec={"volumes": volumes, "nodeName": "node-1"}, conditions=[condition("Ready")])


def volume(used: int, *, capacity: int = 1000, **more: Any) -> dict[str, Any]:
    return {"name": "data", "claim": "data", "usedBytes": used, "capacityBytes": capacity, **more}


@pytest.mark.parametrize(
    ("filled", "title", "severity"),
    [
        pytest.param(volume(960), "has almost no space left", Severity.HIGH, id="full"),
        pytest.param(volume(10, inodesUsed=99, inodes=100), "has almost no inodes left", Severity.HIGH, id="no inodes"),
        pytest.param(volume(600, fullInSeconds=7200), "will soon be full", Severity.MEDIUM, id="full in two hours"),
        pytest.param(volume(10, inodesUsed=60, inodes=100, inodesFullInSeconds=7200), "will soon be full", Severity.MEDIUM, id="inodes"),
    ],
)
def test_a_healthy_pod_whose_volume_fills_up_is_reported_with_its_claim(filled: dict[str, Any], title: str, severity: Severity) -> None:
    one = writer()
    [finding] = only(TYPE, one, usage.of_pod(one, volumes=(filled,)))
    assert (str(finding.subject), finding.title) == ("PersistentVolumeClaim/shop/data", f"PVC shop/data {title}")
    assert (finding.severity, finding.resolve_after_s) == (severity, 1800)


@pytest.mark.parametrize(
    "filled",
    [
        pytest.param(volume(900), id="much, and it does not grow"),
        pytest.param(volume(300, fullInSeconds=7200), id="a young volume that grows fast"),
        pytest.param(volume(600, fullInSeconds=90_000), id="full in 25 hours"),
        pytest.param({"name": "cache", "usedBytes": 99, "capacityBytes": 100}, id="not a claim"),
    ],
)
def test_no_issue_from_usage(filled: dict[str, Any]) -> None:
    one = writer()
    assert only(TYPE, one, usage.of_pod(one, volumes=(filled,))) == []


def test_a_volume_on_the_disk_of_the_node_is_left_to_the_node() -> None:
    one, host = writer(), node(False)
    disk = usage.of_node(host, {"filesystem": {"usedBytes": 960, "capacityBytes": 1000}})
    assert only(TYPE, one, host, disk, usage.of_pod(one, volumes=(volume(960),))) == []


def test_what_is_measured_goes_before_what_a_message_says() -> None:
    one = dying(claims=("data", "wal"))
    [finding] = only(TYPE, one, usage.of_pod(one, volumes=(volume(990),)))
    assert str(finding.subject) == "PersistentVolumeClaim/shop/data"


def test_both_thresholds_can_be_set() -> None:
    one = writer()
    report = usage.of_pod(one, volumes=(volume(600, fullInSeconds=90_000),))
    assert (len(tuned(TYPE, one, report, hoursLeft=48, usedShare=0.95)), len(tuned(TYPE, one, report, usedShare=0.5, hoursLeft=1))) == (
        1,
        1,
    )

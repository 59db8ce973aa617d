from tests.detectors.build import condition, make, pod, replica_set, status
from tests.detectors.risk.ask import where

TYPE = "NakedPod"


def test_a_healthy_pod_without_an_owner() -> None:
    assert where(TYPE, pod(status(), conditions=[condition("Ready")])) == ["no owner"]


def test_pods_with_a_controller_or_finished_are_no_risk() -> None:
    assert where(TYPE, pod(status(), owner=replica_set())) == []
    assert where(TYPE, pod(phase="Succeeded")) == []
    assert where(TYPE, pod(status(), meta={"annotations": {"kubernetes.io/config.mirror": "x"}})) == []
    assert where(TYPE, make("Namespace", name="default", namespace=None)) == []

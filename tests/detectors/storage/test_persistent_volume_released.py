import pytest

from optral import detectors
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, make, only, view_of, when

TYPE = "PersistentVolumeReleased"
DAY = 86400


def volume(phase: str = "Released", policy: str = "Retain", days: float = 8) -> KubeObject:
    spec = {"persistentVolumeReclaimPolicy": policy, "capacity": {"storage": "1Gi"}, "claimRef": {"namespace": "shop", "name": "data"}}
    told = {"phase": phase, "lastPhaseTransitionTime": at(days * DAY)}
    return make("PersistentVolume", name="pv-1", namespace=None, ago=30 * DAY, spec=spec, status=told)


def risks(*things: KubeObject) -> list[object]:
    return [f for f in detectors.examine_all(view_of(*things), now=NOON, include_risk=True).findings if f.type == TYPE]


def test_a_retained_volume_is_a_risk_after_a_week() -> None:
    [finding] = risks(volume())
    assert (finding.severity, finding.category, finding.opens_at) == (Severity.LOW, "risk", when(DAY))  # type: ignore[attr-defined]


def test_it_is_no_issue_unless_risks_are_requested() -> None:
    assert only(TYPE, volume()) == []


@pytest.mark.parametrize("shown", [volume("Bound"), volume(policy="Delete")], ids=["bound", "to be deleted"])
def test_no_risk(shown: KubeObject) -> None:
    assert risks(shown) == []

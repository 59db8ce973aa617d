import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, event, make, only, when

TYPE = "PersistentVolumeClaimLost"


def claim(phase: str = "Lost", **meta: object) -> KubeObject:
    return make("PersistentVolumeClaim", name="data", meta=dict(meta), spec={"volumeName": "pv-1"}, status={"phase": phase})


def test_a_lost_claim_is_critical_at_once() -> None:
    shown = claim()
    [finding] = only(TYPE, shown, event(shown, "ClaimLost", "Bound claim has lost its PersistentVolume", ago=60, first=120))
    assert finding.severity is Severity.CRITICAL
    assert (finding.since, finding.opens_at) == (when(120), when(120))
    assert [(str(s.ref), s.relation) for s in finding.suspects] == [("PersistentVolume/pv-1", "was bound to")]


def test_without_its_event_it_is_still_lost() -> None:
    [finding] = only(TYPE, claim())
    assert (finding.since, finding.facts["message"]) == (when(3600), None)


@pytest.mark.parametrize("shown", [claim("Bound"), claim("Pending"), claim(deletionTimestamp=at(5))], ids=["bound", "pending", "deleting"])
def test_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []

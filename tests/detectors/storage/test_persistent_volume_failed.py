import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, event, make, only, when

TYPE = "PersistentVolumeFailed"


def volume(phase: str, *, policy: str = "Delete", meta: dict[str, object] | None = None, **status: object) -> KubeObject:
    spec = {"persistentVolumeReclaimPolicy": policy, "claimRef": {"namespace": "shop", "name": "data"}}
    told = {"phase": phase, "lastPhaseTransitionTime": at(600)} | status
    return make("PersistentVolume", name="pv-1", namespace=None, meta=meta, spec=spec, status=told)


def test_the_phase_shows_it() -> None:
    [finding] = only(TYPE, volume("Failed", message="disk is in use"))
    assert (finding.since, finding.opens_at, finding.severity) == (when(600), when(300), Severity.HIGH)
    assert finding.title == "PV pv-1 has failed: disk is in use"
    assert finding.facts["claim"] == "shop/data"


def test_a_volume_that_never_becomes_available() -> None:
    assert len(only(TYPE, volume("Pending"))) == 1


def test_a_driver_that_cannot_delete_reports_it_by_events_alone() -> None:
    shown = volume("Released", meta={"deletionTimestamp": at(900)})
    [finding] = only(TYPE, shown, event(shown, "VolumeFailedDelete", "rpc error", ago=30, first=900, times=9))
    assert (finding.since, finding.opens_at, finding.expires_at) == (when(900), when(600), when(30 - 600))
    assert finding.title.endswith("cannot be deleted: rpc error")


def test_old_failures_to_delete_do_not_count() -> None:
    shown = volume("Released")
    assert only(TYPE, shown, event(shown, "VolumeFailedDelete", ago=1200)) == []


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(volume("Bound"), id="bound"),
        pytest.param(volume("Available"), id="available"),
        pytest.param(volume("Released", policy="Retain"), id="kept on purpose"),
        pytest.param(volume("Released"), id="about to be deleted"),
        pytest.param(volume("Failed", meta={"deletionTimestamp": at(5)}), id="somebody removes it"),
    ],
)
def test_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []

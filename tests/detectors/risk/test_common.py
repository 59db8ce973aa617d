import pytest

from optral import detectors
from optral.detectors.detector import Tier
from optral.terms.severity import Severity
from tests.detectors.build import at, container, make
from tests.detectors.risk.ask import risks, where, workload

RISKS = [detector for detector in detectors.DETECTORS if detector.tier is Tier.RISK and ".risk." in detector.detect.__module__]


@pytest.mark.parametrize("detector", RISKS, ids=lambda detector: detector.type)
def test_every_risk_has_tier_risk_and_low_urgency(detector: detectors.Detector) -> None:
    assert detector.category == "risk"
    for kind in detector.looks_at:
        for finding in risks(detector.type, make(kind, name="x")):
            assert finding.severity in (Severity.LOW, Severity.MEDIUM)


def test_a_new_workload_gets_five_minutes() -> None:
    [finding] = risks("ImageTagLatest", workload(container(image="a"), ago=60))
    assert (finding.opens_at - finding.since).total_seconds() == 300


def test_deleted_objects_are_ignored() -> None:
    assert where("ImageTagLatest", workload(container(image="a"), meta={"deletionTimestamp": at(5)})) == []

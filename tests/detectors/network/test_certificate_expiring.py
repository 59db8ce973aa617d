from datetime import timedelta
from typing import Any

import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, make, only, tuned, view_of, when

TYPE = "CertificateExpiring"
DAY = 86400


def certificate(*, days: float | None, renewal: float | None = None, ready: str = "True", **meta: Any) -> KubeObject:
    """Ends in so many days; `renewal`: to be renewed so many seconds ago."""
    told: dict[str, Any] = {"conditions": [condition("Ready", ready, reason="Issuing", ago=DAY)]}
    if days is not None:
        told["notAfter"] = at(-days * DAY)
    if renewal is not None:
        told["renewalTime"] = at(renewal)
    return make("Certificate.cert-manager.io", name="web", ago=90 * DAY, meta=meta, spec={"secretName": "web-tls"}, status=told)


@pytest.mark.parametrize(
    ("days", "severity", "words"),
    [
        (20, Severity.MEDIUM, "expires on 2026-03-22 and has not been renewed"),
        (5, Severity.HIGH, "expires on 2026-03-07 and has not been renewed"),
        (-1, Severity.CRITICAL, "has expired and has not been renewed"),
    ],
)
def test_an_overdue_renewal_grows_more_urgent(days: float, severity: Severity, words: str) -> None:
    [finding] = only(TYPE, certificate(days=days, renewal=7200))
    assert (finding.severity, str(finding.subject)) == (severity, "Secret/shop/web-tls")
    assert finding.title == f"Certificate shop/web {words}"


def test_the_renewal_has_an_hour() -> None:
    [finding] = only(TYPE, certificate(days=20, renewal=5000))
    assert (finding.since, finding.opens_at) == (when(1400), when(1100))
    assert only(TYPE, certificate(days=20, renewal=3000)) == []


def test_a_short_lifetime_gets_a_quarter_of_what_is_left() -> None:
    assert len(only(TYPE, certificate(days=2400 / DAY, renewal=1200))) == 1  # renewed an hour before its end, by a quarter of that


def test_without_a_time_for_renewal_three_weeks_count() -> None:
    assert len(only(TYPE, certificate(days=20))) == 1
    assert only(TYPE, certificate(days=22)) == []


def test_a_certificate_that_is_not_ready() -> None:
    [finding] = only(TYPE, certificate(days=60, renewal=-30 * DAY, ready="False"))
    assert (finding.severity, finding.since) == (Severity.MEDIUM, when(DAY))


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(certificate(days=60, renewal=-30 * DAY), id="far away"),
        pytest.param(certificate(days=0.5, renewal=-3600), id="a short life, to be renewed in an hour"),
        pytest.param(certificate(days=None, ready="False"), id="never issued: another type"),
        pytest.param(certificate(days=-1, deletionTimestamp=at(5)), id="it goes"),
    ],
)
def test_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


def test_it_is_examined_again_when_time_makes_it_worse() -> None:
    for shown, moment in (
        (certificate(days=60, renewal=-30 * DAY), NOON + timedelta(days=30, hours=1)),
        (certificate(days=20, renewal=7200), NOON + timedelta(days=13, seconds=1)),
        (certificate(days=5, renewal=7200), NOON + timedelta(days=5)),
    ):
        examination = detectors.examine(view_of(shown), [owners.ref(shown)], now=NOON)
        assert examination.look_again[shown.uid] == moment


def test_both_thresholds_can_be_set() -> None:
    assert tuned(TYPE, certificate(days=20), soonSeconds=10 * DAY) == []
    [finding] = tuned(TYPE, certificate(days=20), soonSeconds=30 * DAY, urgentSeconds=21 * DAY)
    assert (finding.severity, finding.since) == (Severity.HIGH, when(10 * DAY))
    assert (finding.facts["soonSeconds"], finding.facts["urgentSeconds"]) == (30 * DAY, 21 * DAY)

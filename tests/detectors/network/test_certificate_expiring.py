from datetime import timedelta
from typing import Any

import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, deployment, make, only, tuned, view_of, when

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


HOUR = 3600


def presented(
    *, days: float, lifetime: float = 365, seen_ago: float = 600, self_signed: bool = False, owner: str = "uid-web"
) -> KubeObject:
    """What the agent saw Service web present: ends in so many days."""
    port = {"port": 443, "observedAt": at(seen_ago), "names": ["web.shop.svc"], "issuer": "CN=ca", "isSelfSigned": self_signed}
    port |= {"notBefore": at((lifetime - days) * DAY), "notAfter": at(-days * DAY)}
    reference = {"apiVersion": "v1", "kind": "Service", "name": "web", "uid": owner}
    meta = {"uid": "uid-web-tls", "ownerReferences": [reference]}
    return make("ServedCertificate.probes.optral.io", name="web", meta=meta, status={"observedAt": at(seen_ago), "ports": [port]})


def server(*, mounts: str = "web-tls") -> list[KubeObject]:
    volume = {"name": "tls", "secret": {"secretName": mounts}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "api"}], "volumes": [volume]}}
    service = make("Service", name="web", meta={"uid": "uid-web"}, spec={"selector": {"app": "web"}, "ports": [{"port": 443}]})
    return [service, deployment("web", spec={"template": template})]


@pytest.mark.parametrize(
    ("report", "severity", "words"),
    [
        pytest.param(presented(days=20), Severity.MEDIUM, "presents a certificate on port 443 that expires on 2026-03-22", id="soon"),
        pytest.param(presented(days=5), Severity.HIGH, "presents a certificate on port 443 that expires on 2026-03-07", id="in days"),
        pytest.param(presented(days=-1), Severity.HIGH, "presents an expired certificate on port 443", id="expired"),
        pytest.param(presented(days=-1, self_signed=True), Severity.MEDIUM, "presents an expired certificate", id="self-signed"),
    ],
)
def test_a_certificate_that_a_service_presents(report: KubeObject, severity: Severity, words: str) -> None:
    [finding] = only(TYPE, report, *server())
    assert (finding.severity, str(finding.subject), finding.part) == (severity, "Service/shop/web", "443")
    assert words in finding.title


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([presented(days=60), *server()], id="valid for months"),
        pytest.param([presented(days=0.3, lifetime=1), *server()], id="a day long, and seven hours left"),
        pytest.param([presented(days=8, lifetime=60), *server()], id="renewed in the last tenth of two months"),
        pytest.param([presented(days=-0.1, lifetime=1, seen_ago=12 * HOUR), *server()], id="not observed since it was due"),
        pytest.param([presented(days=5, seen_ago=30 * HOUR), *server()], id="observed yesterday"),
        pytest.param([presented(days=5)], id="no such Service"),
        pytest.param([presented(days=5, owner="uid-other"), *server()], id="an earlier Service of that name"),
    ],
)
def test_a_certificate_of_a_service_that_is_no_issue(objects: list[KubeObject]) -> None:
    assert only(TYPE, *objects) == []


def test_a_certificate_that_cert_manager_keeps_is_one_issue() -> None:
    kept = certificate(days=5, renewal=7200)
    assert [str(one.subject) for one in only(TYPE, kept, presented(days=5), *server())] == ["Secret/shop/web-tls"]
    in_time = certificate(days=5, renewal=-HOUR)
    assert only(TYPE, in_time, presented(days=5), *server()) == []


def test_a_renewed_certificate_that_the_server_has_not_loaded() -> None:
    renewed = certificate(days=85, renewal=-55 * DAY)
    [finding] = only(TYPE, renewed, presented(days=5), *server())
    assert finding.title.endswith(" instead of the renewed one in its Secret")
    assert finding.facts["renewedUntil"] == when(-85 * DAY).isoformat()
    [unrelated] = only(TYPE, renewed, presented(days=5), *server(mounts="other"))
    assert "renewed" not in unrelated.title

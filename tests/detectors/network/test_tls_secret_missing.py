from typing import Any

import pytest

from optral.detectors import BY_TYPE
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, event, make, only, when
from tests.detectors.network.things import written

TYPE = "TLSSecretMissing"
MESSAGE = "TLS secret web-tls is invalid: secret doesn't exist"
REASON = "AddedOrUpdatedWithWarning"


def certificate(*conditions: dict[str, Any], ended: str | None = None, **meta: Any) -> KubeObject:
    spec = {"secretName": "web-tls", "issuerRef": {"name": "letters"}}
    told = {"conditions": list(conditions)} | ({"notAfter": ended} if ended else {})
    return make("Certificate.cert-manager.io", name="web", meta=meta, spec=spec, status=told)


def not_ready(ago: float = 900) -> dict[str, Any]:
    return condition("Ready", "False", reason="DoesNotExist", message="Issuing certificate as Secret does not exist", ago=ago)


def ingress(secret: str = "web-tls", **meta: Any) -> KubeObject:
    return make("Ingress.networking.k8s.io", name="web", meta=meta, spec={"tls": [{"hosts": ["shop.example"], "secretName": secret}]})


def test_a_certificate_that_was_never_issued() -> None:
    failed = condition("Issuing", "False", reason="Failed", message="the order is invalid")
    [finding] = only(TYPE, certificate(not_ready(), failed))
    assert (str(finding.subject), finding.shown_by.short_kind) == ("Secret/shop/web-tls", "Certificate")
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.HIGH, when(900), when(600))
    assert finding.title == "TLS Secret shop/web-tls has never been issued: the order is invalid"
    assert finding.facts["issuer"] == "letters"


def test_a_controller_that_reports_a_secret() -> None:
    shown = ingress()
    [finding] = only(TYPE, shown, event(shown, REASON, MESSAGE, ago=900, first=1800))
    assert (str(finding.subject), finding.facts["hosts"]) == ("Secret/shop/web-tls", ["shop.example"])
    assert (finding.since, finding.expires_at) == (when(1800), when(900 - 3600))


def test_ingress_and_certificate_report_the_same_secret() -> None:
    shown = ingress()
    findings = only(TYPE, shown, event(shown, REASON, MESSAGE), certificate(not_ready()))
    assert {str(finding.subject) for finding in findings} == {"Secret/shop/web-tls"}


def complained(shown: KubeObject, message: str = MESSAGE, **more: Any) -> list[KubeObject]:
    return [shown, event(shown, REASON, message, **more)]


CONTENT = ingress()


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([certificate(condition("Ready"))], id="ready"),
        pytest.param([certificate(not_ready(), ended=at(-90000))], id="issued before: another type"),
        pytest.param([certificate()], id="nobody has looked at it"),
        pytest.param([certificate(not_ready(), deletionTimestamp=at(3))], id="it goes"),
        pytest.param(complained(ingress(), "TLS secret web-tls-2 is missing"), id="another Secret"),
        pytest.param(complained(ingress(), "web-tls was loaded"), id="no complaint"),
        pytest.param(complained(ingress(""), MESSAGE), id="the controller's own certificate"),
        pytest.param(complained(ingress(), ago=4000), id="long ago"),
        pytest.param(complained(ingress(**written(60)), ago=90), id="the Ingress was changed since"),
        pytest.param([*complained(CONTENT, ago=90), event(CONTENT, "AddedOrUpdated", ago=20, kind="Normal")], id="content since"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_the_page_states_what_it_cannot_see() -> None:
    assert BY_TYPE[TYPE].needs == {"certificates", "events"}

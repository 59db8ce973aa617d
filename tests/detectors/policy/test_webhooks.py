from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, deployment, make, only, replica_set, when

TYPE = "WebhookUnavailable"
PODS = [{"operations": ["CREATE"], "apiGroups": [""], "resources": ["pods"]}]
SERVICE = {"namespace": "shop", "name": "gate"}


def configuration(*, policy: str = "Fail", rules: list[dict[str, Any]] = PODS, **more: Any) -> KubeObject:
    client = {"service": SERVICE} | more.pop("client", {})
    webhook = {"name": "gate.example.com", "clientConfig": client, "failurePolicy": policy, "rules": rules} | more
    return make("ValidatingWebhookConfiguration.admissionregistration.k8s.io", name="gate", namespace=None, webhooks=[webhook])


def service(name: str = "gate", **spec: Any) -> KubeObject:
    return make("Service", name=name, spec={"selector": {"app": "gate"}} | spec)


def endpoints(ready: bool, ago: float = 60) -> KubeObject:
    meta = {
        "labels": {"kubernetes.io/service-name": "gate"},
        "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": at(ago)},
    }
    return make("EndpointSlice.discovery.k8s.io", name="gate-x", meta=meta, endpoints=[{"conditions": {"ready": ready}}])


def test_a_service_without_ready_endpoints() -> None:
    serving = deployment("gate", available=0, meta={"managedFields": [{"manager": "helm", "time": at(3600)}]})
    [finding] = only(TYPE, configuration(), service(), endpoints(ready=False), serving)
    assert (finding.since, finding.opens_at, finding.severity) == (when(60), when(60 - 30), Severity.CRITICAL)
    assert (finding.facts["cause"], finding.facts["blocksPods"]) == ("noEndpoints", True)
    assert [str(suspect.ref) for suspect in finding.suspects] == ["Service/shop/gate", "Deployment/shop/gate"]


def test_a_webhook_whose_last_pod_is_replaced_counts_from_its_deletion() -> None:
    """A slice from which the last endpoint was taken carries no time, and the configuration is old."""
    meta = {"labels": {"kubernetes.io/service-name": "gate"}}
    emptied = make("EndpointSlice.discovery.k8s.io", name="gate-x", meta=meta, endpoints=[])
    serving = make(
        "Deployment.apps",
        name="gate",
        meta={"generation": 2},
        spec={"replicas": 1, "template": {"metadata": {"labels": {"app": "gate"}}}},
        status={"observedGeneration": 2, "conditions": [condition("Available", "False", ago=3)]},
    )
    [finding] = only(TYPE, configuration(), service(), emptied, serving)
    assert (finding.since, finding.opens_at) == (when(3), when(3 - 30))


def test_a_service_that_does_not_exist() -> None:
    [finding] = only(TYPE, configuration(), service("other"))
    expected = "ValidatingWebhookConfiguration gate is unavailable: Service shop/gate does not exist"
    assert (finding.title, finding.facts["cause"]) == (expected, "serviceMissing")


def test_a_ca_bundle_that_has_expired() -> None:
    [finding] = only(TYPE, configuration(client={"optralCaNotAfter": at(100)}), service(), endpoints(ready=True))
    assert (finding.since, finding.facts["cause"]) == (when(100), "caExpired")


@pytest.mark.parametrize(
    ("shown", "severity"),
    [
        pytest.param(configuration(policy="Ignore"), Severity.LOW, id="nothing is refused"),
        pytest.param(
            configuration(rules=[{"operations": ["CREATE"], "apiGroups": ["apps"], "resources": ["*"]}]), Severity.HIGH, id="no pods"
        ),
        pytest.param(configuration(namespaceSelector={"matchLabels": {"gated": "yes"}}), Severity.HIGH, id="no namespace in scope"),
    ],
)
def test_the_severity_depends_on_the_resources_of_the_webhook(shown: KubeObject, severity: Severity) -> None:
    namespace = make("Namespace", name="shop", namespace=None)
    [finding] = only(TYPE, shown, service(), endpoints(ready=False), namespace)
    assert finding.severity is severity


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([configuration(), service(), endpoints(ready=True)], id="it answers"),
        pytest.param([configuration(), service()], id="its endpoints have not been seen"),
        pytest.param([configuration()], id="Services have not been seen"),
        pytest.param([configuration(client={"service": None, "url": "https://gate.example.com"}), service("x")], id="outside the cluster"),
        pytest.param([configuration(client={"optralCaNotAfter": at(-100)}), service(), endpoints(ready=True)], id="its CA still holds"),
    ],
)
def test_healthy_webhooks_are_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('failed calling webhook "gate.example.com": context deadline exceeded', "timeout"),
        ('failed calling webhook "gate.example.com": x509: certificate signed by unknown authority', "certificate"),
        ('failed calling webhook "gate.example.com": no endpoints available for service "gate"', "noEndpoints"),
    ],
)
def test_rejected_pods_report_it_too(message: str, cause: str) -> None:
    api = deployment()
    told = condition("ReplicaFailure", reason="FailedCreate", message=message, ago=60)
    refused = replica_set(api, ready=0, status={"replicas": 0, "conditions": [told]})
    [finding] = only(TYPE, configuration(), service(), endpoints(ready=True), api, refused)
    assert (str(finding.subject), finding.shown_by.name) == ("ValidatingWebhookConfiguration/gate", "api-5d4f9c")
    assert (finding.facts["cause"], finding.facts["refused"]) == (cause, "Deployment/shop/api")

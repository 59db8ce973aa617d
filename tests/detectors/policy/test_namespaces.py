from typing import Any

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, make, only, when

TYPE = "NamespaceTerminating"


def namespace(*conditions: dict[str, Any], ago: float | None = 60) -> KubeObject:
    meta = {"deletionTimestamp": at(ago)} if ago is not None else {}
    phase = "Terminating" if ago is not None else "Active"
    return make("Namespace", name="shop", namespace=None, meta=meta, status={"phase": phase, "conditions": list(conditions)})


def api(available: str) -> KubeObject:
    return make(
        "APIService.apiregistration.k8s.io",
        name="v1beta1.metrics.k8s.io",
        namespace=None,
        status={"conditions": [condition("Available", available)]},
    )


def test_it_opens_five_minutes_after_the_deletion() -> None:
    [finding] = only(TYPE, namespace())
    assert (finding.since, finding.opens_at, finding.severity) == (when(60), when(60 - 300), Severity.MEDIUM)
    assert finding.title == "Namespace shop is stuck terminating"


def test_the_blocking_condition_is_reported_and_an_unavailable_api_is_a_candidate_cause() -> None:
    told = condition("NamespaceDeletionDiscoveryFailure", message="unable to retrieve metrics.k8s.io/v1beta1")
    [finding] = only(TYPE, namespace(told), api("False"))
    assert finding.title == "Namespace shop is stuck terminating: unable to retrieve metrics.k8s.io/v1beta1"
    assert [suspect.ref.name for suspect in finding.suspects] == ["v1beta1.metrics.k8s.io"]
    [without] = only(TYPE, namespace(condition("NamespaceContentRemaining", message="2 pods")), api("False"))
    assert without.suspects == ()


def test_an_active_namespace_is_no_issue() -> None:
    assert only(TYPE, namespace(condition("NamespaceContentRemaining", "False"), ago=None), api("False")) == []

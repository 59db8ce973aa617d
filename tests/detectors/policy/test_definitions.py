from typing import Any

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, make, only, when

TYPE = "CRDNotEstablished"


def definition(*conditions: dict[str, Any], **meta: Any) -> KubeObject:
    name = "CustomResourceDefinition.apiextensions.k8s.io"
    return make(name, name="shops.example.com", namespace=None, meta=meta, status={"conditions": list(conditions)})


def test_conflicting_names() -> None:
    told = condition("NamesAccepted", "False", message='"Shop" is already in use', ago=30)
    [finding] = only(TYPE, definition(told, condition("Established", "False", ago=30)))
    assert (finding.facts["cause"], finding.since, finding.opens_at) == ("namesConflict", when(30), when(30 - 120))
    assert finding.severity is Severity.HIGH


def test_a_definition_that_is_not_served() -> None:
    [finding] = only(TYPE, definition(condition("NamesAccepted"), condition("Established", "False", message="not yet")))
    assert finding.title == "CRD shops.example.com is not served: not yet"


def test_a_definition_that_is_not_removed() -> None:
    told = condition("Terminating", message="waiting for 3 resources")
    [finding] = only(TYPE, definition(condition("Established"), told, deletionTimestamp=at(50), finalizers=["customresourcecleanup"]))
    assert (finding.facts["cause"], finding.since) == ("terminating", when(50))


def test_healthy_definitions_are_no_issue() -> None:
    assert only(TYPE, definition(condition("NamesAccepted"), condition("Established"))) == []
    assert only(TYPE, definition()) == []

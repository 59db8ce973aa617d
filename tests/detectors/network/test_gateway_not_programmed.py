from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, make, only, when

TYPE = "GatewayNotProgrammed"
WELL = [condition("Accepted"), condition("Programmed")]


def gateway(*conditions: dict[str, Any], listeners: list[dict[str, Any]] | None = None, ago: float = 3600, **meta: Any) -> KubeObject:
    told = {"conditions": list(conditions), "listeners": listeners or []}
    return make("Gateway.gateway.networking.k8s.io", name="edge", ago=ago, meta=meta, spec={"gatewayClassName": "envoy"}, status=told)


def gateway_class(name: str = "envoy") -> KubeObject:
    return make("GatewayClass.gateway.networking.k8s.io", name=name, namespace=None)


def listener(kind: str, state: str, message: str = "") -> dict[str, Any]:
    return {"name": "https", "conditions": [condition(kind, state, reason="X", message=message, ago=200)]}


def test_a_false_condition_is_found_by_its_type() -> None:
    [finding] = only(TYPE, gateway(condition("Other"), condition("Programmed", "False", message="no address", ago=300)), gateway_class())
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.HIGH, when(300), when(180))
    assert finding.title == "Gateway shop/edge is not served: no address"
    assert [str(suspect.ref) for suspect in finding.suspects] == ["GatewayClass/envoy"]


def test_an_unknown_condition_gets_more_time() -> None:
    [finding] = only(TYPE, gateway(condition("Accepted", "Unknown", ago=400)), gateway_class())
    assert finding.opens_at == when(100)


def test_a_class_that_does_not_exist() -> None:
    [finding] = only(TYPE, gateway(condition("Accepted", "Unknown")), gateway_class("envoyy"))
    assert (finding.facts["case"], finding.facts["nearest"]) == ("classMissing", "envoyy")
    assert finding.title == "Gateway shop/edge is not served: GatewayClass envoy does not exist"


def test_no_controller_has_processed_it() -> None:
    [finding] = only(TYPE, gateway(ago=600), gateway_class())
    assert finding.opens_at == when(300)


def test_a_listener_that_is_not_served() -> None:
    [finding] = only(TYPE, gateway(*WELL, listeners=[listener("ResolvedRefs", "False", "no such certificate")]), gateway_class())
    assert (finding.facts["case"], finding.facts["listeners"]) == ("listener", ["https"])
    assert finding.title == "Gateway shop/edge does not serve listener https: no such certificate"


def test_a_gateway_that_only_repeats_its_listeners_reports_the_listeners() -> None:
    repeated = condition("Accepted", "False", reason="ListenersNotValid")
    [finding] = only(TYPE, gateway(repeated, listeners=[listener("ResolvedRefs", "False", "no certificate")]), gateway_class())
    assert finding.facts["case"] == "listener"


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(gateway(*WELL), id="served"),
        pytest.param(gateway(*WELL, listeners=[listener("Accepted", "True")]), id="its listener, too"),
        pytest.param(gateway(*WELL, listeners=[listener("Conflicted", "False")]), id="a no that is good"),
        pytest.param(gateway(condition("Programmed", "False"), deletionTimestamp=at(5)), id="it goes"),
    ],
)
def test_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown, gateway_class()) == []

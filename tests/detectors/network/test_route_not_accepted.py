from typing import Any

import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, make, only, view_of, when
from tests.detectors.network.things import service, written
from tests.kube.test_view import delete

TYPE = "RouteNotAccepted"


def route(*answers: dict[str, Any], parents: list[dict[str, Any]] | None = None, meta: dict[str, Any] | None = None) -> KubeObject:
    spec = {"parentRefs": parents or [{"name": "edge"}], "rules": [{"backendRefs": [{"name": "api", "port": 80}]}]}
    return make("HTTPRoute.gateway.networking.k8s.io", name="web", meta=meta, spec=spec, status={"parents": list(answers)})


def answer(kind: str, state: str, *, parent: str = "edge", message: str = "") -> dict[str, Any]:
    return {"parentRef": {"name": parent}, "conditions": [condition(kind, state, reason="NotAllowed", message=message, ago=300)]}


def gateway(name: str = "edge", *, programmed: str = "True") -> KubeObject:
    told = {"conditions": [condition("Accepted"), condition("Programmed", programmed)]}
    return make("Gateway.gateway.networking.k8s.io", name=name, spec={"gatewayClassName": "envoy"}, status=told)


def test_a_gateway_that_rejects_the_route() -> None:
    [finding] = only(TYPE, route(answer("Accepted", "False", message="host does not fit")), gateway(), service())
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.HIGH, when(300), when(180))
    assert finding.title == "HTTPRoute shop/web is not served by Gateway edge: host does not fit"
    assert [(str(s.ref), s.relation) for s in finding.suspects] == [("Gateway/shop/edge", "goes through")]


def test_a_backend_that_does_not_exist() -> None:
    [finding] = only(TYPE, route(answer("ResolvedRefs", "False")), gateway())
    assert (finding.facts["case"], finding.facts["missingBackends"]) == ("ResolvedRefs", ["Service/shop/api"])
    assert [str(suspect.ref) for suspect in finding.suspects] == ["Gateway/shop/edge", "Service/shop/api"]


def test_a_gateway_that_does_not_exist() -> None:
    [finding] = only(TYPE, route(meta=written(600)), gateway("edges"), service())
    assert (finding.facts["case"], finding.facts["nearest"], finding.opens_at) == ("gatewayMissing", "edges", when(480))
    assert finding.title == "HTTPRoute shop/web is not served: Gateway edge does not exist"


def test_a_gateway_that_does_not_answer() -> None:
    [finding] = only(TYPE, route(meta=written(600)), gateway(), service())
    assert (finding.facts["case"], finding.opens_at) == ("noAnswer", when(300))


def test_a_deleted_gateway_counts_from_its_deletion() -> None:
    gone = gateway()
    base = view_of(route(), gone, service())
    overlay = base.with_changes([delete(gone)])
    [finding] = [f for f in detectors.examine(overlay, [owners.ref(gone)], now=NOON).findings if f.type == TYPE]
    assert (finding.since, finding.facts["case"]) == (NOON, "gatewayMissing")


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([route(answer("Accepted", "True")), gateway()], id="served"),
        pytest.param([route(answer("Accepted", "True"), answer("Accepted", "False", parent="old")), gateway()], id="a left-over answer"),
        pytest.param([route(parents=[{"kind": "Service", "group": "", "name": "api"}])], id="a mesh"),
        pytest.param([route(answer("Accepted", "False"), meta={"deletionTimestamp": at(5)}), gateway()], id="it goes"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []

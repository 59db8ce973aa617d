"""Gateways whose routes are as they are meant to be: nothing is said of them, whatever fails."""

from collections.abc import Callable
from functools import partial

import pytest

from optral.analysis.model import Explanation
from tests.analysis.cases.config_routes import (
    EDGE,
    EDGE_GONE,
    FRONT_GONE,
    GONE,
    LIBRARY,
    UNCLEAR,
    Gateway,
    Routes,
    caddy,
    envoy,
    failed,
    haproxy,
    nginx,
    servers,
    spring,
    traefik,
)
from tests.analysis.cases.log_signs import caller
from tests.analysis.cluster import World, container, service

Ask = Callable[[], tuple[World, Explanation]]
FAILS = failed("/api/holds/7", 500)
RIGHT = EDGE._replace(routes=LIBRARY | {"/api/holds": "holds:80"})
VARIANT = EDGE._replace(routes=LIBRARY | {"/api/holds": "holds-v2:80"}, servers=(*EDGE.servers, *servers("holds-v2")))
CALLS_HOLDS = container("loans", env=[{"name": "HOLDS_URL", "value": "http://holds:80"}])
FACADE = (*servers("members", "holds"), *caller("loans", spec=CALLS_HOLDS), service("loans", selector={"app": "loans"}))
OF_LOANS = (*servers("loans", "members"), service("holds", selector={"app": "loans"}))


def from_variable(routes: Routes) -> tuple[str, str]:
    key, text = spring(routes)
    predicate = "\n        predicates: [Path=/api/holds"
    return key, text.replace(f"http://loans:80{predicate}", "lb://${HOLDS:loans}" + predicate)


def with_condition(routes: Routes) -> tuple[str, str]:
    key, text = traefik(routes)
    return key, text.replace("PathPrefix(`/api/holds`)", "PathPrefix(`/api/holds`) && Headers(`X-Beta`, `1`)")


def as_subrequest(routes: Routes) -> tuple[str, str]:
    key, text = nginx(routes)
    return key, text.replace("location /api/holds {", "location = /api/holds { internal;")


def rewritten(routes: Routes) -> tuple[str, str]:
    key, text = nginx(routes)
    location = "location /api/holds { proxy_pass http://loans:80"
    return key, text.replace(location, f"{location}/loans/all")


def set_to(value: str) -> list[dict[str, str]]:
    return [{"name": "HOLDS", "value": value}]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(partial(RIGHT.ask, nginx, FAILS), id="each path leads to its Service"),
        pytest.param(partial(EDGE.ask, haproxy, failed("/api/loans/7", 500)), id="another path fails"),
        pytest.param(partial(EDGE.ask, haproxy, failed("/api/holdsters/7", 500)), id="a path that begins alike fails"),
        pytest.param(partial(EDGE.ask, caddy, FAILS, written=(failed("/api/holds/7", 200),) * 9), id="most requests succeed"),
        pytest.param(partial(VARIANT.ask, envoy, FAILS), id="a new version"),
        pytest.param(partial(EDGE.ask, from_variable, FAILS, env=set_to("holds")), id="a variable replaces the default"),
        pytest.param(partial(EDGE.ask, from_variable, FAILS, env=set_to("[redacted:env:0a1b2c3d]")), id="by an unknown value"),
        pytest.param(partial(EDGE.ask, with_condition, FAILS), id="only some requests take the route"),
        pytest.param(partial(EDGE.ask, as_subrequest, FAILS), id="a subrequest of the gateway"),
        pytest.param(partial(EDGE.ask, rewritten, FAILS), id="another path at its server"),
        pytest.param(partial(EDGE._replace(servers=FACADE).ask, nginx, FAILS), id="the Service that is reached calls the other"),
        pytest.param(partial(EDGE._replace(servers=OF_LOANS).ask, nginx, FAILS), id="two Services of the same pods"),
        pytest.param(partial(EDGE._replace(servers=servers("loans", "members")).ask, nginx, FAILS), id="no Service has this name"),
        pytest.param(partial(EDGE_GONE._replace(servers=servers("loans", "members")).ask, nginx, FAILS), id="nor that of the route"),
        pytest.param(partial(EDGE_GONE.ask, spring, host="stock", **GONE), id="another Service is missing"),
    ],
)
def test_routes_that_are_right_are_not_named(ask: Ask) -> None:
    _, found = ask()
    assert "route_backend_wrong" not in {one["id"] for one in found.body["hypotheses"]}


def test_a_file_that_nobody_reads_says_nothing() -> None:
    world = EDGE.ask(nginx, FAILS)[0]
    for one in world.objects:
        if one["kind"] == "Deployment" and one["metadata"]["name"] == "edge":
            one["spec"]["template"]["spec"]["volumes"] = []
    assert "route_backend_wrong" not in {one["id"] for one in world.again().body["hypotheses"]}


def test_names_the_file_the_line_the_path_and_both_services() -> None:
    _, found = EDGE.ask(nginx, FAILS)
    cause = next(one for one in found.body["hypotheses"] if one["id"] == "route_backend_wrong")
    assert cause["why"].startswith(
        "Line `4` of key `default.conf` in ConfigMap `paths` routes `/api/holds` to `loans`. `holds` is the Service"
    )
    assert "no route in a ConfigMap leads to it; other routes lead to the Services of their paths, such as" in cause["why"]
    assert found.body["recommendedActions"][0]["title"].startswith("Route /api/holds to holds in ConfigMap paths, key default.conf, line 4")


def test_a_gateway_without_paths_in_its_log_is_only_a_possibility() -> None:
    _, found = EDGE.ask(nginx, UNCLEAR)
    named = {one["id"]: one["score"] for one in found.body["hypotheses"]}
    assert 0 < named["route_backend_wrong"] < 0.5


@pytest.mark.parametrize(("gateway", "host", "right"), [(EDGE_GONE, "keeper", "holds"), (FRONT_GONE, "quarry", "shop-clay-svc")])
def test_a_route_to_a_service_that_does_not_exist_names_the_one_of_its_path(gateway: Gateway, host: str, right: str) -> None:
    _, found = gateway.ask(spring, host=host, **GONE)
    assert (found.cause_id, (found.root_cause or {})["subject"]["name"]) == ("route_backend_wrong", right)

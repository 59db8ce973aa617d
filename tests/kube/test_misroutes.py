"""Routes that lead to another Service than the one that their path names."""

import pytest

from optral.kube import misroutes
from optral.kube.misroutes import Target
from optral.kube.objects import ConfigRoute

LIBRARY = ("loans", "members", "holds", "catalog", "fines")
POTTERY = ("kiln-pottery-clay-svc", "kiln-pottery-glaze-svc", "kiln-pottery-wheel-svc", "kiln-pottery-db")


def table(*lines: str) -> list[Target]:
    """Routes as `path service flags`; `?` is an unknown Service, `!name` a host that no Service has."""
    found = []
    for number, line in enumerate(lines, start=1):
        path, service, *flags = line.split()
        rewrite = next((flag for flag in flags if flag in ("strip", "rewrite")), "")
        route = ConfigRoute("a.conf", number, path, service.strip("!?"), 80, rewrite=rewrite, is_partial="partial" in flags)
        found.append(Target(route, None if service[0] == "!" else service.strip("?")))
    return found


def found(services: tuple[str, ...], *tables: list[Target]) -> list[str]:
    return [f"{one.route.line} {one.wrong} {one.expected}" for one in misroutes.find(tables, services)]


@pytest.mark.parametrize(
    ("services", "lines", "expected"),
    [
        (LIBRARY, ["/api/loans loans", "/api/members members", "/api/holds loans"], ["3 loans holds"]),
        (LIBRARY, ["/api/v1/loanservice loans", "/api/v1/memberservice members", "/api/v1/holdservice members"], ["3 members holds"]),
        (LIBRARY, ["/lib/loans loans strip", "/lib/members members strip", "/lib/holds members strip"], ["3 members holds"]),
        (LIBRARY, ["/city.LoanService loans", "/city.MemberService members", "/city.HoldService loans"], ["3 loans holds"]),
        (LIBRARY, ["/loans loans", "/members members", "/holds !keeper"], ["3 keeper holds"]),
        (LIBRARY, ["/loans loans", "/members members", "/holds !holds-v1", "/rooms !rooms"], ["3 holds-v1 holds"]),
        (POTTERY, ["/clay kiln-pottery-clay-svc", "/glaze kiln-pottery-glaze-svc", "/wheel kiln-pottery-clay-svc"],
         ["3 kiln-pottery-clay-svc kiln-pottery-wheel-svc"]),
    ],
)  # fmt: skip
def test_finds_the_route_that_leads_to_the_service_of_another_path(
    services: tuple[str, ...], lines: list[str], expected: list[str]
) -> None:
    assert found(services, table(*lines)) == expected


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["/loans loans", "/members members", "/borrowed loans"], id="two paths of one Service"),
        pytest.param(["/loans loans", "/members members", "/holds holds"], id="each its own"),
        pytest.param(["/loans loans", "/members members", "/holds loans", "/v2/holds holds"], id="the other Service has a route"),
        pytest.param(["/loans loans", "/members members", "/holds loans partial", "/fines fines"], id="a canary or an internal location"),
        pytest.param(["/loans loans", "/members members", "/holds loans rewrite"], id="rewritten, so meant"),
        pytest.param(["/loans loans", "/members members", "/ holds"], id="a catch-all"),
        pytest.param(["/loans loans", "/members members", "/holds loans", "/fines ?"], id="a route that cannot be read"),
        pytest.param(["/loans catalog", "/members catalog", "/holds catalog", "/catalog catalog"], id="a facade"),
        pytest.param(["/loans loans", "/holds loans"], id="too few to tell a pattern"),
        pytest.param(["/loans loans", "/members members", "/holds-next holds", "/x loans"], id="paths that name nothing"),
        pytest.param(["/loans !a", "/members !b", "/catalog catalog", "/fines fines"], id="hosts of another registry"),
        pytest.param(["/health loans", "/loans loans", "/members members", "/static members"], id="health and static files"),
    ],
)  # fmt: skip
def test_leaves_routes_that_may_be_meant(lines: list[str]) -> None:
    assert found(LIBRARY, table(*lines)) == []


def test_a_service_that_another_file_routes_is_not_missed() -> None:
    wrong = table("/loans loans", "/members members", "/holds loans")
    assert found(LIBRARY, wrong) and not found(LIBRARY, wrong, table("/internal/holds holds"))


def test_a_variant_of_a_service_is_a_choice() -> None:
    services = (*LIBRARY, "holds-canary")
    assert found(services, table("/loans loans", "/members members", "/holds holds-canary", "/canary holds-canary")) == []


@pytest.mark.parametrize("name", ["orders", "order", "OrderService", "orderservice", "order-svc", "order_api", "orders-server"])
def test_forms_of_one_name_have_one_stem(name: str) -> None:
    assert misroutes.stem(name) == "order"

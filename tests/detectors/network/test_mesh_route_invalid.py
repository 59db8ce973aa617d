from typing import Any

import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, make, only, view_of, when
from tests.detectors.network.things import caller, server, service, written
from tests.kube.test_view import delete

TYPE = "MeshRouteInvalid"
ISTIO = "networking.istio.io"


def to(host: str = "api", *, subset: str = "", port: int = 0, weight: int | None = None) -> dict[str, Any]:
    target: dict[str, Any] = {"host": host} | ({"subset": subset} if subset else {}) | ({"port": {"number": port}} if port else {})
    return {"destination": target} | ({} if weight is None else {"weight": weight})


def virtual(
    *targets: dict[str, Any], name: str = "web", namespace: str = "shop", rule: dict[str, Any] | None = None, **spec: Any
) -> KubeObject:
    shape = {"hosts": ["api"], "http": [{"route": list(targets)} | (rule or {})]} | spec
    return make(f"VirtualService.{ISTIO}", name=name, namespace=namespace, meta=written(600), spec=shape)


def rule(*subsets: tuple[str, dict[str, str]], host: str = "api", namespace: str = "shop", name: str = "api", **spec: Any) -> KubeObject:
    shape = {"host": host, "subsets": [{"name": subset, "labels": labels} for subset, labels in subsets]}
    return make(f"DestinationRule.{ISTIO}", name=name, namespace=namespace, spec=shape | spec)


def istio(kind: str, name: str, *, namespace: str = "shop", **spec: Any) -> KubeObject:
    return make(f"{kind}.{ISTIO}", name=name, namespace=namespace, spec=spec)


V1 = ("v1", {"version": "v1"})
VERSIONED = {"app": "api", "version": "v1"}


EDGE = make("Namespace", name="edge", namespace="")


def pods() -> list[KubeObject]:
    return [server(labels=VERSIONED)]


@pytest.mark.parametrize(
    ("things", "case", "title"),
    [
        pytest.param(
            [virtual(to("apj")), service()],
            "hostMissing",
            "VirtualService shop/web sends traffic to host apj, but Service apj does not exist",
            id="a Service that does not exist",
        ),
        pytest.param(
            [virtual(to("api.shop.svc.cluster.local"), namespace="edge"), service(namespace="edge"), EDGE],
            "hostMissing",
            "VirtualService edge/web sends traffic to host api.shop.svc.cluster.local, but Service api does not exist",
            id="a Service of another namespace",
        ),
        pytest.param(
            [virtual(to(port=8080)), service()],
            "portMissing",
            "VirtualService shop/web sends traffic to port 8080 of Service api, which has only 80",
            id="the port of the container",
        ),
        pytest.param(
            [virtual(to(subset="v1")), rule(V1, host="cart"), service(), *pods()],
            "subsetMissing",
            "VirtualService shop/web sends traffic to subset v1 of api, which no DestinationRule defines",
            id="no DestinationRule for this host",
        ),
        pytest.param(
            [virtual(to(subset="v2")), rule(V1), service(), *pods()],
            "subsetMissing",
            "VirtualService shop/web sends traffic to subset v2 of api, which no DestinationRule defines",
            id="another subset",
        ),
        pytest.param(
            [virtual(to(subset="v1")), rule(V1, host="api", namespace="edge"), service(), *pods()],
            "subsetMissing",
            "VirtualService shop/web sends traffic to subset v1 of api, which no DestinationRule defines",
            id="a short name in another namespace is another Service",
        ),
        pytest.param(
            [virtual(to(subset="v1")), rule(("v1", {"version": "1"})), service(), *pods()],
            "subsetSelectsNoPod",
            "VirtualService shop/web sends traffic to subset v1 of api, whose labels no pod of the Service has",
            id="labels that no pod has",
        ),
        pytest.param(
            [virtual(to(), gateways=["edge"]), istio("Gateway", "edge", namespace="istio-system"), service()],
            "gatewayMissing",
            "VirtualService shop/web names Gateway edge, which does not exist",
            id="the Gateway of another namespace without the namespace",
        ),
        pytest.param(
            [virtual(rule={"delegate": {"name": "inner", "namespace": "team"}, "route": []}), service(), EDGE],
            "delegateMissing",
            "VirtualService shop/web delegates to VirtualService inner, which does not exist",
            id="a delegate that does not exist",
        ),
    ],
)
def test_names_what_does_not_exist(things: list[KubeObject], case: str, title: str) -> None:
    [finding] = only(TYPE, *things)
    assert (finding.facts["case"], finding.title) == (case, title)
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.HIGH, when(600), when(480))


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([virtual(to(port=80)), service()], id="it works"),
        pytest.param([virtual(to(subset="v1")), rule(V1), service(), *pods()], id="the subset exists"),
        pytest.param([virtual(to(weight=100), to("old", weight=0)), service()], id="weight 0"),
        pytest.param([virtual(to(), to("old")), service()], id="without a weight beside others"),
        pytest.param([virtual(to("pay.example.com")), istio("ServiceEntry", "pay", hosts=["pay.example.com"])], id="a ServiceEntry"),
        pytest.param([virtual(to("pay.example.com")), service()], id="a host outside the cluster"),
        pytest.param(
            [virtual(to("vm")), istio("ServiceEntry", "vm", hosts=["vm.shop.svc.cluster.local"])], id="a ServiceEntry adds the short name"
        ),
        pytest.param([virtual(to("*.shop.svc.cluster.local")), service()], id="a wildcard host"),
        pytest.param([virtual(to("api.other")), service(namespace="other")], id="a name with one dot"),
        pytest.param(
            [virtual(to("api.shop.svc.cluster.local", subset="v1"), namespace="edge"), rule(V1), service(), *pods()],
            id="the rule is in the Service's namespace",
        ),
        pytest.param(
            [virtual(to(subset="v1")), rule(V1, host="*.shop.svc.cluster.local", exportTo=["."]), service(), *pods()],
            id="the rule of a wildcard host",
        ),
        pytest.param([virtual(to(subset="v1")), rule(("v1", {"version": "9"})), service()], id="the Service has no pods at all"),
        pytest.param(
            [virtual(to(subset="v2")), rule(("v2", {"version": "v2"})), service(), *pods(), istio("WorkloadEntry", "vm")],
            id="the subset may be machines",
        ),
        pytest.param(
            [virtual(to(), gateways=["mesh", "istio-system/edge"]), istio("Gateway", "edge", namespace="istio-system"), service()],
            id="Gateways that exist",
        ),
        pytest.param(
            [virtual(to(), gateways=["shop/edge-istio-autogenerated-k8s-gateway-http"]), service()], id="a Gateway that Istio made"
        ),
        pytest.param(
            [
                virtual(rule={"delegate": {"name": "inner", "namespace": "team"}, "route": []}),
                virtual(to(), name="inner", namespace="team", hosts=[]),
                service(namespace="team"),
            ],
            id="a delegate, whose short names belong to its own namespace",
        ),
        pytest.param([virtual(to(port=80)), service("api", type="ExternalName", ports=[])], id="no ports"),
        pytest.param([virtual(to("api.team.svc.cluster.local")), service()], id="a host of a namespace that the agent does not see"),
        pytest.param([virtual(to(), gateways=["team/edge"]), istio("Gateway", "own"), service()], id="a Gateway that it does not see"),
        pytest.param(
            [virtual(rule={"delegate": {"name": "inner", "namespace": "team"}, "route": []}), service()],
            id="a delegate that it does not see",
        ),
        pytest.param([virtual(to(subset="v1")), service(), *pods()], id="the agent may not list DestinationRules"),
        pytest.param([virtual(to(), gateways=["edge"]), service()], id="the agent may not list Gateways"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_a_route_that_is_being_deleted_is_ignored() -> None:
    going = make(f"VirtualService.{ISTIO}", name="web", meta={"deletionTimestamp": at(5)}, spec={"http": [{"route": [to("gone")]}]})
    assert only(TYPE, going) == []


def test_the_facts_name_hosts_callers_and_what_exists_instead() -> None:
    [finding] = only(TYPE, virtual(to(subset="v2")), rule(V1), service(), *pods(), caller("http://api"))
    assert (finding.facts["hosts"], finding.facts["callers"]) == (["api"], ["Deployment/shop/web"])
    assert (finding.facts["wrong"], finding.facts["existing"], finding.facts["rule"]) == ("v2", ["v1"], "http[0]")


@pytest.mark.parametrize("gone", [service(), rule(V1), istio("Gateway", "edge")], ids=["Service", "DestinationRule", "Gateway"])
def test_what_goes_away_is_noticed(gone: KubeObject) -> None:
    needed = [service(), rule(V1), istio("Gateway", "edge"), rule(host="cart", name="cart"), istio("Gateway", "other")]
    kept = [one for one in needed if (one.kind, one.metadata.name) != (gone.kind, gone.metadata.name)]
    base = view_of(virtual(to(subset="v1"), gateways=["edge"]), gone, *kept, *pods())
    assert [f for f in detectors.examine_all(base, now=NOON).findings if f.type == TYPE] == []
    overlay = base.with_changes([delete(gone)])
    assert [f.type for f in detectors.examine(overlay, [owners.ref(gone)], now=NOON).findings if f.type == TYPE] == [TYPE]


def test_a_route_still_reports_what_istio_found() -> None:
    told = {"validationMessages": [{"type": {"name": "SchemaError"}, "level": "ERROR"}]}
    route = make(f"VirtualService.{ISTIO}", name="web", spec={"http": [{"route": [to()]}]}, status=told)
    found = detectors.examine_all(view_of(route, service()), now=NOON).findings
    assert "CustomResourceNotReady" in {finding.type for finding in found}

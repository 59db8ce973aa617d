from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, make, only, owned_by, when
from tests.detectors.network.things import caller, server, service, written

TYPE = "NetworkPolicyBlocks"
WEB, API = {"app": "web"}, {"app": "api"}
FROM_WEB = [{"from": [{"podSelector": {"matchLabels": WEB}}]}]
TO_DNS = {"to": [{"namespaceSelector": {}}], "ports": [{"port": 53, "protocol": "UDP"}]}


def policy(selected: dict[str, str], *types: str, ago: float = 900, name: str = "strict", meta: Any = None, **rules: Any) -> KubeObject:
    spec = {"podSelector": {"matchLabels": selected}, "policyTypes": list(types), **rules}
    return make("NetworkPolicy.networking.k8s.io", name=name, ago=ago, meta=meta, spec=spec)


def world(*, ready: bool = False, since: float = 600, address: str = "api:80", **more: Any) -> list[KubeObject]:
    """A Deployment that calls Service api, its one pod, and what is behind the Service."""
    behind = more.pop("behind", {})
    top = caller(address, **more)
    mine = server(name="web-1", labels=WEB, ready=ready, since=since, meta={"ownerReferences": owned_by(top)}, spec=more.get("pod", {}))
    return [top, mine, service(), server(labels=API, spec=behind)]


def test_callers_that_are_blocked_on_the_way_in() -> None:
    [finding] = only(TYPE, *world(), policy(API, "Ingress"))
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.MEDIUM, when(600), when(480))
    assert finding.title == "NetworkPolicy shop/strict seems to cut Deployment shop/web off from Service shop/api"
    assert (finding.facts["case"], finding.facts["isInference"]) == ("ingress", True)


def test_callers_that_are_blocked_on_the_way_out() -> None:
    [finding] = only(TYPE, *world(), policy(WEB, "Egress", egress=[TO_DNS]))
    assert finding.facts["case"] == "egress"


def test_dns_is_blocked() -> None:
    [finding] = only(TYPE, *world(), policy(WEB, "Egress", egress=[{"to": [{"podSelector": {}}]}]))
    assert (finding.facts["case"], finding.facts["blocked"]) == ("dns", "DNS")


def test_a_port_that_is_not_allowed() -> None:
    [finding] = only(TYPE, *world(), policy(API, "Ingress", ingress=[FROM_WEB[0] | {"ports": [{"port": 80}]}]))  # the pods' port is 8080
    assert finding.facts["case"] == "ingress"


def test_it_counts_from_the_policys_last_change() -> None:
    assert len(only(TYPE, *world(), policy(API, "Ingress", ago=90000, meta=written(700)))) == 1


def test_callers_in_another_namespace() -> None:
    top = caller("api.shop.svc:80", namespace="front")
    mine = server(name="web-1", labels=WEB, ready=False, since=600, namespace="front", meta={"ownerReferences": owned_by(top)})
    cluster = [top, mine, service(), server(labels=API), make("Namespace", name="front", namespace=None, meta={"labels": {"team": "a"}})]
    chosen = {"from": [{"namespaceSelector": {"matchLabels": {"team": "b"}}}]}
    assert len(only(TYPE, *cluster, policy(API, "Ingress", ingress=[chosen]))) == 1
    chosen["from"][0]["namespaceSelector"]["matchLabels"]["team"] = "a"
    assert only(TYPE, *cluster, policy(API, "Ingress", ingress=[chosen])) == []


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param([*world(ready=True), policy(API, "Ingress")], id="all is well: the policy is meant"),
        pytest.param([*world(since=3000), policy(API, "Ingress")], id="the pods were unready before the policy"),
        pytest.param([*world(since=60), policy(API, "Ingress", ago=9000)], id="the policy has been there for long"),
        pytest.param([*world(), policy(API, "Ingress", ingress=FROM_WEB)], id="the caller is let in"),
        pytest.param([*world(), policy(API, "Ingress", ingress=[{}])], id="everybody is let in"),
        pytest.param([*world(), policy(API, "Ingress"), policy(API, "Ingress", name="b", ingress=FROM_WEB)], id="policies add up"),
        pytest.param([*world(), policy(API, "Ingress", ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}])], id="addresses"),
        pytest.param([*world(), policy(API, "Ingress", ingress=[FROM_WEB[0] | {"ports": [{"port": 8000, "endPort": 9000}]}])], id="range"),
        pytest.param([*world(), policy(API, "Ingress", ingress=[FROM_WEB[0] | {"ports": [{"port": "http"}]}])], id="by name"),
        pytest.param([*world(address="other:80"), policy(API, "Ingress")], id="it does not call the Service"),
        pytest.param([*world(), policy({"app": "else"}, "Ingress", "Egress")], id="it selects others"),
        pytest.param([*world(), policy(WEB, "Egress", egress=[{}])], id="everything is let out"),
        pytest.param([*world(), policy(WEB, "Egress", egress=[TO_DNS, {"to": [{"podSelector": {}}]}])], id="DNS and its own namespace"),
        pytest.param([*world(pod={"hostNetwork": True}), policy(WEB, "Egress")], id="policies do not bind host networking"),
        pytest.param([*world(behind={"hostNetwork": True}), policy(API, "Ingress")], id="nor pods that others call there"),
        pytest.param([*world(behind={"hostNetwork": True}), policy(WEB, "Egress", egress=[TO_DNS])], id="nor the way out to them"),
        pytest.param([*world(), policy(API, "Ingress", meta={"deletionTimestamp": at(5)})], id="it goes"),
    ],
)
def test_no_issue(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []

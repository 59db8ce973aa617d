from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, make, only, owned_by, when
from tests.detectors.network.things import caller, server, service, written
from tests.detectors.pods.test_log_failures import logs, sign

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


OTHERS = [{"from": [{"podSelector": {"matchLabels": {"role": "client"}}}]}]
READY = {"ready": True}


@pytest.mark.parametrize(
    ("blocking", "case", "omits"),
    [
        pytest.param(policy(API, "Ingress", ingress=OTHERS), "ingress", "require the pod label role=client", id="another label"),
        pytest.param(
            policy(API, "Ingress", ingress=[FROM_WEB[0] | {"ports": [{"port": 80}]}]),
            "ingress",
            "do not include port 8080",
            id="the port of the Service, not of the pod",
        ),
        pytest.param(
            policy(
                API,
                "Ingress",
                ingress=[{"from": [{"podSelector": {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}]}}]}],
            ),
            "ingress",
            "require the pod label tier in (a, b)",
            id="an expression",
        ),
        pytest.param(policy(WEB, "Egress", egress=[TO_DNS]), "egress", "do not include port 8080", id="DNS alone is let out"),
        pytest.param(
            policy(WEB, "Egress", egress=[{"to": [{"podSelector": {}}]}]), "dns", "do not include port 53 of the cluster's DNS", id="no DNS"
        ),
    ],
)
def test_pods_that_are_ready_and_that_the_rules_omit(blocking: KubeObject, case: str, omits: str) -> None:
    [finding] = only(TYPE, *world(**READY), blocking)
    assert (finding.facts["case"], finding.facts["omits"], finding.facts["isInference"]) == (case, omits, True)
    assert finding.title.endswith(f": its rules {omits}")
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.MEDIUM, when(900), when(600))


def test_of_several_policies_the_one_that_comes_nearest_is_reported() -> None:
    nearest = policy(API, "Ingress", name="web", ingress=[FROM_WEB[0] | {"ports": [{"port": 80}]}])
    far = policy(API, "Ingress", name="far", ingress=[OTHERS[0] | {"ports": [{"port": 80}]}])
    [finding] = only(TYPE, *world(**READY), policy(API, "Ingress", name="deny-all"), nearest, far)
    assert finding.subject.name == "web"


def test_a_namespace_without_the_label_that_the_rule_requires() -> None:
    top = caller("api.shop.svc:80", namespace="front")
    mine = server(name="web-1", labels=WEB, namespace="front", meta={"ownerReferences": owned_by(top)})
    front = make("Namespace", name="front", namespace=None)
    chosen = {"from": [{"namespaceSelector": {"matchLabels": {"team": "b"}}, "podSelector": {"matchLabels": WEB}}]}
    [finding] = only(TYPE, top, mine, front, service(), server(labels=API), policy(API, "Ingress", ingress=[chosen]))
    assert finding.facts["omits"] == "require the namespace label team=b"


def test_the_log_of_the_caller_makes_it_certain() -> None:
    top, mine, *rest = world(**READY)
    report = logs(mine, sign("dependency", "dial tcp api:80: i/o timeout", host="api", port="80"))
    [finding] = only(TYPE, top, mine, report, *rest, policy(API, "Ingress", ingress=OTHERS))
    assert (finding.severity, finding.facts["isInference"]) == (Severity.HIGH, False)
    assert finding.title.startswith("NetworkPolicy shop/strict cuts Deployment shop/web off from Service shop/api")
    assert finding.expires_at is not None


ADDON = make("CiliumClusterwideNetworkPolicy.cilium.io", name="defaults", namespace=None)


def test_where_an_add_on_has_policies_only_the_log_counts() -> None:
    top, mine, *rest = world(**READY)
    assert only(TYPE, top, mine, *rest, ADDON, policy(API, "Ingress", ingress=OTHERS)) == []
    report = logs(mine, sign("dependency", "dial tcp api:80: i/o timeout", host="api", port="80"))
    assert len(only(TYPE, top, mine, report, *rest, ADDON, policy(API, "Ingress", ingress=OTHERS))) == 1


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param([*world(**READY), policy(API, "Ingress"), policy(WEB, "Egress")], id="no rule at all: isolated on purpose"),
        pytest.param([*world(**READY, address="other:80"), policy(API, "Ingress", ingress=OTHERS)], id="it calls something else"),
        pytest.param([*world(**READY), policy(API, "Ingress", ingress=FROM_WEB)], id="it is let in"),
        pytest.param(
            [*world(**READY), policy(API, "Ingress", ingress=OTHERS), policy(API, "Ingress", name="b", ingress=FROM_WEB)],
            id="another policy lets it in",
        ),
        pytest.param([*world(**READY), policy(WEB, "Egress", egress=[{"ports": [{"port": 53}, {"port": 8080}]}])], id="DNS and the port"),
        pytest.param(
            [*world(**READY), policy(WEB, "Egress", egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}])], id="to all addresses"
        ),
        pytest.param([*world(**READY, pod={"hostNetwork": True}), policy(API, "Ingress", ingress=OTHERS)], id="in the network of its node"),
        pytest.param(
            [caller("api:80"), service(), server(labels=API), policy(API, "Ingress", ingress=OTHERS)], id="the caller has no ready pod"
        ),
    ],
)
def test_no_issue_of_ready_pods(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []

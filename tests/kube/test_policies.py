"""One meaning of NetworkPolicies, asked of the detectors' view and of an analysis' snapshot."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from optral.analysis.reading.snapshot import Snapshot
from optral.kube import objects, policies, view
from optral.kube.objects import NetworkPolicy, Pod
from optral.kube.policies import Cluster

Json = dict[str, Any]
FROM_WEB = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}
TO_API = {"to": [{"podSelector": {"matchLabels": {"app": "api"}}}]}
TO_DNS = {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}]}


def policy(selected: Json | None = None, types: list[str] | None = None, name: str = "strict", **rules: Any) -> Json:
    spec = {"podSelector": selected if selected is not None else {}, **rules} | ({"policyTypes": types} if types is not None else {})
    return {"kind": NetworkPolicy.kind, "metadata": {"name": name, "namespace": "shop", "uid": name}, "spec": spec}


def pod(name: str, namespace: str = "shop", *, sidecar: Json | None = None, **spec: Any) -> Json:
    main = {"name": name, "ports": [{"name": "http", "containerPort": 8080}]}
    metadata = {"name": name, "namespace": namespace, "uid": name, "labels": {"app": name}}
    return {"kind": "Pod", "metadata": metadata, "spec": {"containers": [main], "initContainers": [sidecar] if sidecar else []} | spec}


def space(name: str, **labels: str) -> Json:
    return {"kind": "Namespace", "metadata": {"name": name, "uid": name, "labels": labels}}


def clusters(*manifests: Json) -> list[Cluster]:
    """The same objects as detectors have them and as an analysis has them."""
    rows = [(one["kind"], one) for one in manifests]
    typed = [objects.decode(kind, msgspec.json.encode(one)) for kind, one in rows]
    return [view.of(typed), Snapshot(datetime(2026, 3, 1, tzinfo=UTC)).load(rows).cluster]


def blocks(caller: Json, target: Json, port: int | None, *around: Json) -> tuple[bool, bool, bool]:
    """(not let in, not let out, no DNS); the same for everybody who asks."""
    ends = [objects.convert("Pod", one) for one in (caller, target)]
    assert isinstance(ends[0], Pod) and isinstance(ends[1], Pod)
    answers = {
        (
            bool(policies.blocking_ingress(ends[1], ends[0], port, cluster)),
            bool(policies.blocking_egress(ends[0], ends[1], port, cluster)),
            bool(policies.blocking_dns(ends[0], cluster)),
        )
        for cluster in clusters(caller, target, *around)
    }
    assert len(answers) == 1, "detectors and analysis disagree"
    return answers.pop()


WEB, API = pod("web"), pod("api")
OF_API, OF_WEB = {"matchLabels": {"app": "api"}}, {"matchLabels": {"app": "web"}}
SIDECAR = {"name": "proxy", "restartPolicy": "Always", "ports": [{"name": "http", "containerPort": 8080}]}


@pytest.mark.parametrize(
    ("policy", "is_blocked"),
    [
        pytest.param(policy(OF_API, ["Ingress"]), True, id="no rule"),
        pytest.param(policy(OF_API), True, id="no policyTypes: ingress"),
        pytest.param(policy(OF_API, egress=[TO_API]), True, id="no policyTypes, egress rules: ingress too"),
        pytest.param(policy(OF_API, ["Egress"]), False, id="egress only"),
        pytest.param(policy({}, ["Ingress"]), True, id="an empty selector selects every pod"),
        pytest.param(policy({"matchExpressions": [{"key": "app", "operator": "In", "values": ["db"]}]}), False, id="other pods"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[{}]), False, id="an empty rule allows everything"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[FROM_WEB]), False, id="the caller is a peer"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[{"from": [{"podSelector": OF_API}]}]), True, id="others are peers"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[FROM_WEB | {"ports": [{"port": 80}]}]), True, id="another port"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[FROM_WEB | {"ports": [{"port": 8080}]}]), False, id="this port"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[FROM_WEB | {"ports": [{"port": "http"}]}]), False, id="this port by name"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[FROM_WEB | {"ports": [{"port": "grpc"}]}]), True, id="another name"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[FROM_WEB | {"ports": [{"port": 8000, "endPort": 9000}]}]), False, id="range"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[FROM_WEB | {"ports": [{"port": 80, "endPort": 90}]}]), True, id="outside range"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[{"ports": [{"protocol": "TCP"}]}]), False, id="a protocol and no port"),
        pytest.param(policy(OF_API, ["Ingress"], ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]), False, id="ipBlock: unknown"),
        pytest.param(
            policy(OF_API, ["Ingress"], ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"team": "b"}}}]}]), True, id="other team"
        ),
    ],
)
def test_what_is_let_in(policy: Json, is_blocked: bool) -> None:
    assert blocks(WEB, API, 8080, policy, space("shop", team="a"))[0] is is_blocked


def test_without_a_known_port_a_rule_for_any_port_counts() -> None:
    narrow = policy(OF_API, ["Ingress"], ingress=[FROM_WEB | {"ports": [{"port": 80}]}])
    assert blocks(WEB, API, None, narrow)[0] is False
    assert blocks(WEB, API, 8080, narrow)[0] is True


def test_the_ports_of_native_sidecars_count() -> None:
    behind_proxy = pod("api", sidecar=SIDECAR, containers=[{"name": "api"}])
    assert blocks(WEB, behind_proxy, 8080, policy(OF_API, ["Ingress"], ingress=[{"ports": [{"port": "http"}]}]))[0] is False


@pytest.mark.parametrize(
    ("namespace", "is_blocked"),
    [
        pytest.param([space("front", team="a")], False, id="of the team"),
        pytest.param([space("front", team="b")], True, id="of another team"),
        pytest.param([], False, id="not known"),
    ],
)
def test_peers_in_other_namespaces(namespace: list[Json], is_blocked: bool) -> None:
    rule = {"from": [{"namespaceSelector": {"matchLabels": {"team": "a"}}, "podSelector": {"matchLabels": {"app": "web"}}}]}
    assert blocks(pod("web", "front"), API, 8080, policy(OF_API, ["Ingress"], ingress=[rule]), *namespace)[0] is is_blocked
    assert blocks(pod("web", "front"), API, 8080, policy(OF_API, ["Ingress"], ingress=[FROM_WEB]), *namespace)[0] is True


def test_policies_add_up() -> None:
    assert blocks(WEB, API, 8080, policy(OF_API, ["Ingress"]), policy({}, ["Ingress"], name="b", ingress=[FROM_WEB]))[0] is False


@pytest.mark.parametrize("caller", [WEB, pod("web", hostNetwork=True)], ids=["a pod", "a hostNetwork pod"])
@pytest.mark.parametrize("target", [API, pod("api", hostNetwork=True)], ids=["to a pod", "to a hostNetwork pod"])
def test_no_policy_is_held_against_the_network_of_a_node(caller: Json, target: Json) -> None:
    is_on_node = "hostNetwork" in caller["spec"] or "hostNetwork" in target["spec"]
    assert blocks(caller, target, 8080, policy({}, ["Ingress"]))[0] is not is_on_node
    assert blocks(caller, target, 8080, policy(OF_WEB, ["Egress"]))[1] is not is_on_node
    assert blocks(caller, target, 8080, policy(OF_WEB, ["Egress"]))[2] is ("hostNetwork" not in caller["spec"])


def test_a_pod_always_reaches_itself() -> None:
    assert blocks(API, API, 8080, policy(OF_API, ["Ingress", "Egress"]))[:2] == (False, False)


@pytest.mark.parametrize(
    ("egress", "is_blocked"),
    [
        pytest.param([], True, id="nothing"),
        pytest.param([{}], False, id="everything"),
        pytest.param([TO_API], True, id="only pods of its namespace"),
        pytest.param([TO_API | {"ports": [{"port": 53}]}], True, id="port 53 of pods of its namespace"),
        pytest.param([TO_DNS], False, id="kube-system, by the label that every namespace has"),
        pytest.param([TO_DNS | {"ports": [{"port": 53, "protocol": "UDP"}]}], False, id="kube-system on 53"),
        pytest.param([TO_DNS | {"ports": [{"port": 5353}]}], False, id="the port of the pods behind it"),
        pytest.param([TO_DNS | {"ports": [{"port": "dns"}]}], False, id="a port by name"),
        pytest.param([TO_DNS | {"ports": [{"port": 443}]}], True, id="kube-system on another port"),
        pytest.param([{"ports": [{"port": 1, "endPort": 1024}]}], False, id="a range, to anybody"),
        pytest.param([{"to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}]}], False, id="an address"),
        pytest.param([{"to": [{"namespaceSelector": {"matchLabels": {"dns": "yes"}}}]}], True, id="no namespace of DNS"),
    ],
)
def test_who_may_ask_dns(egress: list[Json], is_blocked: bool) -> None:
    assert blocks(WEB, API, 8080, policy(OF_WEB, ["Egress"], egress=egress), space("kube-system"))[2] is is_blocked


def test_dns_of_openshift_is_in_a_namespace_of_its_own() -> None:
    rule = {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-dns"}}}]}
    narrow = policy(OF_WEB, ["Egress"], egress=[rule])
    assert blocks(WEB, API, 8080, narrow, space("kube-system"), space("openshift-dns"))[2] is False
    assert blocks(WEB, API, 8080, narrow, space("kube-system"))[2] is True

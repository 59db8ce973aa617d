from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, container, make, only, pod, status
from tests.detectors.network.things import service

TYPE = "ServiceEndpointsStale"
RANGE = ["10.244.1.0/24", "fd00:1::/64"]


def node(name: str = "node-1", ranges: list[str] | None = None) -> KubeObject:
    return make("Node", name=name, namespace=None, spec={"podCIDRs": RANGE if ranges is None else ranges})


def runs(address: str = "10.244.1.5", name: str = "web-1", **more: Any) -> KubeObject:
    spec = {"nodeName": "node-1"} | more.pop("spec", {})
    boxes, ready = [container()], [condition("Ready")]
    return pod(status(), name=name, containers=boxes, conditions=ready, spec=spec, pod_status={"podIP": address}, **more)


def written(*endpoints: dict[str, Any], manager: str = "") -> list[KubeObject]:
    """A Service without a selector, and the slice that somebody wrote for it."""
    labels = {"kubernetes.io/service-name": "db"} | ({"endpointslice.kubernetes.io/managed-by": manager} if manager else {})
    return [
        service("db", {"port": 5432}, selector={}),
        make("EndpointSlice.discovery.k8s.io", name="db-1", meta={"labels": labels}, endpoints=list(endpoints)),
    ]


def to(address: str, **more: Any) -> dict[str, Any]:
    return {"addresses": [address], **more}


GONE = {"nodeName": "node-1", "targetRef": {"kind": "Pod", "name": "db-0", "uid": "old"}}


def test_an_address_of_a_nodes_range_that_no_pod_has() -> None:
    [finding] = only(TYPE, node(), runs(), *written(to("10.244.1.77"), manager="endpointslicemirroring-controller.k8s.io"))
    assert (str(finding.subject), finding.severity, finding.since, finding.is_onset_unknown) == (
        "Service/shop/db", Severity.HIGH, NOON, True,
    )  # fmt: skip
    assert finding.title == "Service shop/db sends traffic to 10.244.1.77, which is in the pod range of node node-1 but belongs to no pod"
    assert (finding.facts["addresses"], finding.facts["shownBy"]) == (["10.244.1.77"], "Node node-1")


def test_an_endpoint_that_names_a_pod_that_does_not_exist() -> None:
    [finding] = only(TYPE, node(ranges=[]), *written(to("192.168.7.7", **GONE)))
    assert finding.title == "Service shop/db sends traffic to 192.168.7.7, the address of a pod that no longer exists"


def test_several_addresses_that_are_all_stale() -> None:
    [finding] = only(TYPE, node(), runs(), *written(to("10.244.1.77"), to("10.244.1.78"), to("10.244.1.5", conditions={"ready": False})))
    assert finding.facts["addresses"] == ["10.244.1.77", "10.244.1.78"]


def test_a_pod_that_has_finished_has_no_address() -> None:
    assert len(only(TYPE, node(), runs(), runs("10.244.1.77", "job-1", phase="Succeeded"), *written(to("10.244.1.77")))) == 1


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param([node(), runs(), *written(to("203.0.113.9"))], id="a database outside of the cluster"),
        pytest.param([node(), runs(), *written(to("10.0.8.9"))], id="a private address outside of all ranges"),
        pytest.param([node(), runs(), *written(to("10.244.1.5"))], id="a pod has it"),
        pytest.param([node(), runs(), *written(to("10.244.1.77"), to("10.0.8.9"))], id="another address may be served"),
        pytest.param([node(), runs(), *written(to("10.244.1.77", conditions={"ready": False}))], id="it is not ready and gets no traffic"),
        pytest.param([node(), runs(), *written(to("10.244.1.1"))], id="the node's own address in its range"),
        pytest.param([node(), runs("192.168.3.4"), *written(to("10.244.1.77"))], id="the network plugin does not use the range"),
        pytest.param(
            [node(), runs("10.244.1.5", spec={"hostNetwork": True}), *written(to("10.244.1.77"))], id="nor does a hostNetwork pod"
        ),
        pytest.param([*written(to("10.244.1.77"))], id="no node is reported"),
        pytest.param([node(), runs(), *written({"addresses": ["db.example.com"]})], id="a name"),
        pytest.param([node(), runs("10.244.1.7", "db-0"), *written(to("10.244.1.7", **GONE))], id="the pod was created again"),
        pytest.param([*written(to("10.7.7.7", **GONE))], id="a pod of another cluster, whose node is not here"),
        pytest.param([node(), runs(), service("db", selector={"app": "db"}), *written(to("10.244.1.77"))[1:]], id="it has a selector"),
        pytest.param([node(), runs(), service("db", selector={}, type="ExternalName"), *written(to("10.244.1.77"))[1:]], id="external"),
        pytest.param(
            [node(), runs(), service("db", selector={}, meta={"deletionTimestamp": at(5)}), *written(to("10.244.1.77"))[1:]], id="it goes"
        ),
        pytest.param([node(), runs(), service("db", selector={}), *written()], id="it has no endpoint: it may be prepared"),
        pytest.param([node(ranges=["nonsense"]), runs(), *written(to("10.244.1.77"))], id="a range that is none"),
    ],
)
def test_no_issue(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []

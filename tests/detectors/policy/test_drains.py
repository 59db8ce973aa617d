from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, deployment, make, only, owned_by, pod, status, when

TYPE = "DrainBlocked"
CORDON = "node.kubernetes.io/unschedulable"


def node(name: str = "node-1", *, since: float | None = 4000, key: str = CORDON) -> KubeObject:
    taint = {"key": key, "effect": "NoSchedule"} | ({"timeAdded": at(since)} if since is not None else {})
    return make("Node", name=name, namespace=None, ago=90_000, spec={"unschedulable": True, "taints": [taint]})


def budget(healthy: int = 1, desired: int = 1, expected: int = 1, *, allowed: int = 0, app: str = "api", **more: Any) -> KubeObject:
    counts = {"currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": expected, "disruptionsAllowed": allowed}
    spec = {"selector": {"matchLabels": {"app": app}}, "minAvailable": desired}
    return make("PodDisruptionBudget.policy", name=app, ago=90_000, spec=spec, status=counts | {"observedGeneration": 1}, **more)


def runs(app: str = "api", *, on: str = "node-1", **more: Any) -> KubeObject:
    return pod(status(), name=f"{app}-1", labels={"app": app}, conditions=[condition("Ready")], spec={"nodeName": on}, **more)


def daemon_pod() -> KubeObject:
    return runs("agent", meta={"ownerReferences": owned_by(make("DaemonSet.apps", name="agent"))})


def test_a_drain_waits_for_a_budget_that_requires_all_of_its_pods() -> None:
    [finding] = only(TYPE, node(), runs(), daemon_pod(), budget(), deployment("api", replicas=1))
    assert (str(finding.subject), finding.severity) == ("PodDisruptionBudget/shop/api", Severity.MEDIUM)
    assert finding.title == "Node node-1 cannot be drained: PDB shop/api requires its only pod to stay"
    assert (finding.since, finding.opens_at) == (when(4000), when(3100))
    assert {name: finding.facts[name] for name in ("nodes", "pods", "minAvailable", "expectedPods")} == {
        "nodes": ["node-1"],
        "pods": ["shop/api-1"],
        "minAvailable": 1,
        "expectedPods": 1,
    }


def test_two_budgets_can_hold_the_pods_of_one_node() -> None:
    assert len(only(TYPE, node(), runs(), runs("db"), budget(), budget(app="db"))) == 2


def test_autoscalers_that_remove_a_node_taint_it() -> None:
    [finding] = only(TYPE, node(key="karpenter.sh/disrupted", since=None), runs(), budget())
    assert (finding.since, finding.is_onset_unknown) == (NOON, True)


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param([make("Node", name="node-1", namespace=None), runs(), budget()], id="no drain: a risk"),
        pytest.param([node(), runs(), runs("web"), budget()], id="others remain: the node is only cordoned"),
        pytest.param([node(), runs(), runs("db"), budget(), budget(3, 2, 3, allowed=1, app="db")], id="the other budget lets its pod go"),
        pytest.param([node(), runs(on="node-2"), budget()], id="its pods are elsewhere"),
        pytest.param([node(), runs(), budget(2, 1, 2, allowed=1)], id="it allows an eviction"),
        pytest.param([node(), runs(), budget(1, 2, 3)], id="it is short of healthy pods, which may recover"),
        pytest.param([node(), runs(), budget(meta={"generation": 2})], id="its status is about an older spec"),
        pytest.param([node(), runs(meta={"deletionTimestamp": at(20)}), budget()], id="the pod leaves"),
        pytest.param([node(), runs(meta={"annotations": {"kubernetes.io/config.mirror": "x"}}), budget()], id="a mirror pod stays"),
        pytest.param([node(), daemon_pod(), budget(app="agent")], id="pods of a DaemonSet stay"),
        pytest.param([node(), runs(), budget(meta={"deletionTimestamp": at(20)})], id="the budget goes"),
    ],
)
def test_no_issue(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []

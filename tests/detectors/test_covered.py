"""What a missing finding means for types that rest on reports: that it has ended, or that too little is known."""

from typing import Any

import pytest

from optral.detectors import is_covered
from optral.kube.objects import KubeObject
from tests.detectors import traffic, usage
from tests.detectors.build import NOON, deployment, make, pod, running, status, view_of

NODE = make("Node", name="node-1", namespace=None)
OTHER = make("Node", name="node-2", namespace=None)
POD = pod(status(state=running(), ready=True))
WEB = deployment("web")
YOUNG: dict[str, Any] = {"filesystem": {"usedBytes": 10, "capacityBytes": 100}}
OLD: dict[str, Any] = {"filesystem": {"usedBytes": 10, "capacityBytes": 100, "trend": {"perHour": 0, "fit": 0.0, "overSeconds": 1800}}}


def ask(issue_type: str, obj: KubeObject, *things: KubeObject, outdated: frozenset[str] = frozenset()) -> bool:
    return is_covered(issue_type, obj, view_of(obj, *things), now=NOON, outdated=lambda: outdated)


@pytest.mark.parametrize(
    ("reports", "is_known"),
    [
        pytest.param([], True, id="nobody reports usage"),
        pytest.param([usage.of_node(NODE, {})], True, id="its node is read, and the pod is not notable"),
        pytest.param([usage.of_node(OTHER, {})], False, id="only another node is read"),
        pytest.param([usage.of_node(NODE, {}, ago=3700)], False, id="its node was read long ago"),
        pytest.param([usage.of_node(NODE, {}), usage.of_pod(POD, usage.throttled(0.1))], True, id="the pod is reported"),
        pytest.param([usage.of_node(NODE, {}), usage.of_pod(POD, usage.throttled(), ago=3700)], False, id="the report of the pod is old"),
        pytest.param([usage.of_node(NODE, {}), usage.of_pod(POD, uid="another", ago=3700)], True, id="the old report is of an earlier pod"),
    ],
)
@pytest.mark.parametrize("issue_type", ["CPUThrottled", "MemoryNearLimit", "VolumeFillingUp"])
def test_pods(issue_type: str, reports: list[KubeObject], is_known: bool) -> None:
    assert ask(issue_type, POD, NODE, OTHER, *reports) is is_known


@pytest.mark.parametrize(("status", "is_known"), [(YOUNG, False), (OLD, True)])
def test_how_fast_a_volume_fills_up_is_known_once_there_is_a_trend(status: dict[str, Any], is_known: bool) -> None:
    assert ask("VolumeFillingUp", POD, NODE, usage.of_node(NODE, status)) is is_known
    assert ask("CPUThrottled", POD, NODE, usage.of_node(NODE, status))


def test_a_pod_that_leaves_needs_no_report() -> None:
    assert ask(
        "CPUThrottled", pod(phase="Succeeded"), NODE, OTHER, usage.of_node(OTHER, {}), outdated=frozenset({"PodUsage.usage.optral.io"})
    )


@pytest.mark.parametrize(("node", "is_known"), [(NODE, True), (OTHER, False)])
def test_nodes(node: KubeObject, is_known: bool) -> None:
    assert ask("NodeSaturated", node, usage.of_node(NODE, {})) is is_known


@pytest.mark.parametrize(
    ("reports", "is_known"),
    [
        pytest.param([], True, id="an agent that knows reports no slow workload"),
        pytest.param([traffic.of(WEB, level=50)], True, id="it is as fast as usual"),
        pytest.param([traffic.of(WEB, level=None)], True, id="it has few requests now"),
        pytest.param([traffic.of(WEB, usual=None)], False, id="what is usual is not known"),
        pytest.param([traffic.of(WEB, ago=3700)], False, id="an old report"),
        pytest.param([traffic.of(WEB, ago=3700, uid="another")], True, id="of an earlier workload"),
    ],
)
def test_requests(reports: list[KubeObject], is_known: bool) -> None:
    assert ask("WorkloadSlow", WEB, *reports) is is_known


@pytest.mark.parametrize(
    ("issue_type", "obj", "kind"),
    [
        ("CPUThrottled", POD, "PodUsage.usage.optral.io"),
        ("CPUThrottled", POD, "NodeUsage.usage.optral.io"),
        ("NodeSaturated", NODE, "NodeUsage.usage.optral.io"),
        ("WorkloadSlow", WEB, "WorkloadTraffic.usage.optral.io"),
    ],
)
def test_nothing_is_known_while_a_kind_of_reports_is_outdated(issue_type: str, obj: KubeObject, kind: str) -> None:
    assert not ask(issue_type, obj, outdated=frozenset({kind}))


def test_other_types_rest_on_no_reports() -> None:
    assert ask("OOMKilled", POD, outdated=frozenset({"PodUsage.usage.optral.io"}))

from typing import Any

import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from tests.detectors.build import NOON, condition, deployment, event, make, only, pod, replica_set, running, status, view_of, waiting, when

TYPE = "NodeRuntimeFault"
GONE = 'rpc error: code = Unavailable desc = connection error: desc = "transport: dial unix /run/containerd/containerd.sock: refused"'


def node(ready: str = "True", **more: Any) -> KubeObject:
    return make("Node", name="node-1", namespace=None, ago=90_000, status={"conditions": [condition("Ready", ready)]}, **more)


def starting(name: str, message: str = GONE, *, state: dict[str, Any] | None = None, times: int = 2, ago: float = 100) -> list[KubeObject]:
    top = deployment(name, available=0)
    between = replica_set(top, name=f"{name}-1")
    shown = pod(status(name, state=state or waiting("ContainerCreating")), phase="Pending", name=f"{name}-1-x", owner=between)
    return [top, between, shown, event(shown, "FailedCreatePodSandBox", message, times=times, first=ago)]


def test_two_workloads_without_a_runtime_are_a_failure_of_the_node() -> None:
    [finding] = only(TYPE, node(), *starting("one"), *starting("two", ago=200))
    assert (str(finding.subject), finding.since, finding.expires_at) == ("Node/node-1", when(200), when(30 - 600))
    assert finding.facts["pods"] == ["shop/one-1-x", "shop/two-1-x"]


def test_errors_of_the_kubelet_count_from_the_fifth() -> None:
    shown = node()
    assert only(TYPE, shown, event(shown, "ContainerGCFailed", GONE, times=4, first=300)) == []
    assert len(only(TYPE, shown, event(shown, "ContainerGCFailed", GONE, times=5, first=300))) == 1


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([node(), *starting("one")], id="one workload, twice"),
        pytest.param([node("False"), *starting("one"), *starting("two")], id="the node says it itself"),
        pytest.param([node(), *starting("one", "no free ip"), *starting("two", "no free ip")], id="another failure"),
        pytest.param([node(), *starting("one", state=running()), *starting("two", state=running())], id="they run by now"),
        pytest.param([node(taints=[{"key": "x"}])], id="quiet"),
    ],
)
def test_what_is_no_fault_of_the_runtime(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_an_event_about_a_pod_reaches_its_node() -> None:
    things = [node(), *starting("one"), *starting("two")]
    told = things[-1]
    examination = detectors.examine(view_of(*things), [owners.ref(told)], now=NOON)
    assert TYPE in {finding.type for finding in examination.findings}

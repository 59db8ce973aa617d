import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, condition, make, only, owned_by, pod, status, when

UNAVAILABLE = "DaemonSetUnavailable"
MISSCHEDULED = "DaemonSetMisscheduled"


def daemon_set(*, desired: int = 2, available: int = 1, namespace: str = "shop", generation: int = 1, **more: int) -> KubeObject:
    counts = {"desiredNumberScheduled": desired, "updatedNumberScheduled": desired, "numberAvailable": available, "observedGeneration": 1}
    meta = {"generation": generation}
    return make("DaemonSet.apps", name="agent", namespace=namespace, meta=meta, status=counts | more)


def on(node: str, owner: KubeObject, *, ready: bool, ago: float = 400) -> KubeObject:
    return pod(
        status(ready=ready),
        name=f"agent-{node}",
        namespace=owner.namespace or "",
        spec={"nodeName": node},
        conditions=[condition("Ready", "True" if ready else "False", ago=ago)],
        meta={"ownerReferences": owned_by(owner)},
    )


def node(name: str, *, ready: str = "True", ago: float = 90_000, **spec: object) -> KubeObject:
    return make("Node", name=name, namespace=None, ago=ago, spec=spec, status={"conditions": [condition("Ready", ready)]})


def test_a_failing_pod_on_a_healthy_node_opens_after_five_minutes() -> None:
    top = daemon_set()
    [finding] = only(UNAVAILABLE, top, on("a", top, ready=True), on("b", top, ready=False), node("a"), node("b"))
    assert (finding.opens_at, finding.severity, str(finding.subject)) == (when(100), Severity.MEDIUM, "DaemonSet/shop/agent")
    assert (finding.facts["nodes"], finding.facts["missing"]) == (["b"], 0)


def test_components_of_the_cluster_are_more_severe() -> None:
    top = daemon_set(namespace="kube-system")
    [finding] = only(UNAVAILABLE, top, on("a", top, ready=True), on("b", top, ready=False), node("a"), node("b"))
    assert finding.severity is Severity.HIGH


@pytest.mark.parametrize(
    "unwell",
    [
        pytest.param(node("b", ready="Unknown"), id="node is down"),
        pytest.param(node("b", ago=100), id="node has just joined"),
        pytest.param(node("b", taints=[{"key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"}]), id="node is leaving"),
    ],
)
@pytest.mark.parametrize("has_pod", [True, False])
def test_a_node_that_cannot_run_it_excuses_it(unwell: KubeObject, has_pod: bool) -> None:
    top = daemon_set()
    there = [on("b", top, ready=False)] if has_pod else []
    assert only(UNAVAILABLE, top, on("a", top, ready=True), *there, node("a"), unwell) == []


def test_a_missing_pod_counts_from_the_first_examination() -> None:
    top = daemon_set()
    [finding] = only(UNAVAILABLE, top, on("a", top, ready=True), node("a"), node("b"))
    assert (finding.is_onset_unknown, finding.since, finding.facts["missing"]) == (True, NOON, 1)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(daemon_set(available=2), id="everywhere"),
        pytest.param(daemon_set(desired=0, available=0), id="wanted nowhere"),
        pytest.param(daemon_set(generation=4), id="its status is about an older spec"),
    ],
)
def test_a_complete_daemon_set_is_no_issue(shown: KubeObject) -> None:
    assert only(UNAVAILABLE, shown, node("a"), node("b")) == []


def test_an_update_in_progress_has_ten_minutes_from_its_last_pod() -> None:
    top = daemon_set(updatedNumberScheduled=1)
    young = pod(status(ready=False), name="agent-b", ago=200, owner=top, conditions=[condition("Ready", "False", ago=200)])
    [finding] = only(UNAVAILABLE, top, on("a", top, ready=True), young, node("a"), node("node-1"))
    assert finding.opens_at == when(200 - 600)


def test_misscheduled_pods_are_reported_after_fifteen_minutes() -> None:
    [finding] = only(MISSCHEDULED, daemon_set(available=2, numberMisscheduled=1))
    assert (finding.opens_at, finding.severity, finding.is_onset_unknown) == (when(-900), Severity.LOW, True)
    assert only(MISSCHEDULED, daemon_set(available=2)) == []

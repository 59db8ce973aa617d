"""What a failure affects: the pods of a node, those behind a Service and its callers, and no pod twice."""

from typing import Any

import pytest

from optral import detectors
from optral.detectors import impact
from optral.detectors.impact import Counts, Impact
from optral.kube.objects import KubeObject
from tests.detectors.build import NOON, condition, deployment, make, owned_by, pod, replica_set, status, terminated, view_of, waiting
from tests.detectors.test_severity import EMPTY, INGRESS, caller, service

CRASHED = status(state=waiting("CrashLoopBackOff"), last=terminated(ago=30), restarts=5)
WEB = ("Deployment", "shop", "web")
UNKNOWN = condition("Ready", "Unknown", ago=400, reason="NodeStatusUnknown")
DOWN = make("Node", name="node-1", namespace=None, ago=90_000, status={"conditions": [UNKNOWN]})


def counts(issue_type: str, *objects: KubeObject) -> Counts:
    findings = [one for one in detectors.examine_all(view_of(*objects), now=NOON).findings if one.type == issue_type]
    return impact.total(one.impact for one in findings).counts


def crashing(replicas: int, *shown: dict[str, Any]) -> list[KubeObject]:
    top = deployment(replicas=replicas, available=replicas - len(shown))
    between = replica_set(top)
    pods = [pod(one, name=f"api-{number}", owner=between) for number, one in enumerate(shown)]
    return [top, between, *pods]


def test_the_pods_that_show_a_failure_are_counted_by_workload() -> None:
    found = counts("CrashLoopBackOff", *crashing(3, CRASHED, CRASHED))
    assert found == Counts(1, 2, 1, 0, "Deployment shop/api has 1 of 3 replicas.")


def test_a_node_affects_the_pods_that_run_on_it() -> None:
    top = deployment(replicas=2, available=0)
    agent = make("DaemonSet.apps", name="agent", namespace="system")
    on_it = [pod(status(), name=f"api-{number}", owner=replica_set(top)) for number in range(2)]
    more = pod(status(), name="agent-1", namespace="system", meta={"ownerReferences": owned_by(agent)})
    finished = pod(status(), name="done", phase="Succeeded")
    found = counts("NodeNotReady", DOWN, top, agent, *on_it, more, finished)
    assert found == Counts(2, 3, 2, 0, "3 pods run on Node node-1.", is_cluster_wide=True)


def test_a_service_affects_the_workload_behind_it_and_its_callers() -> None:
    behind = deployment(replicas=3, available=0, spec={"template": {"metadata": {"labels": {"app": "api"}}}})
    found = counts("ServiceNoEndpoints", service(), EMPTY, INGRESS, behind, caller(1), caller(2))
    assert (found.workloads, found.pods, found.callers, found.is_cluster_wide) == (1, 3, 2, False)
    assert found.reason == "Service shop/api has no ready endpoint, and Ingress shop/web routes to it."


def test_what_the_cluster_depends_on_concerns_the_cluster() -> None:
    top = deployment("coredns", namespace="kube-system", replicas=2, available=0)
    shown = pod(CRASHED, name="coredns-1", namespace="kube-system", owner=replica_set(top))
    assert counts("CrashLoopBackOff", top, replica_set(top), shown).is_cluster_wide


@pytest.mark.parametrize(
    ("together", "pods"), [pytest.param(impact.total, 5, id="objects of one failure"), pytest.param(impact.union, 3, id="related failures")]
)
def test_no_pod_counts_twice(together: Any, pods: int) -> None:
    one, other = Impact({WEB: 2}, reason="first"), Impact({WEB: 3}, frozenset({WEB, ("Deployment", "shop", "cart")}), "second")
    found = together([one, other])
    assert found.counts == Counts(1, pods, 1, 1, "first")  # a workload that is itself affected is no caller


def test_an_impact_is_stored_and_read_again() -> None:
    known = Impact({WEB: 2}, frozenset({("Deployment", "shop", "cart")}), "because", is_cluster_wide=True)
    assert impact.of_plain(known.plain()) == known
    assert impact.of_plain({}) == impact.NONE

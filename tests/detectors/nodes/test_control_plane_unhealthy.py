from typing import Any

import pytest

from optral import detectors
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, make, only, pod, status, view_of, when

TYPE = "ControlPlaneUnhealthy"


def part(component: str = "kube-scheduler", node: str = "node-1", *, ready: bool = False, static: bool = True) -> KubeObject:
    meta: dict[str, Any] = {"annotations": {"kubernetes.io/config.mirror": "1"}} if static else {}
    return pod(
        status(component, ready=ready),
        name=f"{component}-{node}",
        namespace="kube-system",
        labels={"component": component, "tier": "control-plane"},
        spec={"nodeName": node},
        conditions=[condition("Ready", "True" if ready else "False", ago=100)],
        meta=meta,
    )


def lease(name: str = "kube-scheduler", *, renewed: float = 100, namespace: str = "kube-system") -> KubeObject:
    spec = {"holderIdentity": "node-1_x", "leaseDurationSeconds": 15, "renewTime": at(renewed)}
    return make("Lease.coordination.k8s.io", name=name, namespace=namespace, spec=spec)


def test_a_component_that_is_not_ready_for_a_minute() -> None:
    [finding] = only(TYPE, part())
    assert (finding.part, str(finding.subject), finding.severity) == ("kube-scheduler", "Cluster/cluster", Severity.CRITICAL)
    assert finding.opens_at == when(40)


def test_while_another_replica_works_it_is_high() -> None:
    [finding] = only(TYPE, part(), part(node="node-2", ready=True))
    assert (finding.severity, finding.facts["replicas"]) == (Severity.HIGH, 2)


def test_a_lease_that_is_not_renewed() -> None:
    [finding] = only(TYPE, lease())
    assert (finding.part, finding.since, finding.opens_at) == ("kube-scheduler", when(100), when(10))


def test_a_renewed_lease_is_examined_again() -> None:
    shown = lease(renewed=20)
    examination = detectors.examine_all(view_of(shown), now=NOON)
    assert (examination.findings, examination.look_again) == ((), {shown.uid: when(20 - 90)})


def test_a_lease_is_left_over_if_its_component_has_worked_since() -> None:
    placed = pod(status(), conditions=[condition("PodScheduled", ago=60)], ago=4000)
    assert only(TYPE, lease(renewed=3000), placed) == []
    made = pod(status(), ago=60, owner=make("ReplicaSet.apps", name="api-1"), conditions=[condition("PodScheduled", ago=9000)])
    assert only(TYPE, lease("kube-controller-manager", renewed=3000), made) == []
    assert len(only(TYPE, lease(renewed=3000), made)) == 1


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(part(ready=True), id="ready"),
        pytest.param(part(static=False), id="a pod with the same label"),
        pytest.param(part("kube-vip"), id="no part of the control plane"),
        pytest.param(lease(renewed=90_000), id="left over for a day"),
        pytest.param(lease(namespace="shop"), id="somebody else's lease"),
        pytest.param(lease("cert-manager-controller"), id="another program's lease"),
    ],
)
def test_healthy_components_and_other_pods_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []

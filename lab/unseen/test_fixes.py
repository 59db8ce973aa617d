"""With the root of a group fixed, none of its symptoms is left as a failure of its own."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.unseen import fault, faults, fixes, measure
from lab.unseen.cluster import Cluster
from optral import grouping
from optral.detectors import CATALOG
from optral.grouping.rules import groups
from optral.kube.fits import Fits

NOT_A_ROOT = {
    "APIServiceUnavailable",
    "CPUThrottled",
    "CertificateExpiring",
    "CertificateRejected",
    "ClusterDNSUnavailable",
    "ContainerExhausted",
    "ContainerMisconfigured",
    "ControlPlaneUnhealthy",
    "CredentialsRejected",
    "CronJobInvalidSchedule",
    "CronJobMissedSchedule",
    "CustomResourceNotReady",
    "DaemonSetUnavailable",
    "DependencyFailing",
    "DependencyOverloaded",
    "DependencyUnreachable",
    "DeploymentProgressDeadlineExceeded",
    "DeploymentReplicasUnavailable",
    "ErrImageNeverPull",
    "Evicted",
    "FailedAttachVolume",
    "FailedCreatePodSandBox",
    "GatewayNotProgrammed",
    "GenerationMismatch",
    "HPAReplicasMismatch",
    "HPAScalingInactive",
    "HPAUnableToScale",
    "ImageInspectError",
    "IngressBackendMissing",
    "JobFailed",
    "JobNotCompleted",
    "KubernetesAccessDenied",
    "LifecycleHookFailed",
    "MemoryNearLimit",
    "MeshRouteInvalid",
    "MissingReference",
    "NamespaceTerminating",
    "NodeCordoned",
    "NodeDiskPressure",
    "NodeMemoryPressure",
    "NodeNetworkUnavailable",
    "NodePIDPressure",
    "NodeProblem",
    "NodeReadinessFlapping",
    "NodeRuntimeFault",
    "NodeSaturated",
    "PDBInsufficientHealthyPods",
    "PersistentVolumeClaimLost",
    "PersistentVolumeFailed",
    "PodFailed",
    "PodStuckTerminating",
    "Preempted",
    "RBACForbidden",
    "RequestsFailing",
    "RouteNotAccepted",
    "ScaledToZero",
    "SchedulerUnavailable",
    "SchedulingGated",
    "SchemaMissing",
    "ServiceAccountMissing",
    "ServiceEndpointsStale",
    "ServiceNoEndpoints",
    "StatefulSetReplicasUnavailable",
    "StatefulSetUpdateStuck",
    "StuckFinalizer",
    "TLSSecretMissing",
    "VolumeFillingUp",
    "WorkloadSlow",
}
"""Types that can explain others and have no fix, since no unseen cluster has one as the root of a group: there `wrongly_grouped` fails."""


def wrongly_grouped(build: Callable[[], Cluster]) -> Iterator[str]:
    """The symptoms that are roots once theirs is fixed, and roots that are not fixed. Raises `KeyError` for a root without a fix."""
    for root in (one for one in measure.scan(build())[1].roots if one.symptoms):
        left = {one.fingerprint for one in measure.scan(fixes.fixed(build(), root))[1].roots}
        yield from (f"{root.type} hid {one.type} {one.subject.name}" for one in root.symptoms if one.fingerprint in left)
        if root.fingerprint in left:
            yield f"{root.type} {root.subject.name} is not fixed"


def test_each_type_that_explains_others_has_a_fix_or_a_reason() -> None:
    text = "".join(path.read_text() for folder in grouping.__path__ for path in Path(folder).rglob("*.py"))
    named = CATALOG.by_type.keys() & set(re.findall(r'"([A-Z][A-Za-z]+)"', text))
    parents = named | groups.WORKLOAD | groups.SERVICE_DOWN | groups.NODE_DOWN | groups.NODE_PRESSURE | groups.CONTAINER
    assert parents - fixes.FIXES.keys() == NOT_A_ROOT
    assert fixes.FIXES.keys() <= parents


def hidden() -> Cluster:
    """A node is lost, and a pod of another workload waits for a node with a label that no node has."""
    case = next(case for case in fault.cases() if case.fault.inject.__name__ == "node_lost" and case.where.app == "redis")
    cluster, _ = case.build()
    pod = cluster.add_pod(cluster.workload(cluster.apps["catalog"]), minutes=9)
    pod["spec"]["nodeSelector"] = {"disk": "ssd"}
    taint = "1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }"
    cluster.unscheduled(pod, f"0/3 nodes are available: {taint}, 2 node(s) didn't match Pod's node affinity/selector.", minutes=9)
    return cluster


def test_finds_a_failure_that_a_root_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    faults.load()
    assert list(wrongly_grouped(hidden)) == []
    monkeypatch.setattr(Fits, "would_take", lambda *_, **__: True)
    assert list(wrongly_grouped(hidden)) == ["NodeNotReady hid FailedScheduling catalog"]


@pytest.mark.slow
def test_no_symptom_of_an_unseen_fault_outlives_its_root() -> None:
    faults.load()
    assert {case.id: wrong for case in fault.cases() if (wrong := list(wrongly_grouped(lambda case=case: case.build()[0])))} == {}  # type: ignore[misc]

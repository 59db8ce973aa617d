"""Components of the control plane, and the cluster's DNS."""

from collections.abc import Iterator

from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Role
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import WORKLOADS, Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject, moment
from optral.analysis.remedies import actions
from optral.analysis.rules import reach, services
from optral.analysis.rules.rule import CRASH, SERVICE, rule

OLD_LEASE_S = 60
_STATIC = frozenset({"kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd"})
_FROM_FILE = "kubernetes.io/config.source"
_COMPONENTS = {
    "ControlPlaneUnhealthy": ("control_plane_down", Level.STRONG, "Check this component of the control plane"),
    "ClusterDNSUnavailable": (
        "dns_unavailable",
        Level.STRONG,
        "Fix the cluster DNS first: every name lookup fails without it",
    ),
}


def static_pod(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A component of the control plane that the kubelet runs from a file crashes, and no other instance replaces it."""
    pod = focus.obj
    part = pod.labels.get("component", "")
    node = case.snap.find("Node", None, pod.text("spec.nodeName"))
    if pod.namespace != "kube-system" or part not in _STATIC or node is None or pod.map("metadata.annotations").get(_FROM_FILE) != "file":
        return
    ended = case.book.relation(pod.ref, "container", f"component {part}, static pod of node {node.name}")
    yield focus.hypothesis(
        "scheduler_unavailable" if part == "kube-scheduler" else "control_plane_down",
        node,
        Level.PLAUSIBLE,
        cite(f"Pod {{pod}} runs `{part}` on node `{node.name}` and keeps crashing.", ended, pod=pod.name),
        actions=[
            actions.advice(
                f"Check the log of {part} and its manifest file on the node", "No other instance does its work while it crashes.", ended
            )
        ],
        missing=[f"log lines of {part}"],
    )


def component(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A component of the control plane, or the cluster's DNS: its pods are not ready, or its lease is old."""
    cause, level, remedy = _COMPONENTS[focus.symptom]
    if focus.obj.kind.startswith("Lease."):
        yield from _old_lease(case, focus, cause, remedy)
        return
    pods = list(_pods(case, focus.obj))
    if focus.obj.kind == "Service" and not pods:
        yield from services.of_service(case, focus.next(SERVICE, focus.obj, steps=0))
        return
    unready = [pod for pod in pods if pod.condition("Ready")[1].get("status") != "True"]
    if not unready or (focus.obj.kind == "Service" and len(unready) < len(pods)):
        return
    obj = case.workload(focus.obj if focus.obj.kind != "Service" else pods[0])
    shown = case.book.fields(obj, "status", "replicas", "readyReplicas", "availableReplicas", "phase")
    counted = case.book.relation(obj.ref, "pods", f"{len(unready)} of {len(pods)} pods are not ready")
    yield focus.hypothesis(
        cause,
        obj,
        level,
        cite(f"`{obj.name}` is failing.", shown),
        cite(f"{{count}} of its `{len(pods)}` pods {'is' if len(unready) == 1 else 'are'} not ready.", counted, count=len(unready)),
        actions=[actions.advice(remedy, "The whole cluster depends on it.", counted), actions.diagnose(obj)],
        asks=reach.cluster_dns(case, Role.RESOLVER) if cause == "dns_unavailable" else (),
    )


def _pods(case: Case, obj: SnapshotObject) -> Iterator[SnapshotObject]:
    """The pods of a component: the pod itself, or those of a workload or a Service."""
    if obj.kind == "Pod":
        yield obj
    elif obj.kind == "Service":
        yield from reach.backends(case, obj)
    elif obj.kind in WORKLOADS:
        yield from case.live_pods(obj)


def _old_lease(case: Case, focus: Focus, cause: str, remedy: str) -> Iterator[Hypothesis]:
    lease = focus.obj
    renewed = moment(lease.get("spec.renewTime"))
    if renewed is None or (case.now - renewed).total_seconds() < OLD_LEASE_S:
        return
    shown = case.book.fields(lease, "spec", "holderIdentity", "renewTime")
    yield focus.hypothesis(
        cause,
        lease,
        Level.LIKELY,
        cite(f"`{lease.name}` has not renewed its lease.", shown),
        actions=[actions.advice(remedy, "The component that holds the lease does not respond.", shown)],
    )


RULES = (
    rule(component, set(_COMPONENTS), {cause for cause, *_ in _COMPONENTS.values()} | services.CAUSES, version=2),
    rule(static_pod, {CRASH}, {"scheduler_unavailable", "control_plane_down"}),
)

"""DaemonSetUnavailable: nodes that should run a pod of the DaemonSet have had no working one for five minutes. DaemonSetMisscheduled: pods
run on nodes that should not have one, usually because a taint or label was added later.

A node that is down, is leaving or has just joined cannot have a working pod; such nodes have issues of their own and are not counted (G5,
G13).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Effect, Tier
from optral.detectors.finding import Finding
from optral.detectors.workloads import shortage
from optral.kube import owners, times
from optral.kube.objects import DaemonSet, KubeObject, Node, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

UNAVAILABLE = "DaemonSetUnavailable"
MISSCHEDULED = "DaemonSetMisscheduled"
CATEGORY = "availability"
MISSCHEDULED_PATIENCE_S = 900
MAX_NODES = 5000


def detect_unavailable(daemon_set: DaemonSet, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    status = daemon_set.status
    if status.number_available >= status.desired_number_scheduled or gates.is_deleting(daemon_set) or gates.is_status_stale(daemon_set):
        return
    subject = owners.ref(daemon_set)
    pods = shortage.living(subject, view)
    unwell = _unwell_nodes(view, now=now)
    broken = [pod for pod in pods if not pod.is_ready and pod.spec.node_name not in unwell]
    missing = max(0, status.desired_number_scheduled - len(pods) - len(unwell - {pod.spec.node_name for pod in pods}))
    excused = sum(not pod.is_ready and pod.spec.node_name in unwell for pod in pods)
    late = status.desired_number_scheduled - status.number_available - excused  # ready, but not for long enough
    if not broken and not missing and (late <= 0 or len(pods) < status.desired_number_scheduled):
        return
    yield _unavailable(daemon_set, view, broken=broken, missing=missing, now=now)


def _unavailable(daemon_set: DaemonSet, view: ClusterView, *, broken: Sequence[Pod], missing: int, now: datetime) -> Finding:
    subject = owners.ref(daemon_set)
    onset = shortage.onset(broken, now=now)
    patient = times.after(onset.since, shortage.PATIENCE_S + daemon_set.spec.min_ready_seconds)
    rollout = gates.rollout_until(daemon_set, view)
    return Finding(
        subject=subject,
        title=titles.DaemonSetUnavailable.unavailable(object=wording.label(subject)),
        since=onset.since,
        opens_at=patient if rollout is None else max(patient, rollout),
        is_onset_unknown=onset.is_unknown,
        facts={
            "desired": daemon_set.status.desired_number_scheduled,
            "available": daemon_set.status.number_available,
            "missing": missing,
            "notReadyPods": sorted(pod.name for pod in broken)[:20],
            "nodes": shortage.nodes_of(broken),
        },
    )


def _unwell_nodes(view: ClusterView, *, now: datetime) -> set[str]:
    """The nodes that cannot be expected to have a working pod."""
    nodes = cast("list[Node]", list(view.all(Node.kind))[:MAX_NODES])
    return {node.name for node in nodes if not _is_well(node) or gates.is_leaving(node) or gates.is_young(node, now=now)}


def _is_well(node: Node) -> bool:
    ready = condition(node.status.conditions, "Ready")
    return (ready is None or ready.status == "True") and not gates.is_deleting(node)


def detect_misscheduled(daemon_set: DaemonSet, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if daemon_set.status.number_misscheduled <= 0 or gates.is_deleting(daemon_set) or gates.is_status_stale(daemon_set):
        return
    subject = owners.ref(daemon_set)
    yield Finding(
        subject=subject,
        title=titles.DaemonSetMisscheduled.misscheduled(object=wording.label(subject)),
        since=now,
        opens_at=times.after(now, MISSCHEDULED_PATIENCE_S),
        is_onset_unknown=True,
        facts={"misscheduled": daemon_set.status.number_misscheduled, "desired": daemon_set.status.desired_number_scheduled},
    )


def _short_daemon_sets(view: ClusterView, _node: KubeObject) -> Iterator[KubeObject]:
    """The DaemonSets with pods on a node that fails or recovers: its pods are no longer counted, or are counted again."""
    for obj in view.all(DaemonSet.kind):
        status = cast(DaemonSet, obj).status
        if status.number_available < status.desired_number_scheduled:
            yield obj


def _short_owner(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    """The DaemonSet of a pod that became ready or unready: whether a node explains the failure depends on which pod fails."""
    reference = owners.controller(obj)
    if reference is not None and reference.kind_id == DaemonSet.kind and not (isinstance(obj, Pod) and shortage.stays_ready(obj, view)):
        owner = view.get(DaemonSet.kind, reference.uid)
        if isinstance(owner, DaemonSet) and owner.status.number_available < owner.status.desired_number_scheduled:
            yield owner


DETECTORS = (
    Detector(
        type=UNAVAILABLE,
        title=titles.DaemonSetUnavailable.what,
        category=CATEGORY,
        about=About.WORKLOAD,
        severity=Severity.HIGH,
        gates=("G1", "G3", "G5", "G6", "G9", "G13"),
        effect=Effect.REPLICAS_MISSING,
        looks_at=frozenset({DaemonSet.kind}),
        detect=detect_unavailable,
        open_after_s=shortage.PATIENCE_S,
        reached_from={Node.kind: _short_daemon_sets, Pod.kind: _short_owner},
    ),
    Detector(
        type=MISSCHEDULED,
        title=titles.DaemonSetMisscheduled.what,
        category=CATEGORY,
        about=About.WORKLOAD,
        severity=Severity.LOW,
        gates=("G1", "G3", "G5", "G6", "G9", "G13"),
        looks_at=frozenset({DaemonSet.kind}),
        detect=detect_misscheduled,
        open_after_s=MISSCHEDULED_PATIENCE_S,
        tier=Tier.EXTENDED,
    ),
)

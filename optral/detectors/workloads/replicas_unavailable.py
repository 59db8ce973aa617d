"""DeploymentReplicasUnavailable, StatefulSetReplicasUnavailable: fewer replicas are available than needed, for five minutes.

Usually the issues of the pods explain it, and this issue is their symptom; if no other type reports anything (pods that disappear, a
readiness gate of an add-on) it stands alone. A rollout gets its own time (G3); if it exceeds that, see DeploymentProgressDeadlineExceeded.
In a StatefulSet that starts in order, one failing replica blocks all later ones: the facts name the lowest.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Effect
from optral.detectors.finding import Finding
from optral.detectors.workloads import shortage
from optral.kube import owners, rollouts, times
from optral.kube.objects import Deployment, KubeObject, Pod, StatefulSet, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

DEPLOYMENT_TYPE = "DeploymentReplicasUnavailable"
STATEFUL_SET_TYPE = "StatefulSetReplicasUnavailable"
CATEGORY = "availability"
MAX_ORDINALS = 1000
Replicated = Deployment | StatefulSet


def detect_deployment(deployment: Deployment, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    status = deployment.status
    if status.available_replicas >= deployment.spec.replicas or gates.is_paused(deployment) or _is_excused(deployment):
        return
    if rollouts.is_stuck(deployment):
        return
    available = condition(status.conditions, "Available")
    facts = {"availableReplicas": status.available_replicas, "message": wording.clip(available.message) if available is not None else ""}
    yield _finding(deployment, view, facts, now=now)


def detect_stateful_set(stateful_set: StatefulSet, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if stateful_set.status.ready_replicas >= stateful_set.spec.replicas or _is_excused(stateful_set):
        return
    lowest = _lowest_failing(stateful_set, shortage.living(owners.ref(stateful_set), view))
    yield _finding(stateful_set, view, {"lowestBroken": lowest}, now=now)


def _is_excused(workload: Replicated) -> bool:
    return gates.is_deleting(workload) or gates.is_switched_off(workload) or gates.is_status_stale(workload)


def _finding(workload: Replicated, view: ClusterView, more: dict[str, Any], *, now: datetime) -> Finding:
    subject = owners.ref(workload)
    pods = shortage.living(subject, view)
    onset = shortage.onset(pods, now=now)
    patient = times.after(onset.since, shortage.PATIENCE_S + workload.spec.min_ready_seconds)
    rollout = gates.rollout_until(workload, view)
    return Finding(
        subject=subject,
        title=titles.DeploymentReplicasUnavailable.unavailable(object=wording.label(subject)),
        since=onset.since,
        opens_at=patient if rollout is None else max(patient, rollout),
        is_onset_unknown=onset.is_unknown,
        facts={
            "replicas": workload.spec.replicas,
            "readyReplicas": workload.status.ready_replicas,
            "pods": len(pods),
            "notReadyPods": sorted(pod.name for pod in pods if not pod.is_ready)[:20],
            "nodes": shortage.nodes_of(pods),
        }
        | more,
    )


def _lowest_failing(stateful_set: StatefulSet, pods: Sequence[Pod]) -> str | None:
    """The name of the first replica, by ordinal, that is missing or not ready."""
    ready = {pod.name for pod in pods if pod.is_ready}
    first = stateful_set.spec.ordinals.start if stateful_set.spec.ordinals is not None else 0
    names = (f"{stateful_set.name}-{first + number}" for number in range(min(stateful_set.spec.replicas, MAX_ORDINALS)))
    return next((name for name in names if name not in ready), None)


def _short_owner(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    """The workload of a pod that became ready or unready: the pod that has failed for longest dates the issue."""
    if isinstance(obj, Pod) and shortage.stays_ready(obj, view):
        return
    owner = view.object_at(view.workload_of(obj))
    is_short = (isinstance(owner, Deployment) and owner.status.available_replicas < owner.spec.replicas) or (
        isinstance(owner, StatefulSet) and owner.status.ready_replicas < owner.spec.replicas
    )
    if owner is not None and is_short:
        yield owner


DEPLOYMENT = Detector(
    type=DEPLOYMENT_TYPE,
    title=titles.DeploymentReplicasUnavailable.what,
    category=CATEGORY,
    about=About.WORKLOAD,
    severity=Severity.HIGH,
    gates=("G1", "G3", "G6", "G9"),
    effect=Effect.REPLICAS_MISSING,
    looks_at=frozenset({Deployment.kind}),
    detect=detect_deployment,
    open_after_s=shortage.PATIENCE_S,
    reached_from={Pod.kind: _short_owner},
)
STATEFUL_SET = Detector(
    type=STATEFUL_SET_TYPE,
    title=titles.StatefulSetReplicasUnavailable.what,
    category=CATEGORY,
    about=About.WORKLOAD,
    severity=Severity.HIGH,
    gates=("G1", "G3", "G6", "G9"),
    effect=Effect.REPLICAS_MISSING,
    looks_at=frozenset({StatefulSet.kind}),
    detect=detect_stateful_set,
    open_after_s=shortage.PATIENCE_S,
    reached_from={Pod.kind: _short_owner},
)

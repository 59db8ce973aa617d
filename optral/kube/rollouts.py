"""Rollouts: which revision is the newest, and whether a rollout is complete, in progress or stuck.

Detectors, analysis and runbook checks ask here; `revisions.py` reads the number of a revision and the revision of a pod. The answers are
those of `kubectl rollout status`: a StatefulSet with a partition is complete when the replicas above the partition are updated, and with
`OnDelete` no replica has to be. Only Deployments have a deadline and report that they are stuck.
"""

from collections.abc import Iterable
from datetime import datetime

from optral.kube import times
from optral.kube.objects import DaemonSet, Deployment, Job, ReplicaSet, StatefulSet, condition

Workload = Deployment | StatefulSet | DaemonSet
PROGRESSING = "Progressing"
"""The condition in which the controller of a Deployment reports whether its rollout makes progress."""
_IN_PROGRESS = frozenset({"ReplicaSetUpdated", "NewReplicaSetCreated", "FoundNewReplicaSet"})
_STUCK = frozenset({"ProgressDeadlineExceeded", "ReplicaSetCreateError"})


# --- revisions --------------------------------------------------------------------------------------------------------------------


def order(replica_set: ReplicaSet) -> tuple[int, datetime, str]:
    """The sort key of the ReplicaSets of one Deployment, oldest revision first; those without a number by their creation."""
    return replica_set.revision, replica_set.created_at, replica_set.name


def newest_first(replica_sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """The revisions of one Deployment, of which it keeps the newest at its replicas and scales the others down."""
    return sorted(replica_sets, key=order, reverse=True)


def is_older(replica_set: ReplicaSet, siblings: Iterable[ReplicaSet]) -> bool:
    """Whether one of the revisions of the same Deployment is newer."""
    return any(order(sibling) > order(replica_set) for sibling in siblings)


def has_two_revisions(stateful_set: StatefulSet) -> bool:
    """Whether an update has begun and some pods may still be at the revision before."""
    return stateful_set.status.current_revision != stateful_set.status.update_revision


# --- state ------------------------------------------------------------------------------------------------------------------------


def is_observed(workload: Workload | ReplicaSet) -> bool:
    """Whether the status is about the present spec: its controller has seen the last change. False if the status does not say."""
    return (workload.status.observed_generation or 0) >= workload.metadata.generation


def replicas_to_update(workload: Deployment | StatefulSet) -> int:
    """How many replicas the newest revision gets."""
    if isinstance(workload, Deployment):
        return workload.spec.replicas
    strategy = workload.spec.update_strategy
    return 0 if strategy.type == "OnDelete" else max(0, workload.spec.replicas - strategy.partition)


def is_updated(workload: Workload) -> bool:
    """Whether the newest revision has all replicas that it gets, available or not."""
    if isinstance(workload, DaemonSet):
        on_delete = workload.spec.update_strategy.type == "OnDelete"
        return on_delete or workload.status.updated_number_scheduled >= workload.status.desired_number_scheduled
    return workload.status.updated_replicas >= replicas_to_update(workload)


def progress(workload: Workload) -> tuple[bool, str]:
    """Whether the present spec is rolled out and all replicas are available, and how far it is."""
    if not is_observed(workload):
        return False, "its controller has not observed the change yet"
    if isinstance(workload, DaemonSet):
        wanted, available = workload.status.desired_number_scheduled, workload.status.number_available
        return available >= wanted and is_updated(workload), _progress(available, workload.status.updated_number_scheduled, wanted)
    wanted, replicas = workload.spec.replicas, workload.status
    available = replicas.available_replicas
    if isinstance(workload, StatefulSet):
        available = max(available, replicas.ready_replicas)
    is_complete = available >= wanted and is_updated(workload) and replicas.replicas <= wanted
    return is_complete, _progress(available, replicas.updated_replicas, wanted)


def _progress(available: int, updated: int, wanted: int) -> str:
    """Old pods can be available in addition, so that more than wanted are."""
    return f"rolling out: {updated} of {wanted} updated" if updated < wanted else f"{min(available, wanted)} of {wanted} available"


def end(job: Job) -> tuple[bool, str] | None:
    """Whether a Job succeeded, and why not; None while it has not ended."""
    ended = {condition.type: condition.reason for condition in job.status.conditions if condition.status == "True"}
    if "Failed" in ended:
        return False, ended["Failed"] or "no reason given"
    return (True, "complete") if "Complete" in ended else None


def is_in_progress(workload: Workload) -> bool:
    """Whether a new revision is replacing pods and its controller has not given up."""
    if isinstance(workload, Deployment):
        progress = condition(workload.status.conditions, PROGRESSING)
        return progress is not None and progress.status == "True" and progress.reason in _IN_PROGRESS
    if isinstance(workload, StatefulSet) and workload.status.update_revision and not has_two_revisions(workload):
        return False  # pods are missing, but no update has begun
    return not is_updated(workload)


def is_stuck(deployment: Deployment) -> bool:
    """Whether its controller has given up waiting for the rollout."""
    progress = condition(deployment.status.conditions, PROGRESSING)
    return progress is not None and progress.status == "False" and progress.reason in _STUCK


def deadline(deployment: Deployment) -> datetime | None:
    """Until when a Deployment waits for the next step of the rollout that is in progress."""
    progress = condition(deployment.status.conditions, PROGRESSING)
    moved_at = None if progress is None else times.latest(progress.last_update_time, progress.last_transition_time)
    return times.after(moved_at or deployment.created_at, deployment.spec.progress_deadline_seconds)

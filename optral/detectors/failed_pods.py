"""Failed pods that remain: when they failed, and whether their owner has recovered.

A failed pod outlives its failure by days, so its existence proves nothing (G7). What counts is the owner: while it lacks pods, the failure
lasts; ten minutes after it has all of them again, the failure is history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from optral.detectors import gates, severity
from optral.detectors.severity import Capacity
from optral.kube import owners, times
from optral.kube.objects import Deployment, KubeObject, Pod, ReplicaSet, condition
from optral.kube.reports import pods
from optral.kube.view import ClusterView

RECOVERED_S = 600  # the owner has had all its pods for this long
UNKNOWN_OWNER_S = 3600  # for a custom owner, whose desired pods are unknown
OFTEN, OFTEN_WITHIN_S = 3, 3600
MAX_SIBLINGS = 500
MAX_BESIDE = 20  # each of them is examined again within ten minutes anyway


@dataclass(frozen=True, slots=True)
class Relevance:
    """Whether a failed pod still matters: `is_short` if its owner lacks pods now, `until` when to judge it again.

    If the owner has all its pods, `until` is when the failed pod becomes history. Otherwise it always lies ahead: a failed pod never
    changes, and an owner that recovers does not trigger an examination of all its failed pods.
    """

    is_short: bool
    until: datetime | None


def failed_at(pod: Pod) -> datetime:
    """When it failed: the exit of its last container, otherwise the time of a condition that shows it, its start or its creation."""
    ends = [
        status.state.terminated.finished_at
        for status in (*pod.status.container_statuses, *pod.status.init_container_statuses)
        if status.state.terminated is not None
    ]
    conditions = [condition(pod.status.conditions, kind) for kind in (pods.DISRUPTION, "Ready")]
    moments = [c.last_transition_time for c in conditions if c is not None]
    return times.latest(*ends) or times.latest(*moments) or pod.status.start_time or pod.created_at


def standing(pod: Pod, view: ClusterView, *, now: datetime) -> Relevance:
    """Whether a failed pod still matters, given the state of its owner. A pod without an owner matters until somebody deletes it."""
    reference = owners.controller(pod)
    if reference is None:
        return Relevance(is_short=True, until=None)
    replicas, whole_since = _owner(pod, view)
    if replicas is None:
        return Relevance(is_short=False, until=times.after(failed_at(pod), UNKNOWN_OWNER_S))
    if replicas.available < replicas.desired:
        return Relevance(is_short=True, until=times.after(now, RECOVERED_S - times.age_s(failed_at(pod), now=now) % RECOVERED_S))
    since = max(failed_at(pod), whole_since) if whole_since is not None else failed_at(pod)
    return Relevance(is_short=False, until=times.after(since, RECOVERED_S))


def _owner(pod: Pod, view: ClusterView) -> tuple[Capacity | None, datetime | None]:
    """The needed and available pods of the workload (or, for a custom owner, of the ReplicaSet), and since when it has all of them."""
    workload = view.object_at(view.workload_of(pod))
    replicas = severity.capacity(view.workload_of(pod), view)
    if replicas is None and (reference := owners.controller(pod)) is not None:
        replica_set = view.get(ReplicaSet.kind, reference.uid)
        replicas = severity.capacity(owners.ref(replica_set), view) if replica_set is not None else None
    available = condition(workload.status.conditions, "Available") if isinstance(workload, Deployment) else None
    return replicas, available.last_transition_time if available is not None and available.status == "True" else None


def beside(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The other failed pods of its workload and of its node, when a pod fails: together they may be too many."""
    if not isinstance(obj, Pod) or obj.status.phase != "Failed":
        return []
    pods = chain(view.pods_of(view.workload_of(obj)), view.pods_on(obj.spec.node_name) if obj.spec.node_name else ())
    return list(islice((pod for pod in pods if pod.status.phase == "Failed" and pod.uid != obj.uid), MAX_BESIDE))


def happens_often(siblings: Iterable[Pod], reason: str, *, now: datetime) -> bool:
    """Whether at least three of these pods failed for this reason within the hour."""
    matching = (
        pod
        for pod in islice(siblings, MAX_SIBLINGS)
        if pod.status.phase == "Failed" and pod.status.reason == reason and gates.is_fresh(failed_at(pod), now=now, window_s=OFTEN_WITHIN_S)
    )
    return sum(1 for _ in islice(matching, OFTEN)) >= OFTEN

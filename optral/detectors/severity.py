"""How urgent a finding is: the severity of its type, one step up if all capacity is lost or the subject is essential, one step down if not.

critical: capacity lost or data at risk. high: degraded, does not recover by itself. medium: partial, slow or recovers by itself. low:
hygiene.
"""

from dataclasses import dataclass
from datetime import datetime

from optral.detectors import containers, gates
from optral.kube import owners, rollouts
from optral.kube.objects import DaemonSet, Deployment, Pod, ReplicaSet, StatefulSet
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

VITAL_NAMESPACES = frozenset({"kube-system", "calico-system", "kube-flannel", "cilium", "ingress-nginx", "traefik", "cert-manager"})
"""Namespaces of essential components: DNS, pod network, ingress, admission webhooks."""
MAX_COUNTED = 50  # replicas whose pods are examined individually
MIN_RESTARTS = 2
SHORT_RUN_S = 120.0
_STAGE_LABELS = ("environment", "env", "stage", "app.kubernetes.io/environment")
_NOT_PRODUCTION = frozenset({"dev", "development", "test", "testing", "staging", "stage", "qa", "sandbox", "preview", "non-production"})


@dataclass(frozen=True, slots=True)
class Capacity:
    """The number of replicas needed and available."""

    desired: int
    available: int

    @property
    def is_lost(self) -> bool:
        return self.desired >= 1 and self.available <= 0

    @property
    def is_mostly_there(self) -> bool:
        return self.desired >= 1 and self.available * 2 >= self.desired


def adjust(base: Severity, *, subject: ObjectRef, view: ClusterView, pod: Pod | None = None, now: datetime | None = None) -> Severity:
    """The severity of a finding about a workload: at most one step up and one step down, which cancel each other.

    With `now`, pods that run only for moments do not count as available: the severity stays the same between two restarts.
    """
    replicas = capacity(subject, view, pod=pod, now=now)
    severity = base
    if (replicas is not None and replicas.is_lost) or subject.namespace in VITAL_NAMESPACES or _holds_data(subject, view):
        severity = severity.raised()
    if _is_guarded(subject, view, replicas) or is_non_production(subject.namespace, view) or _will_be_retried(pod, view):
        severity = severity.lowered()
    return severity


def capacity(subject: ObjectRef, view: ClusterView, *, pod: Pod | None = None, now: datetime | None = None) -> Capacity | None:
    """The needed and available replicas of a workload; None if that does not apply or the workload is not in the view."""
    if subject.kind == Pod.kind and pod is not None:
        return Capacity(1, 1 if pod.is_ready and not _is_unsteady(pod, now) else 0)
    workload = view.object_at(subject)
    if isinstance(workload, (Deployment, StatefulSet, ReplicaSet)):
        replicas = Capacity(workload.spec.replicas, workload.status.available_replicas)
    elif isinstance(workload, DaemonSet):
        replicas = Capacity(workload.status.desired_number_scheduled, workload.status.number_available)
    else:
        return None
    return _steadily(replicas, subject, view, now)


def _steadily(replicas: Capacity, subject: ObjectRef, view: ClusterView, now: datetime | None) -> Capacity:
    """Without the pods that run only for a moment, whether the workload already counts them or not."""
    if now is None or replicas.available <= 0 or replicas.desired > MAX_COUNTED:
        return replicas
    pods = view.pods_of(subject)
    running = [pod for pod in pods if not pod.is_terminal]
    failed_young = sum(1 for pod in pods if pod.status.phase == "Failed" and gates.is_fresh(pod.created_at, now=now))
    unsteady = sum(1 for pod in running if _is_unsteady(pod, now) or (failed_young >= MIN_RESTARTS and _is_new(pod, now)))
    return Capacity(replicas.desired, min(replicas.available, max(replicas.desired, len(running)) - unsteady))


def _is_new(pod: Pod, now: datetime) -> bool:
    return (now - pod.created_at).total_seconds() < SHORT_RUN_S


def _is_unsteady(pod: Pod, now: datetime | None) -> bool:
    """Whether a container was restarted repeatedly after short runs, and has not yet run for longer than those."""
    return now is not None and any(_is_short_lived(seen, now) for seen in containers.of(pod) if not seen.is_init)


def _is_short_lived(seen: containers.ContainerView, now: datetime) -> bool:
    ended = seen.last_exit
    if ended is None or seen.status.restart_count < MIN_RESTARTS or ended.started_at is None or ended.finished_at is None:
        return False
    if seen.started_at is not None and (now - seen.started_at).total_seconds() >= SHORT_RUN_S:
        return False
    return gates.is_fresh(ended.finished_at, now=now) and (ended.finished_at - ended.started_at).total_seconds() < SHORT_RUN_S


def is_non_production(namespace: str | None, view: ClusterView) -> bool:
    """Whether the namespace is labeled as one that no customer depends on."""
    if namespace is None or (seen := view.namespace(namespace)) is None:
        return False
    return any(seen.labels.get(label, "").lower() in _NOT_PRODUCTION for label in _STAGE_LABELS)


def _holds_data(subject: ObjectRef, view: ClusterView) -> bool:
    workload = view.object_at(subject) if subject.kind == StatefulSet.kind else None
    return isinstance(workload, StatefulSet) and bool(workload.spec.volume_claim_templates)


def _is_guarded(subject: ObjectRef, view: ClusterView, replicas: Capacity | None) -> bool:
    """Whether at least half of the replicas are available and the previous revision still serves."""
    if replicas is None or not replicas.is_mostly_there:
        return False
    workload = view.object_at(subject)
    if isinstance(workload, StatefulSet):
        return rollouts.has_two_revisions(workload)
    if not isinstance(workload, Deployment):
        return False
    revisions = rollouts.newest_first(view.replica_sets_of(owners.ref(workload)))
    return any(revision.status.ready_replicas > 0 for revision in revisions[1:])


def _will_be_retried(pod: Pod | None, view: ClusterView) -> bool:
    job = gates.job_of(pod, view) if pod is not None else None
    if job is None or any(c.type in ("Failed", "FailureTarget") and c.status == "True" for c in job.status.conditions):
        return False
    return job.status.failed <= job.spec.backoff_limit

"""How severe a finding is: the only place that decides it. docs/severity.md explains the rule to users.

A detector declares the severity of its type, or that of the finding (`Finding.base`), and this module looks at what is down: how much of
the capacity of a workload, who notices it, what the workload is for. critical: the cluster, its users or its data. high: a workload is down
or does not recover by itself. medium: part of it. low: hygiene.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from optral.detectors import containers, gates, users, wording
from optral.detectors.effects import Effect
from optral.kit.words import plural
from optral.kube import owners, rollouts
from optral.kube.objects import DaemonSet, Deployment, Namespace, Pod, ReplicaSet, Service, StatefulSet
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

MANY_CALLERS = 3
"""A Service that so many workloads call is as important as one that is reached from outside."""
VITAL_NAMESPACES = frozenset({"kube-system", "calico-system", "kube-flannel", "cilium", "ingress-nginx", "traefik", "cert-manager"})
"""Namespaces of essential components: DNS, pod network, ingress, admission webhooks."""
_SYSTEM_PRIORITY = "system-"  # system-node-critical, system-cluster-critical
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

    @property
    def is_majority(self) -> bool:
        return self.available * 2 > self.desired


class Rating(NamedTuple):
    """A severity, and the reason for it in one sentence. `unlabeled` has both without the label of the namespace, where that lowers it."""

    severity: Severity
    reason: str
    unlabeled: tuple[Severity, str] | None = None


def rate(
    base: Severity, *, effect: Effect | None, subject: ObjectRef, view: ClusterView, pod: Pod | None = None, now: datetime | None = None
) -> Rating:
    """The severity of a finding of a type with this `effect` that starts with `base`.

    With `now`, pods that run only for moments do not count as available: the severity stays the same between two restarts.
    """
    rating = _by_extent(base, effect, subject, view, pod=pod, now=now)
    unlabeled = Rating(rating.severity.lowered(), "Its Job runs it again.") if _will_be_retried(pod, view) else rating
    if (stage := stage_of(subject.namespace, view)) is None:
        return unlabeled
    reason = f"{rating.reason[:-1]}; namespace {subject.namespace} is labeled {stage}."
    return Rating(rating.severity.lowered(), reason, unlabeled[:2])


def _by_extent(
    base: Severity, effect: Effect | None, subject: ObjectRef, view: ClusterView, *, pod: Pod | None, now: datetime | None
) -> Rating:
    """By what of the subject is down: its replicas, or its Service."""
    if effect is Effect.SERVICE_DOWN:
        service = view.object_at(subject)
        return _of_service(base, service, view) if isinstance(service, Service) else _unchanged(base)
    if effect in (Effect.NODE_DOWN, Effect.NODE_PRESSURE):
        pods = sum(1 for one in view.pods_on(subject.name) if not gates.has_finished(one))
        return Rating(base, f"{pods} {plural(pods, 'pod')} {'runs' if pods == 1 else 'run'} on {wording.label(subject)}.")
    if effect is Effect.REQUESTS_FAIL:
        return _of_requests(base, subject, view)
    replicas = capacity(subject, view, pod=pod, now=now) if effect in _TAKES_CAPACITY else None
    return _unchanged(base) if replicas is None or replicas.desired < 1 else _of_replicas(base, replicas, subject, view)


_TAKES_CAPACITY = frozenset({Effect.POD_DOWN, Effect.NO_PODS, Effect.REPLICAS_MISSING, Effect.CLAIM_UNBOUND})


def _unchanged(base: Severity) -> Rating:
    return Rating(base, f"Failures of this type are {base.value}.")


def _of_replicas(base: Severity, replicas: Capacity, subject: ObjectRef, view: ClusterView) -> Rating:
    """All lost: high, or critical for a component that the cluster depends on. Part of them: medium, while at least half is available and
    nothing essential lacks them; one step less while the previous revision serves."""
    who = wording.label(subject)
    if replicas.is_lost:
        if is_essential(subject, view):
            return Rating(max(base, Severity.CRITICAL, key=_rank), f"No replica of {who} is available, on which the cluster depends.")
        return Rating(min(base.raised(), max(base, Severity.HIGH, key=_rank), key=_rank), f"No replica of {who} is available.")
    left = f"{who} has {min(replicas.available, replicas.desired)} of {replicas.desired} {plural(replicas.desired, 'replica')}."
    if _is_guarded(subject, view, replicas):
        return Rating(min(base.lowered(), Severity.MEDIUM, key=_rank), f"{left[:-1]}; the previous revision serves.")
    is_enough = replicas.desired > 1 and (replicas.is_majority if _holds_data(subject, view) else replicas.is_mostly_there)
    if is_enough and not is_essential(subject, view):
        return Rating(min(base, Severity.MEDIUM, key=_rank), left)
    return Rating(base, left)


def _of_service(base: Severity, service: Service, view: ClusterView) -> Rating:
    """Critical if users or several workloads call it and nothing answers."""
    who, is_empty = wording.label(owners.ref(service)), _has_no_endpoint(service, view)
    if base is Severity.CRITICAL:
        return Rating(base, f"{who} has no ready endpoint, and an admission webhook calls it.")
    if base.rank < Severity.HIGH.rank or not (is_empty or len(service.spec.ports) <= 1):
        return _unchanged(base)
    what = "has no ready endpoint" if is_empty else "does not answer"
    if (entrance := users.entrance(service, view)) is not None:
        return Rating(Severity.CRITICAL, f"{who} {what}, and {entrance}.")
    calling = len(users.callers(service, view))
    if calling >= MANY_CALLERS:
        return Rating(Severity.CRITICAL, f"{who} {what}, and {calling} workloads call it.")
    called = f", and {calling} {plural(calling, 'workload')} {'calls' if calling == 1 else 'call'} it" if calling else ""
    return Rating(base, f"{who} {what}{called}.")


def _of_requests(base: Severity, subject: ObjectRef, view: ClusterView) -> Rating:
    """Critical if users or several workloads get the errors."""
    workload = view.object_at(subject)
    for service in users.services_of(workload, view) if workload is not None else ():
        who = wording.label(owners.ref(service))
        if (entrance := users.entrance(service, view)) is not None:
            return Rating(Severity.CRITICAL, f"Requests to {who} fail, and {entrance}.")
        if (calling := len(users.callers(service, view))) >= MANY_CALLERS:
            return Rating(Severity.CRITICAL, f"Requests to {who} fail, and {calling} workloads call it.")
    return _unchanged(base)


def _has_no_endpoint(service: Service, view: ClusterView) -> bool:
    slices = view.slices_of(owners.ref(service))
    return bool(slices) and not any(piece.ready_count for piece in slices)


def _rank(severity: Severity) -> int:
    return severity.rank


def capacity(subject: ObjectRef, view: ClusterView, *, pod: Pod | None = None, now: datetime | None = None) -> Capacity | None:
    """The needed and available replicas of a workload; None if that does not apply or the workload is not in the view."""
    if subject.kind == Pod.kind and pod is not None and not gates.is_deleting(pod):
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


def stage_of(namespace: str | None, view: ClusterView) -> str | None:
    """The label of a namespace (`environment=staging`) that says that no customer depends on it; None if there is none."""
    seen = view.namespace(namespace) if namespace is not None else None
    return None if seen is None else stage_label(seen)


def stage_label(namespace: Namespace) -> str | None:
    found = ((label, namespace.labels.get(label, "")) for label in _STAGE_LABELS)
    return next((f"{label}={value}" for label, value in found if value.lower() in _NOT_PRODUCTION), None)


def is_essential(subject: ObjectRef, view: ClusterView) -> bool:
    """Whether the cluster depends on a workload: by its namespace, or because it has a priority class of the system."""
    if subject.namespace in VITAL_NAMESPACES:
        return True
    workload = view.object_at(subject)
    if isinstance(workload, Pod):
        return workload.spec.priority_class_name.startswith(_SYSTEM_PRIORITY)
    template = workload.spec.template if isinstance(workload, Deployment | StatefulSet | DaemonSet) else None
    return template is not None and template.spec.priority_class_name.startswith(_SYSTEM_PRIORITY)


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

"""The gates against false alarms, G1 to G16: what looks broken and is not. Every detector names the gates that it respects.

G14 (an agent that cannot see an object never resolves its issue) has no function here: an examination covers only the objects that it was
given, an empty result of `slices_of` means "not reported", and an offline cluster is not examined.
"""

from collections.abc import Collection
from datetime import datetime

from optral.kube import owners, rollouts, selectors, times
from optral.kube.objects import (
    EPOCH,
    Container,
    ContainerStatus,
    CronJob,
    DaemonSet,
    Deployment,
    Event,
    Job,
    KubeObject,
    Node,
    PersistentVolumeClaim,
    Pod,
    ReplicaSet,
    Service,
    StatefulSet,
    condition,
)
from optral.kube.reports import containers, jobs, nodes, pods
from optral.kube.view import ClusterView

FRESH_S = 600  # Events and exits that are older do not show the current state
MIN_STARTUP_S = 60
YOUNG_NODE_S = 300  # images, CNI and device plugins of a new node start within minutes
SCALE_UP_S = 600  # the time that a cluster autoscaler needs to add a node
AUTOSCALED_CREATION = "TriggeredScaleUp"
HOOKS_COUNT_FOR_S = 1800  # after a lifecycle hook has failed
OFTEN, OFTEN_WITHIN_S = 3, 3600  # this many restarts in an hour are too many
_REPORTS_FAILURE = frozenset({pods.DISRUPTION, pods.RESIZE_PENDING})  # conditions of a pod that report a failure when true
_LEAVING_TAINTS = frozenset(
    {
        "ToBeDeletedByClusterAutoscaler",
        "DeletionCandidateOfClusterAutoscaler",
        "karpenter.sh/disrupted",
        "karpenter.sh/disruption",
        "cloud.google.com/impending-node-termination",
        "aws-node-termination-handler/spot-itn",
        "node.kubernetes.io/out-of-service",
    }
)
_TOMBSTONES = frozenset({"Evicted", *pods.SHUT_DOWN})  # the node was low on a resource, or shut down gracefully
_KUBELET_MADE = ("kube-root-ca.crt", "kube-api-access", "openshift-service-ca.crt")


def is_deleting(obj: KubeObject) -> bool:
    """G1: it is being deleted; exits and unreadiness are part of that."""
    return obj.metadata.deletion_timestamp is not None


def has_finished(pod: Pod) -> bool:
    """G2: the pod finished successfully."""
    return pod.status.phase == "Succeeded"


def has_succeeded_since(job: Job, view: ClusterView) -> bool:
    """G2: the Job itself succeeded after retries, or a later run of its CronJob or a rerun did."""
    return _is_complete(job) or any(_is_complete(run) and run.created_at > job.created_at for run in view.runs_of(job))


def _is_complete(job: Job) -> bool:
    return any(c.type in (jobs.COMPLETE, "SuccessCriteriaMet") and c.status == "True" for c in job.status.conditions)


def job_of(pod: Pod, view: ClusterView) -> Job | None:
    """The Job that runs this pod, if there is one in the view."""
    reference = owners.controller(pod)
    if reference is None or reference.kind_id != Job.kind:
        return None
    found = view.get(Job.kind, reference.uid)
    return found if isinstance(found, Job) else None


def rollout_until(workload: KubeObject | None, view: ClusterView) -> datetime | None:
    """G3: until when a rollout in progress explains missing replicas; None without a rollout. It does not explain crashes.

    A Deployment has its own deadline; the other workloads get ten minutes from the last pod that they created.
    """
    if not isinstance(workload, Deployment | StatefulSet | DaemonSet) or not rollouts.is_in_progress(workload):
        return None
    return rollouts.deadline(workload) if isinstance(workload, Deployment) else _last_pod_until(workload, view)


def _last_pod_until(workload: KubeObject, view: ClusterView) -> datetime | None:
    made_at = times.latest(*(pod.created_at for pod in view.pods_of(owners.ref(workload))))
    return times.after(made_at, FRESH_S) if made_at is not None else None


def is_rolling_out(workload: KubeObject | None, view: ClusterView, *, now: datetime) -> bool:
    """G3: a rollout is in progress and still has time; missing replicas are expected."""
    until = rollout_until(workload, view)
    return until is not None and now <= until


def is_sidecar(container: Container) -> bool:
    """G4: an init container that keeps running is a native sidecar and counts as a main container."""
    return container.is_sidecar


def is_normal_wait(reason: str) -> bool:
    """G4: every container first waits for init containers or for the runtime."""
    return reason == "" or reason in containers.FIRST_WAITS


def is_disrupted(pod: Pod) -> bool:
    """G5: the pod is being removed on purpose (preemption, eviction API, taint, node shutdown)."""
    return any(c.type == pods.DISRUPTION and c.status == "True" for c in pod.status.conditions)


def is_leaving(node: Node) -> bool:
    """G5: the node is being removed or repaired on purpose. A cordon alone does not count: see `NodeNotReady`."""
    if any(taint.key in _LEAVING_TAINTS for taint in node.spec.taints):
        return True
    return any(c.type in nodes.MAINTENANCE and c.status == "True" for c in node.status.conditions)


def is_switched_off(workload: KubeObject | None) -> bool:
    """G6: scaled to zero or suspended by a person or an autoscaler; nothing is missing."""
    if isinstance(workload, (Deployment, StatefulSet, ReplicaSet)):
        return workload.spec.replicas == 0
    if isinstance(workload, DaemonSet):
        return workload.status.desired_number_scheduled == 0
    return isinstance(workload, (Job, CronJob)) and workload.spec.suspend


def is_paused(workload: KubeObject | None) -> bool:
    """G6: its rollout is paused."""
    return isinstance(workload, Deployment) and workload.spec.paused


def is_fresh(moment: datetime | None, *, now: datetime, window_s: float = FRESH_S) -> bool:
    """G7: it happened inside the window. Unknown times and times far in the future are not fresh."""
    return moment is not None and -window_s <= times.age_s(moment, now=now) <= window_s


def fresh_events(view: ClusterView, uid: str, reasons: Collection[str], *, now: datetime, window_s: float = FRESH_S) -> list[Event]:
    """G7: recent Events about this object (same uid), newest first. The caller checks that the object still shows the failure."""
    found = [e for e in view.events_of(uid) if e.reason in reasons and is_fresh(e.last_seen, now=now, window_s=window_s)]
    return sorted(found, key=lambda event: event.last_seen, reverse=True)


def was_rebooted(pod: Pod, view: ClusterView, *, now: datetime, window_s: float = FRESH_S) -> bool:
    """G7: its node or its sandbox was restarted inside the window, which restarts every container at once and is not a crash."""
    if fresh_events(view, pod.uid, ("SandboxChanged",), now=now, window_s=window_s):
        return True
    node = pod.spec.node_name
    return bool(node) and bool(node_events(view, node, ("Rebooted",), now=now, window_s=window_s))


def node_events(view: ClusterView, node: str, reasons: Collection[str], *, now: datetime, window_s: float = FRESH_S) -> list[Event]:
    """G7: recent Events about a node, newest first. A kubelet writes the *name* of the node where the uid belongs; controllers write the
    uid."""
    found = fresh_events(view, node, reasons, now=now, window_s=window_s)
    if (seen := view.node(node)) is not None and seen.uid != node:
        found = sorted(
            found + fresh_events(view, seen.uid, reasons, now=now, window_s=window_s), key=lambda event: event.last_seen, reverse=True
        )
    return found


def waits_for_consumer(claim: PersistentVolumeClaim, view: ClusterView) -> bool:
    """G8: its class binds when a pod that uses it is scheduled, and none has been: waiting is right, or the pod has the failure."""
    name = claim.storage_class
    storage_class = view.storage_class(name) if name else None
    if storage_class is None or storage_class.volume_binding_mode != "WaitForFirstConsumer":
        return False
    return not any(pod.spec.node_name for pod in view.pods_with_claim(claim.metadata.namespace, claim.name))


def is_status_stale(workload: Deployment | StatefulSet | DaemonSet | ReplicaSet) -> bool:
    """G9: the controller has not processed the newest spec yet; its status belongs to an older one.

    False for a status that does not say which spec it belongs to: that hides no failure. A check of a runbook waits instead.
    """
    return workload.status.observed_generation is not None and not rollouts.is_observed(workload)


def is_superseded(pod: Pod, view: ClusterView) -> bool:
    """G10: its ReplicaSet is being scaled down for a newer revision."""
    reference = owners.controller(pod)
    if reference is None or reference.kind_id != ReplicaSet.kind:
        return False
    replica_set = view.get(ReplicaSet.kind, reference.uid)
    return isinstance(replica_set, ReplicaSet) and is_scaling_down(replica_set, view)


def is_scaling_down(replica_set: ReplicaSet, view: ClusterView) -> bool:
    """G10: it needs fewer pods than it has, and a newer revision exists."""
    if replica_set.spec.replicas > 0 and replica_set.status.replicas <= replica_set.spec.replicas:
        return False
    reference = owners.controller(replica_set)
    if reference is None:
        return False
    siblings = view.replica_sets_of(owners.owner_ref(reference, replica_set.namespace))
    return rollouts.is_older(replica_set, siblings)


def is_kept_by_kubelet(name: str) -> bool:
    """G11: projected by the kubelet or maintained by a controller; it is missing only for a moment."""
    return name.startswith(_KUBELET_MADE)


def needs_no_endpoints(service: Service, view: ClusterView) -> bool:
    """G12 and G6: external, without a selector, for leader election, headless in kube-system, or its workloads are off or are Jobs."""
    spec = service.spec
    if spec.type == "ExternalName" or not spec.selector or service.metadata.annotations.leader:
        return True
    if spec.cluster_ip == "None" and service.namespace == "kube-system":
        return True
    workloads = workloads_behind(service, view)
    return bool(workloads) and all(is_switched_off(workload) or isinstance(workload, Job) for workload in workloads)


def workloads_behind(service: Service, view: ClusterView) -> list[KubeObject]:
    """The workloads whose pods, existing or not, the Service selects."""
    namespace = service.metadata.namespace
    found: list[KubeObject] = []
    for kind in (Deployment.kind, StatefulSet.kind, DaemonSet.kind, Job.kind):
        for workload in view.workloads_in(namespace, kind):
            template = workload.spec.template if isinstance(workload, (Deployment, StatefulSet, DaemonSet, Job)) else None
            if template is not None and selectors.matches(service.spec.selector, template.metadata.labels):
                found.append(workload)
    return found


def is_young(node: Node, *, now: datetime) -> bool:
    """G13: the node has just joined."""
    return times.age_s(node.created_at, now=now) < YOUNG_NODE_S


def settled_at(node: Node | None) -> datetime:
    """G13: until when failures of a node that has just joined are expected; 1970 for a node that has not been reported."""
    return times.after(node.created_at, YOUNG_NODE_S) if node is not None else EPOCH


def startup_budget_s(container: Container) -> float:
    """G13: how long this container may take to become ready: its startup probe, otherwise its readiness probe, at least a minute."""
    if (startup := container.startup_probe) is not None:
        budget = startup.initial_delay_seconds + startup.failure_threshold * startup.period_seconds
    elif (readiness := container.readiness_probe) is not None:
        budget = readiness.initial_delay_seconds + readiness.failure_threshold * readiness.period_seconds
    else:
        budget = 0
    return float(max(MIN_STARTUP_S, min(budget, times.MAX_STEP_S)))


def is_gated(pod: Pod) -> bool:
    """G15: the pod is held back on purpose."""
    scheduled = condition(pod.status.conditions, pods.SCHEDULED)
    return bool(pod.spec.scheduling_gates) or (scheduled is not None and scheduled.reason == "SchedulingGated")


def scale_up_until(pod: Pod, view: ClusterView, *, now: datetime) -> datetime | None:
    """G16: until when to wait for an autoscaler that reports a new node; None if none does now."""
    events = fresh_events(view, pod.uid, (AUTOSCALED_CREATION, "NotTriggerScaleUp"), now=now, window_s=SCALE_UP_S)
    if not events or events[0].reason != AUTOSCALED_CREATION:
        return None
    return times.after(events[0].first_seen, SCALE_UP_S)


def is_scale_up_impossible(pod: Pod, view: ClusterView, *, now: datetime) -> bool:
    """G16: the autoscaler reports that a new node would not help; there is nothing to wait for."""
    events = fresh_events(view, pod.uid, (AUTOSCALED_CREATION, "NotTriggerScaleUp"), now=now)
    return bool(events) and events[0].reason != AUTOSCALED_CREATION


def is_excluded(pod: Pod, view: ClusterView) -> bool:
    """G1, G2, G5, G10 and evicted pods: no type about pods applies, except those about leaving."""
    if is_deleting(pod) or has_finished(pod) or is_disrupted(pod) or pod.status.reason in _TOMBSTONES:
        return True
    if pod.status.phase == "Failed":
        job = job_of(pod, view)
        return job is not None and has_succeeded_since(job, view)
    return is_superseded(pod, view)


def is_quiet(pod: Pod, *, now: datetime) -> bool:
    """A fast check for the ordinary pod: running and not being deleted, everything ready, no recent exit, no condition that reports a
    failure. No type about pods can be true."""
    if pod.status.phase != "Running" or pod.metadata.deletion_timestamp is not None:
        return False
    for reported in pod.status.conditions:
        if reported.status != "True" or reported.type in _REPORTS_FAILURE:
            return False
    for status in pod.status.container_statuses:
        if status.state.running is None or not status.ready or _exited_recently(status, now):
            return False
    for status in pod.status.init_container_statuses:
        if status.state.waiting is not None or _exited_recently(status, now):
            return False
        if status.state.terminated is not None and status.state.terminated.exit_code != 0:
            return False
    return bool(pod.status.container_statuses)


def _exited_recently(status: ContainerStatus, now: datetime) -> bool:
    """Within the half hour in which a failed hook counts, or the hour in which a third restart does."""
    ended = status.last_state.terminated
    if ended is None:
        return False
    window_s = OFTEN_WITHIN_S if status.restart_count >= OFTEN else HOOKS_COUNT_FOR_S
    return ended.finished_at is None or times.age_s(ended.finished_at, now=now) < window_s

"""Preempted: pods were preempted by pods with a higher priority, and have found no other node.

Preemption is normal; it is a failure only for pods that find no other node. While the preempted pod terminates, its condition shows it;
after that its Event "Preempted" does, and the pending replacement is where the issue appears. A replacement gets two minutes to be
scheduled. G5 does not apply, since preemption is the disruption that this type reports.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, severity, wording
from optral.detectors.detector import Tier, of_pod
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import Event, Job, Pod, condition
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

TYPE = "Preempted"
SHOWN_FOR_S = 1800
MAX_EVENTS = 200


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.has_finished(pod) or gates.is_superseded(pod, view):
        return
    lost_at = _lost_at(pod)
    event = preemption_of(pod, view, now=now) if lost_at is not None or _has_no_node(pod) else None
    if lost_at is None and event is not None:
        lost_at = event.last_seen
    if lost_at is not None and _is_missed(pod, view) and gates.is_fresh(lost_at, now=now, window_s=SHOWN_FOR_S):
        yield _finding(pod, view, since=lost_at, facts=_preemptor(pod, event, view, since=lost_at))


def _lost_at(pod: Pod) -> datetime | None:
    """When the scheduler preempted this pod, if it did."""
    target = condition(pod.status.conditions, pods.DISRUPTION)
    if target is None or target.status != "True" or target.reason != pods.PREEMPTED:
        return None
    return target.last_transition_time or pod.metadata.deletion_timestamp or pod.created_at


def _has_no_node(pod: Pod) -> bool:
    scheduled = condition(pod.status.conditions, pods.SCHEDULED)
    return not pod.spec.node_name and scheduled is not None and scheduled.reason == "Unschedulable" and not gates.is_deleting(pod)


def preemption_of(pod: Pod, view: ClusterView, *, now: datetime) -> Event | None:
    """The newest Event which reports that a pod of the same controller, or of the same name, was preempted."""
    controller = owners.controller(pod)
    prefix = f"{controller.name}-" if controller is not None else f"{pod.name}\n"
    events = [
        event
        for event in view.preemptions_in(pod.metadata.namespace)[:MAX_EVENTS]
        if gates.is_fresh(event.last_seen, now=now, window_s=SHOWN_FOR_S)
        and (event.involved_object.name == pod.name or event.involved_object.name.startswith(prefix))
        and (event.involved_object.uid != pod.uid or pod.spec.node_name)
    ]
    return max(events, key=lambda event: event.last_seen, default=None)


def _preemptor(pod: Pod, event: Event | None, view: ClusterView, *, since: datetime) -> dict[str, object]:
    """The pod that got the place: the one that the Event names, else the only one with a higher priority that started there since then."""
    match = pods.PREEMPTOR.search(event.message) if event is not None else None
    on_node = view.pods_on(match["node"] if match is not None else pod.spec.node_name)
    found = [
        other
        for other in (*on_node, *(view.unscheduled_pods() if match is not None else ()))
        if (other.spec.priority or 0) > (pod.spec.priority or 0)
        and (
            match["pod"] in (other.uid, f"{other.namespace}/{other.name}")
            if match is not None
            else other.status.start_time is not None and other.status.start_time >= since
        )
    ]
    if len(found) != 1:
        return {}
    other = found[0]
    priority = {"preemptorPriority": other.spec.priority or 0, "preemptorPriorityClass": other.spec.priority_class_name or None}
    return {"preemptedBy": str(owners.ref(other)), **priority}


def _is_missed(pod: Pod, view: ClusterView) -> bool:
    """Whether its workload lacks pods; a Job retries its run and lacks none."""
    controller = owners.controller(pod)
    if controller is None:
        return True
    replicas = severity.capacity(view.workload_of(pod), view)
    return controller.kind_id != Job.kind and (replicas is None or replicas.available < replicas.desired)


def _finding(pod: Pod, view: ClusterView, *, since: datetime, facts: dict[str, object]) -> Finding:
    subject = view.workload_of(pod)
    return Finding(
        subject=subject,
        title=titles.Preempted.preempted(pods=wording.pods_of(subject)),
        since=since,
        expires_at=times.after(since, SHOWN_FOR_S),
        facts={"priorityClass": pod.spec.priority_class_name or None, "priority": pod.spec.priority, **facts},
    )


DETECTOR = of_pod(
    type=TYPE,
    title=titles.Preempted.what,
    category="scheduling",
    severity=Severity.MEDIUM,
    gates=("G2", "G5", "G7", "G10"),
    detect=detect,
    event_reasons=frozenset({TYPE}),
    open_after_s=120,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
    examines_leaving=True,
)

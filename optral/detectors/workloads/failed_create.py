"""FailedCreate: a controller cannot create its pods: quota, admission, a missing ServiceAccount.

A ReplicaSet keeps the first rejection as a condition, whatever rejects its pods later; the other controllers only send Events, which must
be recent, about this object, and newer than its newest pod (a rejection followed by a pod is history: objects that are applied in the wrong
order leave such Events). Controllers retry more and more slowly, up to 1,000 s apart, so recent means twenty minutes here. The newest Event
tells why pods are rejected now.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Effect, Stage
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import DaemonSet, Event, Job, ReplicaSet, StatefulSet, condition
from optral.kube.reports import admission, jobs
from optral.kube.reports.admission import Kind, Rejection
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

TYPE = "FailedCreate"
WINDOW_S = 1200
_EVENTS = frozenset({admission.NOT_CREATED})
Controller = ReplicaSet | StatefulSet | DaemonSet | Job


def detect(controller: Controller, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(controller) or gates.is_switched_off(controller) or not is_short(controller):
        return
    if isinstance(controller, ReplicaSet) and gates.is_scaling_down(controller, view):
        return
    events = gates.fresh_events(view, controller.uid, _EVENTS, now=now, window_s=WINDOW_S)
    refusal = _condition(controller, events) or _event(controller, view, events)
    if refusal is None:
        return
    message, since, until = refusal
    subject = view.workload_of(controller)
    found = admission.rejection(message)
    yield Finding(
        subject=subject,
        title=titles.FailedCreate.rejected(object=wording.label(subject), why=_why(found, message)),
        since=since,
        expires_at=until,
        facts={"cause": found.kind, "message": wording.clip(message)} | _shortfall(controller) | cause_facts(message),
    )


def _why(found: Rejection, message: str) -> str:
    known = titles.REJECTIONS.get(found.kind)
    return wording.clip(message, 120) if known is None else known(name=found.named)


def cause_facts(message: str) -> dict[str, Any]:
    """The object that the message names, and the numbers of a quota."""
    found, numbers = admission.rejection(message), admission.exceeded(message)
    facts: dict[str, Any] = {} if found.named is None else {"named": found.named}
    if found.kind is Kind.QUOTA_EXCEEDED and numbers is not None:
        facts["quota"] = {"name": found.named} | numbers._asdict()
    return facts


def _condition(controller: Controller, events: list[Event]) -> tuple[str, datetime, datetime | None] | None:
    if not isinstance(controller, ReplicaSet):
        return None
    failure = condition(controller.status.conditions, admission.REPLICA_FAILURE)
    if failure is None or failure.status != "True" or failure.reason != TYPE:
        return None
    since = failure.last_transition_time or controller.created_at
    message = events[0].message if events and events[0].last_seen > since else failure.message
    return message, since, None


def _event(controller: Controller, view: ClusterView, events: list[Event]) -> tuple[str, datetime, datetime | None] | None:
    if not events or _has_created_pod_since(controller, view, events[0]):
        return None
    since = max(min(event.first_seen for event in events), controller.created_at)
    return events[0].message, since, times.after(events[0].last_seen, WINDOW_S)


def _has_created_pod_since(controller: Controller, view: ClusterView, event: Event) -> bool:
    return any(pod.created_at > event.last_seen for pod in view.pods_of(owners.ref(controller)))


def is_short(controller: Controller) -> bool:
    """Whether it has fewer pods than it needs now."""
    wanted, have = _numbers(controller)
    return have < wanted


def _numbers(controller: Controller) -> tuple[int, int]:
    """The number of pods needed now, and the number of pods that exist."""
    if isinstance(controller, DaemonSet):
        return controller.status.desired_number_scheduled, controller.status.current_number_scheduled
    if isinstance(controller, Job):
        if any(c.type in (jobs.COMPLETE, "Failed") and c.status == "True" for c in controller.status.conditions):
            return 0, 0
        left = controller.spec.completions - controller.status.succeeded if controller.spec.completions is not None else 1
        return min(controller.spec.parallelism, left), controller.status.active
    return controller.spec.replicas, controller.status.replicas


def _shortfall(controller: Controller) -> dict[str, int]:
    wanted, have = _numbers(controller)
    return {"wanted": wanted, "created": have}


DETECTOR = Detector(
    type=TYPE,
    title=titles.FailedCreate.what,
    category="admission",
    about=About.WORKLOAD,
    severity=Severity.HIGH,
    gates=("G1", "G6", "G7", "G10"),
    effect=Effect.NO_PODS,
    stage=Stage.CREATION,
    looks_at=frozenset({ReplicaSet.kind, StatefulSet.kind, DaemonSet.kind, Job.kind}),
    detect=detect,
    event_reasons=_EVENTS,
    open_after_s=30,
)

"""PodNotReady: a pod does not become ready, and no other type explains why.

It is the last of all types: it is dropped if anything else is reported about the pod (`Detector.is_catch_all`). It opens after fifteen
minutes, after the startup budget of the container if that is longer (G13), or after an hour while a container waits with an unknown reason.
Pods of Jobs and pods that a gate holds back need not be ready (G15).
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, wording
from optral.detectors.detector import Stage, Tier, of_pod
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import Condition, Job, Node, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 900
WAITING_PATIENCE_S = 3600
_KNOWN_WAITS = frozenset({"CrashLoopBackOff", "ErrImagePull", "ImagePullBackOff"})  # too early to report these


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.is_terminal or gates.is_gated(pod) or _is_of_job(pod):
        return
    ready = condition(pod.status.conditions, "Ready")
    if (ready is not None and ready.status == "True" and pod.status.phase in ("Running", "")) or _has_completed(pod):
        return
    if pod.status.phase == "Running" and (ready is None or not ready.status):
        return  # its kubelet has not reported yet
    yield _finding(pod, view, ready=ready)


def _is_of_job(pod: Pod) -> bool:
    reference = owners.controller(pod)
    return reference is not None and reference.kind_id == Job.kind


def _has_completed(pod: Pod) -> bool:
    """G2: one of its containers exited with 0 and is not restarted; such a pod never becomes ready again."""
    if pod.spec.restart_policy == "Always":
        return False
    ended = [status.state.terminated for status in pod.status.container_statuses]
    return any(end is not None and end.exit_code == 0 for end in ended)


def _finding(pod: Pod, view: ClusterView, *, ready: Condition | None) -> Finding:
    subject = view.workload_of(pod)
    went_unready = ready.last_transition_time if ready is not None else None
    since = went_unready or pod.status.start_time or pod.created_at
    return Finding(
        subject=subject,
        title=_title(pod, ready, view),
        since=since,
        opens_at=_opens_at(pod, since=since),
        facts={
            "phase": pod.status.phase,
            "reason": ready.reason if ready is not None else pod.status.reason,
            "message": wording.clip((ready.message if ready is not None else "") or pod.status.message),
            "waitingReasons": _waits(pod),
            "readinessGates": _unmet_gates(pod),
            "node": pod.spec.node_name,
        },
        suspects=candidate_causes.node_of(pod, view) + candidate_causes.claims_of(pod, view),
    )


def _opens_at(pod: Pod, *, since: datetime) -> datetime:
    if set(_waits(pod)) - _KNOWN_WAITS:
        return times.after(since, WAITING_PATIENCE_S)
    patient = times.after(since, PATIENCE_S)
    budgets = [
        times.after(seen.started_at, gates.startup_budget_s(seen.spec)) for seen in containers.of(pod) if seen.started_at is not None
    ]
    return max([patient, *budgets])


def _waits(pod: Pod) -> list[str]:
    """The reasons with which containers wait, without the normal ones."""
    return sorted({wording.clip(seen.waiting_reason, 100) for seen in containers.of(pod) if not gates.is_normal_wait(seen.waiting_reason)})


def _unmet_gates(pod: Pod) -> list[str]:
    met = {reported.type for reported in pod.status.conditions if reported.status == "True"}
    return sorted({gate.condition_type for gate in pod.spec.readiness_gates} - met)[:5]


def _title(pod: Pod, ready: Condition | None, view: ClusterView) -> Title:
    texts, who = titles.PodNotReady, wording.pods_of(view.workload_of(pod))
    if waits := _waits(pod):
        return titles.PodNotReady.waiting(pods=who, reasons=", ".join(waits[:3]))
    if ready is not None and ready.reason == "ReadinessGatesNotReady":
        return titles.PodNotReady.gates(pods=who, gates=", ".join(_unmet_gates(pod)[:3]))
    if pod.status.phase in ("Pending", ""):
        is_nowhere = bool(pod.spec.node_name and view.count(Node.kind)) and view.node(pod.spec.node_name) is None
        if is_nowhere:
            return titles.PodNotReady.node_missing(pods=who, node=pod.spec.node_name)
        return titles.PodNotReady.not_started(pods=who)
    return (texts.node_silent if pod.status.phase == "Unknown" else texts.unknown)(pods=who)


DETECTOR = of_pod(
    type="PodNotReady",
    title=titles.PodNotReady.what,
    category="health",
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G5", "G10", "G13", "G15"),
    stage=Stage.POD,
    is_catch_all=True,
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
)

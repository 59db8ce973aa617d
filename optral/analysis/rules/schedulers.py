"""Pods that no scheduler has processed."""

from collections.abc import Iterator

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules.rule import SCHEDULING, UNSCHEDULED, rule
from optral.kube import placement
from optral.kube.reports import pods

IGNORED_AFTER_S = 60.0


def no_scheduler(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The pod has no PodScheduled condition a minute after its creation: no scheduler has processed it."""
    pod = focus.obj
    if not _is_ignored(case, pod):
        return
    name = pod.text("spec.schedulerName") or "default-scheduler"
    nothing = case.book.absence(pod, pod.ref, "status.conditions", f"no PodScheduled condition; scheduler {name}")
    created = case.book.fields(pod, "metadata", "creationTimestamp")
    yield focus.hypothesis(
        "scheduler_unavailable",
        _subject(case) or pod,
        _level(case, name),
        cite("No scheduler has processed pod {pod} since it was created.", nothing, created, pod=pod.name),
        actions=[actions.advice(f"Check the scheduler {name}", "It does not process new pods.", nothing)],
    )


def _level(case: Case, scheduler: str) -> Level:
    if case.question.type == SCHEDULING:  # a scheduler had processed the pod when the issue opened: the pod was recreated since
        return Level.POSSIBLE
    return Level.STRONG if scheduler == "default-scheduler" else Level.LIKELY


def _subject(case: Case) -> SnapshotObject | None:
    """The node of the scheduler's pod, else that pod; without such a pod, the only node of the control plane."""
    scheduler = next((pod for pod in case.snap.all("Pod", "kube-system") if pod.name.startswith("kube-scheduler")), None)
    if scheduler is not None:
        return case.snap.find("Node", None, scheduler.text("spec.nodeName")) or scheduler
    control_plane = [node for node in case.snap.all("Node") if placement.is_control_plane(node.labels)]
    return control_plane[0] if len(control_plane) == 1 else None


def _is_ignored(case: Case, pod: SnapshotObject) -> bool:
    """Whether no scheduler has processed a pod for a minute, although it could be scheduled."""
    if pod.kind != "Pod" or pod.is_deleting or pod.created_at is None or pod.text("status.phase") not in ("Pending", ""):
        return False
    if pod.condition(pods.SCHEDULED)[1] or pod.text("spec.nodeName") or pod.many("spec.schedulingGates"):
        return False
    return (case.now - pod.created_at).total_seconds() >= IGNORED_AFTER_S


RULES = (rule(no_scheduler, {UNSCHEDULED, SCHEDULING}, {"scheduler_unavailable"}),)

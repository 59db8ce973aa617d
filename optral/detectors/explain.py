"""Why a detector reports an object, and why another does not: gate by gate.

For `POST /v1/detectors/test`. A detector is near an object if it would have reported it without a gate, another type that takes precedence
or a setting, or if one of the gates that it declares (`Detector.gates`) holds the object back now.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from optral import detectors
from optral.detectors import gates, tuning
from optral.detectors.detector import AskLimits, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.tuning import Settings
from optral.kit.contain import contain
from optral.kit.lazy_log import LazyLogger
from optral.kube import owners, times
from optral.kube.kinds import is_custom
from optral.kube.objects import (
    CustomResource,
    DaemonSet,
    Deployment,
    EndpointSlice,
    Job,
    KubeObject,
    Node,
    PersistentVolumeClaim,
    Pod,
    ReplicaSet,
    Service,
    StatefulSet,
)
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

MAX_NEAR = 1000
OUTER = ("G1", "G2", "G5", "G10")
"""Checked before any type about pods (`gates.is_excluded`)."""
_log = LazyLogger(__name__)


class Verdict(StrEnum):
    """`open` counts as an issue, `waits` will at its time; `silenced` by another type, `heldBack` by a gate, `off` by a setting."""

    OPEN = "open"
    WAITS = "waits"
    SILENCED = "silenced"
    OVER = "over"
    HELD_BACK = "heldBack"
    OFF = "off"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """Whether one gate holds an object back, and the condition that it checks."""

    gate: str
    holds_back: bool
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorVerdict:
    """The verdict of one detector about one object. `finding`: what it found, even if it does not count. `by`: the type that takes
    precedence."""

    type: str
    shown_by: ObjectRef
    verdict: Verdict
    finding: Finding | None = None
    by: str | None = None
    gates: tuple[GateAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """`findings` are those that count or will; `near` has every verdict, including those of the findings. `is_cut`: there were more."""

    findings: tuple[Finding, ...]
    near: tuple[DetectorVerdict, ...]
    is_cut: bool = False


def explain(view: ClusterView, *, now: datetime, include_risk: bool, settings: Settings, cluster_id: str) -> Explanation:
    """Examine everything in the view, and explain the verdict of every detector that is near. Never raises because of the content of
    objects."""
    limits = tuning.limits(settings, view, cluster_id=cluster_id)
    examination = detectors.examine_all(view, now=now, include_risk=include_risk, limits=limits)
    after = tuning.apply(examination, settings, view, cluster_id=cluster_id)
    near: list[DetectorVerdict] = []
    for obj in _objects(view, include_risk):
        if len(near) > MAX_NEAR:
            break
        shown = [finding for finding in examination.findings if finding.shown_by.uid == obj.uid]
        counting = [finding for finding in after.findings if finding.shown_by.uid == obj.uid]
        near.extend(_of(obj, view, shown, counting, examination.unexamined, include_risk=include_risk, now=now, limits=limits))
    return Explanation(after.findings, tuple(near[:MAX_NEAR]), len(near) > MAX_NEAR)


def _objects(view: ClusterView, include_risk: bool) -> Iterator[KubeObject]:
    custom = {kind for kind in view.kinds() if is_custom(kind)}
    kinds = sorted({kind for detector in _detectors(include_risk) for kind in detector.looks_at} | custom)
    for kind in kinds:
        yield from sorted(view.all(kind), key=lambda obj: (obj.metadata.namespace, obj.metadata.name))


def _detectors(include_risk: bool) -> Iterable[Detector]:
    return (detector for detector in detectors.DETECTORS if include_risk or detector.tier is not Tier.RISK)


def _of(
    obj: KubeObject,
    view: ClusterView,
    shown: list[Finding],
    counting: list[Finding],
    unexamined: frozenset[tuple[str, str]],
    *,
    include_risk: bool,
    now: datetime,
    limits: AskLimits,
) -> Iterator[DetectorVerdict]:
    answers = dict(ask(obj, view, now=now))
    for detector in _detectors(include_risk):
        if obj.kind not in detector.looks_at and not (detector.examines_custom and isinstance(obj, CustomResource)):
            continue
        declared = tuple(answers[gate] for gate in detector.gates if gate in answers)
        shown_by = owners.ref(obj)
        if (obj.uid, detector.type) in unexamined:
            yield DetectorVerdict(type=detector.type, shown_by=shown_by, verdict=Verdict.FAILED, gates=declared)
            continue
        found = [finding for finding in counting if finding.type == detector.type]
        for finding in found:
            verdict = Verdict.OPEN if finding.opens_at <= now else Verdict.WAITS
            yield DetectorVerdict(type=detector.type, shown_by=shown_by, verdict=verdict, finding=finding, gates=declared)
        if not found:
            yield from _without_finding(detector, obj, view, shown, counting, answers, declared, now=now, limits=limits)


def _without_finding(
    detector: Detector,
    obj: KubeObject,
    view: ClusterView,
    shown: list[Finding],
    counting: list[Finding],
    answers: Mapping[str, GateAnswer],
    declared: tuple[GateAnswer, ...],
    *,
    now: datetime,
    limits: AskLimits,
) -> Iterator[DetectorVerdict]:
    """Why a detector that found nothing that counts is near, if it is."""
    shown_by = owners.ref(obj)
    off = next((finding for finding in shown if finding.type == detector.type), None)
    if off is not None:
        yield DetectorVerdict(type=detector.type, shown_by=shown_by, verdict=Verdict.OFF, finding=off, gates=declared)
        return
    finding = _first_finding(detector, obj, view, now=now, limits=limits)
    if finding is not None:
        outer = tuple(answers[gate] for gate in OUTER if isinstance(obj, Pod) and gate in answers and answers[gate].holds_back)
        verdict, by = _verdict(detector, finding, shown, counting, is_kept_out=bool(outer), now=now)
        checked = (*outer, *_without(declared, outer))
        yield DetectorVerdict(type=detector.type, shown_by=shown_by, verdict=verdict, finding=finding, by=by, gates=checked)
    elif any(answer.holds_back for answer in declared):
        yield DetectorVerdict(type=detector.type, shown_by=shown_by, verdict=Verdict.HELD_BACK, gates=declared)


def _without(declared: tuple[GateAnswer, ...], outer: tuple[GateAnswer, ...]) -> tuple[GateAnswer, ...]:
    return tuple(answer for answer in declared if answer not in outer)


def _first_finding(detector: Detector, obj: KubeObject, view: ClusterView, *, now: datetime, limits: AskLimits) -> Finding | None:
    def log(error: Exception) -> None:
        _log.error("detector.failed", type=detector.type, kind=obj.kind, uid=obj.metadata.uid, exc_info=error)

    with contain(log):
        return next((item for item in detector.run(obj, view, now=now, limits=limits) if isinstance(item, Finding)), None)
    return None


def _verdict(
    detector: Detector, finding: Finding, shown: list[Finding], counting: list[Finding], *, is_kept_out: bool, now: datetime
) -> tuple[Verdict, str | None]:
    if is_kept_out and not detector.examines_leaving:
        return Verdict.HELD_BACK, None
    if finding.expires_at is not None and finding.expires_at <= now:
        return Verdict.OVER, None
    others = (other.type for other in (*counting, *shown) if other.part == finding.part or finding.part is None)
    preceding = next(others, None)
    return (Verdict.SILENCED, preceding) if preceding is not None else (Verdict.HELD_BACK, None)


# --- gates ------------------------------------------------------------------------------------------------------------------------


def ask(obj: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[tuple[str, GateAnswer]]:
    """The answer of every gate that applies to such an object."""
    for gate, (say, asks) in GATES.items():
        if (holds_back := asks(obj, view, now)) is not None:
            yield gate, GateAnswer(gate, holds_back, say)


def _finished(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(obj, Job):
        return gates.has_succeeded_since(obj, view)
    if not isinstance(obj, Pod):
        return None
    job = gates.job_of(obj, view)
    return gates.has_finished(obj) or (job is not None and gates.has_succeeded_since(job, view))


def _workload(obj: KubeObject, view: ClusterView) -> KubeObject | None:
    return view.object_at(view.workload_of(obj)) if isinstance(obj, (Pod, ReplicaSet)) else obj


def _rolling(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(obj, Service):
        return any(gates.is_rolling_out(workload, view, now=now) for workload in gates.workloads_behind(obj, view))
    workload = _workload(obj, view)
    return gates.is_rolling_out(workload, view, now=now) if isinstance(workload, (Deployment, StatefulSet, DaemonSet)) else None


def _beginning(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if not isinstance(obj, Pod):
        return None
    waits = [status.state.waiting for status in obj.status.container_statuses if status.state.waiting is not None]
    return bool(waits) and all(gates.is_normal_wait(waiting.reason) for waiting in waits)


def _leaving(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(obj, Pod):
        return gates.is_disrupted(obj)
    return gates.is_leaving(obj) if isinstance(obj, Node) else None


def _intended(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(obj, (Node, PersistentVolumeClaim, Service)):
        return None
    workload = _workload(obj, view)
    return gates.is_switched_off(workload) or gates.is_paused(workload)


def _past(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    """Whether all its exits and Events are old; None if there are none."""
    moments = [event.last_seen for event in view.events_of(obj.uid)]
    if isinstance(obj, Pod):
        ends = [status.last_state.terminated for status in obj.status.container_statuses]
        moments += [ended.finished_at for ended in ends if ended is not None and ended.finished_at is not None]
    return None if not moments else not any(gates.is_fresh(moment, now=now) for moment in moments)


def _stale(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.is_status_stale(obj) if isinstance(obj, (Deployment, StatefulSet, DaemonSet, ReplicaSet)) else None


def _superseded(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(obj, Pod):
        return gates.is_superseded(obj, view)
    return gates.is_scaling_down(obj, view) if isinstance(obj, ReplicaSet) else None


def _young(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(obj, Node):
        return gates.is_young(obj, now=now)
    if not isinstance(obj, Pod) or obj.is_ready:
        return None
    budget_s = max((gates.startup_budget_s(container) for container in obj.spec.containers), default=gates.MIN_STARTUP_S)
    return times.age_s(obj.status.start_time or obj.created_at, now=now) < budget_s


def _unseen(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(obj, Service) and obj.spec.selector:
        return not view.slices_of(owners.ref(obj)) and not view.count(EndpointSlice.kind)
    return None


def _deleted(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.is_deleting(obj)


def _unconsumed(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.waits_for_consumer(obj, view) if isinstance(obj, PersistentVolumeClaim) else None


def _needs_none(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.needs_no_endpoints(obj, view) if isinstance(obj, Service) else None


def _gated(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.is_gated(obj) if isinstance(obj, Pod) else None


def _scaling_up(obj: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.scale_up_until(obj, view, now=now) is not None if isinstance(obj, Pod) else None


Asks = Callable[[KubeObject, ClusterView, datetime], bool | None]
GATES: dict[str, tuple[str, Asks]] = {
    "G1": ("it is being deleted", _deleted),
    "G2": ("it has finished, or a later run succeeded", _finished),
    "G3": ("a rollout is in progress and within its deadline", _rolling),
    "G4": ("its containers are starting normally", _beginning),
    "G5": ("it is being removed or maintained on purpose", _leaving),
    "G6": ("it is scaled to zero, suspended or paused", _intended),
    "G7": ("its exits and Events are more than ten minutes old", _past),
    "G8": ("it waits for its first consumer (WaitForFirstConsumer)", _unconsumed),
    "G9": ("its status is about an older generation", _stale),
    "G10": ("a newer revision replaces it", _superseded),
    "G12": ("it needs no endpoints", _needs_none),
    "G13": ("it is new and may still be starting", _young),
    "G14": ("the objects that would show it have not been reported", _unseen),
    "G15": ("a scheduling gate holds it on purpose", _gated),
    "G16": ("the cluster autoscaler is adding a node", _scaling_up),
}
"""Every gate that can be checked for an object; G11 (optional references) applies to single references."""

"""Why a detector reports an object, and why another does not: gate by gate.

For `POST /v1/detectors/test`. A detector is near an object when it would have reported it but for a gate, another type that takes
precedence or a setting, or when one of the gates it declares (`Detector.gates`) holds the object back now.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from optral import detectors
from optral.detectors import gates, tuning
from optral.detectors.detector import AskLimits, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.tuning import Settings
from optral.kit.contain import contain
from optral.kube import owners, times
from optral.kube.objects import (
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
"""Passed before a pod-level type sees a pod at all (`gates.is_out_of_play`)."""
_log = structlog.get_logger(__name__)


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
    """What one gate says of an object: whether it holds back, and what it asks."""

    gate: str
    holds_back: bool
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """What became of one detector at one object. `finding`: what it found, also if it does not count. `by`: the type that speaks for it."""

    type: str
    shown_by: ObjectRef
    verdict: Verdict
    finding: Finding | None = None
    by: str | None = None
    gates: tuple[GateAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """`findings` are those that count or will; `near` has every verdict, those of the findings too. `is_cut`: there were more."""

    findings: tuple[Finding, ...]
    near: tuple[Near, ...]
    is_cut: bool = False


def explain(view: ClusterView, *, now: datetime, include_risk: bool, settings: Settings, cluster_id: str) -> Explanation:
    """Examine everything in the view, and say of every detector that was near why. Never raises for what objects hold."""
    limits = tuning.limits(settings, view, cluster_id=cluster_id)
    examination = detectors.examine_all(view, now=now, include_risk=include_risk, limits=limits)
    after = tuning.apply(examination, settings, view, cluster_id=cluster_id)
    near: list[Near] = []
    for thing in _judged(view, include_risk):
        if len(near) > MAX_NEAR:
            break
        mine = [finding for finding in examination.findings if finding.shown_by.uid == thing.uid]
        counting = [finding for finding in after.findings if finding.shown_by.uid == thing.uid]
        near.extend(_of(thing, view, mine, counting, examination.unjudged, include_risk=include_risk, now=now, limits=limits))
    return Explanation(after.findings, tuple(near[:MAX_NEAR]), len(near) > MAX_NEAR)


def _judged(view: ClusterView, include_risk: bool) -> Iterator[KubeObject]:
    kinds = sorted({kind for detector in _asked(include_risk) for kind in detector.looks_at})
    for kind in kinds:
        yield from sorted(view.all(kind), key=lambda thing: (thing.metadata.namespace, thing.metadata.name))


def _asked(include_risk: bool) -> Iterable[Detector]:
    return (detector for detector in detectors.DETECTORS if include_risk or detector.tier is not Tier.RISK)


def _of(
    thing: KubeObject,
    view: ClusterView,
    mine: list[Finding],
    counting: list[Finding],
    unjudged: frozenset[tuple[str, str]],
    *,
    include_risk: bool,
    now: datetime,
    limits: AskLimits,
) -> Iterator[Near]:
    answers = dict(ask(thing, view, now=now))
    for detector in _asked(include_risk):
        if thing.kind not in detector.looks_at:
            continue
        named = tuple(answers[gate] for gate in detector.gates if gate in answers)
        shown_by = owners.ref(thing)
        if (thing.uid, detector.type) in unjudged:
            yield Near(type=detector.type, shown_by=shown_by, verdict=Verdict.FAILED, gates=named)
            continue
        found = [finding for finding in counting if finding.type == detector.type]
        for finding in found:
            verdict = Verdict.OPEN if finding.opens_at <= now else Verdict.WAITS
            yield Near(type=detector.type, shown_by=shown_by, verdict=verdict, finding=finding, gates=named)
        if not found:
            yield from _silent(detector, thing, view, mine, counting, answers, named, now=now, limits=limits)


def _silent(
    detector: Detector,
    thing: KubeObject,
    view: ClusterView,
    mine: list[Finding],
    counting: list[Finding],
    answers: Mapping[str, GateAnswer],
    named: tuple[GateAnswer, ...],
    *,
    now: datetime,
    limits: AskLimits,
) -> Iterator[Near]:
    """Why a detector that found nothing that counts is near, if it is."""
    shown_by = owners.ref(thing)
    off = next((finding for finding in mine if finding.type == detector.type), None)
    if off is not None:
        yield Near(type=detector.type, shown_by=shown_by, verdict=Verdict.OFF, finding=off, gates=named)
        return
    would = _would_find(detector, thing, view, now=now, limits=limits)
    if would is not None:
        outer = tuple(answers[gate] for gate in OUTER if isinstance(thing, Pod) and gate in answers and answers[gate].holds_back)
        verdict, by = _why_not(detector, would, mine, counting, is_kept_out=bool(outer), now=now)
        yield Near(type=detector.type, shown_by=shown_by, verdict=verdict, finding=would, by=by, gates=(*outer, *_without(named, outer)))
    elif any(answer.holds_back for answer in named):
        yield Near(type=detector.type, shown_by=shown_by, verdict=Verdict.HELD_BACK, gates=named)


def _without(named: tuple[GateAnswer, ...], outer: tuple[GateAnswer, ...]) -> tuple[GateAnswer, ...]:
    return tuple(answer for answer in named if answer not in outer)


def _would_find(detector: Detector, thing: KubeObject, view: ClusterView, *, now: datetime, limits: AskLimits) -> Finding | None:
    def log(error: Exception) -> None:
        _log.error("detector.failed", type=detector.type, kind=thing.kind, uid=thing.metadata.uid, exc_info=error)

    with contain(log):
        return next((item for item in detector.run(thing, view, now=now, limits=limits) if isinstance(item, Finding)), None)
    return None


def _why_not(
    detector: Detector, would: Finding, mine: list[Finding], counting: list[Finding], *, is_kept_out: bool, now: datetime
) -> tuple[Verdict, str | None]:
    if is_kept_out and not detector.sees_leaving:
        return Verdict.HELD_BACK, None
    if would.expires_at is not None and would.expires_at <= now:
        return Verdict.OVER, None
    louder = next((finding.type for finding in (*counting, *mine) if finding.part == would.part or would.part is None), None)
    return (Verdict.SILENCED, louder) if louder is not None else (Verdict.HELD_BACK, None)


# --- gates ------------------------------------------------------------------------------------------------------------------------


def ask(thing: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[tuple[str, GateAnswer]]:
    """What every gate that is about such an object says of it."""
    for gate, (say, asks) in GATES.items():
        if (holds_back := asks(thing, view, now)) is not None:
            yield gate, GateAnswer(gate, holds_back, say)


def _finished(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(thing, Job):
        return gates.was_made_good(thing, view)
    if not isinstance(thing, Pod):
        return None
    job = gates.job_of(thing, view)
    return gates.has_finished(thing) or (job is not None and gates.was_made_good(job, view))


def _workload(thing: KubeObject, view: ClusterView) -> KubeObject | None:
    return view.object_at(view.workload_of(thing)) if isinstance(thing, (Pod, ReplicaSet)) else thing


def _rolling(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(thing, Service):
        return any(gates.is_rolling_out(workload, view, now=now) for workload in gates.workloads_behind(thing, view))
    workload = _workload(thing, view)
    return gates.is_rolling_out(workload, view, now=now) if isinstance(workload, (Deployment, StatefulSet, DaemonSet)) else None


def _beginning(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if not isinstance(thing, Pod):
        return None
    waits = [status.state.waiting for status in thing.status.container_statuses if status.state.waiting is not None]
    return bool(waits) and all(gates.is_normal_wait(waiting.reason) for waiting in waits)


def _leaving(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(thing, Pod):
        return gates.is_disrupted(thing)
    return gates.is_leaving(thing) if isinstance(thing, Node) else None


def _intended(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(thing, (Node, PersistentVolumeClaim, Service)):
        return None
    workload = _workload(thing, view)
    return gates.is_off_on_purpose(workload) or gates.is_paused(workload)


def _past(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    """Nothing that it shows, exits or Events, is recent; None where there is nothing."""
    moments = [event.last_seen for event in view.events_of(thing.uid)]
    if isinstance(thing, Pod):
        ends = [status.last_state.terminated for status in thing.status.container_statuses]
        moments += [ended.finished_at for ended in ends if ended is not None and ended.finished_at is not None]
    return None if not moments else not any(gates.is_fresh(moment, now=now) for moment in moments)


def _stale(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.status_is_stale(thing) if isinstance(thing, (Deployment, StatefulSet, DaemonSet, ReplicaSet)) else None


def _superseded(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(thing, Pod):
        return gates.is_superseded(thing, view)
    return gates.is_scaling_down(thing, view) if isinstance(thing, ReplicaSet) else None


def _young(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(thing, Node):
        return gates.is_young(thing, now=now)
    if not isinstance(thing, Pod) or thing.is_ready:
        return None
    budget_s = max((gates.startup_budget_s(container) for container in thing.spec.containers), default=gates.MIN_STARTUP_S)
    return times.age_s(thing.status.start_time or thing.created_at, now=now) < budget_s


def _unseen(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    if isinstance(thing, Service) and thing.spec.selector:
        return not view.slices_of(owners.ref(thing)) and not view.count(EndpointSlice.kind)
    return None


def _deleted(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.is_deleting(thing)


def _unconsumed(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.waits_for_consumer(thing, view) if isinstance(thing, PersistentVolumeClaim) else None


def _needs_none(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.needs_no_endpoints(thing, view) if isinstance(thing, Service) else None


def _gated(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.is_gated(thing) if isinstance(thing, Pod) else None


def _scaling_up(thing: KubeObject, view: ClusterView, now: datetime) -> bool | None:
    return gates.scale_up_until(thing, view, now=now) is not None if isinstance(thing, Pod) else None


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
"""Every gate that can be asked of an object; G11 (optional references) is a matter of single references."""

"""Detectors: one issue type per file, pure. This module runs them; `catalog.py` lists them.

`examine` covers every object whose answer a change may alter, not only the changed object (see `reach.py`). A detector that raises is
counted in `Examination.failures` and logged, its type stays unknown for that object (`Examination.unexamined`), the other types
continue, and the object is examined again after a minute.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from optral.detectors import gates, precedence, reach
from optral.detectors.catalog import BY_TYPE, CATALOG, DETECTORS
from optral.detectors.detector import AskLimits, Detector, Tier
from optral.detectors.finding import Examination, Finding, Watch
from optral.kit.lazy_log import LazyLogger
from optral.kube import log_reports, times, usage
from optral.kube.kinds import is_custom
from optral.kube.objects import CustomResource, KubeObject, Pod, class_of
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

RETRY_S = 60  # after a detector raised

__all__ = [
    "BY_TYPE",
    "CATALOG",
    "DETECTORS",
    "Detector",
    "Examination",
    "Finding",
    "Tier",
    "examine",
    "examine_all",
    "examine_objects",
    "examined_kinds",
    "is_covered",
    "reached",
    "resolve_after_s",
]

_log = LazyLogger(__name__)


def resolve_after_s(issue_type: str) -> int:
    """How long a type's finding must be absent before its issue resolves. Raises `KeyError` for a type that no detector reports."""
    return BY_TYPE[issue_type].resolve_after_s


def is_covered(issue_type: str, obj: KubeObject, view: ClusterView, *, now: datetime, outdated: Callable[[], frozenset[str]]) -> bool:
    """Whether a finding of this type about an object has ended when it is not true now. False: the reports that it rests on do not say.

    `outdated` returns the ids of the kinds whose objects in the view are not those of now; it is called only for types that rest on
    reports. A pod that is leaving needs no report.
    """
    detector = BY_TYPE.get(issue_type)
    if detector is None or detector.covers is None:
        return True
    if isinstance(obj, Pod) and _gate_of(obj, view, now) is _Gate.LEAVING:
        return True
    return not detector.rests_on & outdated() and detector.covers(view, obj, now=now)


def examine(
    view: ClusterView, touched: Iterable[ObjectRef], *, now: datetime, include_risk: bool = False, limits: AskLimits | None = None
) -> Examination:
    """Every finding that is true now for the touched objects and for those that depend on them; `now` is cluster time. Never raises.

    `touched` names changed and deleted objects by kind id and uid; pass the overlay, so that deleted objects can be looked up. Costs ten
    microseconds for a healthy pod. `include_risk` adds the types of tier `risk`. `limits` returns the thresholds that apply to an object
    (`tuning.limits`); without it the defaults apply.
    """
    return examine_objects(
        view, reached(view, touched, include_risk=include_risk).items(), now=now, include_risk=include_risk, limits=limits
    )


def reached(view: ClusterView, touched: Iterable[ObjectRef], *, include_risk: bool = False) -> dict[str, KubeObject | None]:
    """The touched objects and those that depend on them, by uid; None for an object that is gone. `touched`: see `examine`."""
    table = _WITH_RISK if include_risk else _WITHOUT_RISK
    targets: dict[str, KubeObject | None] = {}
    for reference in touched:
        reach.expand(view, reference, targets, table.steps)
    return targets


def examined_kinds(view: ClusterView, *, include_risk: bool = False) -> tuple[str, ...]:
    """The ids of the kinds in the view that any detector looks at."""
    table = _WITH_RISK if include_risk else _WITHOUT_RISK
    return (*table.by_kind, *(kind for kind in view.kinds() if kind not in table.by_kind and is_custom(kind)))


def examine_all(view: ClusterView, *, now: datetime, include_risk: bool = False, limits: AskLimits | None = None) -> Examination:
    """Every finding that is true now in the whole cluster; `examined` holds every object that any detector looks at. `limits`: see
    `examine`."""
    kinds = examined_kinds(view, include_risk=include_risk)
    everything = ((obj.metadata.uid, obj) for kind in kinds for obj in view.all(kind))
    return examine_objects(view, everything, now=now, include_risk=include_risk, limits=limits)


def examine_objects(
    view: ClusterView,
    objects: Iterable[tuple[str, KubeObject | None]],
    *,
    now: datetime,
    include_risk: bool = False,
    limits: AskLimits | None = None,
    stop_after: int | None = None,
) -> Examination:
    """Every finding that is true now for these objects alone, given as (uid, object); None for an object that is gone. Never raises.

    Each object is read once and not kept. Stops after `stop_after` objects with findings. The other arguments: see `examine`.
    """
    table = _WITH_RISK if include_risk else _WITHOUT_RISK
    findings: list[Finding] = []
    look_again: dict[str, datetime] = {}
    failures: Counter[str] = Counter()
    unexamined: set[tuple[str, str]] = set()
    examined: set[str] = set()
    with_findings = 0
    for uid, obj in objects:
        examined.add(uid)
        if obj is None:
            continue
        detectors = _of_pod(obj, view, table, now) if type(obj) is Pod else table.detectors_of(obj)
        if not detectors:
            continue
        found, watches, failed = _examine_object(obj, view, detectors, now=now, limits=limits)
        for name in failed:
            failures[name] += 1
            unexamined.add((uid, name))
        if found or watches or failed:
            findings.extend(found)
            if (due := _due(found, watches, bool(failed), now=now)) is not None:
                look_again[uid] = due
            with_findings += bool(found)
            if with_findings == stop_after:
                break
    return Examination(
        findings=tuple(findings),
        examined=frozenset(examined),
        look_again=look_again,
        failures=dict(failures),
        unexamined=frozenset(unexamined),
    )


class _Gate(Enum):
    """What the gates say about a pod."""

    QUIET = auto()
    LEAVING = auto()
    OPEN = auto()


def _gate_of(pod: Pod, view: ClusterView, now: datetime) -> _Gate:
    """`OPEN` if a gate raises: each detector then examines the unusual pod on its own."""
    try:
        if gates.is_quiet(pod, now=now):
            return _Gate.QUIET
        return _Gate.LEAVING if gates.is_excluded(pod, view) else _Gate.OPEN
    except Exception:  # noqa: BLE001 - owner of the loop
        _log.exception("gates.failed", uid=pod.metadata.uid)
        return _Gate.OPEN


def _of_pod(pod: Pod, view: ClusterView, table: "_Table", now: datetime) -> Sequence[Detector]:
    """The detectors that look at this pod."""
    gate = _gate_of(pod, view, now)
    if gate is _Gate.QUIET:
        has_more = view.has_events(pod.metadata.uid) or usage.has_report(pod, view) or log_reports.of_pod(pod, view) is not None
        return table.of_quiet_pods if has_more else table.of_quiet_pods_without_events
    return table.of_leaving_pods if gate is _Gate.LEAVING else table.by_kind.get(pod.kind, ())


def _examine_object(
    obj: KubeObject, view: ClusterView, detectors: Iterable[Detector], *, now: datetime, limits: AskLimits | None
) -> tuple[list[Finding], list[Watch], list[str]]:
    """The findings and watches of these detectors for one object, and the types whose detector raised."""
    found: list[Finding] = []
    watches: list[Watch] = []
    failed: list[str] = []
    for detector in detectors:
        try:
            for result in detector.run(obj, view, now=now, limits=limits):
                if isinstance(result, Watch):
                    watches.append(result)
                else:
                    found.append(result)
        except Exception:  # noqa: BLE001 - owner of the loop: an error of one detector must not stop the others
            _log.exception("detector.failed", type=detector.type, kind=obj.kind, uid=obj.metadata.uid)
            failed.append(detector.type)
    return [_sane(finding, now=now) for finding in precedence.choose(found, CATALOG) if not _has_expired(finding, now)], watches, failed


def _has_expired(finding: Finding, now: datetime) -> bool:
    return finding.expires_at is not None and finding.expires_at <= now


def _sane(finding: Finding, *, now: datetime) -> Finding:
    """Limit the times that objects contain to those that everything can calculate with: 1970 to ten years from now."""
    since, opens_at = times.clamped(finding.since, now=now), times.clamped(finding.opens_at, now=now)
    expires_at = None if finding.expires_at is None else times.clamped(finding.expires_at, now=now)
    if (since, opens_at, expires_at) == (finding.since, finding.opens_at, finding.expires_at):
        return finding
    return replace(finding, since=since, opens_at=opens_at, expires_at=expires_at)


def _due(found: list[Finding], watches: list[Watch], has_failed: bool, *, now: datetime) -> datetime | None:
    moments = [moment for finding in found for moment in (finding.opens_at, finding.expires_at) if moment is not None and moment > now]
    moments += [times.clamped(watch.at, now=now) for watch in watches if watch.at > now]
    if has_failed:
        moments.append(times.after(now, RETRY_S))
    return min(moments, default=None)


@dataclass(frozen=True, slots=True)
class _Table:
    """Which detectors look at which objects.

    Quiet pods are only examined for risks, those with Events or a report of their usage also by types that read these; pods that are
    leaving only by types about leaving.
    """

    by_kind: dict[str, tuple[Detector, ...]]
    of_quiet_pods: tuple[Detector, ...]
    of_quiet_pods_without_events: tuple[Detector, ...]
    of_leaving_pods: tuple[Detector, ...]
    of_custom: tuple[Detector, ...]
    steps: reach.Steps

    def detectors_of(self, obj: KubeObject) -> tuple[Detector, ...]:
        """The detectors that look at an object of this kind."""
        found = self.by_kind.get(obj.kind)
        return found if found is not None else self.of_custom if isinstance(obj, CustomResource) else ()


def _of_kind(kind: str, detectors: Iterable[Detector], of_custom: Iterable[Detector]) -> tuple[Detector, ...]:
    """The detectors of a kind, each once; those of custom resources too if it is one."""
    others = of_custom if issubclass(class_of(kind), CustomResource) else ()
    return tuple({detector.type: detector for detector in (*detectors, *others)}.values())


def _table(detectors: Iterable[Detector]) -> _Table:
    every = tuple(detectors)
    of_pods = tuple(detector for detector in every if Pod.kind in detector.looks_at)
    by_kind: defaultdict[str, list[Detector]] = defaultdict(list)
    for detector in every:
        for kind in detector.looks_at:
            by_kind[kind].append(detector)
    of_custom = tuple(detector for detector in every if detector.examines_custom)
    return _Table(
        by_kind={kind: _of_kind(kind, of_kind, of_custom) for kind, of_kind in by_kind.items()},
        of_quiet_pods=tuple(detector for detector in of_pods if detector.tier is Tier.RISK or detector.examines_healthy),
        of_quiet_pods_without_events=tuple(detector for detector in of_pods if detector.tier is Tier.RISK),
        of_leaving_pods=tuple(detector for detector in of_pods if detector.examines_leaving),
        of_custom=of_custom,
        steps=reach.steps(every),
    )


_WITH_RISK = _table(DETECTORS)
_WITHOUT_RISK = _table(detector for detector in DETECTORS if detector.tier is not Tier.RISK)

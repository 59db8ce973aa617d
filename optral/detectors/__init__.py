"""Detectors: one issue type per file, pure. This module runs them; `catalog.py` lists them.

`examine` answers for everything whose answer a change may alter, not only for what changed (see `reach.py`). A detector that raises is
counted in `Examination.failures` and logged, its type stays unjudged on that object (`Examination.unjudged`), the other types go on, and
the object is examined again after a minute.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from optral.detectors import gates, precedence, reach, wording
from optral.detectors.catalog import BY_TYPE, CATALOG, DETECTORS
from optral.detectors.detector import AskLimits, Detector, Tier
from optral.detectors.finding import Examination, Finding, Watch
from optral.kube import times
from optral.kube.objects import KubeObject, Pod
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

RETRY_S = 60  # after a detector raised

__all__ = ["BY_TYPE", "CATALOG", "DETECTORS", "Detector", "Examination", "Finding", "Tier", "examine", "examine_all", "resolve_after_s"]

_log = structlog.get_logger(__name__)


def resolve_after_s(issue_type: str) -> int:
    """How long a type's finding must be absent before its issue resolves. Raises `KeyError` for a type that no detector reports."""
    return BY_TYPE[issue_type].resolve_after_s


def examine(
    view: ClusterView, touched: Iterable[ObjectRef], *, now: datetime, include_risk: bool = False, limits: AskLimits | None = None
) -> Examination:
    """Every finding true now on what was touched and on what depends on it; `now` is cluster time. Never raises.

    `touched` names changed and deleted objects by kind id and uid; give the overlay, so that deleted objects can be asked about. Ten
    microseconds for a healthy pod. `include_risk` adds the types of tier `risk`. `limits` says which thresholds hold where
    (`tuning.limits`); without it the defaults do.
    """
    table = _WITH_RISK if include_risk else _WITHOUT_RISK
    targets: dict[str, KubeObject | None] = {}
    for reference in touched:
        reach.expand(view, reference, targets, table.steps)
    return _examine(view, targets, table, now=now, limits=limits)


def examine_all(view: ClusterView, *, now: datetime, include_risk: bool = False, limits: AskLimits | None = None) -> Examination:
    """Every finding true now in the whole cluster, with every object that any detector looks at as examined. `limits`: see `examine`."""
    table = _WITH_RISK if include_risk else _WITHOUT_RISK
    targets: dict[str, KubeObject | None] = {thing.metadata.uid: thing for kind in table.by_kind for thing in view.all(kind)}
    return _examine(view, targets, table, now=now, limits=limits)


def _examine(
    view: ClusterView, targets: dict[str, KubeObject | None], table: "_Table", *, now: datetime, limits: AskLimits | None
) -> Examination:
    findings: list[Finding] = []
    look_again: dict[str, datetime] = {}
    failures: Counter[str] = Counter()
    unjudged: set[tuple[str, str]] = set()
    for uid, thing in targets.items():
        if thing is None:
            continue
        judges = _of_pod(thing, view, table, now) if type(thing) is Pod else table.by_kind.get(thing.kind, ())
        if not judges:
            continue
        found, watches, failed = _judge(thing, view, judges, now=now, limits=limits)
        for name in failed:
            failures[name] += 1
            unjudged.add((uid, name))
        if found or watches or failed:
            findings.extend(found)
            if (due := _due(found, watches, bool(failed), now=now)) is not None:
                look_again[uid] = due
    return Examination(
        findings=tuple(findings),
        examined=frozenset(targets),
        look_again=look_again,
        failures=dict(failures),
        unjudged=frozenset(unjudged),
    )


def _of_pod(pod: Pod, view: ClusterView, table: "_Table", now: datetime) -> Sequence[Detector]:
    """The detectors that look at this pod; those of all pods where its gates raise."""
    try:
        if gates.is_quiet(pod, now=now):
            return table.of_quiet_pods
        if gates.is_out_of_play(pod, view):
            return table.of_leaving_pods
    except Exception:  # noqa: BLE001 - owner of the loop: each detector then judges a strange pod on its own
        _log.exception("gates.failed", uid=pod.metadata.uid)
    return table.by_kind.get(pod.kind, ())


def _judge(
    thing: KubeObject, view: ClusterView, judges: Iterable[Detector], *, now: datetime, limits: AskLimits | None
) -> tuple[list[Finding], list[Watch], list[str]]:
    """All that these detectors find on one object and watch for, and the types whose detector raised."""
    found: list[Finding] = []
    watches: list[Watch] = []
    failed: list[str] = []
    for detector in judges:
        try:
            for said in detector.run(thing, view, now=now, limits=limits):
                if isinstance(said, Watch):
                    watches.append(said)
                else:
                    found.append(said)
        except Exception:  # noqa: BLE001 - owner of the loop: one detector's mistake must not blind the others
            _log.exception("detector.failed", type=detector.type, kind=thing.kind, uid=thing.metadata.uid)
            failed.append(detector.type)
    return [_sane(finding, now=now) for finding in precedence.choose(found, CATALOG) if not _is_over(finding, now)], watches, failed


def _is_over(finding: Finding, now: datetime) -> bool:
    return finding.expires_at is not None and finding.expires_at <= now


def _sane(finding: Finding, *, now: datetime) -> Finding:
    """Keep what objects claim within bounds: times that every room can calculate with (1970 to ten years from now), a title to read."""
    if len(finding.title) > wording.MAX_TITLE:
        finding = replace(finding, title=wording.clip(finding.title, wording.MAX_TITLE))
    since, opens_at = times.clamped(finding.since, now=now), times.clamped(finding.opens_at, now=now)
    expires_at = None if finding.expires_at is None else times.clamped(finding.expires_at, now=now)
    if (since, opens_at, expires_at) == (finding.since, finding.opens_at, finding.expires_at):
        return finding
    return replace(finding, since=since, opens_at=opens_at, expires_at=expires_at)


def _due(found: list[Finding], watches: list[Watch], is_unsure: bool, *, now: datetime) -> datetime | None:
    moments = [moment for finding in found for moment in (finding.opens_at, finding.expires_at) if moment is not None and moment > now]
    moments += [times.clamped(watch.at, now=now) for watch in watches if watch.at > now]
    if is_unsure:
        moments.append(times.after(now, RETRY_S))
    return min(moments, default=None)


@dataclass(frozen=True, slots=True)
class _Table:
    """Who judges what. Of pods that are quiet little but risks is looked for, of pods on their way out only what is about leaving."""

    by_kind: dict[str, tuple[Detector, ...]]
    of_quiet_pods: tuple[Detector, ...]
    of_leaving_pods: tuple[Detector, ...]
    steps: reach.Steps


def _table(detectors: Iterable[Detector]) -> _Table:
    judges = tuple(detectors)
    of_pods = tuple(one for one in judges if Pod.kind in one.looks_at)
    by_kind: defaultdict[str, list[Detector]] = defaultdict(list)
    for detector in judges:
        for kind in detector.looks_at:
            by_kind[kind].append(detector)
    return _Table(
        by_kind={kind: tuple(of_kind) for kind, of_kind in by_kind.items()},
        of_quiet_pods=tuple(one for one in of_pods if one.tier is Tier.RISK or one.sees_well),
        of_leaving_pods=tuple(one for one in of_pods if one.sees_leaving),
        steps=reach.steps(judges),
    )


_WITH_RISK = _table(DETECTORS)
_WITHOUT_RISK = _table(detector for detector in DETECTORS if detector.tier is not Tier.RISK)

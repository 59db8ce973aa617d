"""HorizontalPodAutoscalers that cannot read metrics, cannot scale, are at their maximum, or have no effect.

The controller reports all of it in conditions, and not every False is a fault: `ScalingDisabled` is a target that was scaled to zero,
`TooFewReplicas` is normal at the minimum, and a True condition with a reason like `BackoffBoth` is healthy. If the controller cannot read
the target, it stops and leaves the other conditions unchanged, so only `HPAUnableToScale` is reported then.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast

from optral.detectors import wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding, Suspect
from optral.detectors.gates import is_deleting, is_switched_off
from optral.kube import owners, times
from optral.kube.objects import (
    APIService,
    Condition,
    Deployment,
    HorizontalPodAutoscaler,
    KubeObject,
    ReplicaSet,
    StatefulSet,
    condition,
    kind_id_of,
)
from optral.kube.reports import autoscalers
from optral.kube.reports.autoscalers import ABLE_TO_SCALE, SCALING_ACTIVE
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

CATEGORY = "autoscaling"
METRICS_PATIENCE_S = 300  # a new pod has no metrics for its first minutes
TARGET_PATIENCE_S = 120
LASTING_S = 900
_TARGETS = (Deployment.kind, StatefulSet.kind, ReplicaSet.kind)


def detect_inactive(scaler: HorizontalPodAutoscaler, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    active = _false(scaler, SCALING_ACTIVE)
    if active is None or active.reason == "ScalingDisabled" or _is_excluded(scaler, view) or _target_failure(scaler, view) is not None:
        return
    since = active.last_transition_time or scaler.created_at
    why = autoscalers.inactive(active.reason, active.message)
    has_all_replicas = scaler.status.current_replicas == scaler.status.desired_replicas > 0
    yield _finding(
        scaler,
        view,
        title=titles.HPAScalingInactive.inactive(object=_label(scaler), message=_reported(active)),
        base=Severity.MEDIUM if has_all_replicas else Severity.HIGH,
        since=since,
        patience_s=METRICS_PATIENCE_S,
        facts={"reason": active.reason, "message": wording.clip(active.message), "cause": why.cause},
        suspects=(*_metrics_api(active), *(_target_suspects(scaler) if why.is_of_pods else ())),
    )


def detect_unable(scaler: HorizontalPodAutoscaler, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if is_deleting(scaler) or (failure := _target_failure(scaler, view)) is None:
        return
    title, since, facts = failure
    yield _finding(
        scaler,
        view,
        title=title,
        base=Severity.HIGH,
        since=since,
        patience_s=TARGET_PATIENCE_S,
        facts=facts,
        suspects=_target_suspects(scaler),
    )


def detect_maxed_out(scaler: HorizontalPodAutoscaler, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    limited = condition(scaler.status.conditions, "ScalingLimited")
    maximum = scaler.spec.max_replicas
    if limited is None or limited.status != "True" or limited.reason != "TooManyReplicas" or _is_excluded(scaler, view):
        return
    if scaler.status.current_replicas < maximum or maximum <= scaler.min_replicas:
        return
    yield _finding(
        scaler,
        view,
        title=titles.HPAMaxedOut.maximum(object=_label(scaler), count=maximum),
        base=Severity.MEDIUM,
        since=limited.last_transition_time or scaler.created_at,
        patience_s=LASTING_S,
        facts={"message": wording.clip(limited.message)},
        suspects=(),
    )


def detect_mismatch(scaler: HorizontalPodAutoscaler, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    status = scaler.status
    if status.desired_replicas == status.current_replicas or not scaler.min_replicas < status.current_replicas < scaler.spec.max_replicas:
        return
    if _is_excluded(scaler, view) or _target_failure(scaler, view) is not None:
        return
    yield _finding(
        scaler,
        view,
        title=titles.HPAReplicasMismatch.mismatch(object=_label(scaler), count=status.desired_replicas),
        base=Severity.MEDIUM,
        since=max(status.last_scale_time or scaler.created_at, scaler.created_at),
        patience_s=LASTING_S,
        facts={},
        suspects=_target_suspects(scaler),
    )


def _finding(
    scaler: HorizontalPodAutoscaler,
    view: ClusterView,
    *,
    title: Title,
    base: Severity,
    since: datetime,
    patience_s: float,
    facts: dict[str, Any],
    suspects: tuple[Suspect, ...],
) -> Finding:
    subject = owners.ref(scaler)
    return Finding(
        subject=subject,
        base=base,
        title=title,
        since=since,
        opens_at=times.after(since, patience_s),
        is_onset_unknown=facts.get("cause") == "targetMissing",  # the target may have been deleted long after the autoscaler was created
        facts={
            "target": str(_target(scaler)),
            "minReplicas": scaler.min_replicas,
            "maxReplicas": scaler.spec.max_replicas,
            "currentReplicas": scaler.status.current_replicas,
            "desiredReplicas": scaler.status.desired_replicas,
        }
        | facts,
        suspects=suspects,
    )


_NOISE = re.compile(
    r"the HPA (?:was unable to compute the replica count|controller was unable to get the target's current scale): | (?:in|of|for) Pod \S+",
    re.IGNORECASE,
)


def _label(scaler: HorizontalPodAutoscaler) -> str:
    return wording.label(owners.ref(scaler))


def _reported(state: Condition) -> str:
    """What the condition reports, without what every message of an autoscaler begins with, and without the names of pods, which differ."""
    message = _NOISE.sub("", state.message or state.reason)
    return wording.clip(message, wording.MAX_DETAIL)


def _false(scaler: HorizontalPodAutoscaler, kind: str) -> Condition | None:
    reported = condition(scaler.status.conditions, kind)
    return reported if reported is not None and reported.status == "False" else None


def _target(scaler: HorizontalPodAutoscaler) -> ObjectRef:
    wanted = scaler.spec.scale_target_ref
    return ObjectRef(kind_id_of(wanted.api_version, wanted.kind), scaler.namespace, wanted.name)


def _is_excluded(scaler: HorizontalPodAutoscaler, view: ClusterView) -> bool:
    return is_deleting(scaler) or is_switched_off(view.object_at(_target(scaler)))


def _target_failure(scaler: HorizontalPodAutoscaler, view: ClusterView) -> tuple[Title, datetime, dict[str, Any]] | None:
    """Why its target cannot be scaled: the title, since when, the facts."""
    target = _target(scaler)
    if target.name and target.kind in _TARGETS and view.count(target.kind) and view.object_at(target) is None:
        title = titles.HPAUnableToScale.missing(object=_label(scaler), target=wording.label(target))
        return title, scaler.created_at, {"cause": "targetMissing"}
    able = _false(scaler, ABLE_TO_SCALE)
    if able is None:
        return None
    facts = {"cause": "targetUnreadable", "reason": able.reason, "message": wording.clip(able.message)}
    title = titles.HPAUnableToScale.unreadable(object=_label(scaler), target=wording.label(target), message=_reported(able))
    return title, able.last_transition_time or scaler.created_at, facts


def _target_suspects(scaler: HorizontalPodAutoscaler) -> tuple[Suspect, ...]:
    return (Suspect(_target(scaler), "scales"),)


def _metrics_api(active: Condition) -> tuple[Suspect, ...]:
    name = autoscalers.METRICS_APIS.get(active.reason)
    return () if name is None else (Suspect(ObjectRef(APIService.kind, None, name), "reads", frozenset({"APIServiceUnavailable"})),)


def _scalers_of(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The autoscalers of a workload that is created, deleted, or scaled to or from zero."""
    before, now = view.previous(obj.kind, obj.uid), view.get(obj.kind, obj.uid)
    if before is not None and now is not None and before != now and _is_switched_on(before) == _is_switched_on(now):
        return ()
    place = (obj.kind, obj.name)
    return [scaler for scaler in view.autoscalers_in(obj.metadata.namespace) if (_target(scaler).kind, _target(scaler).name) == place]


def _is_switched_on(workload: KubeObject) -> bool:
    return cast(Deployment | StatefulSet | ReplicaSet, workload).spec.replicas > 0


_LOOKS_AT = frozenset({HorizontalPodAutoscaler.kind})
_REACHED = dict.fromkeys(_TARGETS, _scalers_of)

INACTIVE = Detector(
    type="HPAScalingInactive",
    title=titles.HPAScalingInactive.what,
    category=CATEGORY,
    about=About.POLICY,
    severity=Severity.HIGH,
    gates=("G1", "G6"),
    looks_at=_LOOKS_AT,
    detect=detect_inactive,
    open_after_s=METRICS_PATIENCE_S,
    reached_from=_REACHED,
)
UNABLE = Detector(
    type="HPAUnableToScale",
    title=titles.HPAUnableToScale.what,
    category=CATEGORY,
    about=About.POLICY,
    severity=Severity.HIGH,
    gates=("G1", "G6"),
    looks_at=_LOOKS_AT,
    detect=detect_unable,
    open_after_s=TARGET_PATIENCE_S,
    reached_from=_REACHED,
)
MAXED_OUT = Detector(
    type="HPAMaxedOut",
    title=titles.HPAMaxedOut.what,
    category=CATEGORY,
    about=About.POLICY,
    severity=Severity.MEDIUM,
    gates=("G1", "G6"),
    looks_at=_LOOKS_AT,
    detect=detect_maxed_out,
    open_after_s=LASTING_S,
    tier=Tier.EXTENDED,
    reached_from=_REACHED,
)
MISMATCH = Detector(
    type="HPAReplicasMismatch",
    title=titles.HPAReplicasMismatch.what,
    category=CATEGORY,
    about=About.POLICY,
    severity=Severity.MEDIUM,
    gates=("G1", "G6"),
    looks_at=_LOOKS_AT,
    detect=detect_mismatch,
    open_after_s=LASTING_S,
    tier=Tier.EXTENDED,
    reached_from=_REACHED,
)

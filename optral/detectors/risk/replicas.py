"""How a workload survives the loss of a node, a drain and its own next rollout."""

from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import check, chosen
from optral.detectors.risk.probes import is_served
from optral.kube import selectors
from optral.kube.objects import (
    Deployment,
    HorizontalPodAutoscaler,
    KubeObject,
    PodDisruptionBudget,
    PriorityClass,
    Service,
    StatefulSet,
    kind_id_of,
)
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_REPLICATED = (Deployment.kind, StatefulSet.kind)
Replicated = Deployment | StatefulSet


def _alone(workload: Replicated, view: ClusterView, now: datetime) -> list[str]:
    if workload.spec.replicas != 1 or not is_served(workload, view) or _is_scaled(workload, view):
        return []
    return ["one replica behind a Service"]


def _is_scaled(workload: KubeObject, view: ClusterView) -> bool:
    for scaler in view.autoscalers_in(workload.metadata.namespace):
        target = scaler.spec.scale_target_ref
        if target.name == workload.name and kind_id_of(target.api_version, target.kind) == workload.kind and scaler.min_replicas > 1:
            return True
    return False


def _unguarded(workload: Replicated, view: ClusterView, now: datetime) -> list[str]:
    labels = workload.spec.template.metadata.labels
    if workload.spec.replicas < 2 or not is_served(workload, view):
        return []
    is_guarded = any(selectors.fits(budget.spec.selector, labels) for budget in view.budgets_in(workload.metadata.namespace))
    return [] if is_guarded else [f"{workload.spec.replicas} replicas"]


def _on_same_node(workload: Replicated, view: ClusterView, now: datetime) -> list[str]:
    spec = workload.spec.template.spec
    is_spread = bool(spec.topology_spread_constraints) or (spec.affinity is not None and spec.affinity.pod_anti_affinity is not None)
    return [] if workload.spec.replicas < 2 or is_spread else [f"{workload.spec.replicas} replicas"]


def _uses_recreate(workload: Deployment, view: ClusterView, now: datetime) -> list[str]:
    """A workload that mounts a claim has to be recreated: the old pod holds the volume."""
    holds = any(volume.persistent_volume_claim is not None for volume in workload.spec.template.spec.volumes)
    return ["strategy Recreate"] if workload.spec.strategy.type == "Recreate" and not holds and is_served(workload, view) else []


def _all_at_once(workload: Deployment, view: ClusterView, now: datetime) -> list[str]:
    rolling = workload.spec.strategy.rolling_update
    share = rolling.max_unavailable if rolling is not None else None
    is_all = share == "100%" or (isinstance(share, int) and 0 < workload.spec.replicas <= share)
    return [f"maxUnavailable {share}"] if is_all and is_served(workload, view) else []


def _without_priority(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    """Only if somebody has created a PriorityClass: a cluster with the built-in classes alone has nothing to choose from."""
    if references.template_of(workload).priority_class_name:
        return []
    return [] if all(cls.name.startswith("system-") for cls in view.all(PriorityClass.kind)) else ["no priorityClassName"]


_SERVED_FROM = {Service.kind: chosen(*_REPLICATED)}
SINGLE = check(
    titles.SingleReplica,
    _alone,
    about=About.WORKLOAD,
    module=__name__,
    looks_at=_REPLICATED,
    reached_from=_SERVED_FROM | {HorizontalPodAutoscaler.kind: chosen(*_REPLICATED)},
)
BUDGET_MISSING = check(
    titles.PodDisruptionBudgetMissing,
    _unguarded,
    about=About.WORKLOAD,
    module=__name__,
    looks_at=_REPLICATED,
    reached_from=_SERVED_FROM | {PodDisruptionBudget.kind: chosen(*_REPLICATED)},
)
NO_SPREAD = check(
    titles.NoAntiAffinity,
    _on_same_node,
    about=About.WORKLOAD,
    module=__name__,
    looks_at=_REPLICATED,
)
RECREATE = check(
    titles.RecreateStrategyOnServed,
    _uses_recreate,
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=(Deployment.kind,),
    reached_from=_SERVED_FROM,
)
ALL_UNAVAILABLE = check(
    titles.MaxUnavailableAll,
    _all_at_once,
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=(Deployment.kind,),
    reached_from=_SERVED_FROM,
)
UNRANKED = check(
    titles.PriorityClassNotSet,
    _without_priority,
    about=About.WORKLOAD,
    module=__name__,
    looks_at=_REPLICATED,
)

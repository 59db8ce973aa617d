"""Limits that are too tight: budgets that allow no eviction, quotas that are almost full."""

from collections.abc import Iterable
from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.policy import budgets, quotas
from optral.detectors.risk.common import SERVED, check, on_create_or_delete
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import selectors
from optral.kube.objects import KubeObject, Pod, PodDisruptionBudget, ResourceQuota, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles

_ALMOST_FULL = {
    "fullFrom": Threshold(default=0.9, min=0.5, max=0.99, unit="share", doc="A resource is almost exhausted from this share on"),
}


def _blocking(budget: PodDisruptionBudget, view: ClusterView, now: datetime) -> list[str]:
    status = budget.status
    failed = condition(status.conditions, "DisruptionAllowed")
    if failed is not None and failed.reason == "SyncFailed":
        return ["it cannot be computed"]
    if budgets.never_allows_eviction(budget):
        return ["allows no eviction while all pods are healthy"]
    guarded = budgets.guarded_by(budget, view)
    if (
        not guarded
        and not status.expected_pods
        and not any(selectors.fits(budget.spec.selector, pod.labels) for pod in view.pods_in(budget.metadata.namespace))
    ):
        return ["selects no pod"]
    others = [other for other in view.budgets_in(budget.metadata.namespace) if other.uid != budget.uid]
    return sorted(
        {f"shares pods with {other.name}" for other in others for workload in budgets.guarded_by(other, view) if workload in guarded}
    )


def _nearly_full(quota: ResourceQuota, view: ClusterView, now: datetime, limits: Limits) -> list[str]:
    hard = quota.status.hard or quota.spec.hard
    return sorted(name for name in hard if quotas.is_full(quota, name, limits["fullFrom"]) and not quotas.is_full(quota, name))


def _budgets(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return view.budgets_in(obj.metadata.namespace)


BLOCKS_EVICTION = check(
    titles.PDBBlocksEviction,
    _blocking,
    about=About.POLICY,
    module=__name__,
    looks_at=(PodDisruptionBudget.kind,),
    reached_from=dict.fromkeys((*SERVED, PodDisruptionBudget.kind), _budgets) | {Pod.kind: on_create_or_delete(_budgets)},
    open_after_s=3600,
)
ALMOST_FULL = check(
    titles.ResourceQuotaAlmostFull,
    _nearly_full,
    about=About.POLICY,
    module=__name__,
    looks_at=(ResourceQuota.kind,),
    open_after_s=900,
    thresholds=_ALMOST_FULL,
)

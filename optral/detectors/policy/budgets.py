"""PDBInsufficientHealthyPods: fewer pods are healthy than a PodDisruptionBudget requires.

Usually a symptom of a failure of the workload, which it names as a candidate cause; alone it means that a drain will stop here. A budget
that can never be met is a risk: see `PDBBlocksEviction`.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners, selectors
from optral.kube.objects import DaemonSet, Deployment, KubeObject, PodDisruptionBudget, StatefulSet, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

MAX_WORKLOADS = 5
_GUARDED = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)


def never_allows_eviction(budget: PodDisruptionBudget) -> bool:
    """Whether a budget allows no eviction although all of its pods are healthy: it requires all of them."""
    status = budget.status
    return not _is_stale(budget) and 0 < status.expected_pods <= status.current_healthy and status.disruptions_allowed <= 0


def _is_stale(budget: PodDisruptionBudget) -> bool:
    return budget.status.observed_generation is not None and budget.status.observed_generation < budget.metadata.generation


def detect(budget: PodDisruptionBudget, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    status = budget.status
    if gates.is_deleting(budget) or _is_stale(budget) or status.expected_pods <= 0 or status.current_healthy >= status.desired_healthy:
        return
    if status.desired_healthy > status.expected_pods and status.current_healthy >= status.expected_pods:
        return
    subject = owners.ref(budget)
    allowed = condition(status.conditions, "DisruptionAllowed")
    since = (allowed.last_transition_time if allowed is not None and allowed.status == "False" else None) or budget.created_at
    guarded = guarded_by(budget, view)[:MAX_WORKLOADS]
    yield Finding(
        subject=subject,
        title=titles.PDBInsufficientHealthyPods.too_few(object=wording.label(subject), count=status.desired_healthy),
        since=since,
        facts={
            "currentHealthy": status.current_healthy,
            "desiredHealthy": status.desired_healthy,
            "expectedPods": status.expected_pods,
            "workloads": [str(owners.ref(workload)) for workload in guarded],
        },
        suspects=tuple(Suspect(owners.ref(workload), "guards") for workload in guarded),
    )


def guarded_by(budget: PodDisruptionBudget, view: ClusterView) -> list[KubeObject]:
    """The workloads whose pods a budget selects."""
    workloads = (workload for kind in _GUARDED for workload in view.workloads_in(budget.metadata.namespace, kind))
    return [workload for workload in workloads if selectors.fits(budget.spec.selector, _labels(workload))]


def _labels(workload: KubeObject) -> dict[str, str]:
    return workload.spec.template.metadata.labels if isinstance(workload, (Deployment, StatefulSet, DaemonSet)) else {}


DETECTOR = Detector(
    type="PDBInsufficientHealthyPods",
    title=titles.PDBInsufficientHealthyPods.what,
    category="availability",
    about=About.POLICY,
    severity=Severity.MEDIUM,
    gates=("G1", "G6", "G9"),
    looks_at=frozenset({PodDisruptionBudget.kind}),
    detect=detect,
    open_after_s=900,
    tier=Tier.EXTENDED,
)

"""PodResizeInfeasible: the resources of a pod were changed in place, and its node cannot provide them.

`Infeasible` never fits on that node; `Deferred` waits for free resources there. The container keeps running with its old resources, so
nothing else shows the failure. The issue opens after ten minutes, because a deferred resize often succeeds.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import wording
from optral.detectors.detector import Tier, of_pod
from optral.detectors.finding import Finding
from optral.kube.objects import Pod, condition
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_TITLES = {pods.RESIZE_NEVER: titles.PodResizeInfeasible.never, "Deferred": titles.PodResizeInfeasible.deferred}


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    pending = condition(pod.status.conditions, pods.RESIZE_PENDING)
    if pending is None or pending.status != "True" or pending.reason not in _TITLES or pod.status.phase == "Failed":
        return
    subject = view.workload_of(pod)
    since = pending.last_transition_time or pod.created_at
    yield Finding(
        subject=subject,
        title=_TITLES[pending.reason](pods=wording.pods_of(subject)),
        since=since,
        facts={"reason": pending.reason, "message": wording.clip(pending.message), "node": pod.spec.node_name},
    )


DETECTOR = of_pod(
    type="PodResizeInfeasible",
    title=titles.PodResizeInfeasible.what,
    effect=None,
    category="scheduling",
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G5", "G10"),
    detect=detect,
    open_after_s=600,
    tier=Tier.EXTENDED,
)

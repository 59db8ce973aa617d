"""Since when a workload lacks pods. No controller but the Deployment's writes it down, and that one only below its own minimum, so the pods
tell: the one that has not been ready for longest. A pod that is missing tells nothing; then the first look that missed it counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from optral.detectors import gates
from optral.kube.objects import Pod, condition
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

PATIENCE_S = 300
MAX_PODS = 1000


@dataclass(frozen=True, slots=True)
class Onset:
    """`is_unknown`: `since` is merely this look."""

    since: datetime
    is_unknown: bool


def living(workload: ObjectRef, view: ClusterView) -> list[Pod]:
    """Its pods that are neither leaving nor over."""
    pods = islice(view.pods_of(workload), MAX_PODS)
    return [pod for pod in pods if not gates.is_deleting(pod) and pod.status.phase not in ("Failed", "Succeeded")]


def onset(pods: Sequence[Pod], *, now: datetime) -> Onset:
    """Since when the first of these pods has not been ready; of none, this look."""
    moments = [not_ready_since(pod) for pod in pods if not pod.is_ready]
    return Onset(min(moments), is_unknown=False) if moments else Onset(now, is_unknown=True)


def not_ready_since(pod: Pod) -> datetime:
    """When the pod stopped being ready, or was made."""
    ready = condition(pod.status.conditions, "Ready")
    return pod.created_at if ready is None or ready.last_transition_time is None else max(ready.last_transition_time, pod.created_at)


def stays_ready(pod: Pod, view: ClusterView) -> bool:
    """Whether this change leaves the pod there and ready, as nearly all do: then nobody's shortage is another."""
    if not pod.is_ready or view.get(Pod.kind, pod.metadata.uid) is None:
        return False
    before = view.previous(Pod.kind, pod.metadata.uid)
    return isinstance(before, Pod) and before.is_ready


def nodes_of(pods: Sequence[Pod]) -> list[str]:
    """The nodes of those that are not ready."""
    return sorted({pod.spec.node_name for pod in pods if not pod.is_ready and pod.spec.node_name})[:20]

"""Since when a workload lacks pods. Only a Deployment records that, and only below its own minimum, so the pods are used: the one that has
been unready for longest. A pod that is missing has no time; then the first examination that noticed it counts.
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
    """`is_unknown`: `since` is only the time of this examination."""

    since: datetime
    is_unknown: bool


def living(workload: ObjectRef, view: ClusterView) -> list[Pod]:
    """Its pods that are neither being deleted nor finished."""
    pods = islice(view.pods_of(workload), MAX_PODS)
    return [pod for pod in pods if not gates.is_deleting(pod) and not pod.is_terminal]


def onset(pods: Sequence[Pod], *, now: datetime) -> Onset:
    """Since when the first of these pods has not been ready; the time of this examination if there is none."""
    moments = [not_ready_since(pod) for pod in pods if not pod.is_ready]
    return Onset(min(moments), is_unknown=False) if moments else Onset(now, is_unknown=True)


def not_ready_since(pod: Pod) -> datetime:
    """When the pod stopped being ready, or was created."""
    ready = condition(pod.status.conditions, "Ready")
    return pod.created_at if ready is None or ready.last_transition_time is None else max(ready.last_transition_time, pod.created_at)


def stays_ready(pod: Pod, view: ClusterView) -> bool:
    """Whether the pod exists and is ready before and after this change, as in nearly all changes: then no workload's shortage changes."""
    if not pod.is_ready or view.get(Pod.kind, pod.metadata.uid) is None:
        return False
    before = view.previous(Pod.kind, pod.metadata.uid)
    return isinstance(before, Pod) and before.is_ready


def nodes_of(pods: Sequence[Pod]) -> list[str]:
    """The nodes of the pods that are not ready."""
    return sorted({pod.spec.node_name for pod in pods if not pod.is_ready and pod.spec.node_name})[:20]

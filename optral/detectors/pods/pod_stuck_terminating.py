"""PodStuckTerminating: a pod was deleted and does not terminate.

It gets its grace period and five more minutes. Three things keep pods from terminating: a kubelet that no longer answers (then it is an
issue of the node), a finalizer that is not removed, and containers or volumes that the node cannot stop. This type also examines deleted
pods (G1 does not apply).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from optral.detectors import candidate_causes, containers, gates, wording
from optral.detectors.detector import of_pod
from optral.detectors.finding import Finding, Watch
from optral.kube import times
from optral.kube.objects import KubeObject, Node, Pod, StatefulSet, condition
from optral.kube.reports.containers import NOT_STOPPED
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity
from optral.terms.template import Amount, Title

PATIENCE_S = 300
GRACE_S = 30  # the default of Kubernetes
MAX_PODS = 200


def _title(pods: Amount, cause: str, pod: Pod) -> Title:
    if cause == "finalizers":
        return titles.PodStuckTerminating.finalizers(pods=pods, finalizers=wording.finalizers(pod.metadata.finalizers))
    return titles.PodStuckTerminating.stuck(pods=pods, why=titles.NOT_TERMINATED[cause]())


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding | Watch]:
    deleted_at = pod.metadata.deletion_timestamp
    if deleted_at is None:
        return
    overdue_at = times.after(deleted_at, _grace_s(pod))
    if overdue_at > now:
        yield Watch(overdue_at)
        return
    workload = view.workload_of(pod)
    cause = _cause(pod, view, now=now)
    is_of_node = cause in ("nodeDown", "nodeGone")
    subject = candidate_causes.node_ref(pod.spec.node_name, view) if is_of_node else workload
    failed = gates.fresh_events(view, pod.uid, NOT_STOPPED, now=now)
    yield Finding(
        subject=subject,
        base=Severity.HIGH if workload.kind == StatefulSet.kind else Severity.MEDIUM,
        title=_title(wording.pods_of(subject, on=is_of_node), cause, pod),
        since=deleted_at,
        opens_at=times.after(overdue_at, PATIENCE_S),
        facts={
            "cause": cause,
            "finalizers": list(pod.metadata.finalizers[:10]),
            "runningContainers": [seen.name for seen in containers.of(pod) if seen.is_running][:10],
            "message": wording.clip(failed[0].message) if failed else None,
            "node": pod.spec.node_name,
            "workload": str(workload),
        },
        suspects=candidate_causes.node_of(pod, view),
    )


def _grace_s(pod: Pod) -> int:
    grace_s = pod.metadata.deletion_grace_period_seconds
    return grace_s if grace_s is not None else GRACE_S


def _cause(pod: Pod, view: ClusterView, *, now: datetime) -> str:
    name = pod.spec.node_name
    if name and view.count(Node.kind):
        node = view.node(name)
        if node is None:
            return "nodeGone"
        ready = condition(node.status.conditions, "Ready")
        if ready is not None and ready.status != "True":
            return "nodeDown"
    if gates.fresh_events(view, pod.uid, NOT_STOPPED, now=now):
        return "killFails"
    if any(seen.is_running for seen in containers.of(pod)):
        return "containersRun"
    return "finalizers" if pod.metadata.finalizers else "unknown"


def _deleted_on(view: ClusterView, node: KubeObject) -> Iterable[KubeObject]:
    """Whether a node keeps its deleted pods from terminating depends on the state of the node."""
    return list(islice((pod for pod in view.pods_on(node.metadata.name) if gates.is_deleting(pod)), MAX_PODS))


DETECTOR = of_pod(
    type="PodStuckTerminating",
    title=titles.PodStuckTerminating.what,
    category="node",
    severity=Severity.MEDIUM,
    gates=(),
    detect=detect,
    event_reasons=NOT_STOPPED,
    open_after_s=PATIENCE_S,
    reached_from={Node.kind: _deleted_on},
    examines_leaving=True,
)

"""NodeRuntimeFault: the container runtime of a node fails while the node still reports that it is ready.

Pods on it get no sandbox because the socket of the runtime does not answer, or the kubelet reports errors of the runtime or its disk
repeatedly. It takes two workloads, or five errors within ten minutes. For a node that is not ready see NodeNotReady.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from optral.detectors import containers, gates
from optral.detectors.detector import Effect, Tier, of_node
from optral.detectors.finding import Finding
from optral.detectors.nodes import event_counts
from optral.detectors.wording import clip, label
from optral.kube import owners, times
from optral.kube.objects import Event, KubeObject, Node, Pod, condition
from optral.kube.reports import nodes
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

MIN_OWNERS, MIN_EVENTS = 2, 5
MAX_PODS = 500


def detect(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    ready = condition(node.status.conditions, "Ready")
    if ready is None or ready.status != "True" or gates.is_deleting(node) or gates.is_leaving(node):
        return
    failing = [(pod, found) for pod in _starting(node, view) if (found := _runtime_errors(pod, view, now=now))]
    pods = [pod for pod, _ in failing]
    errors = _newest_first(gates.node_events(view, node.name, nodes.RUNTIME_EVENTS, now=now), *(found for _, found in failing))
    if not _is_widespread(errors, pods, view, now=now):
        return
    subject = owners.ref(node)
    since = min(event.first_seen for event in errors)
    yield Finding(
        subject=subject,
        title=titles.NodeRuntimeFault.failing(object=label(subject)),
        since=since,
        expires_at=times.after(errors[0].last_seen, gates.FRESH_S),
        facts={
            "reasons": sorted({event.reason for event in errors}),
            "message": clip(errors[0].message),
            "pods": sorted(f"{pod.namespace}/{pod.name}" for pod in pods)[:20],
        },
    )


def _newest_first(*events: list[Event]) -> list[Event]:
    return sorted(chain.from_iterable(events), key=lambda event: event.last_seen, reverse=True)


def _is_widespread(errors: list[Event], pods: list[Pod], view: ClusterView, *, now: datetime) -> bool:
    """Whether the runtime fails for several workloads, or often: a single error may belong to one pod."""
    workloads = {view.workload_of(pod)[:3] for pod in pods}
    return bool(errors) and (len(workloads) >= MIN_OWNERS or event_counts.within(errors, gates.FRESH_S, until=now) >= MIN_EVENTS)


def _starting(node: Node, view: ClusterView) -> Iterator[Pod]:
    """The pods that wait for their sandbox or cannot be deleted; old Events of the others are not state (G7)."""
    for pod in islice(view.pods_on(node.name), MAX_PODS):
        if gates.is_deleting(pod) or containers.is_being_created(pod):
            yield pod


def _runtime_errors(pod: Pod, view: ClusterView, *, now: datetime) -> list[Event]:
    events = gates.fresh_events(view, pod.uid, nodes.RUNTIME_EVENTS_OF_PODS, now=now)
    return [event for event in events if nodes.is_runtime_error(event.message)]


def _node_of_event(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    if isinstance(obj, Event) and obj.reason in nodes.RUNTIME_EVENTS_OF_PODS:
        pod = view.get(Pod.kind, obj.involved_object.uid)
        node = view.node(pod.spec.node_name) if isinstance(pod, Pod) else None
        if node is not None:
            yield node


def _node_of_pod(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    """A pod that starts or is deleted no longer shows the failure."""
    if not isinstance(obj, Pod) or not obj.spec.node_name:
        return
    before = view.previous(Pod.kind, obj.metadata.uid)
    if isinstance(before, Pod) and view.get(Pod.kind, obj.metadata.uid) is not None and _is_settled(before) and _is_settled(obj):
        return
    if any(event.reason in nodes.RUNTIME_EVENTS_OF_PODS for event in view.events_of(obj.uid)):
        node = view.node(obj.spec.node_name)
        if node is not None:
            yield node


def _is_settled(pod: Pod) -> bool:
    return pod.status.phase == "Running" and not gates.is_deleting(pod)


DETECTOR = of_node(
    type="NodeRuntimeFault",
    title=titles.NodeRuntimeFault.what,
    severity=Severity.HIGH,
    gates=("G1", "G5", "G7"),
    effect=Effect.NODE_DOWN,
    detect=detect,
    event_reasons=nodes.RUNTIME_EVENTS_OF_PODS | nodes.RUNTIME_EVENTS,
    tier=Tier.EXTENDED,
    reached_from={Event.kind: _node_of_event, Pod.kind: _node_of_pod},
    needs=frozenset({"events"}),
)

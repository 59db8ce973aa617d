"""NodeRuntimeFault: the container runtime of a node fails while the node still calls itself ready.

Pods there get no sandbox because the runtime's socket does not answer, or the kubelet complains about the runtime or its disk again and
again. Two workloads, or five complaints within ten minutes. A node that is not ready says so itself.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from optral.detectors import containers, gates
from optral.detectors.detector import About, Detector, Effect, Tier
from optral.detectors.finding import Finding
from optral.detectors.nodes import event_counts
from optral.detectors.wording import clip
from optral.kube import owners, times
from optral.kube.objects import Event, KubeObject, Node, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "NodeRuntimeFault"
CATEGORY = "node"
MIN_OWNERS, MIN_EVENTS = 2, 5
MAX_PODS = 500
_OF_POD = frozenset({"FailedCreatePodSandBox", "FailedKillPod", "FailedPodSandBoxStatus"})
_OF_NODE = frozenset({"ContainerGCFailed", "ImageGCFailed", "FreeDiskSpaceFailed"})
_RUNTIME = re.compile(
    r"(?:containerd|crio|cri-dockerd|dockershim|docker)\.sock|container runtime is down|PLEG is not healthy|transport is closing"
    r"|runtime service|failed to (?:connect|dial).{0,60}(?:runtime|containerd|cri-?o)",
    re.IGNORECASE,
)


def detect(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    ready = condition(node.status.conditions, "Ready")
    if ready is None or ready.status != "True" or gates.is_deleting(node) or gates.is_leaving(node):
        return
    own = gates.node_events(view, node.name, _OF_NODE, now=now)
    of_pods = [(pod, events) for pod in _starting(node, view) if (events := _complaints(pod, view, now=now))]
    told = sorted([*own, *(event for _, events in of_pods for event in events)], key=lambda event: event.last_seen, reverse=True)
    workloads = {view.workload_of(pod)[:3] for pod, _ in of_pods}
    if not told or (len(workloads) < MIN_OWNERS and event_counts.within(told, gates.FRESH_S, until=now) < MIN_EVENTS):
        return
    subject = owners.ref(node)
    since = min(event.first_seen for event in told)
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=Severity.HIGH,
        title=f"The container runtime of node {node.name} fails",
        category=CATEGORY,
        since=since,
        opens_at=since,
        expires_at=times.after(told[0].last_seen, gates.FRESH_S),
        facts={
            "reasons": sorted({event.reason for event in told}),
            "message": clip(told[0].message),
            "pods": sorted(f"{pod.namespace}/{pod.name}" for pod, _ in of_pods)[:20],
        },
    )


def _starting(node: Node, view: ClusterView) -> Iterator[Pod]:
    """Pods that wait for their sandbox, or that cannot be taken down: history of the others is not state (G7)."""
    for pod in islice(view.pods_on(node.name), MAX_PODS):
        if gates.is_deleting(pod) or containers.is_being_created(pod):
            yield pod


def _complaints(pod: Pod, view: ClusterView, *, now: datetime) -> list[Event]:
    return [event for event in gates.fresh_events(view, pod.uid, _OF_POD, now=now) if _RUNTIME.search(event.message)]


def _node_of_event(view: ClusterView, thing: KubeObject) -> Iterator[KubeObject]:
    if isinstance(thing, Event) and thing.reason in _OF_POD:
        pod = view.get(Pod.kind, thing.involved_object.uid)
        node = view.node(pod.spec.node_name) if isinstance(pod, Pod) else None
        if node is not None:
            yield node


def _node_of_pod(view: ClusterView, thing: KubeObject) -> Iterator[KubeObject]:
    """A pod that starts after all, or goes, no longer shows it."""
    if not isinstance(thing, Pod) or not thing.spec.node_name:
        return
    before = view.previous(Pod.kind, thing.metadata.uid)
    if isinstance(before, Pod) and view.get(Pod.kind, thing.metadata.uid) is not None and _is_settled(before) and _is_settled(thing):
        return
    if any(event.reason in _OF_POD for event in view.events_of(thing.uid)):
        node = view.node(thing.spec.node_name)
        if node is not None:
            yield node


def _is_settled(pod: Pod) -> bool:
    return pod.status.phase == "Running" and not gates.is_deleting(pod)


DETECTOR = Detector(
    type=TYPE,
    title="The kubelet or container runtime of a node fails",
    category=CATEGORY,
    about=About.NODE,
    severity=Severity.HIGH,
    gates=("G1", "G5", "G7"),
    effect=Effect.NODE_DOWN,
    looks_at=frozenset({Node.kind}),
    detect=detect,
    event_reasons=_OF_POD | _OF_NODE,
    tier=Tier.EXTENDED,
    reached_from={Event.kind: _node_of_event, Pod.kind: _node_of_pod},
    needs=frozenset({"events"}),
)

"""FailedCreatePodSandBox: the runtime cannot create the sandbox (network, cgroup) in which the containers of a pod run.

Only Events show it: it takes two of them, a minute, and a pod that still waits. A runtime that does not answer, a network plugin that is
not ready and a node without free addresses are failures of the node; anything else is a failure of the workload until a second workload on
that node has it too. On a node that has just joined, the pod network starts after the first pods do (G13). A memory limit that is too low
even for the sandbox is OOMKilled.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from optral.detectors import candidate_causes, containers, gates, wording
from optral.detectors.detector import Stage, of_pod
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Event, Pod
from optral.kube.reports import nodes, sandboxes
from optral.kube.reports.runtime import is_init_killed
from optral.kube.reports.sandboxes import SandboxFailure
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

PATIENCE_S = 60
MIN_EVENTS = 2  # of all pods on the node together
MAX_PODS = 500


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not containers.is_being_created(pod) or not pod.spec.node_name:
        return
    events = _failures(pod, view, now=now)
    if not events or any(is_init_killed(event.message) for event in events):
        return
    workload = view.workload_of(pod)
    of_others = _of_other_workloads(pod, workload, view, now=now)
    if sum(event.times for event in (*events, *of_others)) < MIN_EVENTS:
        return
    cause, named = _explain(events)
    node = candidate_causes.node_ref(pod.spec.node_name, view)
    subject = node if cause.is_of_node or of_others else workload
    yield _finding(pod, subject, workload, events, cause=cause, message=named.message, view=view)


def _failures(pod: Pod, view: ClusterView, *, now: datetime) -> list[Event]:
    return gates.fresh_events(view, pod.uid, nodes.SANDBOX_EVENTS, now=now)


def _explain(events: list[Event]) -> tuple[SandboxFailure, Event]:
    """The newest Event that names a cause, and the cause."""
    for event in events:
        if (cause := sandboxes.failure(event.message)) is not sandboxes.UNKNOWN:
            return cause, event
    return sandboxes.UNKNOWN, events[0]


def _of_other_workloads(pod: Pod, workload: ObjectRef, view: ClusterView, *, now: datetime) -> list[Event]:
    """The failures of pods of other workloads on this node that also wait for their sandbox."""
    return [
        event
        for other in islice(view.pods_on(pod.spec.node_name), MAX_PODS)
        if containers.is_being_created(other) and not gates.is_deleting(other) and view.workload_of(other) != workload
        for event in _failures(other, view, now=now)
        if not is_init_killed(event.message)
    ]


def _finding(
    pod: Pod, subject: ObjectRef, workload: ObjectRef, events: list[Event], *, cause: SandboxFailure, message: str, view: ClusterView
) -> Finding:
    since = max(min(event.first_seen for event in events), pod.created_at)
    why = titles.SANDBOX_FAILURES[cause.name]()
    return Finding(
        subject=subject,
        title=titles.FailedCreatePodSandBox.of_workload(pods=wording.pods_of(subject), why=why)
        if subject == workload
        else titles.FailedCreatePodSandBox.on_node(object=wording.label(subject), why=why),
        since=since,
        opens_at=max(times.after(since, PATIENCE_S), gates.settled_at(view.node(pod.spec.node_name))),
        expires_at=times.after(events[0].last_seen, gates.FRESH_S),
        facts={"cause": cause.name, "message": wording.clip(message), "node": pod.spec.node_name},
        suspects=candidate_causes.node_of(pod, view, candidate_causes.NODE_DOWN | candidate_causes.NODE_PRESSURE),
    )


DETECTOR = of_pod(
    type="FailedCreatePodSandBox",
    title=titles.FailedCreatePodSandBox.what,
    category="node",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10", "G13"),
    stage=Stage.SANDBOX,
    detect=detect,
    event_reasons=nodes.SANDBOX_EVENTS,
    open_after_s=PATIENCE_S,
    needs=frozenset({"events"}),
)

"""FailedScheduling: the scheduler finds no node for a pod.

Its message is parsed into clauses (`kube/reports/scheduler.py`), because the remedy differs by clause. The issue opens after a minute,
because the pod may wait for its claim or for a node to start; after up to ten minutes while an autoscaler adds a node (G16), and at once
if it reports that it will not. A pod of a DaemonSet belongs to one node: if that node is cordoned or leaves, nothing is wrong (G5), and
a new node gets time to start (G13).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from optral.detectors import candidate_causes, gates, wording
from optral.detectors.detector import Stage, of_pod
from optral.detectors.finding import Finding, Suspect, Watch
from optral.detectors.pods import preempted
from optral.kube import owners, placement, times
from optral.kube.objects import DaemonSet, Deployment, Node, Pod, StatefulSet, condition
from optral.kube.reports import nodes, pods, scheduler
from optral.kube.reports.scheduler import Blocker, Clause
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 60
_WORDS = {"cpu": "CPU"}
LEAVING_LOOK_S = 600
MAX_SUSPECTS = 50
_OF_CLAIMS = frozenset({Blocker.CLAIM_NOT_FOUND, Blocker.CLAIM_UNBOUND, Blocker.VOLUME_MISSING, Blocker.VOLUME_NODE_AFFINITY})
_OF_ROOM = frozenset({Blocker.INSUFFICIENT, Blocker.TOO_MANY_PODS})  # then a cordon from months ago is not the cause


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding | Watch]:
    scheduled = condition(pod.status.conditions, pods.SCHEDULED)
    if scheduled is None or scheduled.status != "False" or scheduled.reason not in scheduler.UNSCHEDULABLE:
        return
    if pod.spec.node_name or gates.is_gated(pod):
        return
    node = view.node(pod.meant_for) if pod.meant_for else None
    if node is not None and (node.spec.unschedulable or gates.is_leaving(node)):
        yield Watch(times.after(now, LEAVING_LOOK_S))  # no change of the node triggers an examination of this pod
        return
    subject = view.workload_of(pod)
    since = scheduled.last_transition_time or pod.created_at
    clauses = scheduler.clauses(scheduled.message)
    yield Finding(
        subject=subject,
        title=_title(subject, clauses),
        since=since,
        opens_at=max(_opens_at(pod, view, since=since, now=now), gates.settled_at(node)),
        facts=_facts(scheduled.message, clauses) | {"reason": scheduled.reason, "scheduler": pod.spec.scheduler_name},
        suspects=tuple(islice(_suspects(pod, clauses, view, now=now), MAX_SUSPECTS)),
    )


def _suspects(pod: Pod, clauses: tuple[Clause, ...], view: ClusterView, *, now: datetime) -> Iterator[Suspect]:
    """The claims that the message mentions, the nodes that would take the pod if they were healthy, and the preemption that removed it."""
    blockers = {clause.blocker for clause in clauses}
    if blockers & _OF_CLAIMS:
        yield from candidate_causes.claims_of(pod, view)
    for key in _unhealthy_taints(clauses):
        for node in view.nodes_tainted(key):
            yield Suspect(owners.ref(node), "may not run on", candidate_causes.NODE_DOWN | candidate_causes.NODE_PRESSURE)
    if Blocker.CORDONED in blockers and not blockers & _OF_ROOM:
        for node in view.nodes_tainted(placement.CORDON.key):
            if could_run(node, pod, blockers, view):
                yield Suspect(owners.ref(node), "may not run on", frozenset({"NodeCordoned"}))
    if preempted.preemption_of(pod, view, now=now) is not None:
        yield Suspect(view.workload_of(pod), "lost its place with", frozenset({preempted.TYPE}))


def _unhealthy_taints(clauses: tuple[Clause, ...]) -> list[str]:
    """The keys of the taints of unhealthy nodes; newer schedulers count tainted nodes without naming the taint."""
    named = [clause.what.partition(":")[0].strip() for clause in clauses if clause.blocker is Blocker.TAINT]
    return [key for key in nodes.FAULT_TAINTS if key in named or "" in named]


def could_run(node: Node, pod: Pod, blockers: Collection[Blocker], view: ClusterView) -> bool:
    """Whether the pod could run on a cordoned node without the cordon: the scheduler reports nothing else about cordoned nodes."""
    workload = view.workload_of(pod)
    if Blocker.ANTI_AFFINITY in blockers and any(view.workload_of(other) == workload for other in view.pods_on(node.name)):
        return False
    if Blocker.TOPOLOGY_SPREAD in blockers and not _spread_keys(workload, view) <= node.labels.keys():
        return False
    return not placement.is_control_plane(node.labels) and placement.fits_node(pod.spec, node)


def _spread_keys(workload: ObjectRef, view: ClusterView) -> set[str]:
    found = view.object_at(workload)
    if not isinstance(found, (Deployment, StatefulSet, DaemonSet)):
        return set()
    return {constraint.topology_key for constraint in found.spec.template.spec.topology_spread_constraints}


def _opens_at(pod: Pod, view: ClusterView, *, since: datetime, now: datetime) -> datetime:
    patient = times.after(since, PATIENCE_S)
    if gates.is_scale_up_impossible(pod, view, now=now):
        return since
    until = gates.scale_up_until(pod, view, now=now)
    return patient if until is None else max(patient, until)


def _facts(message: str, clauses: tuple[Clause, ...]) -> dict[str, Any]:
    return {
        "message": wording.clip(message),
        "blockers": sorted({clause.key for clause in clauses}),
        "clauses": [{"blocker": c.blocker, "what": c.what, "nodes": c.nodes, "text": wording.clip(c.text, 200)} for c in clauses[:20]],
        "nodes": scheduler.node_count(message),
    }


def _title(subject: ObjectRef, clauses: tuple[Clause, ...]) -> Title:
    ranked = sorted(clauses, key=lambda clause: -(clause.nodes or 0))
    reasons = wording.clip(", ".join(map(_why, ranked[:3])), 200)
    if not reasons:
        return titles.FailedScheduling.no_reason(pods=wording.pods_of(subject))
    return titles.FailedScheduling.blocked(pods=wording.pods_of(subject), why=reasons)


def _why(clause: Clause) -> str:
    """What the clause says, in words; the scheduler's own text where it counts no nodes."""
    key, value = (part.strip() for part in (*clause.what.split(":", 1), "")[:2])
    name = _WORDS.get(key, f"{key}={value}" if value else key)
    if clause.nodes is None:
        return titles.UNCOUNTED[clause.blocker](name=name) if clause.blocker in titles.UNCOUNTED else clause.text
    if clause.blocker is Blocker.TAINT and not name:
        return titles.TAINTED(count=clause.nodes)
    return titles.BLOCKERS.get(clause.blocker, titles.BLOCKERS[Blocker.OTHER])(count=clause.nodes, name=name, text=clause.text)


DETECTOR = of_pod(
    type="FailedScheduling",
    title=titles.FailedScheduling.what,
    category="scheduling",
    severity=Severity.HIGH,
    gates=("G1", "G5", "G10", "G13", "G15", "G16"),
    stage=Stage.SCHEDULING,
    detect=detect,
    event_reasons=frozenset({"TriggeredScaleUp", "NotTriggerScaleUp"}),
    open_after_s=PATIENCE_S,
)

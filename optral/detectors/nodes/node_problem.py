"""NodeProblem: a monitor of the machine (node problem detector, the agent of a cloud) reports that kernel, disk or runtime is broken.

A condition named after a fault (`KernelDeadlock`) is bad if True; one named after health (`StorageReady`) is bad if False; a name that says
neither (`EtcdIsVoter`) is ignored. Temporary problems are Events; three in an hour are too many. A node out of memory is OOMKilled.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import Effect, Tier, of_node
from optral.detectors.finding import Finding
from optral.detectors.nodes import event_counts
from optral.detectors.wording import clip, label
from optral.kube import owners, times
from optral.kube.objects import Condition, Node
from optral.kube.reports import nodes
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

OFTEN, WINDOW_S = 3, 3600
_CRITICAL = re.compile(r"Deadlock|Read-?[Oo]nly|Hardware|XfsShutdown|Corrupt|BadBlock|Storage")
_EVENTS = frozenset(
    {
        "TaskHung",
        "Ext4Error",
        "Ext4Warning",
        "IOError",
        "XfsHasShutdown",
        "DiskBadBlock",
        "ConntrackFull",
        "DNSUnreachable",
        "MemoryReadError",
    }
    | {"KernelOops", "UnregisterNetDevice", "CperHardwareErrorFatal", "FilesystemIsReadOnly", "CorruptDockerImage", "CorruptDockerOverlay2"}
)


def detect(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(node) or gates.is_leaving(node):
        return
    for reported in node.status.conditions:
        if nodes.is_problem(reported.type, reported.status):
            yield _of_condition(node, reported)
    yield from _of_events(node, view, now=now)


def _of_condition(node: Node, reported: Condition) -> Finding:
    since = reported.last_transition_time or node.created_at
    return Finding(
        subject=owners.ref(node),
        part=reported.type,
        base=Severity.CRITICAL if _CRITICAL.search(reported.type) else Severity.HIGH,
        title=titles.NodeProblem.condition(object=label(owners.ref(node)), condition=reported.type, status=reported.status),
        since=since,
        facts={"condition": reported.type, "status": reported.status, "reason": reported.reason, "message": clip(reported.message)},
    )


def _of_events(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    events = gates.node_events(view, node.name, _EVENTS, now=now, window_s=WINDOW_S)
    for reason in sorted({event.reason for event in events}):
        alike = [event for event in events if event.reason == reason]
        if event_counts.within(alike, WINDOW_S, until=now) < OFTEN:
            continue
        since = min(event.first_seen for event in alike)
        yield Finding(
            subject=owners.ref(node),
            part=reason,
            base=Severity.HIGH,
            title=titles.NodeProblem.event(object=label(owners.ref(node)), reason=reason),
            since=since,
            expires_at=times.after(alike[0].last_seen, WINDOW_S),
            facts={"event": reason, "message": clip(alike[0].message), "atLeastPerHour": OFTEN},
        )


DETECTOR = of_node(
    type="NodeProblem",
    title=titles.NodeProblem.what,
    severity=Severity.CRITICAL,
    gates=("G1", "G5", "G7"),
    effect=Effect.NODE_DOWN,
    detect=detect,
    event_reasons=_EVENTS,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
)

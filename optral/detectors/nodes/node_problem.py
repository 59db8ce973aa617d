"""NodeProblem: what watches the machine itself (node problem detector, a cloud's own agent) says that kernel, disk or runtime is broken.

A condition with a name that tells of a fault (`KernelDeadlock`) is bad when True; one that tells of health (`StorageReady`) is bad when
False; a name that tells neither (`EtcdIsVoter`) is somebody's own business. Temporary problems are Events; three in an hour are too many.
A node out of memory is OOMKilled.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import About, Detector, Effect, Tier
from optral.detectors.finding import Finding
from optral.detectors.nodes import event_counts
from optral.detectors.wording import clip
from optral.kube import owners, times
from optral.kube.objects import Condition, Node
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "NodeProblem"
CATEGORY = "node"
OFTEN, WINDOW_S = 3, 3600
_OTHERS = frozenset(
    {
        "Ready",
        "MemoryPressure",
        "DiskPressure",
        "PIDPressure",
        "NetworkUnavailable",
        "DrainInProgress",
        "Drained",
        "MaintenancePlanned",
        "MaintenanceInProgress",
        "GracefulNodeShutdownInProgress",
    }
)
_FAULT = re.compile(
    r"Deadlock|Read-?[Oo]nly|Corrupt|Shutdown|BadBlock|Unhealthy|^Frequent|Problem|Fault|Failed|Failure|HardwareError|Broken|Unreachable|Lost$"
)
_HEALTH = re.compile(r"(?:Ready|Healthy)$")
_GRAVE = re.compile(r"Deadlock|Read-?[Oo]nly|Hardware|XfsShutdown|Corrupt|BadBlock|Storage")
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
    for told in node.status.conditions:
        if _is_bad(told):
            yield _of_condition(node, told)
    yield from _of_events(node, view, now=now)


def _is_bad(told: Condition) -> bool:
    if told.type in _OTHERS:
        return False
    if _FAULT.search(told.type):
        return told.status == "True"
    return told.status == "False" and _HEALTH.search(told.type) is not None


def _of_condition(node: Node, told: Condition) -> Finding:
    since = told.last_transition_time or node.created_at
    return Finding(
        type=TYPE,
        subject=owners.ref(node),
        part=told.type,
        shown_by=owners.ref(node),
        severity=Severity.CRITICAL if _GRAVE.search(told.type) else Severity.HIGH,
        title=f"Node {node.name} has a problem: {told.type} is {told.status}",
        category=CATEGORY,
        since=since,
        opens_at=since,
        facts={"condition": told.type, "status": told.status, "reason": told.reason, "message": clip(told.message)},
    )


def _of_events(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    events = gates.node_events(view, node.name, _EVENTS, now=now, window_s=WINDOW_S)
    for reason in sorted({event.reason for event in events}):
        alike = [event for event in events if event.reason == reason]
        if event_counts.within(alike, WINDOW_S, until=now) < OFTEN:
            continue
        since = min(event.first_seen for event in alike)
        yield Finding(
            type=TYPE,
            subject=owners.ref(node),
            part=reason,
            shown_by=owners.ref(node),
            severity=Severity.HIGH,
            title=f"Node {node.name} has a problem: repeated {reason}",
            category=CATEGORY,
            since=since,
            opens_at=since,
            expires_at=times.after(alike[0].last_seen, WINDOW_S),
            facts={"event": reason, "message": clip(alike[0].message), "atLeastPerHour": OFTEN},
        )


DETECTOR = Detector(
    type=TYPE,
    title="The kernel or hardware of a node reports a problem",
    category=CATEGORY,
    about=About.NODE,
    severity=Severity.CRITICAL,
    gates=("G1", "G5", "G7"),
    effect=Effect.NODE_DOWN,
    looks_at=frozenset({Node.kind}),
    detect=detect,
    event_reasons=_EVENTS,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
)

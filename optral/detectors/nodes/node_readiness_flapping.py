"""NodeReadinessFlapping: a node alternates between ready and not ready, more than twice within fifteen minutes.

Its condition shows only the current state; Events show the changes. The kubelet reports each "ready"; both the kubelet and the node
controller may report "not ready", so the larger count is used. While the node is down, see NodeNotReady. Resolves after half an hour
without a change.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import Tier, of_node
from optral.detectors.finding import Finding
from optral.detectors.nodes import event_counts
from optral.detectors.thresholds import Limits, Threshold
from optral.detectors.wording import label
from optral.kube import owners, times
from optral.kube.objects import Event, Node, condition
from optral.kube.reports import nodes
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

SHOWN_FOR_S = RESOLVE_AFTER_S = 900  # with the window: half an hour without a change
THRESHOLDS = {
    "maxChanges": Threshold(
        default=2, min=2, max=100, unit="changes", doc="More changes than this are flapping; one outage is two changes"
    ),
    "windowSeconds": Threshold(default=900, min=300, max=2700, unit="s", doc="The period in which changes are counted"),
}
"""An API server keeps Events for an hour: the window and `SHOWN_FOR_S` must fit into it."""


def detect(node: Node, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    ready = condition(node.status.conditions, "Ready")
    if ready is None or ready.status != "True":
        return
    if gates.is_deleting(node) or gates.is_leaving(node) or gates.is_young(node, now=now):
        return
    max_changes, window_s = limits["maxChanges"], limits["windowSeconds"]
    events = gates.node_events(view, node.name, nodes.READINESS_EVENTS, now=now, window_s=SHOWN_FOR_S + window_s)
    if not events or not gates.is_fresh(events[0].last_seen, now=now, window_s=SHOWN_FOR_S):
        return
    last = events[0].last_seen
    if _changes(events, window_s, until=last) <= max_changes:
        return
    subject = owners.ref(node)
    since = min(event.first_seen for event in events)
    yield Finding(
        subject=subject,
        title=titles.NodeReadinessFlapping.flapping(object=label(owners.ref(node))),
        since=since,
        expires_at=times.after(last, SHOWN_FOR_S),
        facts={"windowSeconds": window_s, "moreChangesThan": max_changes},
    )


def _changes(events: list[Event], window_s: float, *, until: datetime) -> int:
    ready = [event for event in events if event.reason == nodes.BECAME_READY]
    lost: dict[str, list[Event]] = {}
    for event in events:
        if event.reason == nodes.BECAME_NOT_READY:
            lost.setdefault(event.reporter, []).append(event)
    return event_counts.within(ready, window_s, until=until) + max(
        (event_counts.within(reported, window_s, until=until) for reported in lost.values()), default=0
    )


DETECTOR = of_node(
    type="NodeReadinessFlapping",
    title=titles.NodeReadinessFlapping.what,
    severity=Severity.HIGH,
    gates=("G1", "G5", "G7", "G13"),
    detect=detect,
    event_reasons=nodes.READINESS_EVENTS,
    resolve_after_s=RESOLVE_AFTER_S,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
    thresholds=THRESHOLDS,
)

"""NodeNetworkUnavailable: the pod network of a node is not set up.

Clouds set the condition while they create a route for a new node, so a node that has just joined gets five minutes (G13). Unknown counts
only if the node is not ready either.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import Effect, Stage, of_node
from optral.detectors.finding import Finding
from optral.detectors.wording import clip, label
from optral.kube import owners, times
from optral.kube.objects import Node, condition
from optral.kube.reports.nodes import NETWORK_UNAVAILABLE
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 60


def detect(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    network = condition(node.status.conditions, NETWORK_UNAVAILABLE)
    if network is None or gates.is_deleting(node) or gates.is_leaving(node) or not _is_down(node, network.status):
        return
    subject = owners.ref(node)
    since = network.last_transition_time or node.created_at
    yield Finding(
        subject=subject,
        title=titles.NodeNetworkUnavailable.down(object=label(subject)),
        since=since,
        opens_at=max(times.after(since, PATIENCE_S), times.after(node.created_at, gates.YOUNG_NODE_S)),
        facts={"status": network.status, "reason": network.reason, "message": clip(network.message)},
    )


def _is_down(node: Node, status: str) -> bool:
    ready = condition(node.status.conditions, "Ready")
    return status == "True" or (status == "Unknown" and ready is not None and ready.status != "True")


DETECTOR = of_node(
    type="NodeNetworkUnavailable",
    title=titles.NodeNetworkUnavailable.what,
    severity=Severity.CRITICAL,
    gates=("G1", "G5", "G13"),
    effect=Effect.NODE_DOWN,
    stage=Stage.NODE_NETWORK,
    detect=detect,
    open_after_s=PATIENCE_S,
)

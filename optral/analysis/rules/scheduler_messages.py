"""Causes by the scheduler's message, for filters that are not applied again or that let a node through."""

from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.kube import placement
from optral.kube.reports.scheduler import Blocker, Clause


class Reported(NamedTuple):
    """What follows from a reason that only the message supports. `words` open the quotation of the message."""

    cause: str
    level: Level
    words: str
    remedy: str


BY_BLOCKER = {
    Blocker.ANTI_AFFINITY: Reported(
        "anti_affinity",
        Level.LIKELY,
        "The scheduler reports that anti-affinity excludes the nodes",
        "Lower the replicas, add a node, or use preferred anti-affinity",
    ),
    Blocker.POD_AFFINITY: Reported(
        "affinity_mismatch",
        Level.LIKELY,
        "The scheduler reports that pod affinity excludes every node",
        "Run the pods that it must be near, or make the affinity a preference",
    ),
    Blocker.TOPOLOGY_SPREAD: Reported(
        "affinity_mismatch",
        Level.STRONG,
        "The scheduler reports that topology spread excludes every node",
        "Make room in the zone with the fewest of its pods, or make the spread a preference",
    ),
    Blocker.VOLUME_NODE_AFFINITY: Reported(
        "volume_node_conflict",
        Level.STRONG,
        "The scheduler reports that the volume is bound to other nodes",
        "Add a node where its volume is available",
    ),
    Blocker.HOST_PORT: Reported(
        "host_port_conflict",
        Level.STRONG,
        "The scheduler reports that the host port is in use",
        "Free the host port, or do not use one",
    ),
    Blocker.VOLUME_COUNT: Reported(
        "insufficient_resource",
        Level.LIKELY,
        "The scheduler reports that the nodes cannot attach more volumes",
        "Add a node, or use fewer volumes",
    ),
    Blocker.TAINT: Reported(
        "untolerated_taint",
        Level.POSSIBLE,
        "The scheduler reports taints that exclude nodes",
        "Add a toleration, or remove the taint",
    ),
    Blocker.NODE_SELECTOR: Reported(
        "node_selector_mismatch",
        Level.POSSIBLE,
        "The scheduler reports that the node selector excludes nodes",
        "Correct the node selector, or label a node",
    ),
    Blocker.INSUFFICIENT: Reported(
        "insufficient_resource",
        Level.POSSIBLE,
        "The scheduler reports insufficient resources",
        "Lower the requests, or add a node",
    ),
    Blocker.CORDONED: Reported(
        "node_cordoned",
        Level.POSSIBLE,
        "The scheduler reports cordoned nodes",
        "Uncordon a node when its maintenance is done",
    ),
}


def relevant(clauses: tuple[Clause, ...]) -> list[Clause]:
    """Without the taints of the control plane, which every message counts, unless there is no other clause."""
    return [clause for clause in clauses if not _is_of_control_plane(clause)] or list(clauses)


def _is_of_control_plane(clause: Clause) -> bool:
    return clause.blocker is Blocker.TAINT and clause.what.startswith(placement.CONTROL_PLANE_ROLES)

"""Causes by the scheduler's message, for filters that are not applied again or that let a node through."""

from optral.analysis.engine.calibration import Level
from optral.analysis.rules.decisions import Verdict
from optral.kube import placement
from optral.kube.reports.scheduler import Blocker, Clause

BY_BLOCKER = {
    Blocker.ANTI_AFFINITY: Verdict(
        "anti_affinity",
        Level.LIKELY,
        "that anti-affinity excludes the nodes",
        "Lower the replicas, add a node, or use preferred anti-affinity",
    ),
    Blocker.POD_AFFINITY: Verdict(
        "affinity_mismatch",
        Level.LIKELY,
        "that pod affinity excludes every node",
        "Run the pods that it must be near, or make the affinity a preference",
    ),
    Blocker.TOPOLOGY_SPREAD: Verdict(
        "affinity_mismatch",
        Level.STRONG,
        "that topology spread excludes every node",
        "Make room in the zone with the fewest of its pods, or make the spread a preference",
    ),
    Blocker.VOLUME_NODE_AFFINITY: Verdict(
        "volume_node_conflict", Level.STRONG, "that the volume is bound to other nodes", "Add a node where its volume is available"
    ),
    Blocker.HOST_PORT: Verdict("host_port_conflict", Level.STRONG, "that the host port is in use", "Free the host port, or do not use one"),
    Blocker.VOLUME_COUNT: Verdict(
        "insufficient_resource", Level.LIKELY, "that the nodes cannot attach more volumes", "Add a node, or use fewer volumes"
    ),
    Blocker.TAINT: Verdict("untolerated_taint", Level.POSSIBLE, "taints that exclude nodes", "Add a toleration, or remove the taint"),
    Blocker.NODE_SELECTOR: Verdict(
        "node_selector_mismatch", Level.POSSIBLE, "that the node selector excludes nodes", "Correct the node selector, or label a node"
    ),
    Blocker.INSUFFICIENT: Verdict("insufficient_resource", Level.POSSIBLE, "insufficient resources", "Lower the requests, or add a node"),
    Blocker.CORDONED: Verdict("node_cordoned", Level.POSSIBLE, "cordoned nodes", "Uncordon a node when its maintenance is done"),
}
"""What follows from a reason that only the message supports: its words say what the scheduler reports."""


def relevant(clauses: tuple[Clause, ...]) -> list[Clause]:
    """Without the taints of the control plane, which every message counts, unless there is no other clause."""
    return [clause for clause in clauses if not _is_of_control_plane(clause)] or list(clauses)


def _is_of_control_plane(clause: Clause) -> bool:
    return clause.blocker is Blocker.TAINT and clause.what.startswith(placement.CONTROL_PLANE_ROLES)

"""Causes by the scheduler's message, for filters that are not applied again or that let a node through."""

from optral.analysis.engine.calibration import Level
from optral.detectors.pods import failed_scheduling

CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")

CAUSES = {
    "antiAffinity": ("anti_affinity", Level.LIKELY, "The scheduler reports that anti-affinity excludes the nodes."),
    "podAffinity": ("affinity_mismatch", Level.LIKELY, "The scheduler reports that pod affinity excludes every node."),
    "topologySpread": ("affinity_mismatch", Level.STRONG, "The scheduler reports that topology spread excludes every node."),
    "volumeNodeAffinity": ("volume_node_conflict", Level.STRONG, "The scheduler reports that the volume is bound to other nodes."),
    "hostPort": ("host_port_conflict", Level.STRONG, "The scheduler reports that the host port is in use."),
    "volumeCount": ("insufficient_resource", Level.LIKELY, "The scheduler reports that the nodes cannot attach more volumes."),
    "taint": ("untolerated_taint", Level.POSSIBLE, "The scheduler reports taints that exclude nodes."),
    "nodeSelector": ("node_selector_mismatch", Level.POSSIBLE, "The scheduler reports that the node selector excludes nodes."),
    "insufficient": ("insufficient_resource", Level.POSSIBLE, "The scheduler reports insufficient resources."),
    "cordoned": ("node_cordoned", Level.POSSIBLE, "The scheduler reports cordoned nodes."),
}

REMEDIES = {
    "antiAffinity": "Lower the replicas, add a node, or use preferred anti-affinity",
    "podAffinity": "Run the pods that it must be near, or make the affinity a preference",
    "topologySpread": "Make room in the zone with the fewest of its pods, or make the spread a preference",
    "volumeNodeAffinity": "Add a node where its volume is available",
    "hostPort": "Free the host port, or do not use one",
    "volumeCount": "Add a node, or use fewer volumes",
    "taint": "Add a toleration, or remove the taint",
    "nodeSelector": "Correct the node selector, or label a node",
    "insufficient": "Lower the requests, or add a node",
    "cordoned": "Uncordon a node when its maintenance is done",
}


def relevant(clauses: tuple[failed_scheduling.Clause, ...]) -> list[failed_scheduling.Clause]:
    """Without the taints of the control plane, which every message counts, unless there is no other clause."""
    found = [clause for clause in clauses if not (clause.blocker == "taint" and clause.what.startswith(CONTROL_PLANE))]
    return found or list(clauses)

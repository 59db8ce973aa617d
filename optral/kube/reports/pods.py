"""What the scheduler and the kubelet report about a pod as a whole: its conditions, and why it failed.

Sources: pkg/scheduler, pkg/kubelet (lifecycle, eviction, nodeshutdown).
"""

import re

SCHEDULED, INITIALIZED = "PodScheduled", "Initialized"
DISRUPTION = "DisruptionTarget"
PREEMPTED = "PreemptionByScheduler"
"""Reason of `DisruptionTarget`."""
PREEMPTOR = re.compile(r"by (?:pod )?(?P<pod>[A-Za-z0-9./-]+) on node (?P<node>[A-Za-z0-9.-]+)", re.ASCII)
"""In the Event: the uid of the pod that gets the place, before Kubernetes 1.27 its namespace and name; and the node."""
RESIZE_PENDING, RESIZE_NEVER = "PodResizePending", "Infeasible"
DEADLINE_EXCEEDED = "DeadlineExceeded"
REJECTED = {
    "UnexpectedAdmissionError": "the node cannot allocate a device or CPU that they request",
    "NodeAffinity": "the node no longer has the labels that they require",
    "PodOSNotSupported": "the node runs another operating system",
    "PodOSSelectorNodeLabelDoesNotMatch": "the node runs another operating system",
    "InvalidNodeInfo": "the kubelet cannot read its own Node object",
}
"""Reason of a pod that its node rejected → why. For a missing resource it is `OutOf` and the resource."""
SHUT_DOWN = frozenset({"Shutdown", "Terminated"})
NODE_LOST = {
    "NodeLost": "their node was lost",
    "NodeShutdown": "their node was shutting down",
    **dict.fromkeys(SHUT_DOWN, "their node was shut down"),
}
"""Reason of a pod that failed with its node → what happened to the node."""
_OUT_OF = "OutOf"


def lacking(reason: str) -> str | None:
    """The resource that the node had too little of when it rejected the pod, for example `cpu`."""
    return reason.removeprefix(_OUT_OF) if reason.startswith(_OUT_OF) else None


def is_rejected(reason: str) -> bool:
    """Whether the node rejected the pod after it was scheduled."""
    return reason in REJECTED or lacking(reason) is not None

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
REJECTED = frozenset(
    {"UnexpectedAdmissionError", "NodeAffinity", "PodOSNotSupported", "PodOSSelectorNodeLabelDoesNotMatch", "InvalidNodeInfo"}
)
"""Reasons of a pod that its node rejected. For a missing resource it is `OutOf` and the resource."""
SHUT_DOWN = frozenset({"Shutdown", "Terminated"})
NODE_LOST = frozenset({"NodeLost", "NodeShutdown", *SHUT_DOWN})
"""Reasons of a pod that failed with its node."""
_OUT_OF = "OutOf"


def lacking(reason: str) -> str | None:
    """The resource that the node had too little of when it rejected the pod, for example `cpu`."""
    return reason.removeprefix(_OUT_OF) if reason.startswith(_OUT_OF) else None


def is_rejected(reason: str) -> bool:
    """Whether the node rejected the pod after it was scheduled."""
    return reason in REJECTED or lacking(reason) is not None

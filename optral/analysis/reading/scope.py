"""What is read for a question: which logs, how much of them, and when the whole cluster counts. For every walk that asks the engine."""

from collections.abc import Mapping
from typing import Any

from optral.analysis.reading.snapshot import SYSTEM_NAMESPACE
from optral.kube.log_reports import SIGNS_OF
from optral.kube.objects import MESH

ABOUT_ROOM = frozenset(
    {
        "FailedScheduling",
        "ServiceNoEndpoints",
        "DeploymentProgressDeadlineExceeded",
        "DeploymentReplicasUnavailable",
        "StatefulSetReplicasUnavailable",
        "StatefulSetUpdateStuck",
        "DaemonSetUnavailable",
        "PersistentVolumeClaimPending",
        "PDBInsufficientHealthyPods",
        "Preempted",
        "PodNotReady",
    }
)
"""Issues that may come down to a pod without a node: only they need the reservations of the whole cluster."""
OF_RUNS = frozenset(
    {
        "OOMKilled",
        "CrashLoopBackOff",
        "FrequentRestarts",
        "LivenessProbeFailed",
        "ReadinessProbeFailed",
        "StartupProbeFailed",
        "InitContainerStuck",
        "LifecycleHookFailed",
        *SIGNS_OF,
    }
)
"""Issues of containers that ran: the others have written nothing."""
MEASURED = frozenset(
    {
        "OOMKilled",
        "LivenessProbeFailed",
        "ReadinessProbeFailed",
        "StartupProbeFailed",
        "CPUThrottled",
        "MemoryNearLimit",
        "VolumeFillingUp",
        "NodeSaturated",
        "WorkloadSlow",
    }
)
"""Issues that usage or requests may explain."""
OF_JOBS = "JobFailed"
OF_PODS = "PodFailed"
ANYWHERE = frozenset(
    {
        *(cls.kind for cls in MESH),
        "PeerAuthentication.security.istio.io",
        "WorkloadEntry.networking.istio.io",
        "ReferenceGrant.gateway.networking.k8s.io",
        "Gateway.gateway.networking.k8s.io",
        "Namespace",
        "Service",
    }
)
"""Kinds that routes refer to across namespaces; rules read them in any namespace by name, and the custom ones among them at all."""
NAMING = ("callers", "refersTo")
"""Facts that list objects, each as Kind/namespace/name."""
MAX_NAMESPACES = 8
TAIL_LINES = 200
MAX_LOG_BYTES = 64 * 1024


def namespaces(namespace: str | None, facts: Mapping[str, Any]) -> list[str]:
    """The namespaces whose objects are read: that of the issue, the system's, and those of the objects that its facts name; at most 8."""
    lists = [told for name in NAMING if isinstance(told := facts.get(name), list | tuple)]
    named = [str(one).split("/") for told in lists for one in told]
    others = [parts[1] for parts in named if len(parts) == 3]
    return list(dict.fromkeys([*([namespace] if namespace else []), SYSTEM_NAMESPACE, *others]))[:MAX_NAMESPACES]


def logged(issue_type: str, *, pod: str, container: str | None, facts: Mapping[str, Any]) -> tuple[str, str] | None:
    """(pod, container) whose last lines may tell why; None when nothing of it has run.

    A Job names its last pod in its facts, a failed pod its container.
    """
    if issue_type == OF_JOBS:
        pod, container = str(facts.get("lastPod") or ""), str(facts.get("container") or "")
    elif issue_type == OF_PODS:
        container = str(facts.get("container") or "")
    elif issue_type not in OF_RUNS:
        return None
    return (pod, container) if pod and container else None


def runs(issue_type: str) -> tuple[bool, ...]:
    """The runs of a container whose logs are read, each by whether it is the previous one. A container that only logs a failure has not
    ended."""
    return (False,) if issue_type in SIGNS_OF else (True, False)

"""What the kubelet, the node controller and monitors of the machine report about a node, and what the kubelet reports about its runtime.

Sources: pkg/kubelet, pkg/controller/nodelifecycle, kubernetes/node-problem-detector.
"""

import re

from optral.kube.reports import containers

MEMORY_PRESSURE, DISK_PRESSURE, PID_PRESSURE = "MemoryPressure", "DiskPressure", "PIDPressure"
PRESSURES = {MEMORY_PRESSURE: "memory", DISK_PRESSURE: "disk space", PID_PRESSURE: "process IDs"}
"""Condition → what the node is low on when it is true."""
NETWORK_UNAVAILABLE = "NetworkUnavailable"
LOST_TAINTS = tuple(f"node.kubernetes.io/{state}" for state in ("not-ready", "unreachable", "network-unavailable"))
PRESSURE_TAINTS = tuple(f"node.kubernetes.io/{state}" for state in ("memory-pressure", "disk-pressure", "pid-pressure"))
FAULT_TAINTS = (*LOST_TAINTS, *PRESSURE_TAINTS)
"""Keys of the taints that the node controller sets on a node that fails or is low on something."""
MAINTENANCE = frozenset({"DrainInProgress", "Drained", "MaintenancePlanned", "MaintenanceInProgress", "GracefulNodeShutdownInProgress"})
"""Conditions of a node that is being removed or repaired on purpose."""
BECAME_READY, BECAME_NOT_READY = "NodeReady", "NodeNotReady"
READINESS_EVENTS = frozenset({BECAME_READY, BECAME_NOT_READY})
NO_SANDBOX = "FailedCreatePodSandBox"
SANDBOX_EVENTS = frozenset({NO_SANDBOX, "NetworkNotReady"})
"""Events about a pod that gets no sandbox."""
RUNTIME_EVENTS_OF_PODS = frozenset({NO_SANDBOX, containers.NOT_KILLED, "FailedPodSandBoxStatus"})
RUNTIME_EVENTS = frozenset({"ContainerGCFailed", "ImageGCFailed", "FreeDiskSpaceFailed"})
"""Events about a node whose container runtime or disk fails."""
SYSTEM_OOM = "SystemOOM"
_KNOWN = {"Ready", NETWORK_UNAVAILABLE, *PRESSURES, *MAINTENANCE}
_FAULT = re.compile(
    r"Deadlock|Read-?[Oo]nly|Corrupt|Shutdown|BadBlock|Unhealthy|^Frequent|Problem|Fault|Failed|Failure"
    r"|HardwareError|Broken|Unreachable|Lost$"
)
_HEALTH = re.compile(r"(?:Ready|Healthy)$")
RUNTIME_DOWN = re.compile(
    r"(?:containerd|crio|cri-dockerd|docker)\.sock|dockershim|connection error.{0,60}\.sock|transport: Error while dialing"
    r"|transport is closing|container runtime is down",
    re.IGNORECASE,
)
_OWN_LIMIT = re.compile(r"exceed(?:s|ed) (?:the total limit|its local ephemeral|the limit)|ephemeral local storage usage", re.IGNORECASE)
_SHORT_OF = re.compile(r"(?:low on resource|had condition): \[?([A-Za-z.-]{1,63})", re.IGNORECASE)
_RUNTIME_FAILS = re.compile(
    r"PLEG is not healthy|runtime service|failed to (?:connect|dial).{0,60}(?:runtime|containerd|cri-?o)", re.IGNORECASE
)


def is_problem(condition: str, status: str) -> bool:
    """Whether a condition that a monitor of the machine sets reports a problem.

    One that is named after a fault (`KernelDeadlock`) does when it is true, one named after health (`StorageReady`) when it is false. A
    name that says neither (`EtcdIsVoter`) reports none.
    """
    if condition in _KNOWN:
        return False
    if _FAULT.search(condition):
        return status == "True"
    return status == "False" and _HEALTH.search(condition) is not None


def is_runtime_down(message: str) -> bool:
    """Whether the kubelet reports that the container runtime does not answer."""
    return RUNTIME_DOWN.search(message) is not None


def is_runtime_error(message: str) -> bool:
    """Whether the kubelet reports that the container runtime does not answer or fails."""
    return is_runtime_down(message) or _RUNTIME_FAILS.search(message) is not None


def exceeds_own_limit(message: str) -> bool:
    """Whether a pod was evicted because it used more local storage than its own limit, not because the node ran short."""
    return _OWN_LIMIT.search(message) is not None


def short_of(message: str) -> str | None:
    """The resource or condition for which the node evicted a pod, such as `ephemeral-storage` or `DiskPressure`."""
    short = _SHORT_OF.search(message)
    return None if short is None else short.group(1).rstrip(".")

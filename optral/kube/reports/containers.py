"""What the kubelet reports about starting and stopping the containers of a pod.

Sources: pkg/kubelet/kuberuntime, pkg/kubelet/container/sync_result.go, pkg/kubelet/events.
"""

from enum import StrEnum

FIRST_WAITS = frozenset({"ContainerCreating", "PodInitializing"})
"""Waiting reasons of a container before anything of it is attempted."""
CREATE_FAILURES = frozenset({"CreateContainerError", "PreCreateHookError"})
"""Waiting reasons of a container that the runtime cannot create."""
POST_START_FAILURE = "PostStartHookError"
RUN_FAILURES = frozenset({"RunContainerError", "PreStartHookError", POST_START_FAILURE})
"""Waiting reasons of a container that was created and cannot be started."""
NEVER_RAN = frozenset({"StartError", "ContainerCannotRun"})
"""Exit reasons of a container whose program never ran."""
COMPLETED = "Completed"
POST_START = "postStart"
HOOKS = {"FailedPostStartHook": POST_START, "FailedPreStopHook": "preStop"}
"""Reason of an Event about a container → the lifecycle hook that failed."""
NOT_KILLED = "FailedKillPod"
NOT_STOPPED = frozenset({NOT_KILLED, "ExceededGracePeriod"})
"""Events about a pod whose containers do not stop."""
NOT_MOUNTED = frozenset({"FailedMount", "FailedMapVolume"})
"""Events about a pod whose volumes cannot be mounted."""
NOT_ATTACHED = "FailedAttachVolume"


class RootRefusal(StrEnum):
    """Why the kubelet does not create a container with `runAsNonRoot`: the phrases of its message."""

    USER = "runAsUser breaks non-root policy"
    """Its `runAsUser` is 0."""
    NAME = "non-numeric user"
    """Its image names a user whose number the kubelet does not know."""
    IMAGE = "runAsNonRoot"
    """Its image runs as root."""


def root_refusal(message: str) -> RootRefusal | None:
    return next((refusal for refusal in RootRefusal if refusal in message), None)

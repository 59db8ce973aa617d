"""What the short status of an object says about it: whether it fails, waits, or is as it should be.

The status is a word as kubectl prints it (`CrashLoopBackOff`, `Bound`), ready of wanted pods (`2/3`), or what a custom resource reports
about itself (`Degraded (SyncFailed)`). An unknown word is a failure for the kinds of Kubernetes itself, whose good words are few and known.
"""

import re
from enum import IntEnum
from functools import lru_cache

from optral.kube.kinds import is_custom
from optral.kube.objects import Pod


class State(IntEnum):
    """In the order in which a list shows what needs attention; the numbers are stored."""

    FAILING = 0
    PENDING = 1
    HEALTHY = 2


_HEALTHY = frozenset({"Running", "Ready", "Active", "Bound", "Available", "Complete", "Completed", "Succeeded", "Healthy", "Suspended"})
_PENDING = frozenset({"Pending", "Progressing", "Terminating", "Released", "Unknown", "ContainerCreating", "PodInitializing"})
_FAILING_CUSTOM = frozenset({"Degraded"})
_SHARE = re.compile(r"^(\d{1,9})/(\d{1,9})$")
TERMINATING = "Terminating"


@lru_cache(maxsize=4096)
def state_of(kind: str, status: str | None) -> State:
    """What this status of an object of a `Kind.id` says. Without a status, nothing is wrong as far as the object tells."""
    if not status:
        return State.HEALTHY
    if share := _SHARE.match(status):
        return _of_share(int(share[1]), int(share[2]))
    word = status.partition(" ")[0]
    if is_custom(kind):
        return State.FAILING if word in _FAILING_CUSTOM else State.PENDING if word in _PENDING else State.HEALTHY
    return State.HEALTHY if word in _HEALTHY else State.PENDING if word in _PENDING else State.FAILING


def _of_share(ready: int, wanted: int) -> State:
    if ready >= wanted:
        return State.HEALTHY
    return State.PENDING if ready else State.FAILING


def of_pod(pod: Pod, status: str | None) -> State:
    """As `state_of`; a pod that runs and is not ready waits."""
    state = state_of(pod.kind, status)
    return State.PENDING if status == "Running" and not pod.is_ready else state

"""The short status of an object, and what it says: whether the object fails, waits, or is as it should be. The one place that judges.

The status is a word as kubectl prints it (`CrashLoopBackOff`, `Bound`), ready of wanted pods (`2/3`), or what a custom resource reports
about itself (`Degraded (SyncFailed)`). An unknown word is a failure for the kinds of Kubernetes itself, whose good words are few and known.
"""

import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import msgspec

from optral.kube import health, objects
from optral.kube.health import Health, State as HealthState
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
Part = TypeVar("Part")


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


class StatusText(NamedTuple):
    """The status in a word or two, None for an object without one, and what it says."""

    status: str | None
    state: State


class _Reason(msgspec.Struct, gc=False, frozen=True):
    reason: str | None = None


class _ContainerState(msgspec.Struct, gc=False, frozen=True):
    waiting: _Reason | None = None
    terminated: _Reason | None = None


class _Container(msgspec.Struct, gc=False, frozen=True):
    state: _ContainerState | None = None


class _Condition(msgspec.Struct, gc=False, frozen=True):
    type: str = ""
    status: str = ""


class Status(msgspec.Struct, frozen=True):
    """What is read of `status`, of every kind."""

    phase: str | None = None
    reason: str | None = None
    containerStatuses: list[_Container] | None = None
    initContainerStatuses: list[_Container] | None = None
    conditions: list[_Condition] | None = None
    replicas: int | None = None
    readyReplicas: int | None = None
    desiredNumberScheduled: int | None = None
    numberReady: int | None = None
    active: Any = None
    succeeded: int | None = None
    failed: int | None = None


class Spec(msgspec.Struct, frozen=True):
    """What is read of `spec`."""

    replicas: int | None = None


_COMING_UP = frozenset({"PodInitializing", "ContainerCreating"})
_COUNTED = frozenset({"Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps"})


def of(kind: str, tree: Mapping[str, Any]) -> StatusText:
    """The status of an object of this `Kind.id` given as plain values, in which anything may be missing or of another type."""
    if kind == "Pod":
        pod = objects.convert("Pod", tree)
        status = word_of_pod(pod) or None if isinstance(pod, Pod) else None
        return StatusText(status, of_pod(pod, status) if isinstance(pod, Pod) else State.HEALTHY)
    status = word_of_health(health.assess(kind, tree)) if is_custom(kind) else None
    read = None if status else _read(tree.get("status"), Status)
    if read is not None:
        status = word(kind, read, lambda: spec.replicas if (spec := _read(tree.get("spec"), Spec)) is not None else None)
    return StatusText(status or None, state_of(kind, status))


def _read(value: Any, part: type[Part]) -> Part | None:
    try:
        return msgspec.convert(value, part) if isinstance(value, dict) else None
    except msgspec.ValidationError:
        return None


def word(kind: str, status: Status, replicas: Callable[[], int | None]) -> str | None:
    """A word or two as kubectl's column would say it. `replicas`: those that somebody wants, also where none could be created."""
    if kind == "Pod":
        return _pod_word(status)
    if kind == "Node":
        return "Ready" if _holds(status, "Ready") else "NotReady"
    if kind == "DaemonSet.apps":
        return f"{status.numberReady or 0}/{status.desiredNumberScheduled or 0}"
    if kind in _COUNTED:
        wanted = replicas()
        return f"{status.readyReplicas or 0}/{(status.replicas or 0) if wanted is None else wanted}"
    if kind == "Job.batch":
        return "Complete" if _holds(status, "Complete") else "Failed" if _holds(status, "Failed") else "Running"
    return status.phase


def word_of_pod(pod: Pod) -> str:
    """As `word`, of a pod that is decoded already; "" for none."""
    status = pod.status
    if pod.metadata.deletion_timestamp is not None:
        return TERMINATING
    for container in (*status.init_container_statuses, *status.container_statuses):
        waiting = container.state.waiting
        if waiting is not None and waiting.reason and waiting.reason not in _COMING_UP:
            return waiting.reason
    return status.reason or status.phase


def word_of_health(found: Health) -> str | None:
    """`Healthy`, `Degraded (SyncFailed)`; None for a resource that reports nothing about itself."""
    if found.state is HealthState.UNKNOWN:
        return None
    return found.state.value.capitalize() + (f" ({found.reason})" if found.reason and found.state is not HealthState.HEALTHY else "")


def _pod_word(status: Status) -> str | None:
    for container in (*(status.initContainerStatuses or ()), *(status.containerStatuses or ())):
        state = container.state
        if state and state.waiting and state.waiting.reason and state.waiting.reason not in _COMING_UP:
            return str(state.waiting.reason)
    return status.reason or status.phase


def _holds(status: Status, condition: str) -> bool:
    return any(c.type == condition and c.status == "True" for c in status.conditions or ())

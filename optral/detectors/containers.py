"""The containers of a pod: the spec together with the status that the kubelet reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from optral.detectors import gates
from optral.kube import quantities, times
from optral.kube.objects import Container, ContainerStatus, Pod, Probe, Terminated, condition
from optral.kube.reports import pods
from optral.kube.reports.containers import FIRST_WAITS

_UNSPECIFIED = Container()


@dataclass(frozen=True, slots=True)
class ContainerView:
    """One container. `is_init` is a plain init container; a native sidecar (restartPolicy Always) counts as a main container (gate G4)."""

    spec: Container
    status: ContainerStatus
    is_init: bool
    is_sidecar: bool = False

    @property
    def name(self) -> str:
        return self.status.name

    @property
    def waiting_reason(self) -> str:
        return self.status.state.waiting.reason if self.status.state.waiting is not None else ""

    @property
    def waiting_message(self) -> str:
        return self.status.state.waiting.message if self.status.state.waiting is not None else ""

    @property
    def is_running(self) -> bool:
        return self.status.state.running is not None

    @property
    def started_at(self) -> datetime | None:
        return self.status.state.running.started_at if self.status.state.running is not None else None

    @property
    def last_exit(self) -> Terminated | None:
        """The last exit: the current state if it is terminated, otherwise the previous one."""
        return self.status.state.terminated or self.status.last_state.terminated

    @property
    def memory_limit(self) -> int | None:
        return quantities.bytes_or_none(self.spec.resources.limits, "memory")

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that every finding about a container has."""
        return {"image": self.spec.image, "restarts": self.status.restart_count, "containerKind": self.kind}

    @property
    def kind(self) -> str:
        return "init" if self.is_init else "sidecar" if self.is_sidecar else "main"


def of(pod: Pod) -> Iterator[ContainerView]:
    """Every container that the kubelet reports on, init containers first."""
    if pod.status.init_container_statuses:
        specs = {spec.name: spec for spec in pod.spec.init_containers}
        for status in pod.status.init_container_statuses:
            spec = specs.get(status.name, _UNSPECIFIED)
            is_sidecar = gates.is_sidecar(spec)
            yield ContainerView(spec, status, is_init=not is_sidecar, is_sidecar=is_sidecar)
    specs = {spec.name: spec for spec in pod.spec.containers}
    for status in pod.status.container_statuses:
        yield ContainerView(specs.get(status.name, _UNSPECIFIED), status, is_init=False)


def is_being_created(pod: Pod) -> bool:
    """Whether its containers wait for what comes before all of them: volumes, the sandbox, the network.

    Clusters before 1.29 have no condition for it; there a running container, or an init container that has run, shows that this phase
    has ended.
    """
    for status in pod.status.container_statuses:  # the usual case first, since this runs for every pod of a node
        if status.state.running is not None:
            return False
    ready = condition(pod.status.conditions, "PodReadyToStartContainers")
    if pod.is_terminal or (ready is not None and ready.status == "True"):
        return False
    everyone = list(of(pod))
    if any(seen.is_running or (seen.is_init and seen.status.state.terminated is not None) for seen in everyone):
        return False
    return any(seen.waiting_reason in FIRST_WAITS for seen in everyone)


def exit_facts(ended: Terminated) -> dict[str, Any]:
    """An exit of a container, as facts."""
    ran = (ended.finished_at - ended.started_at).total_seconds() if ended.finished_at and ended.started_at else None
    return {
        "exitCode": ended.exit_code,
        "signal": ended.signal or None,
        "exitReason": ended.reason,
        "finishedAt": ended.finished_at.isoformat() if ended.finished_at else None,
        "ranSeconds": ran,
    }


def occurrence(ended: Terminated) -> str | None:
    """Identifies one exit permanently: the id of the container, which changes with every restart; otherwise the time of the exit."""
    if ended.container_id:
        return ended.container_id
    return ended.finished_at.isoformat() if ended.finished_at is not None else None


def waiting_since(pod: Pod, seen: ContainerView) -> datetime:
    """The earliest time since which it can have been waiting: its last exit, otherwise the previous step of the start of the pod.

    Kubernetes records no time with a waiting reason.
    """
    if (ended := seen.status.last_state.terminated) is not None and ended.finished_at is not None:
        return ended.finished_at
    steps = (pods.SCHEDULED,) if seen.is_init or seen.is_sidecar else (pods.INITIALIZED, pods.SCHEDULED)
    for step in steps:
        passed = condition(pod.status.conditions, step)
        if passed is not None and passed.status == "True" and passed.last_transition_time is not None:
            return passed.last_transition_time
    return pod.status.start_time or pod.created_at


def probe_facts(probe: Probe | None) -> dict[str, Any]:
    """A probe's target and timing, as facts; empty without a probe."""
    if probe is None:
        return {}
    timing = {
        "initialDelaySeconds": probe.initial_delay_seconds,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "failureThreshold": probe.failure_threshold,
    }
    if probe.http_get is not None:
        return {"action": "httpGet", "path": probe.http_get.path, "port": probe.http_get.port, "scheme": probe.http_get.scheme} | timing
    if probe.tcp_socket is not None:
        return {"action": "tcpSocket", "port": probe.tcp_socket.port} | timing
    if probe.grpc is not None:
        return {"action": "grpc", "port": probe.grpc.port} | timing
    return {"action": "exec"} | timing


def probe_patience_s(probe: Probe | None) -> int:
    """Seconds from the start of a container until a probe that always fails reaches its threshold; 0 without a probe."""
    return 0 if probe is None else probe.initial_delay_seconds + probe.failure_threshold * probe.period_seconds


def seconds_since(moment: datetime | None, *, now: datetime) -> float:
    """Age in seconds; infinite if the time is unknown."""
    return float("inf") if moment is None else times.age_s(moment, now=now)

"""Pods and their containers."""

from typing import ClassVar

import msgspec

from optral.kube.objects.base import Condition, Int, KubeObject, Part, Quantity, Requirement, Time


class Resources(Part, frozen=True):
    limits: dict[str, Quantity] = {}
    requests: dict[str, Quantity] = {}


class HttpGet(Part, frozen=True):
    path: str = ""
    port: int | str = 0
    scheme: str = ""
    host: str = ""


class TcpSocket(Part, frozen=True):
    port: int | str = 0


class Grpc(Part, frozen=True):
    port: int | str = 0
    service: str | None = None


class Exec(Part, frozen=True):
    """Present when the probe runs a command; the command itself is not kept."""


class Probe(Part, frozen=True):
    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    grpc: Grpc | None = None
    exec: Exec | None = None
    initial_delay_seconds: Int = 0
    period_seconds: Int = 10
    timeout_seconds: Int = 1
    failure_threshold: Int = 3


class ContainerPort(Part, frozen=True):
    name: str = ""
    container_port: Int = 0
    protocol: str = ""


class Container(Part, frozen=True):
    name: str = ""
    image: str = ""
    resources: Resources = Resources()
    ports: tuple[ContainerPort, ...] = ()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    restart_policy: str = ""

    @property
    def is_sidecar(self) -> bool:
        """Whether an init container keeps running beside the main ones (a native sidecar)."""
        return self.restart_policy == "Always"


class ClaimSource(Part, frozen=True):
    claim_name: str = ""


class Volume(Part, frozen=True):
    name: str = ""
    persistent_volume_claim: ClaimSource | None = None


class NodeSelectorTerm(Part, frozen=True):
    match_expressions: tuple[Requirement, ...] = ()
    match_fields: tuple[Requirement, ...] = ()


class NodeSelector(Part, frozen=True):
    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class NodeAffinity(Part, frozen=True):
    required: NodeSelector = msgspec.field(default=NodeSelector(), name="requiredDuringSchedulingIgnoredDuringExecution")


class PodAffinity(Part, frozen=True):
    """Of all affinities of a pod, the one to nodes."""

    node_affinity: NodeAffinity = NodeAffinity()


class SchedulingGate(Part, frozen=True):
    name: str = ""


class ReadinessGate(Part, frozen=True):
    condition_type: str = ""


class PodSpec(Part, frozen=True):
    node_name: str = ""
    host_network: bool = False
    restart_policy: str = "Always"
    scheduler_name: str = ""
    priority: Int | None = None
    priority_class_name: str = ""
    node_selector: dict[str, str] = {}
    affinity: PodAffinity = PodAffinity()
    resources: Resources = Resources()
    overhead: dict[str, Quantity] = {}
    scheduling_gates: tuple[SchedulingGate, ...] = ()
    readiness_gates: tuple[ReadinessGate, ...] = ()
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()


class Waiting(Part, frozen=True):
    reason: str = ""
    message: str = ""


class Running(Part, frozen=True):
    started_at: Time | None = None


class Terminated(Part, frozen=True):
    exit_code: Int = 0
    signal: Int = 0
    reason: str = ""
    message: str = ""
    started_at: Time | None = None
    finished_at: Time | None = None
    container_id: str = msgspec.field(default="", name="containerID")


class ContainerState(Part, frozen=True):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Part, frozen=True):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: Int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(Part, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    start_time: Time | None = None
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


TERMINAL_PHASES = frozenset({"Succeeded", "Failed"})
"""Phases of a pod that has finished: no container of it runs again."""


class Pod(KubeObject, frozen=True):
    kind: ClassVar[str] = "Pod"
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def is_terminal(self) -> bool:
        return self.status.phase in TERMINAL_PHASES

    @property
    def is_ready(self) -> bool:
        for told in self.status.conditions:  # asked of every pod at every change: a generator would cost twice as much
            if told.type == "Ready":
                return told.status == "True"
        return False

    @property
    def meant_for(self) -> str:
        """The name of the one node that a pod of a DaemonSet is made for; "" for pods that may go anywhere."""
        for term in self.spec.affinity.node_affinity.required.node_selector_terms:
            for field in term.match_fields:
                if field.key == "metadata.name" and field.operator == "In" and len(field.values) == 1:
                    return field.values[0]
        return ""

    @property
    def claims(self) -> tuple[str, ...]:
        """Names of the PersistentVolumeClaims it mounts."""
        return tuple(v.persistent_volume_claim.claim_name for v in self.spec.volumes if v.persistent_volume_claim is not None)

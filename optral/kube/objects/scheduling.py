"""A pod as the scheduler reads it. The typed `Pod` leaves most of this out: only explanations of pods without a node ask for it."""

import msgspec

from optral.kube.objects.base import Part, Quantity
from optral.kube.objects.pods import NodeAffinity, PodSpec, Resources
from optral.kube.objects.templates import PodAffinityTerm, TemplatePort, Toleration as Toleration


class RequiredPodAffinity(Part, frozen=True):
    required: tuple[PodAffinityTerm, ...] = msgspec.field(default=(), name="requiredDuringSchedulingIgnoredDuringExecution")


class SchedulingAffinity(Part, frozen=True):
    node_affinity: NodeAffinity = NodeAffinity()
    pod_anti_affinity: RequiredPodAffinity = RequiredPodAffinity()


class SchedulingContainer(Part, frozen=True):
    name: str = ""
    resources: Resources = Resources()
    ports: tuple[TemplatePort, ...] = ()
    restart_policy: str = ""

    @property
    def is_sidecar(self) -> bool:
        """See `Container.is_sidecar`."""
        return self.restart_policy == "Always"


class SchedulingSpec(Part, frozen=True):
    """The fields of a `PodSpec` that decide on which nodes a pod can run."""

    node_name: str = ""
    node_selector: dict[str, str] = {}
    affinity: SchedulingAffinity = SchedulingAffinity()
    tolerations: tuple[Toleration, ...] = ()
    resources: Resources = Resources()
    overhead: dict[str, Quantity] = {}
    containers: tuple[SchedulingContainer, ...] = ()
    init_containers: tuple[SchedulingContainer, ...] = ()


Spec = PodSpec | SchedulingSpec

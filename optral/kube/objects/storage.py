"""Claims, volumes and their classes."""

from typing import ClassVar

import msgspec

from optral.kube.objects.base import Condition, KubeObject, LabelSelector, Part, Quantity, Time
from optral.kube.objects.pods import NodeSelector, Resources


class ClaimSpec(Part, frozen=True):
    storage_class_name: str | None = None
    volume_name: str = ""
    access_modes: tuple[str, ...] = ()
    volume_mode: str = ""
    selector: LabelSelector | None = None
    resources: Resources = Resources()


class ModifyStatus(Part, frozen=True):
    """A change of class attributes in progress; `Infeasible` needs a person."""

    status: str = ""
    target_class: str = msgspec.field(default="", name="targetVolumeAttributesClassName")


class ClaimStatus(Part, frozen=True):
    phase: str = ""
    conditions: tuple[Condition, ...] = ()
    capacity: dict[str, Quantity] = {}
    allocated_resource_statuses: dict[str, str] = {}
    modify_volume_status: ModifyStatus | None = None


class PersistentVolumeClaim(KubeObject, frozen=True):
    kind: ClassVar[str] = "PersistentVolumeClaim"
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()

    @property
    def storage_class(self) -> str | None:
        """Its class; "" asks for a volume without a class; None when it was made before any default class existed."""
        return self.metadata.annotations.beta_storage_class or self.spec.storage_class_name


class ClaimRef(Part, frozen=True):
    namespace: str = ""
    name: str = ""
    uid: str = ""


class VolumeNodeAffinity(Part, frozen=True):
    required: NodeSelector = NodeSelector()


class VolumeSpec(Part, frozen=True):
    storage_class_name: str = ""
    capacity: dict[str, Quantity] = {}
    access_modes: tuple[str, ...] = ()
    volume_mode: str = ""
    claim_ref: ClaimRef | None = None
    node_affinity: VolumeNodeAffinity = VolumeNodeAffinity()
    reclaim_policy: str = msgspec.field(default="", name="persistentVolumeReclaimPolicy")


class VolumeStatus(Part, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    last_phase_transition_time: Time | None = None


class PersistentVolume(KubeObject, frozen=True):
    kind: ClassVar[str] = "PersistentVolume"
    spec: VolumeSpec = VolumeSpec()
    status: VolumeStatus = VolumeStatus()


class StorageClass(KubeObject, frozen=True):
    kind: ClassVar[str] = "StorageClass.storage.k8s.io"
    provisioner: str = ""
    volume_binding_mode: str = "Immediate"

    @property
    def is_default(self) -> bool:
        return self.metadata.annotations.default_class == "true"

"""Claims, volumes and their classes."""

from typing import ClassVar

from optral.kube.objects.base import Condition, KubeObject, Part, Quantity
from optral.kube.objects.pods import Resources


class ClaimSpec(Part, frozen=True):
    storage_class_name: str | None = None
    volume_name: str = ""
    access_modes: tuple[str, ...] = ()
    volume_mode: str = ""
    resources: Resources = Resources()


class PhaseStatus(Part, frozen=True):
    phase: str = ""
    conditions: tuple[Condition, ...] = ()


class PersistentVolumeClaim(KubeObject, frozen=True):
    kind: ClassVar[str] = "PersistentVolumeClaim"
    spec: ClaimSpec = ClaimSpec()
    status: PhaseStatus = PhaseStatus()

    @property
    def storage_class(self) -> str | None:
        """Its class; "" asks for a volume without a class; None when it was made before any default class existed."""
        return self.metadata.annotations.beta_storage_class or self.spec.storage_class_name


class ClaimRef(Part, frozen=True):
    namespace: str = ""
    name: str = ""
    uid: str = ""


class VolumeSpec(Part, frozen=True):
    storage_class_name: str = ""
    capacity: dict[str, Quantity] = {}
    access_modes: tuple[str, ...] = ()
    claim_ref: ClaimRef | None = None


class PersistentVolume(KubeObject, frozen=True):
    kind: ClassVar[str] = "PersistentVolume"
    spec: VolumeSpec = VolumeSpec()
    status: PhaseStatus = PhaseStatus()


class StorageClass(KubeObject, frozen=True):
    kind: ClassVar[str] = "StorageClass.storage.k8s.io"
    provisioner: str = ""
    volume_binding_mode: str = "Immediate"

    @property
    def is_default(self) -> bool:
        return self.metadata.annotations.default_class == "true"

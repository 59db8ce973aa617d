"""What every object has: metadata, owner, conditions; and the kinds of values their fields are made of."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

Time = Annotated[datetime, Meta(tz=True)]
Int = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Quantity = str | int | float
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Part(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """A piece of an object, named as in the Kubernetes API. Encoded without what has its default (`view_packing.py`)."""


class OwnerReference(Part, frozen=True):
    kind: str = ""
    api_version: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False

    @property
    def kind_id(self) -> str:
        """The group kind: `ReplicaSet.apps`."""
        return kind_id_of(self.api_version, self.kind)


class Annotations(Part, frozen=True):
    """The few annotations that change a judgment; the others are not kept."""

    revision: str = msgspec.field(default="", name="deployment.kubernetes.io/revision")
    mirror: str = msgspec.field(default="", name="kubernetes.io/config.mirror")
    leader: str = msgspec.field(default="", name="control-plane.alpha.kubernetes.io/leader")
    endpoints_changed_at: str = msgspec.field(default="", name="endpoints.kubernetes.io/last-change-trigger-time")
    default_class: str = msgspec.field(default="", name="storageclass.kubernetes.io/is-default-class")
    beta_storage_class: str = msgspec.field(default="", name="volume.beta.kubernetes.io/storage-class")
    ingress_class: str = msgspec.field(default="", name="kubernetes.io/ingress.class")
    default_ingress_class: str = msgspec.field(default="", name="ingressclass.kubernetes.io/is-default-class")
    init_timeout: str = msgspec.field(default="", name="optral.ai/init-timeout-seconds")
    detectors: str = msgspec.field(default="", name="optral.ai/detectors")
    capture: str = msgspec.field(default="", name="optral.ai/capture")
    team: str = msgspec.field(default="", name="optral.ai/team")
    humans_owner: str = msgspec.field(default="", name="a8r.io/owner")


class Metadata(Part, frozen=True):
    uid: str = ""
    name: str = ""
    namespace: str = ""
    resource_version: str = ""
    generation: Int = 0
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    deletion_grace_period_seconds: Int | None = None
    labels: dict[str, str] = {}
    annotations: Annotations = Annotations()
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()


class Managed(Part, frozen=True):
    """One entry of `managedFields`: who wrote last, through which door, when. The agent cuts the fields themselves away."""

    manager: str = ""
    subresource: str = ""
    time: Time | None = None


class DatedMetadata(Metadata, frozen=True):
    """For kinds that have neither a generation nor a condition with a time: only `managedFields` tells when somebody changed them."""

    managed_fields: tuple[Managed, ...] = ()

    @property
    def changed_at(self) -> datetime | None:
        """When the object was last written by anybody but a controller's status; None where nobody wrote it down."""
        return max((change.time for change in self.managed_fields if change.time is not None and not change.subresource), default=None)


class Requirement(Part, frozen=True):
    """One expression of a label selector: `In`, `NotIn`, `Exists`, `DoesNotExist`."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(Part, frozen=True):
    """Pairs and expressions that must all hold (`selectors.fits`). An empty one selects everything, a missing one nothing."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()


class Condition(Part, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Time | None = None
    last_update_time: Time | None = None


class KubeObject(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Any object; kinds without a class of their own are this, with `kind` "" (ask the caller, who knows the kind it decoded)."""

    kind: ClassVar[str] = ""
    metadata: Metadata = Metadata()

    @property
    def uid(self) -> str:
        return self.metadata.uid

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str | None:
        """None for cluster-scoped objects."""
        return self.metadata.namespace or None

    @property
    def resource_version(self) -> str:
        return self.metadata.resource_version

    @property
    def created_at(self) -> datetime:
        """When it was made; 1970 where the object does not say."""
        return self.metadata.creation_timestamp or EPOCH

    @property
    def labels(self) -> dict[str, str]:
        return self.metadata.labels

    @property
    def owner_references(self) -> tuple[OwnerReference, ...]:
        return self.metadata.owner_references


def kind_id_of(api_version: str, kind: str) -> str:
    """`apps/v1`, `Deployment` gives `Deployment.apps`; `v1`, `Pod` gives `Pod`."""
    group, slash, _ = api_version.rpartition("/")
    return f"{kind}.{group}" if slash and group else kind


def condition(conditions: tuple[Condition, ...], kind: str) -> Condition | None:
    """The condition of this type, if the object has it."""
    for candidate in conditions:
        if candidate.type == kind:
            return candidate
    return None

"""How Istio routes traffic between Services. The kinds are custom: an agent discovers them in the version that their cluster serves."""

from datetime import datetime
from typing import ClassVar

from optral.kube.objects.base import DatedMetadata, Int, Part
from optral.kube.objects.custom import CustomResource


class MeshObject(CustomResource, frozen=True):
    """A custom resource whose spec is read too."""

    metadata: DatedMetadata = DatedMetadata()

    @property
    def changed_at(self) -> datetime:
        """When its spec was last written; never before it was made."""
        return max(self.metadata.changed_at or self.created_at, self.created_at)


class PortSelector(Part, frozen=True):
    number: Int = 0


class Destination(Part, frozen=True):
    host: str = ""
    subset: str = ""
    port: PortSelector = PortSelector()


class WeightedDestination(Part, frozen=True):
    destination: Destination = Destination()
    weight: Int = 0


class Delegate(Part, frozen=True):
    name: str = ""
    namespace: str = ""


class MeshRoute(Part, frozen=True):
    """One rule; `delegate` is another VirtualService that decides instead."""

    name: str = ""
    route: tuple[WeightedDestination, ...] = ()
    delegate: Delegate | None = None


class VirtualServiceSpec(Part, frozen=True):
    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    http: tuple[MeshRoute, ...] = ()
    tls: tuple[MeshRoute, ...] = ()
    tcp: tuple[MeshRoute, ...] = ()


class VirtualService(MeshObject, frozen=True):
    kind: ClassVar[str] = "VirtualService.networking.istio.io"
    spec: VirtualServiceSpec = VirtualServiceSpec()


class Subset(Part, frozen=True):
    name: str = ""
    labels: dict[str, str] = {}


class DestinationRuleSpec(Part, frozen=True):
    host: str = ""
    subsets: tuple[Subset, ...] = ()


class DestinationRule(MeshObject, frozen=True):
    kind: ClassVar[str] = "DestinationRule.networking.istio.io"
    spec: DestinationRuleSpec = DestinationRuleSpec()


class MeshGateway(MeshObject, frozen=True):
    kind: ClassVar[str] = "Gateway.networking.istio.io"


class ServiceEntrySpec(Part, frozen=True):
    hosts: tuple[str, ...] = ()


class ServiceEntry(MeshObject, frozen=True):
    kind: ClassVar[str] = "ServiceEntry.networking.istio.io"
    spec: ServiceEntrySpec = ServiceEntrySpec()


MESH: tuple[type[MeshObject], ...] = (VirtualService, DestinationRule, MeshGateway, ServiceEntry)

"""A cluster as the functions of this package read it: typed objects of a view, of stored rows or of a dump."""

from collections.abc import Iterable
from typing import Protocol

from optral.kube.objects import KubeObject, Namespace, NetworkPolicy


class Cluster(Protocol):
    """What is asked of a cluster. All answers are in no particular order."""

    def by_name(self, kind: str, namespace: str | None, name: str) -> KubeObject | None: ...

    def all(self, kind: str) -> Iterable[KubeObject]: ...

    def all_in(self, namespace: str, kind: str) -> Iterable[KubeObject]: ...

    def sees(self, kind: str, namespace: str | None = None) -> bool:
        """Whether an object of this kind that is not here does not exist in the namespace; without one, in the whole cluster. An agent may
        be limited, or may not list a kind.
        """
        ...

    def policies_in(self, namespace: str) -> Iterable[NetworkPolicy]: ...

    def namespace(self, name: str) -> Namespace | None: ...

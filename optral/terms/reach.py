"""Where an actor may see and act: areas of clusters and namespaces.

One concept for all limits: an agent reaches its cluster, an API key the clusters that it is limited to, and a member with bindings the
places of these bindings. An area of namespaces does not include objects outside of namespaces, such as nodes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

Areas = tuple["Area", ...] | None
"""Several areas; None: everything, and no areas: nothing."""


class Area(NamedTuple):
    """All objects of these namespaces in these clusters. `clusters` None: every cluster; `namespaces` None: whole clusters."""

    clusters: frozenset[str] | None = None
    namespaces: frozenset[str] | None = None

    def has(self, cluster_id: str, namespace: str | None) -> bool:
        """Tell whether an object of this namespace (None or empty: of none) is inside."""
        return self.has_cluster(cluster_id) and (self.namespaces is None or (namespace or None) in self.namespaces)

    def has_cluster(self, cluster_id: str) -> bool:
        return self.clusters is None or cluster_id in self.clusters

    def narrowed(self, clusters: Collection[str] | None, namespaces: Collection[str] | None) -> "Area | None":
        """What is left of it inside these clusters and namespaces (None: all); None for nothing."""
        narrow = Area(_both(self.clusters, clusters), _both(self.namespaces, namespaces))
        is_empty = narrow.clusters == frozenset() or narrow.namespaces == frozenset()
        return None if is_empty else narrow


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything inside any of these areas; without areas, nothing."""

    areas: tuple[Area, ...]

    @property
    def clusters(self) -> frozenset[str] | None:
        """The clusters that it has something of; None: every cluster."""
        return _all(area.clusters for area in self.areas)

    @property
    def has_namespaces(self) -> bool:
        """Whether it has only some namespaces of a cluster."""
        return any(area.namespaces is not None for area in self.areas)

    def has_cluster(self, cluster_id: str) -> bool:
        return any(area.has_cluster(cluster_id) for area in self.areas)

    def has(self, cluster_id: str, namespace: str | None) -> bool:
        """Tell whether an object of this namespace (None or empty: of none) is inside."""
        return any(area.has(cluster_id, namespace) for area in self.areas)

    def covers(self, clusters: Collection[str] | None, namespaces: Collection[str] | None) -> bool:
        """Tell whether all of these namespaces of all of these clusters are inside. None or empty: all there are."""
        return all(
            any(_includes(area.clusters, cluster) and _includes(area.namespaces, namespace) for area in self.areas)
            for cluster in clusters or (None,)
            for namespace in namespaces or (None,)
        )

    def within(self, clusters: Collection[str] | None = None, namespaces: Collection[str] | None = None) -> tuple[Area, ...]:
        """The areas as far as they are in these clusters and namespaces (None: all)."""
        return merged(narrow for area in self.areas if (narrow := area.narrowed(clusters, namespaces)) is not None)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an actor may do in one area: scopes that a role gives, until `ends_at` (None: no end)."""

    role: str
    scopes: frozenset[str]
    area: Area
    ends_at: datetime | None = None


def merged(areas: Iterable[Area]) -> tuple[Area, ...]:
    """The same places in fewer areas: those of the same namespaces are one, and those of the same clusters."""
    by_namespaces: dict[frozenset[str] | None, list[Area]] = {}
    for area in areas:
        by_namespaces.setdefault(area.namespaces, []).append(area)
    by_clusters: dict[frozenset[str] | None, list[Area]] = {}
    for namespaces, found in by_namespaces.items():
        clusters = _all(area.clusters for area in found)
        by_clusters.setdefault(clusters, []).append(Area(clusters, namespaces))
    return tuple(Area(clusters, _all(area.namespaces for area in found)) for clusters, found in by_clusters.items())


def bounds(areas: Iterable[Area]) -> Area:
    """The smallest single area around all of these: an index narrows by it before each area is compared."""
    every = tuple(areas)
    return Area(_all(area.clusters for area in every), _all(area.namespaces for area in every))


def _includes(allowed: frozenset[str] | None, one: str | None) -> bool:
    return allowed is None or one in allowed


def _both(one: frozenset[str] | None, other: Collection[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else frozenset(other)
    return one.intersection(other)


def _all(parts: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    every = list(parts)
    return None if None in every else frozenset().union(*(part for part in every if part is not None))

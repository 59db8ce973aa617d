"""Conditions of SQL for areas (`optral.terms.reach`): built once for each pattern, with the clusters and namespaces as parameters."""

from typing import Any

import sqlalchemy as sa

from optral.terms.reach import Area, Areas, bounds

Pattern = tuple[tuple[bool, bool], ...] | None
"""Of each area, whether it names clusters and whether it names namespaces; None: no condition."""


def pattern_of(areas: Areas) -> Pattern:
    return None if areas is None else tuple((area.clusters is not None, area.namespaces is not None) for area in areas)


def values_of(areas: Areas, name: str = "area") -> dict[str, Any]:
    """The parameters of `inside` with this name."""
    if not areas:
        return {}
    values = _values(name, bounds(areas))
    if len(areas) > 1:
        for number, one in enumerate(areas):
            values |= _values(f"{name}{number}", one)
    return values


def inside(pattern: Pattern, cluster_id: Any, namespace: Any, name: str = "area") -> list[sa.ColumnElement[bool]]:
    """The conditions that a row with these columns is in one of the areas.

    The first ones compare with what is around all areas, which an index can do; several areas are then compared one by one.
    """
    if pattern is None:
        return []
    if not pattern:
        return [sa.literal_column("1") == sa.literal_column("0")]  # `false()` would take the other conditions out of the statement
    around = (all(clusters for clusters, _ in pattern), all(namespaces for _, namespaces in pattern))
    conditions = _in(name, around, cluster_id, namespace)
    if len(pattern) > 1:
        each = (sa.and_(sa.true(), *_in(f"{name}{number}", one, cluster_id, namespace)) for number, one in enumerate(pattern))
        conditions.append(sa.or_(*each))
    return conditions


def _values(name: str, area: Area) -> dict[str, Any]:
    found: dict[str, Any] = {} if area.clusters is None else {f"{name}_clusters": sorted(area.clusters)}
    return found if area.namespaces is None else found | {f"{name}_namespaces": sorted(area.namespaces)}


def _in(name: str, named: tuple[bool, bool], cluster_id: Any, namespace: Any) -> list[sa.ColumnElement[bool]]:
    columns = zip(named, ("clusters", "namespaces"), (cluster_id, namespace), strict=True)
    return [column.in_(sa.bindparam(f"{name}_{what}", expanding=True)) for is_named, what, column in columns if is_named]

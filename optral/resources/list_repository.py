"""The SQL of lists of resources: filters, sorting, pages and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from optral.kit.paging import PageCursor, PageRequest
from optral.kube.statuses import State, state_of
from optral.resources import object_sets, workloads
from optral.resources.model import ResourceFilter
from optral.resources.query_sql import COLUMNS
from optral.resources.tables import UNHEALTHY, resource_counts, resource_kinds, resource_labels, resources, stands_for_itself
from optral.store import areas, search_sql
from optral.store.dialects import Folded, among, by_dialect, listed as value_list
from optral.store.lists import FEW, containing, counted, paged, place_of, unindexed
from optral.store.transaction import Transaction

_COLUMNS = [column for column in resources.c if column.name not in ("manifest", "intent", "revision", "org_id", "set_number", "place")]
_SORT = {
    "name": resources.c.name,
    "kind": resources.c.kind,
    "namespace": resources.c.namespace,
    "updatedAt": resources.c.updated_at,
    "createdAt": sa.func.coalesce(resources.c.created_at, sa.literal_column("0"), type_=resources.c.created_at.type),
}
_with_kinds = resources.outerjoin(
    resource_kinds,
    sa.and_(
        resource_kinds.c.org_id == resources.c.org_id,
        resource_kinds.c.cluster_id == resources.c.cluster_id,
        resource_kinds.c.kind == resources.c.kind,
    ),
)
listed = sa.select(*_COLUMNS, resource_kinds.c.phase, resource_kinds.c.incoming, resource_kinds.c.changed_at).select_from(_with_kinds)


ANY_KIND = ""
_PLACES = {"clusters": "cluster_id", "kinds": "kind", "namespaces": "namespace"}
_CLAUSES: Mapping[str, sa.ColumnElement[bool] | sa.TextClause] = {
    "statuses": resources.c.status.in_(sa.bindparam("statuses", expanding=True)),
    "states": resources.c.state.in_(sa.bindparam("states", expanding=True)),
    "unhealthy": sa.text(f"resources.{UNHEALTHY}"),  # word for word the condition of a partial index
    "workloads": sa.text(stands_for_itself("resources.")),
    "worst": resources.c.id.in_(workloads.with_worst("worst")),
    "not_worst": resources.c.id.not_in(workloads.with_worst("not_worst")),
    "name": resources.c.name == sa.bindparam("name"),
    "ids": resources.c.id.in_(sa.bindparam("ids", expanding=True)),
    "owner_uid": resources.c.owner_uid == sa.bindparam("owner_uid"),
    "q": Folded(resources.c.name).like(sa.bindparam("q"), escape="\\"),
}
Shape = tuple[str | areas.Pattern | search_sql.Part, ...]


def _filtered(statement: sa.Select[Any], shape: Shape, table: sa.Table = resources) -> sa.Select[Any]:
    """Add the conditions that a filter of this shape has; the values come as parameters."""
    statement = statement.where(table.c.org_id == sa.bindparam("org"))
    for part in shape:
        if isinstance(part, search_sql.Part):
            statement = statement.where(search_sql.clause(part, COLUMNS))
        elif not isinstance(part, str):
            statement = statement.where(*areas.inside(part, table.c.cluster_id, table.c.namespace))
        elif part in _PLACES:
            statement = statement.where(table.c[_PLACES[part]].in_(sa.bindparam(part, expanding=True)))
        else:
            statement = statement.where(_CLAUSES[part] if part in _CLAUSES else _has_label(part))
    return statement


def _has_label(name: str) -> sa.ColumnElement[bool]:
    sets = sa.select(resource_labels.c.number).where(
        resource_labels.c.org_id == sa.bindparam("org"), resource_labels.c.label == sa.bindparam(name, type_=sa.String)
    )
    return resources.c.set_number.in_(sets)


def _shape(wanted: ResourceFilter) -> tuple[Shape, dict[str, Any]]:
    values: dict[str, Any] = {name: sorted(chosen) for name in (*_PLACES, "statuses") if (chosen := getattr(wanted, name))}
    values |= {name: chosen for name in ("name", "owner_uid") if (chosen := getattr(wanted, name)) is not None}
    values |= _states(wanted)
    values |= {"ids": sorted(wanted.ids)} if wanted.ids is not None else {}
    values |= {"q": containing(wanted.q)} if wanted.q else {}
    values |= {f"label{index}": object_sets.label_term(*label) for index, label in enumerate(sorted(wanted.labels.items()))}
    flags = {"unhealthy": _is_unhealthy(wanted), "workloads": wanted.workloads}
    shape: list[str | areas.Pattern | search_sql.Part] = [*values, *(name for name, holds in flags.items() if holds)]
    if wanted.areas is not None:
        shape.append(areas.pattern_of(wanted.areas))
        values |= areas.values_of(wanted.areas)
    for index, criterion in enumerate(wanted.terms):
        condition, given = search_sql.part_of(index, criterion, COLUMNS)
        shape.append(condition)
        values |= given
    return tuple(shape), values


def _states(wanted: ResourceFilter) -> dict[str, Any]:
    """The states as the parameter of a condition. Those of a workload are what its worst pod has; healthy ones are in no index."""
    if not wanted.states:
        return {}
    if not wanted.workloads:
        return {"states": sorted(map(int, wanted.states))}
    if State.HEALTHY in wanted.states:
        return {"not_worst": sorted(map(int, frozenset(State) - wanted.states))}
    return {"worst": sorted(map(int, wanted.states))}


def _is_unhealthy(wanted: ResourceFilter) -> bool:
    """Whether only objects that fail or wait can match, which an index knows.

    No object is healthier than its status alone says: a pod that runs may wait, and none that crashes is healthy.
    """
    if wanted.states and State.HEALTHY not in wanted.states and not wanted.workloads:
        return True
    return bool(wanted.statuses) and all(state_of(ANY_KIND, status) is not State.HEALTHY for status in wanted.statuses)


@lru_cache(maxsize=512)
def _find(shape: Shape, sort: str, descending: bool, after: bool, *, is_few: bool) -> sa.Select[Any]:
    column: sa.ColumnElement[Any] = unindexed(_SORT[sort]) if is_few and shape else _SORT[sort]
    return paged(_filtered(listed, shape), column, resources.c.id, descending=descending, after=after)


@lru_cache(maxsize=512)
def _count(shape: Shape) -> sa.Select[Any]:
    return counted(_filtered(sa.select(resources.c.id), shape))


@lru_cache(maxsize=512)
def _counts(shape: Shape) -> sa.Select[Any]:
    """Read from the kept numbers if the filter allows it. Otherwise counted in the order of an index, and joined afterwards: joined first,
    the states of kinds are looked up for every object."""
    if all(part in _PLACES if isinstance(part, str) else not isinstance(part, search_sql.Part) for part in shape):
        kept = resource_counts.c
        statement = sa.select(kept.cluster_id, kept.kind, kept.namespace, kept.count.label("number"))
        numbers = _filtered(statement, shape, resource_counts).subquery("numbers")
    else:
        by = (resources.c.cluster_id, resources.c.kind, resources.c.namespace)
        numbers = _filtered(sa.select(*by, sa.func.count().label("number")), shape).group_by(*by).subquery("numbers")
    same = sa.and_(resource_kinds.c.cluster_id == numbers.c.cluster_id, resource_kinds.c.kind == numbers.c.kind)
    joined = numbers.outerjoin(resource_kinds, sa.and_(resource_kinds.c.org_id == sa.bindparam("org"), same))
    found = sa.select(*numbers.c, resource_kinds.c.phase, resource_kinds.c.changed_at).select_from(joined)
    return found.order_by(numbers.c.cluster_id, numbers.c.kind, numbers.c.namespace)


def find(tx: Transaction, wanted: ResourceFilter, page: PageRequest, *, matching: int | None = None) -> Sequence[sa.Row[Any]]:
    """A page; `matching` is what `count` gives for the same filter."""
    return _page(tx, wanted, page, page.size, page.offset, is_few=_are_few(matching))


def _are_few(matching: int | None) -> bool:
    return matching is not None and matching <= FEW


def _page(tx: Transaction, wanted: ResourceFilter, page: PageRequest, size: int, offset: int, *, is_few: bool) -> Sequence[sa.Row[Any]]:
    shape, values = _shape(wanted)
    values |= {"org": tx.org_id, **place_of(page), "limit": size, "offset": offset}
    return tx.execute(_find(shape, page.sort, page.descending, page.after is not None, is_few=is_few), values).all()


def find_by_state(tx: Transaction, wanted: ResourceFilter, page: PageRequest, *, matching: int | None = None) -> list[sa.Row[Any]]:
    """As `find`, what fails first, then what waits, then the rest, each by name.

    Two reads: of the few unhealthy objects, from their index, and of the others in the order of names, if the page reaches that far.
    """
    after = page.after
    asked = wanted.states or frozenset(State)
    sick, healthy = asked - {State.HEALTHY}, asked & {State.HEALTHY}
    found: list[sa.Row[Any]] = []
    skipped = 0
    if sick and (after is None or after.value[0] < State.HEALTHY):
        first = replace(wanted, states=sick)
        found = _unhealthy(tx, first, page)
        skipped = count(tx, first) if page.offset and len(found) < page.size else 0
    if healthy and len(found) < page.size:
        rest = replace(wanted, states=healthy)
        place = PageCursor(after.value[1], after.id) if after is not None and after.value[0] == State.HEALTHY else None
        size = page.size - len(found)
        offset = 0 if found else max(0, page.offset - skipped)
        found += _page(tx, rest, replace(page, sort="name", descending=False, after=place), size, offset, is_few=_are_few(matching))
    return found


def _unhealthy(tx: Transaction, wanted: ResourceFilter, page: PageRequest) -> list[sa.Row[Any]]:
    shape, values = _shape(wanted)
    values |= {"org": tx.org_id, "limit": page.size, "offset": page.offset}
    if page.after is not None:
        values |= {"after_state": page.after.value[0], "after_value": page.after.value[1], "after_id": page.after.id}
    return list(tx.execute(_find_unhealthy(shape, page.after is not None), values).all())


@lru_cache(maxsize=512)
def _find_unhealthy(shape: Shape, after: bool) -> sa.Select[Any]:
    statement: sa.Select[Any] = listed
    state: sa.ColumnElement[Any] = resources.c.state
    if "workloads" in shape:
        of_pods = workloads.unhealthy().subquery("of_pods")
        state = of_pods.c.worst
        statement = listed.join(of_pods, of_pods.c.id == resources.c.id).where(state.in_(sa.bindparam("worst", expanding=True)))
    statement = _filtered(statement, tuple(part for part in shape if part != "worst"))
    order = (state, resources.c.name, resources.c.id)
    if after:
        bound = [sa.bindparam("after_state", type_=sa.Integer), sa.bindparam("after_value", type_=sa.String)]
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*bound, sa.bindparam("after_id", type_=sa.String)))
    return statement.order_by(*order).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))


def count(tx: Transaction, wanted: ResourceFilter) -> int:
    shape, values = _shape(wanted)
    found: int = tx.execute(_count(shape), values | {"org": tx.org_id}).scalar_one()
    return found


def counts(tx: Transaction, wanted: ResourceFilter) -> Sequence[sa.Row[Any]]:
    """(cluster_id, kind, namespace, phase, changed_at, number), in that order."""
    shape, values = _shape(wanted)
    return tx.execute(_counts(shape), values | {"org": tx.org_id}).all()


_get = listed.where(resources.c.org_id == sa.bindparam("org"), resources.c.id == sa.bindparam("id"))
_children = (
    listed.where(
        resources.c.org_id == sa.bindparam("org"),
        resources.c.cluster_id == sa.bindparam("cluster"),
        resources.c.owner_uid.in_(sa.bindparam("uids", expanding=True)),
    )
    .order_by(unindexed(resources.c.kind), resources.c.name, resources.c.id)
    .limit(sa.bindparam("limit"))
)


def get(tx: Transaction, resource_id: str) -> sa.Row[Any] | None:
    return tx.execute(_get, {"org": tx.org_id, "id": resource_id}).first()


def children(tx: Transaction, cluster_id: str, owner_uids: Sequence[str], limit: int) -> Sequence[sa.Row[Any]]:
    return tx.execute(_children, {"org": tx.org_id, "cluster": cluster_id, "uids": list(owner_uids), "limit": limit}).all()


_not_ready = sa.select(resources.c.cluster_id, resources.c.kind, sa.func.count().label("number")).where(
    resources.c.org_id == sa.bindparam("org"), sa.text(UNHEALTHY), resources.c.kind.in_(("Node", "Pod"))
)
_NOT_READY = _not_ready.group_by(resources.c.cluster_id, resources.c.kind)
_of_kinds = sa.select(resource_kinds.c.cluster_id, resource_kinds.c.kind, resource_kinds.c.count.label("number")).where(
    unindexed(resource_kinds.c.org_id) == sa.bindparam("org"), resource_kinds.c.kind.in_(sa.bindparam("kinds", expanding=True))
)
_OF_KINDS = by_dialect(lambda dialect: _of_kinds.where(among(resource_kinds.c.cluster_id, dialect)))


def not_ready(tx: Transaction) -> Sequence[sa.Row[Any]]:
    """(cluster_id, kind, number) of the nodes and pods that do not work."""
    return tx.execute(_NOT_READY, {"org": tx.org_id}).all()


def of_kinds(tx: Transaction, cluster_ids: Sequence[str], kinds: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """(cluster_id, kind, number) of the objects of these kinds."""
    return tx.execute(_OF_KINDS[tx.dialect], {"org": tx.org_id, "kinds": list(kinds), "wanted": value_list(tx, cluster_ids)}).all()

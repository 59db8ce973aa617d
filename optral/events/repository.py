"""All SQL of events."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.events.model import Event, EventFilter
from optral.events.tables import event_heads, events
from optral.kit.paging import PageRequest
from optral.store import areas
from optral.store.lists import FEW, counted, numbered, unindexed
from optral.store.transaction import Transaction
from optral.terms.reach import Area, Areas, bounds

_END = 2**62  # no event has this number
_MOST_PARTS = 20
_ORG: sa.BindParameter[str] = sa.bindparam("org")
_INSERT = sa.insert(events)
_HEAD = sa.select(event_heads.c.seq).where(event_heads.c.org_id == _ORG)
_OLDEST = sa.select(sa.func.min(events.c.seq)).where(events.c.org_id == _ORG)
_NEWEST_AT = sa.select(events.c.at).where(events.c.org_id == _ORG).order_by(events.c.seq.desc()).limit(1)
_FIRST = (
    sa.select(events.c.seq, events.c.at)
    .where(events.c.org_id == _ORG)
    .order_by(events.c.seq)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_DELETE = sa.delete(events).where(events.c.org_id == _ORG, events.c.seq <= sa.bindparam("seq"))
_COLUMNS = sa.select(events.c.seq, events.c.type, events.c.cluster_id, events.c.subject_id, events.c.data, events.c.at)


def _advance(dialect: Any) -> sa.Executable:
    insert = dialect.insert(event_heads).values(org_id=sa.bindparam("org"), seq=sa.bindparam("added"))
    moved: sa.Executable = insert.on_conflict_do_update(
        index_elements=["org_id"], set_={"seq": event_heads.c.seq + insert.excluded.seq}
    ).returning(event_heads.c.seq)
    return moved


_ADVANCE = {"sqlite": _advance(sqlite), "postgresql": _advance(postgresql)}


@lru_cache(maxsize=128)
def _after(*, types: bool, pattern: areas.Pattern) -> sa.Select[Any]:
    until = sa.bindparam("until", type_=sa.BigInteger)
    query = _COLUMNS.where(events.c.org_id == _ORG, events.c.seq > sa.bindparam("seq"), events.c.seq <= until)
    if types:
        query = query.where(events.c.type.in_(sa.bindparam("types", expanding=True)))
    query = query.where(*areas.inside(pattern, events.c.cluster_id, unindexed(events.c.namespace)))
    return query.order_by(events.c.seq).limit(sa.bindparam("limit", type_=sa.Integer))


def advance(tx: Transaction, by: int) -> int:
    """Move the organization's head by so many; return the new head. Locks it until the end of the transaction."""
    head: int = tx.execute(_ADVANCE[tx.dialect], {"org": tx.org_id, "added": by}).scalar_one()
    return head


def insert(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.execute(_INSERT, rows)


def head(tx: Transaction) -> int:
    """The newest number, 0 before the first event. It moves with every visible change, so it is a key for cached counts."""
    return tx.execute(_HEAD, {"org": tx.org_id}).scalar_one_or_none() or 0


def oldest(tx: Transaction) -> int | None:
    found: int | None = tx.execute(_OLDEST, {"org": tx.org_id}).scalar_one()
    return found


def newest_at(tx: Transaction) -> datetime | None:
    """When the organization's newest event was written."""
    found: datetime | None = tx.execute(_NEWEST_AT, {"org": tx.org_id}).scalar_one_or_none()
    return found


def after(tx: Transaction, seq: int, *, types: Collection[str] | None, within: Areas, limit: int, until: int = _END) -> list[Event]:
    given = {"types": sorted(types)} if types is not None else {}
    given |= areas.values_of(within)
    statement = _after(types=types is not None, pattern=areas.pattern_of(within))
    return [_event(row) for row in tx.execute(statement, {"org": tx.org_id, "seq": seq, "until": until, "limit": limit, **given})]


def find(tx: Transaction, wanted: EventFilter, page: PageRequest) -> list[Event]:
    is_timed = wanted.since is not None or wanted.until is not None
    is_few = is_timed and count(tx, wanted) <= FEW
    parts = [_COLUMNS.where(*_conditions(tx, one, by_time=is_few)) for one in ([wanted] if is_few else _split(wanted))]
    return [_event(row) for row in tx.execute(numbered(parts, events.c.seq, page, is_few=is_few))]


def _split(wanted: EventFilter) -> list[EventFilter]:
    """The filter as one for each type, or else for each cluster: for each of them, an index has the order of the list."""
    if wanted.types and len(wanted.types) <= _MOST_PARTS:
        return [replace(wanted, types=frozenset({one})) for one in sorted(wanted.types)]
    if wanted.areas is not None:
        return _split_areas(wanted, wanted.areas)
    if wanted.clusters and len(wanted.clusters) <= _MOST_PARTS:
        return [replace(wanted, clusters=frozenset({cluster})) for cluster in sorted(wanted.clusters)]
    return [wanted]


def _split_areas(wanted: EventFilter, within: tuple[Area, ...]) -> list[EventFilter]:
    """The filter as one for each namespace."""
    names = sorted(bounds(within).namespaces or ())
    if not names or len(names) > _MOST_PARTS:
        return [wanted]
    parts = ((tuple(one for area in within if (one := area.narrowed(None, [name])) is not None)) for name in names)
    return [replace(wanted, areas=part) for part in parts]


def count(tx: Transaction, wanted: EventFilter) -> int:
    number: int = tx.execute(counted(sa.select(events.c.seq).where(*_conditions(tx, wanted)))).scalar_one()
    return number


def first(tx: Transaction, limit: int) -> list[tuple[int, Any]]:
    """Number and time of the oldest events."""
    return [(row.seq, row.at) for row in tx.execute(_FIRST, {"org": tx.org_id, "limit": limit})]


def delete_up_to(tx: Transaction, seq: int) -> int:
    return tx.execute(_DELETE, {"org": tx.org_id, "seq": seq}).rowcount


def _event(row: sa.Row[Any]) -> Event:
    return Event(row.seq, row.type, row.cluster_id, row.subject_id, row.data, row.at)


def _inside(within: Areas) -> list[sa.ColumnElement[bool]]:
    """Conditions with their values: the statement is built for one filter and may hold several of them."""
    if within is None:
        return []
    each = (
        sa.and_(
            sa.true(),
            *([] if one.clusters is None else [unindexed(events.c.cluster_id).in_(sorted(one.clusters))]),
            *([] if one.namespaces is None else [unindexed(events.c.namespace).in_(sorted(one.namespaces))]),
        )
        for one in within
    )
    names = bounds(within).namespaces
    around = [] if names is None else [events.c.namespace.in_(sorted(names))]  # what an index finds
    return [*around, sa.or_(sa.false(), *each)]


def _conditions(tx: Transaction, wanted: EventFilter, *, by_time: bool = True) -> list[sa.ColumnElement[bool]]:
    at = events.c.at if by_time else unindexed(events.c.at)
    conditions: list[sa.ColumnElement[bool]] = [events.c.org_id == tx.org_id]
    if wanted.types is not None:
        conditions.append(events.c.type.in_(sorted(wanted.types)))
    if wanted.clusters is not None:
        has_names = wanted.areas is not None and bounds(wanted.areas).namespaces is not None
        cluster_id = unindexed(events.c.cluster_id) if has_names else events.c.cluster_id
        conditions.append(cluster_id.in_(sorted(wanted.clusters)))
    conditions += _inside(wanted.areas)
    if wanted.subject_id is not None:
        conditions.append(events.c.subject_id == wanted.subject_id)
    if wanted.since is not None:
        conditions.append(at >= wanted.since)
    if wanted.until is not None:
        conditions.append(at < wanted.until)
    return conditions

"""All SQL of the inventory. The statements of the hot path are prebuilt text for the driver; the rest is Core.

SQLite takes one row after the other without a round trip, and the driver's `executemany` is its fastest form. PostgreSQL takes all rows of
a job in one statement: their columns as one JSON document, their manifests as one value that the statement cuts up. That costs a quarter of
what `executemany` costs here, and two thirds of what it costs PostgreSQL.

psycopg prepares what it sends often, and PostgreSQL then keeps a plan, perhaps one from when the table was almost empty, until the next
ANALYZE. So each statement of the hot path leaves the planner no choice but the primary key: `ON CONFLICT (id)`, or one id at a time with a
term on `org_id` that no index serves (`org_id || ''`; SQLite's `+org_id`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.resources import object_sets_repository, packing
from optral.resources.model import KindState
from optral.resources.tables import (
    kubernetes_events,
    resource_counts,
    resource_dictionaries,
    resource_history,
    resource_kinds,
    resources,
)
from optral.store import batches
from optral.store.dialects import by_dialect, listed
from optral.store.lists import unindexed
from optral.store.prepared import Prepared
from optral.store.transaction import Transaction


class ObjectVersion(NamedTuple):
    """What is stored of an object that decides how a change is applied."""

    id: str
    resource_version: str
    snapshot: str
    intent: str
    revision: int
    owner_uid: str | None
    namespace: str
    state: int
    set_number: int | None
    place: str | None
    generation: int | None


class Row(NamedTuple):
    """A row of `resources` as it is written: times in microseconds, labels as JSON text, the manifest compressed."""

    id: str
    org_id: str
    cluster_id: str
    kind: str
    uid: str
    namespace: str
    name: str
    resource_version: str
    snapshot: str
    generation: int | None
    intent: str
    revision: int
    owner_kind: str | None
    owner_name: str | None
    owner_uid: str | None
    labels: str
    set_number: int
    place: str | None
    status: str | None
    state: int
    created_at: int | None
    updated_at: int
    manifest: bytes


_KEPT = frozenset(
    {"id", "org_id", "cluster_id", "kind", "uid", "namespace", "name", "created_at"}
)  # as they were when the row was inserted
_OWNER = ("owner_kind", "owner_name", "owner_uid")
_INDEXED = (*_OWNER, "state", "set_number")  # `owner_uid`, `state` and `set_number` are in an index: written only when they change


def _set(names: Sequence[str]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in names)


_COLUMNS = ", ".join(Row._fields)
_CHANGED = [name for name in Row._fields if name not in _KEPT]
_CHANGED_UNINDEXED = [name for name in _CHANGED if name not in _INDEXED]
_APART = ("org_id", "cluster_id", "updated_at", "manifest")  # not in the JSON: the same in all rows of one statement, or bytes
_RECORD = {name: "text" for name in Row._fields if name not in _APART} | {
    "generation": "bigint",
    "revision": "int",
    "state": "smallint",
    "set_number": "bigint",
    "created_at": "bigint",
    "labels": "jsonb",
    "start": "int",
    "size": "int",
}
_SELECTED = {"org_id": "?", "cluster_id": "?", "updated_at": "?", "manifest": "substring(?::bytea FROM given.start FOR given.size)"}

_HOT: dict[str, str | dict[str, str]] = {
    "known": {
        "sqlite": (
            f"SELECT {', '.join(ObjectVersion._fields)} FROM resources WHERE +org_id = ? AND id IN (SELECT value FROM json_each(?))"
        ),
        "postgresql": (
            "SELECT found.* FROM (SELECT ?::text AS org_id) AS actor CROSS JOIN unnest(?::text[]) AS wanted(id) CROSS JOIN LATERAL"
            f" (SELECT {', '.join(ObjectVersion._fields)} FROM resources"
            " WHERE resources.id = wanted.id AND resources.org_id || '' = actor.org_id OFFSET 0) AS found"
        ),
    },
    "update": (
        "UPDATE resources SET "
        + ", ".join(f"{name} = ?{Row._fields.index(name) + 1}" for name in _CHANGED_UNINDEXED)
        + " WHERE id = ?1 AND org_id = ?2"
    ),
    "insert": (
        f"INSERT INTO resources ({_COLUMNS}) VALUES ({', '.join('?' * len(Row._fields))})"
        f" ON CONFLICT (id) DO UPDATE SET {_set(_CHANGED_UNINDEXED)} WHERE resources.org_id = excluded.org_id"
    ),
    "save": (
        f"INSERT INTO resources ({_COLUMNS}) SELECT {', '.join(_SELECTED.get(name, f'given.{name}') for name in Row._fields)}"
        f" FROM json_to_recordset(?::json) AS given({', '.join(f'{name} {kind}' for name, kind in _RECORD.items())})"
        f" ON CONFLICT (id) DO UPDATE SET {_set(_CHANGED)} WHERE resources.org_id = excluded.org_id"
    ),
    "stamp": {
        "sqlite": "UPDATE resources SET snapshot = ? WHERE id = ? AND org_id = ?",
        "postgresql": "UPDATE resources SET snapshot = ? WHERE id = ? AND org_id || '' = ?",
    },
    "delete": {
        "sqlite": "DELETE FROM resources WHERE id = ? AND org_id = ?",
        "postgresql": "DELETE FROM resources WHERE id = ? AND org_id || '' = ?",
    },
    "owner": "UPDATE resources SET owner_kind = ?, owner_name = ?, owner_uid = ? WHERE id = ? AND org_id = ?",
    "state": "UPDATE resources SET state = ? WHERE id = ? AND org_id = ?",
    "set": "UPDATE resources SET set_number = ? WHERE id = ? AND org_id = ?",
}


def _prepared(entry: str | dict[str, str]) -> Prepared:
    forms = {"sqlite": entry, "postgresql": entry} if isinstance(entry, str) else entry
    return Prepared({dialect: text if dialect == "sqlite" else text.replace("?", "%s") for dialect, text in forms.items()})


_PREPARED = {name: _prepared(entry) for name, entry in _HOT.items()}


def _many(tx: Transaction, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        tx.send_many(_PREPARED[name], rows)


def known(tx: Transaction, ids: Sequence[str]) -> dict[str, ObjectVersion]:
    """What is stored of these ids."""
    if not ids:
        return {}
    return {row[0]: ObjectVersion._make(row) for row in tx.fetch(_PREPARED["known"], (tx.org_id, listed(tx, ids)))}


class Changed(NamedTuple):
    """The rows of a job that are stored already: all of them, and those with another owner, state or set than before."""

    rows: list[Row]
    owner: list[Row]
    state: list[Row]
    set: list[Row]


def save(tx: Transaction, *, new: Sequence[Row], changed: Changed) -> None:
    """Write rows of one cluster, each id once."""
    if tx.dialect == "sqlite":
        _many(tx, "insert", new)
        _many(tx, "update", changed.rows)
        _many(tx, "owner", [(row.owner_kind, row.owner_name, row.owner_uid, row.id, row.org_id) for row in changed.owner])
        _many(tx, "state", [(row.state, row.id, row.org_id) for row in changed.state])
        _many(tx, "set", [(row.set_number, row.id, row.org_id) for row in changed.set])
    elif rows := [*new, *changed.rows]:
        _save_at_once(tx, rows)


def _save_at_once(tx: Transaction, rows: Sequence[Row]) -> None:
    records: list[dict[str, Any]] = []
    start = 1
    for row in rows:
        record: dict[str, Any] = dict(zip(Row._fields, row, strict=True))
        for name in _APART:
            del record[name]
        size = len(row.manifest)
        records.append(record | {"labels": msgspec.Raw(row.labels.encode()), "start": start, "size": size})
        start += size
    shared = rows[0]
    manifests = b"".join([row.manifest for row in rows])
    given = (shared.org_id, shared.cluster_id, shared.updated_at, manifests, msgspec.json.encode(records).decode())
    tx.send(_PREPARED["save"], given)


def stamp(tx: Transaction, snapshot: str, ids: Sequence[str]) -> None:
    """Mark unchanged rows as seen by a snapshot."""
    _many(tx, "stamp", [(snapshot, id_, tx.org_id) for id_ in ids])


def delete(tx: Transaction, ids: Sequence[str]) -> None:
    _many(tx, "delete", [(id_, tx.org_id) for id_ in ids])


_kind_columns = (
    resource_kinds.c.kind,
    resource_kinds.c.phase,
    resource_kinds.c.generation,
    resource_kinds.c.incoming,
    resource_kinds.c.removed,
    resource_kinds.c.confirm,
    resource_kinds.c.count,
    resource_kinds.c.digest,
)
_kinds_query = sa.select(*_kind_columns).where(
    resource_kinds.c.org_id == sa.bindparam("org"), resource_kinds.c.cluster_id == sa.bindparam("cluster")
)
_kinds = Prepared(_kinds_query)
_kinds_locked = Prepared(_kinds_query.order_by(resource_kinds.c.kind).with_for_update())


def _kind_state(row: Any) -> KindState:
    kind, phase, generation, incoming, removed, confirm, count, digest = row
    return KindState(kind, phase, generation, incoming, removed, confirm, count, int.from_bytes(digest, "big"))


_known = sa.select(resource_kinds.c.kind).distinct().where(resource_kinds.c.org_id == sa.bindparam("org"))


def known_kinds(tx: Transaction) -> list[str]:
    """The ids of all kinds that any cluster of the organization has reported."""
    return list(tx.execute(_known, {"org": tx.org_id}).scalars())


def kind_states(tx: Transaction, cluster_id: str, *, lock: bool = False) -> dict[str, KindState]:
    """How the copies of all kinds stand; `lock` keeps a second writer out on PostgreSQL (SQLite has one writer)."""
    rows = tx.fetch(_kinds_locked if lock else _kinds, {"org": tx.org_id, "cluster": cluster_id})
    return {row.kind: _kind_state(row) for row in rows}


_pair = resource_kinds.c.kind + "=" + resource_kinds.c.phase
_phases = (
    sa.select(resource_kinds.c.cluster_id, sa.func.aggregate_strings(_pair, ",").label("phases"))
    .where(resource_kinds.c.org_id == sa.bindparam("org"), resource_kinds.c.cluster_id.in_(sa.bindparam("clusters", expanding=True)))
    .group_by(resource_kinds.c.cluster_id)
)


def phases(tx: Transaction, cluster_ids: Collection[str]) -> dict[str, str]:
    """The phase of each kind, by cluster, as `Pod=live,Node=forbidden`: of a thousand clusters a row each, and mostly the same text."""
    rows = tx.execute(_phases, {"org": tx.org_id, "clusters": list(cluster_ids)}) if cluster_ids else ()
    return {row.cluster_id: row.phases for row in rows}


def _save_kinds(dialect: str) -> sa.Executable:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    names = ("org_id", "cluster_id", "kind", "phase", "generation", "incoming", "removed", "confirm", "count", "digest", "changed_at")
    statement = build(resource_kinds).values({name: sa.bindparam("p_" + name) for name in names})
    return statement.on_conflict_do_update(
        index_elements=["cluster_id", "kind"],
        set_={name: statement.excluded[name] for name in names[3:]},
        where=resource_kinds.c.org_id == statement.excluded.org_id,
    )


_SAVE_KINDS = Prepared(by_dialect(_save_kinds))


def save_kind_states(tx: Transaction, cluster_id: str, states: Sequence[KindState]) -> None:
    if not states:
        return
    rows = [
        {
            "p_org_id": tx.org_id,
            "p_cluster_id": cluster_id,
            "p_kind": state.kind,
            "p_phase": state.phase,
            "p_generation": state.generation,
            "p_incoming": state.incoming,
            "p_removed": state.removed,
            "p_confirm": state.confirm,
            "p_count": state.count,
            "p_digest": state.sum.to_bytes(16, "big"),
            "p_changed_at": tx.now,
        }
        for state in states
    ]
    tx.send_many(_SAVE_KINDS, rows)


_AT = tuple(resource_counts.c[name] == sa.bindparam("p_" + name) for name in ("org_id", "cluster_id", "kind", "namespace"))


def _add_counts(dialect: str) -> sa.Executable:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = build(resource_counts).values({column.name: sa.bindparam("p_" + column.name) for column in resource_counts.c})
    return statement.on_conflict_do_update(
        index_elements=["org_id", "cluster_id", "kind", "namespace"],
        set_={"count": resource_counts.c.count + statement.excluded.count},
    )


_ADD_COUNTS = Prepared(by_dialect(_add_counts))
_DROP_EMPTY_COUNTS = Prepared(sa.delete(resource_counts).where(*_AT, resource_counts.c.count <= 0))
_DROP_COUNTS = sa.delete(resource_counts).where(*_AT[:3])
_COUNT_AGAIN = sa.insert(resource_counts).from_select(
    [column.name for column in resource_counts.c],
    sa.select(resources.c.org_id, resources.c.cluster_id, resources.c.kind, resources.c.namespace, sa.func.count())
    .where(*(resources.c[name] == sa.bindparam("p_" + name) for name in ("org_id", "cluster_id", "kind")))
    .group_by(resources.c.org_id, resources.c.cluster_id, resources.c.kind, resources.c.namespace),
)


def add_counts(tx: Transaction, cluster_id: str, moved: Mapping[tuple[str, str], int]) -> None:
    """Add to the numbers of objects, given by (kind, namespace); a number that becomes 0 goes."""
    at = {"p_org_id": tx.org_id, "p_cluster_id": cluster_id}
    places = [(at | {"p_kind": kind, "p_namespace": namespace}, number) for (kind, namespace), number in sorted(moved.items()) if number]
    if places:
        tx.send_many(_ADD_COUNTS, [place | {"p_count": number} for place, number in places])
    if fewer := [place for place, number in places if number < 0]:
        tx.send_many(_DROP_EMPTY_COUNTS, fewer)


def count_again(tx: Transaction, cluster_id: str, kinds: Sequence[str]) -> None:
    """Make the numbers of these kinds those of the rows as they are."""
    for kind in kinds:
        values = {"p_org_id": tx.org_id, "p_cluster_id": cluster_id, "p_kind": kind}
        tx.execute(_DROP_COUNTS, values)
        tx.execute(_COUNT_AGAIN, values)


_of_kind = (
    resources.c.org_id == sa.bindparam("org"),
    resources.c.cluster_id == sa.bindparam("cluster"),
    resources.c.kind == sa.bindparam("kind"),
)
_count_stamped = sa.select(sa.func.count()).select_from(resources).where(*_of_kind, resources.c.snapshot == sa.bindparam("snapshot"))
_unstamped = sa.select(
    resources.c.id,
    resources.c.uid,
    resources.c.namespace,
    resources.c.name,
    resources.c.resource_version,
    resources.c.revision,
).where(*_of_kind, resources.c.snapshot != sa.bindparam("snapshot"))
_versions = sa.select(resources.c.kind, resources.c.uid, resources.c.resource_version).where(
    resources.c.org_id == sa.bindparam("org"),
    resources.c.cluster_id == sa.bindparam("cluster"),
    resources.c.kind.in_(sa.bindparam("kinds", expanding=True)),
)


def count_stamped(tx: Transaction, cluster_id: str, kind: str, snapshot: str) -> int:
    """How many rows of the kind this snapshot (or a change since) wrote."""
    count: int = tx.execute(_count_stamped, {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "snapshot": snapshot}).scalar_one()
    return count


def unstamped(tx: Transaction, cluster_id: str, kind: str, snapshot: str) -> Sequence[sa.Row[Any]]:
    """Rows of the kind that the snapshot did not bring: (id, uid, namespace, name, resource_version, revision)."""
    return tx.execute(_unstamped, {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "snapshot": snapshot}).all()


def versions(tx: Transaction, cluster_id: str, kinds: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(kind, uid, resource version) of every row of these kinds, as the rows really are."""
    rows: Any = tx.execute(_versions, {"org": tx.org_id, "cluster": cluster_id, "kinds": list(kinds)})
    yield from rows


_newest_dictionary = (
    sa.select(resource_dictionaries.c.number, resource_dictionaries.c.made_at)
    .where(resource_dictionaries.c.org_id == sa.bindparam("org"), resource_dictionaries.c.cluster_id == sa.bindparam("cluster"))
    .order_by(resource_dictionaries.c.number.desc())
    .limit(1)
)
_dictionary = sa.select(resource_dictionaries.c.data).where(
    resource_dictionaries.c.org_id == sa.bindparam("org"),
    resource_dictionaries.c.cluster_id == sa.bindparam("cluster"),
    resource_dictionaries.c.number == sa.bindparam("number"),
)
_ADD_DICTIONARY = {
    "sqlite": sqlite.insert(resource_dictionaries).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(resource_dictionaries).on_conflict_do_nothing(),
}


def newest_dictionary(tx: Transaction, cluster_id: str) -> tuple[int, datetime] | None:
    """Number and age of the dictionary that manifests of the cluster are compressed with."""
    row = tx.execute(_newest_dictionary, {"org": tx.org_id, "cluster": cluster_id}).first()
    return None if row is None else (row.number, row.made_at)


def dictionary(tx: Transaction, cluster_id: str, number: int) -> bytes:
    data: bytes = tx.execute(_dictionary, {"org": tx.org_id, "cluster": cluster_id, "number": number}).scalar_one()
    return data


def add_dictionary(tx: Transaction, cluster_id: str, number: int, data: bytes) -> None:
    """Keep a dictionary; the first with its number stays."""
    row = {"org_id": tx.org_id, "cluster_id": cluster_id, "number": number, "data": data, "made_at": tx.now}
    tx.execute(_ADD_DICTIONARY[tx.dialect], [row])


def unpacked(tx: Transaction, cluster_id: str, stored: bytes) -> bytes:
    """The JSON bytes of a stored manifest of this cluster."""
    return packing.unpack(stored, cluster_id, lambda number: dictionary(tx, cluster_id, number))


_manifests = sa.select(resources.c.id, resources.c.cluster_id, resources.c.manifest).where(
    unindexed(resources.c.org_id) == sa.bindparam("org"), resources.c.id.in_(sa.bindparam("ids", expanding=True))
)


def manifests(tx: Transaction, ids: Sequence[str]) -> dict[str, bytes]:
    """JSON bytes of these objects as stored."""
    if not ids:
        return {}
    rows = tx.execute(_manifests, {"org": tx.org_id, "ids": list(ids)}).all()
    return {row.id: unpacked(tx, row.cluster_id, row.manifest) for row in rows}


_load = (
    sa.select(
        resources.c.id,
        resources.c.kind,
        resources.c.uid,
        resources.c.namespace,
        resources.c.name,
        resources.c.resource_version,
        resources.c.manifest,
    )
    .where(
        resources.c.org_id == sa.bindparam("org"),
        resources.c.cluster_id == sa.bindparam("cluster"),
        resources.c.kind == sa.bindparam("kind"),
    )
    .execution_options(yield_per=500)
)
_load_events = sa.select(kubernetes_events).where(
    kubernetes_events.c.org_id == sa.bindparam("org"),
    kubernetes_events.c.cluster_id == sa.bindparam("cluster"),
    kubernetes_events.c.last_at >= sa.bindparam("since"),
)


def load(tx: Transaction, cluster_id: str, kind: str) -> Iterator[sa.Row[Any]]:
    """All rows of one kind with their manifests (compressed)."""
    yield from tx.execute(_load, {"org": tx.org_id, "cluster": cluster_id, "kind": kind})


_events_about = (
    sa.select(kubernetes_events.c.uid, kubernetes_events.c.namespace, kubernetes_events.c.last_at, kubernetes_events.c.manifest)
    .where(
        kubernetes_events.c.org_id == sa.bindparam("org"),
        kubernetes_events.c.cluster_id == sa.bindparam("cluster"),
        kubernetes_events.c.object_uid.in_(sa.bindparam("uids", expanding=True)),
        kubernetes_events.c.last_at >= sa.bindparam("since"),
    )
    .order_by(kubernetes_events.c.last_at.desc())
    .limit(sa.bindparam("limit"))
)
_recent_history = (
    sa.select(resource_history)
    .where(
        resource_history.c.org_id == sa.bindparam("org"),
        resource_history.c.cluster_id == sa.bindparam("cluster"),
        resource_history.c.at >= sa.bindparam("since"),
        resource_history.c.namespace.in_(sa.bindparam("namespaces", expanding=True)),
        resource_history.c.action == "changed",
    )
    .order_by(resource_history.c.at.desc())
    .limit(sa.bindparam("limit"))
)

_history_between = (
    sa.select(resource_history)
    .where(
        resource_history.c.org_id == sa.bindparam("org"),
        resource_history.c.cluster_id == sa.bindparam("cluster"),
        resource_history.c.at.between(sa.bindparam("since"), sa.bindparam("until")),
        resource_history.c.kind != "Job.batch",
    )
    .order_by(resource_history.c.at.desc())
    .limit(sa.bindparam("limit"))
)


def events_about(tx: Transaction, cluster_id: str, uids: Sequence[str], since: Any, limit: int) -> Sequence[sa.Row[Any]]:
    """Kubernetes Events about any of these objects, newest first."""
    values = {"org": tx.org_id, "cluster": cluster_id, "uids": list(uids), "since": since, "limit": limit}
    return tx.execute(_events_about, values).all()


def recent_history(tx: Transaction, cluster_id: str, namespaces: Sequence[str], since: Any, limit: int) -> Sequence[sa.Row[Any]]:
    values = {"org": tx.org_id, "cluster": cluster_id, "namespaces": list(namespaces), "since": since, "limit": limit}
    return tx.execute(_recent_history, values).all()


def history_between(tx: Transaction, cluster_id: str, since: Any, until: Any, limit: int) -> Sequence[sa.Row[Any]]:
    values = {"org": tx.org_id, "cluster": cluster_id, "since": since, "until": until, "limit": limit}
    return tx.execute(_history_between, values).all()


def load_events(tx: Transaction, cluster_id: str, since: Any) -> Sequence[sa.Row[Any]]:
    return tx.execute(_load_events, {"org": tx.org_id, "cluster": cluster_id, "since": since}).all()


_PURGE = (
    batches.of_cluster(resources, "id"),
    batches.of_cluster(resource_history, "resource_id", "revision"),
    batches.of_cluster(kubernetes_events, "cluster_id", "uid"),
    batches.of_cluster(resource_kinds, "cluster_id", "kind"),
    batches.of_cluster(resource_counts, "cluster_id", "kind", "namespace"),
    batches.of_cluster(resource_dictionaries, "cluster_id", "number"),
)
_OLD_EVENTS = batches.older(kubernetes_events, "seen_at", "cluster_id", "uid")
_OLD_HISTORY = batches.older(resource_history, "at", "resource_id", "revision")


def purge(tx: Transaction, cluster_id: str, limit: int) -> int:
    """Delete up to `limit` rows of a cluster; how many were deleted."""
    for statement in _PURGE:
        if deleted := tx.execute(statement, {"org": tx.org_id, "cluster": cluster_id, "limit": limit}).rowcount:
            return deleted
    return object_sets_repository.purge(tx, cluster_id, limit)


def delete_old_events(tx: Transaction, before: Any, limit: int) -> int:
    return tx.execute(_OLD_EVENTS, {"before": before, "limit": limit}).rowcount


def delete_old_history(tx: Transaction, before: Any, limit: int) -> int:
    return tx.execute(_OLD_HISTORY, {"before": before, "limit": limit}).rowcount

"""The SQL of sets of objects: added with their first object, deleted when none is left."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.resources import object_sets
from optral.resources.object_sets import ObjectSet
from optral.resources.tables import resource_labels, resource_names, resource_sets, resource_words, resources
from optral.store.dialects import among, by_dialect, listed
from optral.store.lists import unindexed
from optral.store.prepared import Prepared
from optral.store.transaction import Transaction

UNUSED_AFTER = timedelta(days=1)
"""A set is looked at again that long after it was used; until then one without objects costs a lookup in a search."""
_org: sa.BindParameter[str] = sa.bindparam("org")
_numbers: sa.BindParameter[int] = sa.bindparam("numbers", expanding=True)
# With a lock, so that no set is deleted between this and the commit of an object in it. SQLite has one writer.
_known = sa.select(resource_sets.c.number).where(unindexed(resource_sets.c.org_id) == _org).with_for_update(read=True)
_KNOWN = Prepared(by_dialect(lambda dialect: _known.where(among(resource_sets.c.number, dialect, of=sa.BigInteger))))


def _add(table: sa.Table) -> Prepared:
    def build(dialect: str) -> Any:
        insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
        return insert.values({column.name: sa.bindparam("p_" + column.name) for column in table.c}).on_conflict_do_nothing()

    return Prepared(by_dialect(build))


_ADD = {table: _add(table) for table in (resource_sets, resource_names, resource_labels, resource_words)}


def add(tx: Transaction, cluster_id: str, wanted: Sequence[ObjectSet]) -> None:
    """Keep these sets of a cluster, and what leads to them, unless they are kept already."""
    numbers = [one.number for one in wanted]
    known = {number for (number,) in tx.fetch(_KNOWN, {"org": tx.org_id, "wanted": listed(tx, numbers)})} if numbers else set()
    new = sorted({one for one in wanted if one.number not in known})
    if not new:
        return
    place = {"p_org_id": tx.org_id, "p_cluster_id": cluster_id}
    _insert(tx, resource_sets, [place | _set(one) | {"p_checked_at": tx.now} for one in new])
    _insert(tx, resource_names, [place | _name(one, term, at) for one in new for term, at in object_sets.terms(one.name).items()])
    _insert(
        tx,
        resource_labels,
        [{**place, "p_label": label, "p_number": one.number} for one in new for label in object_sets.labels_of(one.labels)],
    )
    words = sorted({word for one in new for word in object_sets.words(one.name)})  # in one order, or two writers wait for each other
    _insert(tx, resource_words, [{"p_org_id": tx.org_id, "p_word": word} for word in words])


def _insert(tx: Transaction, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.send_many(_ADD[table], rows)


def _set(one: ObjectSet) -> dict[str, Any]:
    return {
        "p_number": one.number,
        "p_namespace": one.namespace,
        "p_name": one.name,
        "p_is_derived": one.is_derived,
        "p_labels": one.labels,
    }


def _name(one: ObjectSet, term: str, at: int) -> dict[str, Any]:
    return {
        "p_term": term,
        "p_number": one.number,
        "p_namespace": one.namespace,
        "p_name": one.name,
        "p_is_derived": one.is_derived,
        "p_place": at,
    }


_sets = resource_sets.c
_in_use = sa.exists().where(resources.c.org_id == _sets.org_id, resources.c.set_number == _sets.number)
_due = (
    sa.select(_sets.org_id, _sets.number, _sets.name, _sets.labels)
    .where(_sets.checked_at < sa.bindparam("before", type_=_sets.checked_at.type))
    .order_by(_sets.checked_at)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_used = sa.select(_sets.number).where(_sets.number.in_(_numbers), _in_use)
_touch = sa.update(resource_sets).where(_sets.number.in_(_numbers)).values(checked_at=sa.bindparam("now", type_=_sets.checked_at.type))
_drop_names = sa.delete(resource_names).where(
    resource_names.c.org_id == sa.bindparam("of_org"),
    resource_names.c.term == sa.bindparam("of_term"),
    resource_names.c.number == sa.bindparam("of_number"),
)
_drop_labels = sa.delete(resource_labels).where(
    resource_labels.c.org_id == sa.bindparam("of_org"),
    resource_labels.c.label == sa.bindparam("of_label"),
    resource_labels.c.number == sa.bindparam("of_number"),
)
_drop_sets = sa.delete(resource_sets).where(_sets.org_id == sa.bindparam("of_org"), _sets.number == sa.bindparam("of_number"))


def delete_unused(tx: Transaction, before: Any, limit: int) -> int:
    """Look at up to `limit` sets that were last looked at before that moment, and delete those without objects; how many were looked at."""
    due = tx.execute(_due, {"before": before, "limit": limit}).all()
    if not due:
        return 0
    numbers = [row.number for row in due]
    used = set(tx.execute(_used, {"numbers": numbers}).scalars())
    if used:
        tx.execute(_touch, {"numbers": sorted(used), "now": tx.now})
    drop(tx, [row for row in due if row.number not in used])
    return len(due)


def drop(tx: Transaction, rows: Sequence[Any]) -> None:
    """Delete these sets, given by their organization, number, name and labels, and what leads to them."""
    if not rows:
        return
    names = [{"of_org": row.org_id, "of_number": row.number, "of_term": term} for row in rows for term in object_sets.terms(row.name)]
    labels = [
        {"of_org": row.org_id, "of_number": row.number, "of_label": label} for row in rows for label in object_sets.labels_of(row.labels)
    ]
    tx.execute(_drop_names, names)
    if labels:
        tx.execute(_drop_labels, labels)
    tx.execute(_drop_sets, [{"of_org": row.org_id, "of_number": row.number} for row in rows])


_of_cluster = (
    sa.select(_sets.org_id, _sets.number, _sets.name, _sets.labels)
    .where(_sets.org_id == _org, _sets.cluster_id == sa.bindparam("cluster"))
    .limit(sa.bindparam("limit"))
)


def purge(tx: Transaction, cluster_id: str, limit: int) -> int:
    """Delete up to `limit` sets of a cluster; how many were deleted."""
    rows = tx.execute(_of_cluster, {"org": tx.org_id, "cluster": cluster_id, "limit": limit}).all()
    drop(tx, rows)
    return len(rows)

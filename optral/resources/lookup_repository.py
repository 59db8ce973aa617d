"""SQL that looks up single objects of a cluster by name, owner or kind, each by an index."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from optral.resources.tables import resources
from optral.store.prepared import Prepared
from optral.store.transaction import Transaction

_found = sa.select(
    resources.c.kind,
    resources.c.uid,
    resources.c.namespace,
    resources.c.name,
    sa.type_coerce(resources.c.labels, sa.Text),  # its JSON text on SQLite: most are never decoded; the driver's value on PostgreSQL
    resources.c.owner_kind,
    resources.c.owner_name,
    resources.c.owner_uid,
    resources.c.manifest,
).where(resources.c.org_id == sa.bindparam("org"), resources.c.cluster_id == sa.bindparam("cluster"))
_in_order = (resources.c.namespace, resources.c.name)
_inside = resources.c.namespace.in_(sa.bindparam("namespaces", expanding=True))
_named = _found.where(
    resources.c.kind == sa.bindparam("kind"), resources.c.namespace == sa.bindparam("namespace"), resources.c.name == sa.bindparam("name")
).limit(1)
_every = _found.where(resources.c.kind == sa.bindparam("kind"), _inside).order_by(*_in_order)
_first = _every.limit(sa.bindparam("limit"))
_everywhere = _found.where(resources.c.kind == sa.bindparam("kind")).order_by(*_in_order).limit(sa.bindparam("limit"))
_by_state = Prepared(  # thousands of rows: the driver's cost a third of SQLAlchemy's
    sa.select(
        resources.c.id,
        resources.c.uid,
        resources.c.namespace,
        resources.c.name,
        resources.c.status,
        resources.c.state,
        resources.c.place,
        resources.c.owner_kind,
        resources.c.owner_name,
    )
    .where(
        resources.c.org_id == sa.bindparam("org"),
        resources.c.cluster_id == sa.bindparam("cluster"),
        resources.c.kind == sa.bindparam("kind"),
    )
    .order_by(resources.c.state, *_in_order)
    .limit(sa.bindparam("limit"))
)
_owned = _found.where(resources.c.owner_uid == sa.bindparam("uid"), _inside)  # an order would choose the index on kinds, with all rows
_of_owners = (
    resources.c.org_id == sa.bindparam("org"),
    resources.c.cluster_id == sa.bindparam("cluster"),
    resources.c.owner_uid.in_(sa.bindparam("uids", expanding=True)),
    resources.c.kind == sa.bindparam("kind"),
)
_failing_first = (
    _found.where(*_of_owners).order_by(resources.c.state, resources.c.created_at.desc(), resources.c.name).limit(sa.bindparam("limit"))
)
_count_owned = sa.select(sa.func.count()).select_from(resources).where(*_of_owners)
_names = (
    sa.select(resources.c.name)
    .distinct()
    .where(
        resources.c.org_id == sa.bindparam("org"),
        resources.c.cluster_id == sa.bindparam("cluster"),
        resources.c.name.in_(sa.bindparam("names", expanding=True)),
        _inside,
    )
)
_versions = (
    sa.select(resources.c.id, resources.c.resource_version)
    .where(
        resources.c.org_id == sa.bindparam("org"),
        resources.c.cluster_id == sa.bindparam("cluster"),
        resources.c.kind == sa.bindparam("kind"),
        resources.c.namespace.not_in(sa.bindparam("namespaces", expanding=True)),
    )
    .limit(sa.bindparam("limit"))
)


def named(tx: Transaction, cluster_id: str, kind: str, namespace: str, name: str) -> Any | None:
    """(kind, uid, namespace, name, labels, kind, name and uid of the owner, manifest) of the object with this name."""
    values = {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "namespace": namespace, "name": name}
    return tx.execute(_named, values).first()


def everywhere(tx: Transaction, cluster_id: str, kind: str, limit: int) -> Sequence[sa.Row[Any]]:
    return tx.execute(_everywhere, {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "limit": limit}).all()


def every(tx: Transaction, cluster_id: str, kind: str, namespaces: Collection[str], limit: int | None = None) -> Sequence[Any]:
    """The same of every object of a kind in these namespaces, by namespace and name; the first `limit` of them."""
    values = {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "namespaces": list(namespaces)}
    return tx.execute(_every, values).all() if limit is None else tx.execute(_first, {**values, "limit": limit}).all()


def by_state(tx: Transaction, cluster_id: str, kind: str, limit: int) -> Sequence[Any]:
    """(id, uid, namespace, name, status, state, place, owner's kind and name) of objects of a kind; what fails first, then what waits."""
    return tx.fetch(_by_state, {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "limit": limit})


def owned(tx: Transaction, cluster_id: str, uid: str, namespaces: Collection[str]) -> Sequence[Any]:
    """The same of the objects in these namespaces whose controller has this uid."""
    found = tx.execute(_owned, {"org": tx.org_id, "cluster": cluster_id, "uid": uid, "namespaces": list(namespaces)}).all()
    return sorted(found, key=lambda row: (row.kind, row.namespace, row.name))


def failing_first(tx: Transaction, cluster_id: str, kind: str, uids: Collection[str], limit: int) -> tuple[Sequence[Any], int]:
    """The same of objects of a kind whose controllers have these uids, what fails first, then what waits; and how many there are."""
    values = {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "uids": list(uids)}
    return tx.execute(_failing_first, {**values, "limit": limit}).all(), tx.execute(_count_owned, values).scalar_one()


def names_among(tx: Transaction, cluster_id: str, names: Collection[str], namespaces: Collection[str]) -> set[str]:
    values = {"org": tx.org_id, "cluster": cluster_id, "names": list(names), "namespaces": list(namespaces)}
    return set(tx.execute(_names, values).scalars())


def versions_outside(tx: Transaction, cluster_id: str, kind: str, namespaces: Collection[str], limit: int) -> Sequence[Any]:
    """(id, resource version) of the objects of a kind in all namespaces but these."""
    values = {"org": tx.org_id, "cluster": cluster_id, "kind": kind, "namespaces": list(namespaces), "limit": limit}
    return tx.execute(_versions, values).all()

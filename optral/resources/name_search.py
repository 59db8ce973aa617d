"""The SQL of the search for objects by name: the name itself first, then names that begin with the text, then names that contain it.

One pass over an index that holds the names; the rows themselves are read for the few that are found. Among equals the shorter name comes
first, which puts a workload before its pods.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from optral.resources.list_repository import listed
from optral.resources.tables import resources
from optral.store.lists import containing, escaped
from optral.store.transaction import Transaction


@lru_cache(maxsize=8)
def _ids(dialect: str, *, has_clusters: bool, has_namespace: bool) -> sa.Select[Any]:
    name: sa.ColumnElement[str] = resources.c.name
    if dialect != "sqlite":  # whose LIKE ignores case, at less than half the time
        name = sa.func.lower(name)
    place = sa.case((name == sa.bindparam("text"), 0), (name.like(sa.bindparam("prefix"), escape="\\"), 1), else_=2)
    statement = sa.select(resources.c.id).where(resources.c.org_id == sa.bindparam("org"), name.like(sa.bindparam("part"), escape="\\"))
    if has_clusters:
        statement = statement.where(resources.c.cluster_id.in_(sa.bindparam("clusters", expanding=True)))
    if has_namespace:
        statement = statement.where(resources.c.namespace == sa.bindparam("namespace"))
    return statement.order_by(place, sa.func.length(resources.c.name), resources.c.name, resources.c.id).limit(sa.bindparam("limit"))


_rows = listed.where(resources.c.org_id == sa.bindparam("org"), resources.c.id.in_(sa.bindparam("ids", expanding=True)))


def find(tx: Transaction, text: str, *, namespace: str | None, clusters: frozenset[str] | None, limit: int) -> Sequence[sa.Row[Any]]:
    """The rows, best first; of all clusters for None."""
    lowered = text.lower()
    values: dict[str, Any] = {"org": tx.org_id, "text": lowered, "part": containing(text), "prefix": f"{escaped(text)}%", "limit": limit}
    values |= {} if clusters is None else {"clusters": sorted(clusters)}
    values |= {} if namespace is None else {"namespace": namespace}
    statement = _ids(tx.dialect, has_clusters=clusters is not None, has_namespace=namespace is not None)
    ids = list(tx.execute(statement, values).scalars())
    found = {row.id: row for row in tx.execute(_rows, {"org": tx.org_id, "ids": ids})} if ids else {}
    return [found[one] for one in ids if one in found]

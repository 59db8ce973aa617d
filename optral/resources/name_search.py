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
from optral.store import areas
from optral.store.lists import containing, escaped
from optral.store.transaction import Transaction
from optral.terms.reach import Areas


@lru_cache(maxsize=64)
def _ids(dialect: str, pattern: areas.Pattern) -> sa.Select[Any]:
    name: sa.ColumnElement[str] = resources.c.name
    if dialect != "sqlite":  # whose LIKE ignores case, at less than half the time
        name = sa.func.lower(name)
    # Of the names that begin with the text, the name itself is the shortest. Where all names match, a comparison costs as much as a scan.
    place = sa.case((name.like(sa.bindparam("prefix"), escape="\\"), 0), else_=1)
    statement = sa.select(resources.c.id).where(resources.c.org_id == sa.bindparam("org"), name.like(sa.bindparam("part"), escape="\\"))
    statement = statement.where(*areas.inside(pattern, resources.c.cluster_id, resources.c.namespace))
    return statement.order_by(place, sa.func.length(resources.c.name), resources.c.name, resources.c.id).limit(sa.bindparam("limit"))


_rows = listed.where(resources.c.org_id == sa.bindparam("org"), resources.c.id.in_(sa.bindparam("ids", expanding=True)))


def find(tx: Transaction, text: str, *, within: Areas, limit: int) -> Sequence[sa.Row[Any]]:
    """The rows, best first."""
    values: dict[str, Any] = {"org": tx.org_id, "part": containing(text), "prefix": f"{escaped(text)}%", "limit": limit}
    ids = list(tx.execute(_ids(tx.dialect, areas.pattern_of(within)), values | areas.values_of(within)).scalars())
    found = {row.id: row for row in tx.execute(_rows, {"org": tx.org_id, "ids": ids})} if ids else {}
    return [found[one] for one in ids if one in found]

"""SQL of the bindings of members."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from optral.access.bindings import Binding
from optral.access.tables import member_bindings, members
from optral.kit import records
from optral.store.metadata import Timestamp
from optral.store.transaction import Transaction
from optral.terms.reach import Grant

Labelled = Callable[[Transaction, str, Mapping[str, str]], frozenset[str]]
"""Ids of the clusters of an organization that have all of these labels."""

_ORG: sa.BindParameter[str] = sa.bindparam("org")
_INSERT = sa.insert(member_bindings)
_OF = (
    sa.select(member_bindings)
    .where(member_bindings.c.org_id == _ORG, member_bindings.c.user_id.in_(sa.bindparam("users", expanding=True)))
    .order_by(member_bindings.c.created_at, member_bindings.c.id)
)
_DELETE = sa.delete(member_bindings).where(member_bindings.c.org_id == _ORG, member_bindings.c.id == sa.bindparam("binding"))
_LIMIT = sa.update(members).where(members.c.org_id == _ORG, members.c.id == sa.bindparam("user")).values(is_limited=sa.bindparam("limited"))
_ENDED = (
    sa.select(member_bindings.c.org_id, member_bindings.c.id)
    .where(member_bindings.c.ends_at < sa.bindparam("before", type_=Timestamp))
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def insert(tx: Transaction, binding: Binding) -> None:
    tx.execute(_INSERT, records.row(binding) | {"org_id": tx.org_id})


def of_members(tx: Transaction, org_id: str, user_ids: Collection[str]) -> dict[str, list[Binding]]:
    """The bindings of these members, oldest first, also those that have ended."""
    found: dict[str, list[Binding]] = {one: [] for one in user_ids}
    for row in tx.execute(_OF, {"org": org_id, "users": list(user_ids)}) if user_ids else ():
        found[row.user_id].append(records.from_columns(Binding, row))
    return found


def no_clusters(_tx: Transaction, _org_id: str, _labels: Mapping[str, str]) -> frozenset[str]:
    """A `Labelled` for where no clusters are known."""
    return frozenset()


def grants(tx: Transaction, org_id: str, user_id: str, *, labelled: Labelled) -> tuple[Grant, ...]:
    """What the bindings of a limited member give, also those that have ended."""
    found = of_members(tx, org_id, [user_id])[user_id]
    return tuple(one.grant(None if one.cluster_labels is None else labelled(tx, org_id, one.cluster_labels)) for one in found)


def delete(tx: Transaction, binding_id: str) -> None:
    tx.execute(_DELETE, {"org": tx.org_id, "binding": binding_id})


def set_limited(tx: Transaction, user_id: str, *, is_limited: bool) -> None:
    tx.execute(_LIMIT, {"org": tx.org_id, "user": user_id, "limited": is_limited})


def delete_ended(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` bindings that ended before that time, of all organizations; returns how many."""
    ended = tx.execute(_ENDED, {"before": before, "limit": limit}).all()
    if ended:
        tx.execute(_DELETE, [{"org": row.org_id, "binding": row.id} for row in ended])
    return len(ended)

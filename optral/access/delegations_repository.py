"""SQL of delegations."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from optral.access.delegations import Delegation
from optral.access.tables import delegations
from optral.kit.records import from_row, names, row
from optral.store.metadata import Timestamp
from optral.store.transaction import Transaction

_ORG: sa.BindParameter[str] = sa.bindparam("org")
_INSERT = sa.insert(delegations)
_all = sa.select(*(delegations.c[name] for name in names(Delegation))).where(delegations.c.org_id == _ORG)
_ALL = _all.order_by(delegations.c.created_at, delegations.c.id)
_OF = _ALL.where(sa.or_(delegations.c.member_id == sa.bindparam("person"), delegations.c.delegate_id == sa.bindparam("person")))
_ONE = _all.where(delegations.c.id == sa.bindparam("delegation"))
_BETWEEN = (
    sa.select(sa.func.count())
    .select_from(delegations)
    .where(
        delegations.c.org_id == _ORG,
        delegations.c.member_id == sa.bindparam("member"),
        delegations.c.delegate_id == sa.bindparam("delegate"),
        delegations.c.ends_at > sa.bindparam("now", type_=Timestamp),
    )
)
_DELETE = sa.delete(delegations).where(delegations.c.org_id == _ORG, delegations.c.id == sa.bindparam("delegation"))
_ENDED = (
    sa.select(delegations.c.org_id, delegations.c.id)
    .where(delegations.c.ends_at < sa.bindparam("before", type_=Timestamp))
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def insert(tx: Transaction, made: Delegation) -> None:
    tx.execute(_INSERT, {"org_id": tx.org_id, **row(made)})


def every(tx: Transaction) -> list[Delegation]:
    """The delegations of the organization, oldest first, also those that have ended."""
    return _read(tx, _ALL, {})


def of_person(tx: Transaction, user_id: str) -> list[Delegation]:
    """Those that this member gave or received, oldest first, also those that have ended."""
    return _read(tx, _OF, {"person": user_id})


def one(tx: Transaction, delegation_id: str) -> Delegation | None:
    return next(iter(_read(tx, _ONE, {"delegation": delegation_id})), None)


def is_in_force(tx: Transaction, *, member_id: str, delegate_id: str) -> bool:
    """Whether `delegate_id` may approve on behalf of `member_id` now."""
    found = tx.execute(_BETWEEN, {"org": tx.org_id, "member": member_id, "delegate": delegate_id, "now": tx.now}).scalar_one()
    return bool(found)


def delete(tx: Transaction, delegation_id: str) -> None:
    tx.execute(_DELETE, {"org": tx.org_id, "delegation": delegation_id})


def delete_ended(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` delegations that ended before that time, of all organizations; returns how many."""
    ended = tx.execute(_ENDED, {"before": before, "limit": limit}).all()
    if ended:
        tx.execute(_DELETE, [{"org": one.org_id, "delegation": one.id} for one in ended])
    return len(ended)


def _read(tx: Transaction, statement: sa.Select[Any], given: dict[str, str]) -> list[Delegation]:
    return [from_row(Delegation, found) for found in tx.execute(statement, {"org": tx.org_id, **given})]

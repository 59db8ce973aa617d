"""All SQL of connections to forges."""

from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.forge.model import Forge, Kind
from optral.forge.tables import forges
from optral.store.transaction import Transaction

_FORGE = tuple(one.name for one in fields(Forge))
_all = sa.select(*(forges.c[name] for name in _FORGE)).where(forges.c.org_id == b("org"))
_listed = _all.order_by(forges.c.created_at, forges.c.id)
_one = _all.where(forges.c.id == b("the_id"))
_count = sa.select(sa.func.count()).select_from(forges).where(forges.c.org_id == b("org"))
_insert = sa.insert(forges)
_update = (
    sa.update(forges)
    .where(forges.c.org_id == b("org"), forges.c.id == b("the_id"), forges.c.revision == b("known"))
    .values({name: b("p_" + name, type_=forges.c[name].type) for name in _FORGE if name not in ("id", "org_id")})
)
_delete = sa.delete(forges).where(forges.c.org_id == b("org"), forges.c.id == b("the_id"))


def all_of(tx: Transaction) -> list[Forge]:
    """All connections of the organisation, the oldest first; their number is limited."""
    return [_as_forge(row) for row in tx.execute(_listed, {"org": tx.org_id})]


def count(tx: Transaction) -> int:
    return int(tx.execute(_count, {"org": tx.org_id}).scalar_one())


def get(tx: Transaction, forge_id: str) -> Forge | None:
    row = tx.execute(_one, {"org": tx.org_id, "the_id": forge_id}).first()
    return None if row is None else _as_forge(row)


def insert(tx: Transaction, made: Forge) -> None:
    tx.execute(_insert, _row_of(made))


def update(tx: Transaction, made: Forge, *, known: int) -> bool:
    values = {f"p_{name}": value for name, value in _row_of(made).items() if name not in ("id", "org_id")}
    return tx.execute(_update, {"org": tx.org_id, "the_id": made.id, "known": known, **values}).rowcount == 1


def delete(tx: Transaction, forge_id: str, *, known: int | None = None) -> bool:
    """Whether it was there, at the revision that is known."""
    query = _delete if known is None else _delete.where(forges.c.revision == known)
    return tx.execute(query, {"org": tx.org_id, "the_id": forge_id}).rowcount == 1


def _row_of(made: Forge) -> dict[str, Any]:
    return {name: getattr(made, name) for name in _FORGE} | {"kind": made.kind.value, "repositories": list(made.repositories)}


def _as_forge(row: Any) -> Forge:
    return Forge(**{**row._mapping, "kind": Kind(row.kind), "repositories": tuple(row.repositories)})

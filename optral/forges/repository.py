"""All SQL of connections to forges and of pull requests. Statements without an organization are those of workers."""

from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.forges.model import Forge, Proposal, State
from optral.forges.tables import forges, proposals
from optral.kit import records
from optral.store.transaction import Transaction

_FORGE = records.names(Forge)
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
_organisation = sa.select(forges.c.org_id).where(forges.c.id == b("the_id"))
_delete = sa.delete(forges).where(forges.c.org_id == b("org"), forges.c.id == b("the_id"))


def all_of(tx: Transaction) -> list[Forge]:
    """All connections of the organization, the oldest first; their number is limited."""
    return [records.from_row(Forge, row) for row in tx.execute(_listed, {"org": tx.org_id})]


def count(tx: Transaction) -> int:
    return int(tx.execute(_count, {"org": tx.org_id}).scalar_one())


def get(tx: Transaction, forge_id: str) -> Forge | None:
    row = tx.execute(_one, {"org": tx.org_id, "the_id": forge_id}).first()
    return None if row is None else records.from_row(Forge, row)


def organisation_of(tx: Transaction, forge_id: str) -> str | None:
    found: str | None = tx.execute(_organisation, {"the_id": forge_id}).scalar()
    return found


def insert(tx: Transaction, made: Forge) -> None:
    tx.execute(_insert, records.row(made))


def update(tx: Transaction, made: Forge, *, known: int) -> bool:
    values = {f"p_{name}": value for name, value in records.row(made).items() if name not in ("id", "org_id")}
    return tx.execute(_update, {"org": tx.org_id, "the_id": made.id, "known": known, **values}).rowcount == 1


def delete(tx: Transaction, forge_id: str, *, known: int | None = None) -> bool:
    """Whether it was there, at the revision that is known."""
    query = _delete if known is None else _delete.where(forges.c.revision == known)
    return tx.execute(query, {"org": tx.org_id, "the_id": forge_id}).rowcount == 1


# --- pull requests

_PROPOSAL = tuple(field.name for field in fields(Proposal))
_proposal = sa.select(*(proposals.c[name] for name in _PROPOSAL))
_proposal_of = _proposal.where(proposals.c.org_id == b("org"), proposals.c.execution_id == b("execution"))
_one_proposal = _proposal.where(proposals.c.org_id == b("org"), proposals.c.id == b("the_id"))
_due = (
    sa.select(proposals.c.org_id, proposals.c.id)
    .where(proposals.c.due_at <= b("now", type_=proposals.c.due_at.type))
    .order_by(proposals.c.due_at, proposals.c.id)
    .limit(b("limit", type_=sa.Integer))
)
_followed = _proposal.where(
    proposals.c.org_id == b("org"),
    proposals.c.due_at.is_not(None),
    proposals.c.forge_id == b("forge"),
    proposals.c.number == b("number"),
    proposals.c.state == State.OPEN.value,
)
_next_due = sa.select(sa.func.min(proposals.c.due_at)).where(proposals.c.due_at > b("now", type_=proposals.c.due_at.type))
_insert_proposal = sa.insert(proposals)
_save = (
    sa.update(proposals)
    .where(
        proposals.c.org_id == b("org"),
        proposals.c.id == b("the_id"),
        proposals.c.state == b("known_state"),
        proposals.c.due_at == b("known_due_at", type_=proposals.c.due_at.type),
    )
    .values({name: b("p_" + name, type_=proposals.c[name].type) for name in _PROPOSAL if name not in ("id", "org_id", "execution_id")})
)
_old = (
    sa.select(proposals.c.id)
    .where(proposals.c.created_at < b("before", type_=proposals.c.created_at.type), proposals.c.due_at.is_(None))
    .limit(b("limit", type_=sa.Integer))
)
_delete_old = sa.delete(proposals).where(proposals.c.id.in_(_old.scalar_subquery()))


def proposal_of(tx: Transaction, execution_id: str) -> Proposal | None:
    row = tx.execute(_proposal_of, {"org": tx.org_id, "execution": execution_id}).first()
    return None if row is None else _as_proposal(row)


def proposal(tx: Transaction, proposal_id: str) -> Proposal | None:
    row = tx.execute(_one_proposal, {"org": tx.org_id, "the_id": proposal_id}).first()
    return None if row is None else _as_proposal(row)


def followed(tx: Transaction, forge_id: str, number: int) -> list[Proposal]:
    """Open pull requests of this number, in all repositories of a connection."""
    return [_as_proposal(row) for row in tx.execute(_followed, {"org": tx.org_id, "forge": forge_id, "number": number})]


def due(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_due, {"now": now, "limit": limit})]


def next_due(tx: Transaction, *, now: datetime) -> datetime | None:
    found: datetime | None = tx.execute(_next_due, {"now": now}).scalar_one()
    return found


def insert_proposal(tx: Transaction, made: Proposal) -> None:
    tx.execute(_insert_proposal, _proposal_row(made))


def save(tx: Transaction, before: Proposal, after: Proposal) -> bool:
    """False when it is no longer as it was before: another worker has it, or its execution ended."""
    values = {f"p_{name}": value for name, value in _proposal_row(after).items() if name not in ("id", "org_id", "execution_id")}
    known = {"known_state": before.state.value, "known_due_at": before.due_at}
    return tx.execute(_save, {"org": tx.org_id, "the_id": before.id, **known, **values}).rowcount == 1


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    return tx.execute(_delete_old, {"before": before, "limit": limit}).rowcount


def _proposal_row(made: Proposal) -> dict[str, Any]:
    row = {name: getattr(made, name) for name in _PROPOSAL}
    return row | {"state": made.state.value, "keepers": [dict(keeper) for keeper in made.keepers], "notes": list(made.notes)}


def _as_proposal(row: Any) -> Proposal:
    return Proposal(**{**row._mapping, "state": State(row.state)})

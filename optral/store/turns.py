"""Turns: on PostgreSQL, transactions that must know what the others have done pass one after the other. SQLite has one writer anyway."""

import sqlalchemy as sa

from optral.store.transaction import Transaction

_AWAIT_TURN = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def await_turn(tx: Transaction, *names: str) -> None:
    """Wait for other transactions of the organization that hold one of these names until they end; in one order, so that no two wait for
    each other."""
    if tx.dialect == "postgresql":
        for name in sorted(set(names)):
            tx.execute(_AWAIT_TURN, {"name": f"{tx.org_id} {name}"})

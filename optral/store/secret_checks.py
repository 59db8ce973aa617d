"""Check values of secrets that live outside the database: they show that a secret is the one the rows were made with, and no more."""

import hashlib
import hmac

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.store.tables import secret_checks
from optral.store.transaction import Transaction

_ALL = sa.select(secret_checks.c.name, secret_checks.c.value)
_KEEP: dict[str, sa.Executable] = {
    "sqlite": sqlite.insert(secret_checks).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(secret_checks).on_conflict_do_nothing(),
}


def value_of(name: str, secret: bytes) -> bytes:
    """What is kept of a secret of 32 random bytes: an HMAC under it."""
    return hmac.digest(secret, f"optral secret check: {name}".encode(), hashlib.sha256)


def kept(tx: Transaction) -> dict[str, bytes]:
    """The check values by name."""
    return {row.name: bytes(row.value) for row in tx.execute(_ALL)}


def keep(tx: Transaction, name: str, value: bytes) -> None:
    """Keep the value unless there is one already."""
    tx.execute(_KEEP[tx.dialect], {"name": name, "value": value})

"""One migrator at a time, on a connection that may take its time."""

import sqlalchemy as sa

from optral.store.tenancy import EVERY_ORG

_ONE_MIGRATOR = sa.text("SELECT pg_advisory_xact_lock(606625)")
# A large table takes as long as it takes, in the database or between two statements; the other migrators wait.
_ACROSS = sa.text(
    "SELECT set_config('optral.org', :org, true), set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '10min', true)"
)


def hold(connection: sa.Connection) -> None:
    """Wait until this transaction is the only migrator (PostgreSQL; a SQLite file is locked by its process), and lift the deadlines."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ACROSS, {"org": EVERY_ORG})
        connection.execute(_ONE_MIGRATOR)

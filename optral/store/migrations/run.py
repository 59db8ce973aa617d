"""Runs Alembic on a connection of ours: one transaction on both engines, one migrator at a time."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from optral.store.tenancy import EVERY_ORG

_ONE_MIGRATOR = sa.text("SELECT pg_advisory_xact_lock(606625)")
# A large table takes as long as it takes, in the database or between two statements; the other migrators wait.
_ACROSS = sa.text(
    "SELECT set_config('optral.org', :org, true), set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '10min', true)"
)


def upgrade(engine: sa.Engine, *, is_current: Callable[[sa.Connection], bool]) -> None:
    """Bring the database to the newest revision; a second replica waits here and then finds nothing to do."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_ACROSS, {"org": EVERY_ORG})
            connection.execute(_ONE_MIGRATOR)
        if not is_current(connection):
            command.upgrade(config(connection), "head")


def config(connection: sa.Connection) -> Config:
    """Alembic's configuration without a file, working on this connection and its transaction."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made

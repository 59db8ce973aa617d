"""Runs Alembic on a connection of ours: one transaction on both engines, one migrator at a time."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from optral.store.migrations.lock import hold


def upgrade(engine: sa.Engine, *, is_current: Callable[[sa.Connection], bool]) -> None:
    """Bring the database to the newest revision; a second replica waits here and then finds nothing to do."""
    with engine.begin() as connection:
        hold(connection)
        if not is_current(connection):
            command.upgrade(config(connection), "head")


def config(connection: sa.Connection) -> Config:
    """Alembic's configuration without a file, working on this connection and its transaction."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made

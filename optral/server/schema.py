"""All tables of all rooms, gathered for migrations and tests. A room with tables adds one line to `ROOMS`."""

import importlib
import importlib.util

import sqlalchemy as sa

from optral.store import tenancy
from optral.store.metadata import metadata

ROOMS = (
    "optral.store.tables",
    "optral.access.tables",
    "optral.events.tables",
    "optral.clusters.tables",
    "optral.resources.tables",
    "optral.issues.tables",
)


def gather() -> sa.MetaData:
    """Import every room's tables; return the one MetaData they belong to."""
    for room in ROOMS:
        if importlib.util.find_spec(room.rpartition(".")[0]) and importlib.util.find_spec(room):
            importlib.import_module(room)
    return metadata


def create_all(connection: sa.Connection) -> None:
    """Create every table, and on PostgreSQL the policies of tenant tables: what the migrations end in, in one step (for tests)."""
    tables = gather()
    tables.create_all(connection)
    if connection.dialect.name == "postgresql":
        for name in tenancy.unlogged_tables(tables):
            connection.exec_driver_sql(f"ALTER TABLE {name} SET UNLOGGED")
        for table in tenancy.tenant_tables(tables):
            for statement in tenancy.policy(table.name):
                connection.exec_driver_sql(statement)


gather()

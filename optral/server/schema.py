"""All tables of all packages, gathered for migrations and tests. A package with tables adds one line here."""

import sqlalchemy as sa
from sqlalchemy.util import OrderedSet

import optral.access.tables
import optral.alerts.tables
import optral.analysis.tables
import optral.clusters.tables
import optral.commands.tables
import optral.detector_settings.tables
import optral.events.tables
import optral.forges.tables
import optral.identity.tables
import optral.issues.tables
import optral.mail.tables
import optral.ownership.tables
import optral.resources.tables
import optral.runbooks.tables
import optral.safeguards.tables
import optral.store.tables
import optral.triggers.tables
import optral.webhooks.tables  # noqa: F401
from optral.store import tenancy
from optral.store.metadata import metadata


def gather() -> sa.MetaData:
    """The one MetaData that every package's tables belong to."""
    return metadata


def create_all(connection: sa.Connection) -> None:
    """Create every table, and on PostgreSQL the policies of tenant tables: what the migrations end in, in one step."""
    for table in metadata.tables.values():  # of two indexes that fit alike, SQLite takes one by the order in which they were created
        table.indexes = OrderedSet(sorted(table.indexes, key=lambda index: str(index.name)))
    metadata.create_all(connection)
    if connection.dialect.name == "postgresql":
        for name in tenancy.unlogged_tables(metadata):
            connection.exec_driver_sql(f"ALTER TABLE {name} SET UNLOGGED")
        for table in tenancy.tenant_tables(metadata):
            for statement in tenancy.policy(table.name):
                connection.exec_driver_sql(statement)

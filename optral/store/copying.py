"""The rows of a whole database, read as of one moment and written into an empty one, whatever the engine.

Rows are read with the types that the database itself declares, so that a copy of an older schema can be read, and a copy of SQLite
can be written to PostgreSQL. Values are None, bool, int, float, str, bytes, and JSON values of JSON columns.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from optral.store import migrations
from optral.store.open import locate
from optral.store.postgres import engine_for
from optral.store.sqlite import read_engine
from optral.store.tenancy import EVERY_ORG
from optral.terms.errors import Misconfigured

VERSIONS = "alembic_version"
ROWS_AT_ONCE = 500
BYTES_AT_ONCE = 4 * 1024 * 1024
_JSON: dict[str, sa.JSON] = {"sqlite": sa.JSON(none_as_null=True), "postgresql": postgresql.JSONB(none_as_null=True)}
_PATIENT = sa.text(
    "SELECT set_config('optral.org', :org, true), set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true)"
)


class Rows(NamedTuple):
    """Some rows of one table, in the order of its columns."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def source_engine(*, database_url: str | None, data_dir: Path) -> sa.Engine:
    """An engine that reads the database of these settings beside the server that uses it. Raises `Misconfigured` when there is none."""
    path = locate(database_url=database_url, data_dir=data_dir)
    if isinstance(path, str):
        return engine_for(path).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    if not path.exists():
        raise Misconfigured("no_database", say=f"{path} does not exist; set OPTRAL_DATA_DIR to the server's data folder")
    return read_engine(path)


def begin(connection: sa.Connection) -> None:
    """Let this transaction see the rows of all organizations, for as long as the copy takes."""
    if connection.dialect.name == "postgresql":
        connection.execute(_PATIENT, {"org": EVERY_ORG})


def read(connection: sa.Connection, *, without: Iterable[str] = ()) -> Iterator[Rows]:
    """Every row of every table but these, in an order in which they can be written. Call inside a transaction of one snapshot."""
    left_out = {VERSIONS, *without}
    for table in _tables(connection):
        if table.name not in left_out:
            yield from _read_table(connection, table)


def _read_table(connection: sa.Connection, table: sa.Table) -> Iterator[Rows]:
    columns = tuple(str(column.name) for column in table.columns)
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(sa.select(table)):
        rows.append(tuple(row))
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if len(rows) >= ROWS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield Rows(str(table.name), columns, rows)
            rows, size = [], 0
    if rows:
        yield Rows(str(table.name), columns, rows)


def check_empty(connection: sa.Connection) -> None:
    """Raises `Misconfigured` when there is a row in any table."""
    for table in _tables(connection):
        if table.name != VERSIONS and connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise Misconfigured(
                "target_not_empty",
                say=f"the database is not empty (table {table.name} has rows); restore into a new data folder or a new database",
            )


def write(connection: sa.Connection, parts: Iterable[Rows]) -> None:
    """Write the rows; all in the transaction of the caller."""
    tables = {table.name: table for table in _tables(connection)}
    statements: dict[str, sa.Insert] = {}
    for part in parts:
        table = tables[part.table]
        statement = statements.setdefault(part.table, sa.insert(table).values({name: sa.bindparam(name) for name in part.columns}))
        connection.execute(statement, [dict(zip(part.columns, row, strict=True)) for row in part.rows])


def upgrade_to(connection: sa.Connection, revision: str) -> None:
    """Bring an empty database to a schema that this version knows; `migrations.HEAD` for the newest."""
    from alembic import command

    from optral.store.migrations.run import config

    command.upgrade(config(connection), revision)


def revision(connection: sa.Connection) -> str:
    """The revision of the schema. Raises `Misconfigured` for a database that this version does not know."""
    migrations.is_current(connection)
    found = migrations.stored_revision(connection)
    if found is None:
        raise Misconfigured("no_database", say="this database was never used by Optral; check OPTRAL_DATABASE_URL and OPTRAL_DATA_DIR")
    return found


def _tables(connection: sa.Connection) -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type = _JSON[connection.dialect.name]
    return found.sorted_tables

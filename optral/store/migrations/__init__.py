"""Brings a database to the code's schema at start. An empty one is made at once (`fresh`); Alembic is imported only for one of an earlier
revision (it costs a second).

Expand, backfill, contract over two releases: a migration may not break the release before it. `lab/tools/draft_migration.py`
drafts the first one from the tables.
"""

import sqlalchemy as sa
from sqlalchemy import exc

from optral.store.migrations import fresh
from optral.store.migrations.fresh import CreateAll
from optral.store.transaction import Transaction
from optral.terms.errors import Misconfigured

REVISIONS = ("0047", "0048", "0049", "0050", "0051", "0052", "0053", "0054", "0055", "0056", "0057", "0058", "0059", "0060", "0061",
             "0062", "0063", "0064", "0065", "0066", "0067", "0068", "0069", "0070", "0071", "0072", "0073",
             "0074")  # fmt: skip
"""The first has the tables of the first release; what led to them before it is not kept."""
HEAD = REVISIONS[-1]
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))
_STORED = sa.select(_VERSION.c.version_num)
_TOUCH = sa.update(_VERSION).values(version_num=_VERSION.c.version_num)


def stored_revision(connection: sa.Connection) -> str | None:
    """The revision that the database is at; None when it was never migrated."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(_STORED).scalar_one_or_none()


def bring_up_to_date(engine: sa.Engine, *, create_all: CreateAll | None = None) -> None:
    """Migrate to `HEAD`, all or nothing; with `create_all`, which creates every table of the code, an empty database is made by it.

    Raises `Misconfigured` when the schema is newer than the code or the database refuses.
    """
    try:
        with engine.begin() as connection:
            if is_current(connection):
                return
        if create_all is not None and fresh.create(engine, create_all, head=HEAD):
            return
        from optral.store.migrations.run import upgrade

        upgrade(engine, is_current=is_current)
    except exc.DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise Misconfigured("database_refused", say=f"the database cannot be migrated to this version: {reason}") from error


def is_current(connection: sa.Connection) -> bool:
    """Tell whether the database is at `HEAD`; raises `Misconfigured` when it is at a revision we do not know."""
    stored = stored_revision(connection)
    if stored is not None and stored < REVISIONS[0]:
        raise Misconfigured(
            "schema_unreleased",
            say=f"the database was created before the first release of Optral (schema {stored}) and cannot be migrated; "
            "start with an empty one (docs/install/upgrade.md#databases-from-before-the-first-release)",
        )
    if stored is not None and stored not in REVISIONS:
        raise Misconfigured(
            "schema_too_new",
            say=f"the database was created by a newer Optral (schema {stored}; this version supports {HEAD}); "
            "start that version, or go back to the copy or backup from before the upgrade (docs/install/upgrade.md)",
        )
    return stored == HEAD


def touch(tx: Transaction) -> None:
    """Change something that nobody reads, to learn whether the database takes changes: an empty transaction commits on a full disk."""
    if tx.dialect == "sqlite":  # which does not write a row that stays what it was
        version = int(tx.execute(sa.text("PRAGMA user_version")).scalar_one())
        tx.execute(sa.text(f"PRAGMA user_version = {1 - version % 2}")).close()
    else:
        tx.execute(_TOUCH).close()

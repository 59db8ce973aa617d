"""Row-level security by organization on PostgreSQL: the database itself refuses to show one organization's rows to another.

Every transaction sets `optral.org` to its actor's organization, or to `*` for the system across organizations. A connection
that never set it sees nothing. SQLite has no such wall: there a test watches that no statement on a tenant table goes without `org_id`.
"""

import sqlalchemy as sa

EVERY_ORG = "*"


def tenant_tables(metadata: sa.MetaData) -> list[sa.Table]:
    """All tables that have an `org_id` column, in creation order."""
    return [table for table in metadata.sorted_tables if "org_id" in table.c]


def unlogged_tables(metadata: sa.MetaData) -> list[str]:
    """Names of tables whose rows may be lost with a crash of PostgreSQL (`info={"unlogged": True}`)."""
    return [table.name for table in metadata.sorted_tables if table.info.get("unlogged")]


def policy(table: str) -> list[str]:
    """The statements that wall off one tenant table on PostgreSQL."""
    mine = f"org_id = current_setting('optral.org') OR current_setting('optral.org') = '{EVERY_ORG}'"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY by_organisation ON {table} USING ({mine}) WITH CHECK ({mine})",
    ]

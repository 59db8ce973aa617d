"""Writes the first migration from the tables as they are now: `python -m lab.tools.draft_migration`.

A change of a table is a new file beside it, written by hand and compared by `tests/store/test_migrations.py`. Only while nothing is
released, this squashes such files into one with the number of the newest; delete them then, and run `python -m lab.tools.freeze_schema`.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import api
from alembic.migration import MigrationContext

from optral.server import schema
from optral.store import migrations, tenancy
from optral.store.metadata import Json, Timestamp

TARGET = Path(__file__).parents[2] / "optral/store/migrations/versions" / f"{migrations.HEAD}_first_tables.py"
HEADER = '''"""All tables of the first release, with row-level security on PostgreSQL. Drafted by lab/tools/draft_migration.py."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "{revision}"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = {tenants}
UNLOGGED = {unlogged}


def upgrade() -> None:
    {body}
    if op.get_bind().dialect.name == "postgresql":
        for table in UNLOGGED:
            op.execute(f"ALTER TABLE {{table}} SET UNLOGGED")
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)
'''


def main() -> None:
    tables = schema.gather()
    with sa.create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": tables, "render_item": _render_item})
        script = api.produce_migrations(context, tables)
        assert script.upgrade_ops is not None
        body = api.render_python_code(script.upgrade_ops, migration_context=context, render_item=_render_item)
    tenants = tuple(table.name for table in tenancy.tenant_tables(tables))
    TARGET.write_text(
        HEADER.format(
            revision=migrations.HEAD, tenants=tenants, unlogged=tuple(tenancy.unlogged_tables(tables)), body=_without_comments(body)
        )
    )
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(TARGET)], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix", str(TARGET)], check=True)


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("#")).strip()


def _render_item(kind: str, item: Any, _context: Any) -> str | bool:
    if kind == "type" and isinstance(item, Timestamp):
        return "sa.BigInteger()"
    if kind == "type" and item is Json:
        return "JSON"
    if kind == "server_default" and isinstance(item.arg, sa.False_ | sa.True_):
        return f"sa.{item.arg}()"
    return False


if __name__ == "__main__":
    main()

"""Room in each page of the inventory for the next version of its rows (PostgreSQL)."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE resources SET (fillfactor = 50)")

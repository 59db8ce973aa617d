"""Executions that undo another one, and the cause that each was started for."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("executions", sa.Column("undo_of", sa.String(length=30), nullable=True))
    op.add_column("executions", sa.Column("cause", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_executions_undo_of",
        "executions",
        ["org_id", "undo_of"],
        unique=False,
        sqlite_where=sa.text("undo_of IS NOT NULL"),
        postgresql_where=sa.text("undo_of IS NOT NULL"),
    )

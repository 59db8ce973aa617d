"""The newest executions that changed something, for the track record of runbooks."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_executions_applied",
        "executions",
        ["org_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("applied_at IS NOT NULL AND undo_of IS NULL"),
        postgresql_where=sa.text("applied_at IS NOT NULL AND undo_of IS NULL"),
    )

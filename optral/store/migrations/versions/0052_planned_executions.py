"""Executions that were only planned, for another person to approve."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("executions", sa.Column("needs_another_person", sa.Boolean(), server_default=sa.false(), nullable=False))

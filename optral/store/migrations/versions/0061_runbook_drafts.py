"""The language model that drafted a runbook."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runbooks", sa.Column("drafted_by", sa.String(200)))

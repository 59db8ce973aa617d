"""The text that a version of a runbook was written as; NULL for one that was sent as an object."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runbook_versions", sa.Column("source", sa.Text(), nullable=True))

"""Analyses that are only attempts, because they had less evidence than the answer that their issue shows."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analyses", sa.Column("weaker_than", sa.String(length=30), nullable=True))

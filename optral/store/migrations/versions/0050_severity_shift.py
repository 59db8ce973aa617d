"""By how many steps an organization shifts the severity of all types of issues in a place."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("detector_tunings", sa.Column("severity_shift", sa.Integer(), nullable=True))

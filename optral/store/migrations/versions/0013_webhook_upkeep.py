"""An index of deliveries by subject; the number of failures of an endpoint and the time of the last."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_webhook_deliveries_subject_id", "webhook_deliveries", ["org_id", "webhook_id", "subject_id"], unique=False)
    op.add_column("webhooks", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("webhooks", sa.Column("failed_at", sa.BigInteger(), nullable=True))

"""When notifications of a webhook wait or escalate, and since when a delivery is being sent."""

import sqlalchemy as sa
from alembic import op

from optral.store.metadata import Json, Timestamp

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("quiet_hours", Json))
    op.add_column("webhooks", sa.Column("held_until", Timestamp))
    op.add_column("webhooks", sa.Column("escalation_minutes", sa.Integer, nullable=False, server_default="0"))
    op.add_column("webhook_deliveries", sa.Column("claimed_at", Timestamp))

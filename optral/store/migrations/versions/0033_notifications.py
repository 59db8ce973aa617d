"""What each member wants to be notified of in the browser."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("criticals", sa.Boolean(), nullable=False),
        sa.Column("approvals", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_settings")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("notification_settings"):
            op.execute(statement)

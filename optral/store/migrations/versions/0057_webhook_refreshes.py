"""Credentials of webhooks, when the alerts of Alertmanager webhooks are sent again, and the silences of Alertmanagers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
DUE = sa.text("refresh_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("auth", sa.String(length=10), nullable=True))
    op.add_column("webhooks", sa.Column("refresh_at", sa.BigInteger(), nullable=True))
    op.add_column("webhooks", sa.Column("refreshed_at", sa.BigInteger(), nullable=True))
    op.add_column("webhooks", sa.Column("refresh_error", sa.String(length=40), nullable=True))
    op.execute("UPDATE webhooks SET refresh_at = created_at WHERE form = 'alerts'")
    op.create_index("ix_webhooks_refresh_at", "webhooks", ["refresh_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        "alert_silences",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("webhook_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("matchers", JSON, nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "webhook_id", "id", name=op.f("pk_alert_silences")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("alert_silences"):
            op.execute(statement)

"""Alerts of other systems: their receivers, what was received, and what could not be read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MAY_JOIN = sa.text("outcome = 'waiting' OR (outcome = 'unexplained' AND status = 'firing')")
DUE = sa.text("due_at IS NOT NULL")
TENANTS = ("alert_receivers", "alert_rejections", "alerts")


def upgrade() -> None:
    _receivers()
    _alerts()
    op.create_table(
        "alert_rejections",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("receiver_id", sa.String(length=30), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("excerpt", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rejections")),
    )
    op.create_index("ix_alert_rejections_receiver_id", "alert_rejections", ["org_id", "receiver_id", "at", "id"])
    op.create_index("ix_issues_cluster_owner", "issues", ["org_id", "cluster_id", "owner_name", "detected_at"])
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)


def _receivers() -> None:
    op.create_table(
        "alert_receivers",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("auth", sa.String(length=10), nullable=False),
        sa.Column("cluster_rule", JSON, nullable=False),
        sa.Column("mapping", JSON, nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_received_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_receivers")),
    )
    op.create_index("ix_alert_receivers_org_id", "alert_receivers", ["org_id", "created_at", "id"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("receiver_id", sa.String(length=30), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("annotations", JSON, nullable=False),
        sa.Column("expression", sa.Text(), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("cluster_id", sa.String(length=30), nullable=True),
        sa.Column("namespace", sa.String(length=253), nullable=True),
        sa.Column("kind", sa.String(length=128), nullable=True),
        sa.Column("object_name", sa.String(length=253), nullable=True),
        sa.Column("container", sa.String(length=1024), nullable=True),
        sa.Column("targets", JSON, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("issue_id", sa.String(length=30), nullable=True),
        sa.Column("joined_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("coverage", JSON, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("last_received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("uq_alerts_occurrence", "alerts", ["org_id", "receiver_id", "fingerprint", "starts_at"], unique=True)
    op.create_index("ix_alerts_received_at", "alerts", ["org_id", "received_at", "id"])
    for name in ("outcome", "status", "cluster_id", "name", "issue_id"):
        op.create_index(f"ix_alerts_{name}", "alerts", ["org_id", name, "received_at", "id"])
    op.create_index("ix_alerts_due_at", "alerts", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index(
        "ix_alerts_may_join", "alerts", ["org_id", "cluster_id", "received_at"], sqlite_where=MAY_JOIN, postgresql_where=MAY_JOIN
    )
    op.create_index("ix_alerts_last_received_at", "alerts", ["last_received_at"])

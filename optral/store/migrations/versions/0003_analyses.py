"""Analyses of issues, and the log lines captured for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = ("analyses", "captured_logs")
_DUE = sa.text("due_at IS NOT NULL")
_LIVE = sa.text("status IN ('queued', 'running')")


def upgrade() -> None:
    op.create_table(
        "analyses",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("trigger", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("evidence_hash", sa.String(length=64), nullable=True),
        sa.Column("cause_id", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("result", JSON, nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("feedback", JSON, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses")),
    )
    op.create_index("ix_analyses_issue_id", "analyses", ["org_id", "issue_id", "created_at", "id"], unique=False)
    op.create_index("ix_analyses_due_at", "analyses", ["due_at"], unique=False, sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_index("ix_analyses_created_at", "analyses", ["created_at"], unique=False)
    op.create_index("uq_analyses_live", "analyses", ["org_id", "issue_id"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)
    op.create_table(
        "captured_logs",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("pod", sa.String(length=253), nullable=False),
        sa.Column("container", sa.String(length=253), nullable=False),
        sa.Column("previous", sa.Boolean(), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("issue_id", "namespace", "pod", "container", "previous", name=op.f("pk_captured_logs")),
    )
    op.create_index("ix_captured_logs_captured_at", "captured_logs", ["captured_at"], unique=False)
    op.create_index("ix_captured_logs_due_at", "captured_logs", ["due_at"], unique=False, sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_index("ix_captured_logs_cluster_id", "captured_logs", ["org_id", "cluster_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)

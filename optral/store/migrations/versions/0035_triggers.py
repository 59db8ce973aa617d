"""Triggers and their firings."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy
from optral.store.metadata import Json

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "triggers",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("runbook", sa.String(length=63), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=True),
        sa.Column("parameters", Json, nullable=False),
        sa.Column("match", Json, nullable=False),
        sa.Column("schedule", sa.String(length=100), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("accepts", Json, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("block", sa.String(length=24), nullable=True),
        sa.Column("block_reason", sa.String(length=500), nullable=True),
        sa.Column("blocked_until", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("active_since", sa.BigInteger(), nullable=False),
        sa.Column("acts_for", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggers")),
    )
    op.create_index("ix_triggers_org_id", "triggers", ["org_id", "created_at", "id"])
    op.create_index("ix_triggers_next_at", "triggers", ["next_at"])
    op.create_table(
        "trigger_firings",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("trigger_id", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=True),
        sa.Column("parameters", Json, nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("next_allowed_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_firings")),
    )
    op.create_index("uq_trigger_firings_key", "trigger_firings", ["org_id", "trigger_id", "key"], unique=True)
    op.create_index("ix_trigger_firings_trigger_id", "trigger_firings", ["org_id", "trigger_id", "created_at", "id"])
    op.create_index("ix_trigger_firings_state", "trigger_firings", ["org_id", "trigger_id", "state", "created_at", "id"])
    op.create_index("ix_trigger_firings_due_at", "trigger_firings", ["due_at"])
    op.create_index("ix_trigger_firings_created_at", "trigger_firings", ["created_at"])
    is_running = sa.text("execution_id IS NOT NULL AND outcome IS NULL")
    op.create_index(
        "ix_trigger_firings_running", "trigger_firings", ["created_at", "id"], sqlite_where=is_running, postgresql_where=is_running
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("triggers", "trigger_firings"):
            for statement in tenancy.policy(table):
                op.execute(statement)

"""Freezes, maintenance windows, hourly limits, and what started an execution."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy
from optral.store.metadata import Json

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safeguards",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("unattended_risk", sa.String(length=10), nullable=False),
        sa.Column("limits", Json, nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_safeguards")),
    )
    op.create_table(
        "change_windows",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=True),
        sa.Column("namespace", sa.String(length=253), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("schedule", sa.String(length=100), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_windows")),
    )
    op.create_index("ix_change_windows_org_id", "change_windows", ["org_id", "created_at", "id"])
    op.add_column("executions", sa.Column("trigger_id", sa.String(length=30), nullable=True))
    op.add_column("executions", sa.Column("break_glass", sa.String(length=500), nullable=True))
    op.create_index(
        "ix_executions_applied_at",
        "executions",
        ["org_id", "applied_at"],
        sqlite_where=sa.text("applied_at IS NOT NULL"),
        postgresql_where=sa.text("applied_at IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("safeguards", "change_windows"):
            for statement in tenancy.policy(table):
                op.execute(statement)

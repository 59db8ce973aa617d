"""Pull requests of executions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("executions", sa.Column("by_pull_request", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("forge_id", sa.String(length=30), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("folder", sa.String(length=500), nullable=False),
        sa.Column("base", sa.String(length=255), nullable=False),
        sa.Column("branch", sa.String(length=100), nullable=False),
        sa.Column("keepers", JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.String(length=1000), nullable=True),
        sa.Column("patch", sa.Text(), nullable=True),
        sa.Column("notes", JSON, nullable=False),
        sa.Column("merge_commit", sa.String(length=64), nullable=True),
        sa.Column("applied_revision", sa.String(length=255), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message", sa.String(length=1000), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("merged_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("uq_proposals_execution_id", "proposals", ["org_id", "execution_id"], unique=True)
    op.create_index("ix_proposals_created_at", "proposals", ["created_at"])
    op.create_index(
        "ix_proposals_due_at",
        "proposals",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("proposals"):
            op.execute(statement)

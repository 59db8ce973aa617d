"""Saved views of the issue list."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issue_views",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("sort", sa.String(length=20), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_views")),
    )
    op.create_index("ix_issue_views_owner", "issue_views", ["org_id", "owner_id", "name"])
    op.create_index(
        "ix_issue_views_shared",
        "issue_views",
        ["org_id", "name"],
        sqlite_where=sa.text("is_shared"),
        postgresql_where=sa.text("is_shared"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("issue_views"):
            op.execute(statement)

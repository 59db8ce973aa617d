"""What grouping knows of issues, news that wait to be told, the pace of happenings, and who wants no captures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = ("issue_kin", "issue_groupings", "issue_news", "capture_settings")
_HAS_PARENT = sa.text("parent_issue_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("issues", sa.Column("pace", JSON, nullable=False, server_default="{}"))
    op.add_column("issue_conditions", sa.Column("suspects", JSON, nullable=False, server_default="[]"))
    op.create_index(
        "ix_issues_parent_issue_id",
        "issues",
        ["org_id", "parent_issue_id", "id"],
        unique=False,
        sqlite_where=_HAS_PARENT,
        postgresql_where=_HAS_PARENT,
    )
    op.create_table(
        "issue_kin",
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("ailment", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(length=255), nullable=True),
        sa.Column("attached_at", sa.BigInteger(), nullable=True),
        sa.Column("orphaned_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issue_kin")),
    )
    op.create_index("ix_issue_kin_cluster_id", "issue_kin", ["org_id", "cluster_id", "issue_id"], unique=False)
    op.create_table(
        "issue_groupings",
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_issue_groupings")),
    )
    op.create_table(
        "issue_news",
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issue_news")),
    )
    op.create_index("ix_issue_news_due_at", "issue_news", ["due_at"], unique=False)
    op.create_index("ix_issue_news_cluster_id", "issue_news", ["org_id", "cluster_id", "due_at"], unique=False)
    op.create_table(
        "capture_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_capture_settings")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)

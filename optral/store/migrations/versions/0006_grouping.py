"""What grouping knows of issues, the pace of happenings, what was around them when they opened, and who wants no captures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = ("issue_kin", "issue_groupings", "captured_surroundings", "capture_settings")
_HAS_PARENT = sa.text("parent_issue_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("issues", sa.Column("pace", JSON, nullable=False, server_default="{}"))
    op.add_column("issues", sa.Column("family_severity", sa.String(length=10), nullable=True))
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
        "captured_surroundings",
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_captured_surroundings")),
    )
    op.create_index("ix_captured_surroundings_captured_at", "captured_surroundings", ["captured_at"], unique=False)
    op.create_index("ix_captured_surroundings_cluster_id", "captured_surroundings", ["org_id", "cluster_id"], unique=False)
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

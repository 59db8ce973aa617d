"""What an issue affects, its place in the order of urgency, and a severity that somebody has set."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
NEEDS_WORK = sa.text("status <> 'resolved' AND parent_issue_id IS NULL AND mute_rule_id IS NULL AND snooze IS NULL")


def upgrade() -> None:
    op.add_column("issue_conditions", sa.Column("impact", JSON, server_default="{}", nullable=False))
    op.add_column("issues", sa.Column("computed_severity", sa.String(length=10), nullable=True))
    op.add_column("issues", sa.Column("severity_set", sa.String(length=10), nullable=True))
    op.add_column("issues", sa.Column("severity_set_by", sa.String(length=64), nullable=True))
    op.add_column("issues", sa.Column("impact", JSON, server_default="{}", nullable=False))
    op.add_column("issues", sa.Column("told_impact", JSON, server_default="{}", nullable=False))
    op.add_column("issues", sa.Column("urgency", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE issues SET urgency = severity_rank * 35184372088832")  # 2 to the power of 45: `families.urgency`
    op.create_index("ix_issues_urgency", "issues", ["org_id", "urgency", "id"])
    op.drop_index("ix_issues_needs_work", "issues")
    op.create_index(
        "ix_issues_needs_work", "issues", ["org_id", "status_rank", "urgency", "id"], sqlite_where=NEEDS_WORK, postgresql_where=NEEDS_WORK
    )

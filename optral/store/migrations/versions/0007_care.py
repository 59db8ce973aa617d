"""Care for issues: snoozes, mute rules, comments, and the substatus people see."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = ("mute_rules", "issue_comments")


def upgrade() -> None:
    op.add_column("issues", sa.Column("shown_as", sa.String(length=16), server_default="ongoing", nullable=False))
    op.add_column("issues", sa.Column("snooze", JSON, nullable=True))
    op.add_column("issues", sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
    op.add_column("issues", sa.Column("mute_rule_id", sa.String(length=30), nullable=True))
    op.add_column("issues", sa.Column("comment_count", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE issues SET shown_as = substatus")
    op.create_index("ix_issues_live", "issues", ["org_id", "id"], **_where("status <> 'resolved'"))
    op.create_index("ix_issues_assignee", "issues", ["org_id", "assignee", "detected_at", "id"], **_where("assignee IS NOT NULL"))
    op.create_index("ix_issues_shown_as", "issues", ["org_id", "shown_as", "detected_at", "id"])
    op.create_index("ix_issues_mute_rule_id", "issues", ["org_id", "mute_rule_id", "id"], **_where("mute_rule_id IS NOT NULL"))
    op.create_index("ix_issues_snoozed_until", "issues", ["snoozed_until", "id"], **_where("snoozed_until IS NOT NULL"))
    op.create_table(
        "mute_rules",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("match", JSON, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("swept_to", sa.String(length=30), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mute_rules")),
    )
    op.create_index("ix_mute_rules_created_at", "mute_rules", ["org_id", "created_at", "id"])
    op.create_index("ix_mute_rules_expires_at", "mute_rules", ["expires_at"], **_where("expires_at IS NOT NULL AND ended_at IS NULL"))
    op.create_index("ix_mute_rules_swept_to", "mute_rules", ["swept_to"], **_where("swept_to IS NOT NULL"))
    op.create_table(
        "issue_comments",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=30), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_comments")),
    )
    op.create_index("ix_issue_comments_issue_id", "issue_comments", ["org_id", "issue_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}

"""Feedback on analyses, one row for each person. What an analysis held of the last person becomes the row of that person.

The column `analyses.feedback` stays: replicas of the version before this one read it while they are replaced.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = op.create_table(
        "analysis_feedback",
        sa.Column("analysis_id", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("issue_type", sa.String(length=128), nullable=False),
        sa.Column("cause_id", sa.String(length=64), nullable=True),
        sa.Column("is_helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("actual_cause", sa.String(length=64), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("analysis_id", "person_id", name=op.f("pk_analysis_feedback")),
    )
    op.create_index("ix_analysis_feedback_recent", "analysis_feedback", ["org_id", "updated_at"])
    op.create_index("ix_analysis_feedback_updated_at", "analysis_feedback", ["updated_at"])
    op.create_index("ix_analysis_feedback_cluster_id", "analysis_feedback", ["org_id", "cluster_id"])
    if rows := [_row(one) for one in op.get_bind().execute(_GIVEN)]:
        op.bulk_insert(made, rows)
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("analysis_feedback"):
            op.execute(statement)


_GIVEN = sa.text(
    "SELECT analyses.id, analyses.org_id, analyses.cluster_id, analyses.cause_id, analyses.feedback, issues.type"
    " FROM analyses JOIN issues ON issues.id = analyses.issue_id AND issues.org_id = analyses.org_id"
    " WHERE analyses.feedback IS NOT NULL"
)
_CREATOR = sa.text("SELECT created_by FROM api_keys WHERE id = :key")


def _row(given: Any) -> dict[str, Any]:
    """The row of a person; an API key acted for the person who created it."""
    said = json.loads(given.feedback) if isinstance(given.feedback, str) else given.feedback
    by = str(said["by"])
    at = (datetime.fromisoformat(said["at"]) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return {
        "analysis_id": given.id,
        "person_id": op.get_bind().execute(_CREATOR, {"key": by}).scalar_one_or_none() or by,
        "org_id": given.org_id,
        "cluster_id": given.cluster_id,
        "issue_type": given.type,
        "cause_id": given.cause_id,
        "is_helpful": bool(said["isRight"]),
        "reason": None if said["isRight"] or "cause" not in said else "wrongCause",
        "actual_cause": said.get("cause"),
        "comment": said.get("comment"),
        "created_at": at,
        "updated_at": at,
    }

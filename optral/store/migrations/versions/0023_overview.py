"""Indexes for the overview and the trends: what needs work, what opened and ended when, what changed lately."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ROOT = "parent_issue_id IS NULL"
_NEEDS_WORK = f"status <> 'resolved' AND {_ROOT} AND mute_rule_id IS NULL AND snooze IS NULL"


def upgrade() -> None:
    for table, name, columns, condition in (
        ("issues", "ix_issues_needs_work", ("org_id", "status_rank", "severity_rank", "id"), _NEEDS_WORK),
        (
            "issues",
            "ix_issues_needs_work_by_cluster",
            ("org_id", "cluster_id", "severity_rank", "status", "parent_issue_id", "mute_rule_id", "snooze"),
            _NEEDS_WORK,
        ),
        ("issues", "ix_issues_opened", ("org_id", "detected_at", "cluster_id", "parent_issue_id"), _ROOT),
        (
            "issues",
            "ix_issues_ended",
            ("org_id", "resolved_at", "detected_at", "cluster_id", "parent_issue_id"),
            f"{_ROOT} AND resolved_at IS NOT NULL",
        ),
        ("issue_activity", "ix_issue_activity_acknowledged", ("org_id", "at", "issue_id"), "action = 'acknowledged'"),
        ("analyses", "ix_analyses_ready", ("org_id", "finished_at", "issue_id"), "status = 'ready'"),
    ):
        op.create_index(name, table, list(columns), sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
    op.create_index("ix_resource_history_org_id", "resource_history", ["org_id", "at"])

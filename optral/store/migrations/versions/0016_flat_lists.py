"""Indexes with which lists stay flat when history or the inventory grows (tests/api/test_query_plans.py)."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_index("ix_events_type", "events", ["org_id", "type", "seq"])
    op.create_index("ix_events_cluster_id", "events", ["org_id", "cluster_id", "seq"])
    op.create_index("ix_audit_records_action", "audit_records", ["org_id", "action", "seq"])
    op.create_index("ix_audit_records_target", "audit_records", ["org_id", "target", "seq"])
    op.drop_index("ix_executions_issue_id", "executions")
    op.create_index("ix_executions_issue_id", "executions", ["org_id", "issue_id", "created_at", "id"])
    op.drop_index("ix_executions_cluster_id", "executions")
    op.create_index("ix_executions_cluster_id", "executions", ["org_id", "cluster_id", "created_at", "id"])
    op.create_index("ix_executions_status", "executions", ["org_id", "status", "created_at", "id"])
    op.create_index("ix_executions_by_status", "executions", ["org_id", "status", "id"])
    op.create_index("ix_executions_dry_run", "executions", ["org_id", "dry_run", "created_at", "id"])
    op.create_index("ix_resources_kind_name", "resources", ["org_id", "kind", "name", "id"])
    op.create_index("ix_resources_namespace", "resources", ["org_id", "namespace", "name", "id"])
    op.create_index("ix_webhook_deliveries_status", "webhook_deliveries", ["org_id", "webhook_id", "status", "created_at", "id"])
    op.create_index("ix_captured_logs_issue_id", "captured_logs", ["org_id", "issue_id", "captured_at"])
    muted = _where("mute_rule_id IS NOT NULL AND status <> 'resolved'")
    op.create_index("ix_issues_muted", "issues", ["org_id", "mute_rule_id", "id"], **muted)
    op.create_index("ix_issues_category", "issues", ["org_id", "category", "detected_at", "id"])
    op.create_index("ix_issues_owner_kind", "issues", ["org_id", "owner_kind", "detected_at", "id"])
    op.create_index("ix_issues_container", "issues", ["org_id", "container", "detected_at", "id"], **_where("container IS NOT NULL"))

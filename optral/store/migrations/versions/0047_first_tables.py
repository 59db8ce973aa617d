"""All tables of the first release, with row-level security on PostgreSQL. Drafted by lab/tools/draft_migration.py."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0047"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = (
    "analyses",
    "analysis_feedback",
    "analysis_settings",
    "audit_heads",
    "audit_records",
    "capture_settings",
    "captured_logs",
    "captured_surroundings",
    "change_windows",
    "clusters",
    "connection_attempts",
    "detector_switches",
    "detector_tunings",
    "event_heads",
    "events",
    "executions",
    "fleet_tokens",
    "forges",
    "idempotent_answers",
    "issue_activity",
    "issue_comments",
    "issue_conditions",
    "issue_groupings",
    "issue_kin",
    "issue_looks",
    "issue_texts",
    "issue_views",
    "issues",
    "kubernetes_events",
    "model_settings",
    "model_spending",
    "mute_rules",
    "notification_settings",
    "organisations",
    "proposals",
    "resource_counts",
    "resource_dictionaries",
    "resource_history",
    "resource_kinds",
    "resource_labels",
    "resource_names",
    "resource_sets",
    "resource_words",
    "resources",
    "runbook_switches",
    "runbooks",
    "safeguards",
    "trigger_firings",
    "triggers",
    "webhook_deliveries",
    "webhooks",
    "agent_certificates",
    "approval_decisions",
    "approvals",
    "commands",
    "enrollment_tokens",
    "execution_logs",
    "execution_steps",
    "fleet_enrollments",
    "invites",
    "members",
    "runbook_versions",
    "api_keys",
    "command_outputs",
    "delegations",
    "member_bindings",
    "sessions",
)
UNLOGGED = ("rate_windows",)


def upgrade() -> None:
    op.create_table(
        "analyses",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("trigger", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("evidence_hash", sa.String(length=64), nullable=True),
        sa.Column("cause_id", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("result", JSON, nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("weaker_than", sa.String(length=30), nullable=True),
        sa.Column("feedback", JSON, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses")),
    )
    op.create_index("ix_analyses_created_at", "analyses", ["created_at"], unique=False)
    op.create_index(
        "ix_analyses_due_at",
        "analyses",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_analyses_issue_id", "analyses", ["org_id", "issue_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_analyses_ready",
        "analyses",
        ["org_id", "finished_at", "issue_id"],
        unique=False,
        sqlite_where=sa.text("status = 'ready'"),
        postgresql_where=sa.text("status = 'ready'"),
    )
    op.create_index(
        "uq_analyses_live",
        "analyses",
        ["org_id", "issue_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
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
    op.create_index("ix_analysis_feedback_cluster_id", "analysis_feedback", ["org_id", "cluster_id"], unique=False)
    op.create_index("ix_analysis_feedback_recent", "analysis_feedback", ["org_id", "updated_at"], unique=False)
    op.create_index("ix_analysis_feedback_updated_at", "analysis_feedback", ["updated_at"], unique=False)
    op.create_table(
        "analysis_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_analysis_settings")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("base_seq", sa.BigInteger(), nullable=False),
        sa.Column("base_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "audit_records",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "seq", name=op.f("pk_audit_records")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_records_id")),
    )
    op.create_index("ix_audit_records_action", "audit_records", ["org_id", "action", "seq"], unique=False)
    op.create_index("ix_audit_records_actor", "audit_records", ["org_id", "actor_id", "seq"], unique=False)
    op.create_index("ix_audit_records_cluster", "audit_records", ["org_id", "cluster_id", "seq"], unique=False)
    op.create_index(op.f("ix_audit_records_org_id_at"), "audit_records", ["org_id", "at"], unique=False)
    op.create_index("ix_audit_records_target", "audit_records", ["org_id", "target", "seq"], unique=False)
    op.create_table(
        "authorities",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("trust_domain", sa.String(length=200), nullable=False),
        sa.Column("certificate_pem", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_authorities")),
    )
    op.create_table(
        "ca_replicas",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ca_replicas")),
    )
    op.create_table(
        "ca_rotation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("upcoming", sa.Integer(), nullable=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ca_rotation")),
    )
    op.create_table(
        "capture_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_capture_settings")),
    )
    op.create_table(
        "captured_logs",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("pod", sa.String(length=253), nullable=False),
        sa.Column("container", sa.String(length=253), nullable=False),
        sa.Column("previous", sa.Boolean(), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("issue_id", "namespace", "pod", "container", "previous", name=op.f("pk_captured_logs")),
    )
    op.create_index("ix_captured_logs_captured_at", "captured_logs", ["captured_at"], unique=False)
    op.create_index("ix_captured_logs_cluster_id", "captured_logs", ["org_id", "cluster_id"], unique=False)
    op.create_index(
        "ix_captured_logs_due_at",
        "captured_logs",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_captured_logs_issue_id", "captured_logs", ["org_id", "issue_id", "captured_at"], unique=False)
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
        "change_windows",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
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
    op.create_index("ix_change_windows_org_id", "change_windows", ["org_id", "created_at", "id"], unique=False)
    op.create_table(
        "clusters",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_reason", sa.String(length=32), nullable=True),
        sa.Column("last_heartbeat_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_reason", sa.String(length=32), nullable=True),
        sa.Column("agent_version", sa.String(length=100), nullable=True),
        sa.Column("agent_instance", sa.String(length=100), nullable=True),
        sa.Column("agent_capabilities", JSON, nullable=False),
        sa.Column("agent_cert_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("kubernetes_version", sa.String(length=100), nullable=True),
        sa.Column("kube_system_uid", sa.String(length=100), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("trusted_cas", JSON, nullable=True),
        sa.Column("synced_at", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("purged_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
    )
    op.create_index("ix_clusters_kube_system_uid", "clusters", ["org_id", "kube_system_uid"], unique=False)
    op.create_index("ix_clusters_status", "clusters", ["status"], unique=False)
    op.create_index(
        "uq_clusters_live_name",
        "clusters",
        ["org_id", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "connection_attempts",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent_version", sa.String(length=100), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "subject_id", "code", name=op.f("pk_connection_attempts")),
    )
    op.create_table(
        "detector_switches",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("has_risk", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_detector_switches")),
    )
    op.create_table(
        "detector_tunings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("namespace", sa.String(length=63), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=True),
        sa.Column("open_after_s", sa.Integer(), nullable=True),
        sa.Column("resolve_after_s", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=True),
        sa.Column("thresholds", JSON, nullable=True),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "type", "cluster_id", "namespace", name=op.f("pk_detector_tunings")),
    )
    op.create_table(
        "device_logins",
        sa.Column("device_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.String(length=30), nullable=True),
        sa.Column("user_id", sa.String(length=30), nullable=True),
        sa.Column("scopes", JSON, nullable=True),
        sa.Column("key_expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device_digest", name=op.f("pk_device_logins")),
        sa.UniqueConstraint("user_digest", name=op.f("uq_device_logins_user_digest")),
    )
    op.create_index(op.f("ix_device_logins_expires_at"), "device_logins", ["expires_at"], unique=False)
    op.create_table(
        "event_heads",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_event_heads")),
    )
    op.create_table(
        "events",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=True),
        sa.Column("subject_id", sa.String(length=30), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "seq", name=op.f("pk_events")),
    )
    op.create_index("ix_events_cluster_id", "events", ["org_id", "cluster_id", "seq"], unique=False)
    op.create_index("ix_events_namespace", "events", ["org_id", "namespace", "seq"], unique=False)
    op.create_index(op.f("ix_events_org_id_at"), "events", ["org_id", "at"], unique=False)
    op.create_index("ix_events_type", "events", ["org_id", "type", "seq"], unique=False)
    op.create_table(
        "executions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("runbook_id", sa.String(length=30), nullable=False),
        sa.Column("runbook_slug", sa.String(length=63), nullable=False),
        sa.Column("runbook_name", sa.String(length=100), nullable=False),
        sa.Column("runbook_version", sa.Integer(), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("allow_drift", sa.Boolean(), nullable=False),
        sa.Column("by_pull_request", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("target", JSON, nullable=False),
        sa.Column("plan", JSON, nullable=True),
        sa.Column("plan_hash", sa.String(length=80), nullable=True),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("requested_via", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("cancel_requested_by", sa.String(length=64), nullable=True),
        sa.Column("verification", JSON, nullable=True),
        sa.Column("failure", JSON, nullable=True),
        sa.Column("retry_of", sa.String(length=30), nullable=True),
        sa.Column("undo_of", sa.String(length=30), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=True),
        sa.Column("lock", sa.String(length=600), nullable=True),
        sa.Column("trigger_id", sa.String(length=30), nullable=True),
        sa.Column("break_glass", sa.String(length=500), nullable=True),
        sa.Column("namespace", sa.String(length=253), nullable=True),
        sa.Column("log_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executions")),
    )
    op.create_index(
        "ix_executions_applied",
        "executions",
        ["org_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("applied_at IS NOT NULL AND undo_of IS NULL"),
        postgresql_where=sa.text("applied_at IS NOT NULL AND undo_of IS NULL"),
    )
    op.create_index(
        "ix_executions_applied_at",
        "executions",
        ["org_id", "applied_at"],
        unique=False,
        sqlite_where=sa.text("applied_at IS NOT NULL"),
        postgresql_where=sa.text("applied_at IS NOT NULL"),
    )
    op.create_index("ix_executions_by_status", "executions", ["org_id", "status", "id"], unique=False)
    op.create_index("ix_executions_cluster_id", "executions", ["org_id", "cluster_id", "created_at", "id"], unique=False)
    op.create_index("ix_executions_cluster_status", "executions", ["org_id", "cluster_id", "status"], unique=False)
    op.create_index("ix_executions_created_at", "executions", ["org_id", "created_at", "id"], unique=False)
    op.create_index("ix_executions_dry_run", "executions", ["org_id", "dry_run", "created_at", "id"], unique=False)
    op.create_index(
        "ix_executions_due_at",
        "executions",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_executions_finished_at", "executions", ["finished_at"], unique=False)
    op.create_index("ix_executions_issue_id", "executions", ["org_id", "issue_id", "created_at", "id"], unique=False)
    op.create_index("ix_executions_place", "executions", ["org_id", "cluster_id", "namespace", "created_at", "id"], unique=False)
    op.create_index("ix_executions_runbook_id", "executions", ["org_id", "runbook_id", "created_at", "id"], unique=False)
    op.create_index("ix_executions_status", "executions", ["org_id", "status", "created_at", "id"], unique=False)
    op.create_index(
        "ix_executions_undo_of",
        "executions",
        ["org_id", "undo_of"],
        unique=False,
        sqlite_where=sa.text("undo_of IS NOT NULL"),
        postgresql_where=sa.text("undo_of IS NOT NULL"),
    )
    op.create_index("uq_executions_lock", "executions", ["org_id", "lock"], unique=True)
    op.create_table(
        "fleet_tokens",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("name_pattern", sa.String(length=80), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_tokens")),
    )
    op.create_index("ix_fleet_tokens_org", "fleet_tokens", ["org_id", "created_at", "id"], unique=False)
    op.create_index("uq_fleet_tokens_hash", "fleet_tokens", ["hash"], unique=True)
    op.create_table(
        "forges",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("base_url", sa.String(length=500), nullable=False),
        sa.Column("repositories", JSON, nullable=False),
        sa.Column("branch_prefix", sa.String(length=40), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forges")),
    )
    op.create_index("ix_forges_org_id", "forges", ["org_id", "created_at", "id"], unique=False)
    op.create_table(
        "idempotent_answers",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "actor_id", "key", name=op.f("pk_idempotent_answers")),
    )
    op.create_index(op.f("ix_idempotent_answers_org_id_created_at"), "idempotent_answers", ["org_id", "created_at"], unique=False)
    op.create_table(
        "issue_activity",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=30), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_activity")),
    )
    op.create_index(
        "ix_issue_activity_acknowledged",
        "issue_activity",
        ["org_id", "at", "issue_id"],
        unique=False,
        sqlite_where=sa.text("action = 'acknowledged'"),
        postgresql_where=sa.text("action = 'acknowledged'"),
    )
    op.create_index("ix_issue_activity_issue_id", "issue_activity", ["org_id", "issue_id", "id"], unique=False)
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
    op.create_index("ix_issue_comments_issue_id", "issue_comments", ["org_id", "issue_id", "id"], unique=False)
    op.create_table(
        "issue_conditions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=True),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=True),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("subject_kind", sa.String(length=128), nullable=False),
        sa.Column("subject_namespace", sa.String(length=253), nullable=True),
        sa.Column("subject_name", sa.String(length=253), nullable=False),
        sa.Column("part", sa.String(length=253), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("false_since", sa.BigInteger(), nullable=True),
        sa.Column("occurrence", sa.String(length=255), nullable=True),
        sa.Column("resolve_after_s", sa.Integer(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("suspects", JSON, server_default="[]", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("cluster_id", "uid", "fingerprint", name=op.f("pk_issue_conditions")),
    )
    op.create_index("ix_issue_conditions_due_at", "issue_conditions", ["org_id", "cluster_id", "due_at"], unique=False)
    op.create_index("ix_issue_conditions_fingerprint", "issue_conditions", ["org_id", "cluster_id", "fingerprint"], unique=False)
    op.create_index("ix_issue_conditions_issue_id", "issue_conditions", ["org_id", "issue_id"], unique=False)
    op.create_table(
        "issue_groupings",
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_issue_groupings")),
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
        "issue_looks",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "uid", name=op.f("pk_issue_looks")),
    )
    op.create_index("ix_issue_looks_due_at", "issue_looks", ["org_id", "cluster_id", "due_at"], unique=False)
    op.create_table(
        "issue_texts",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "issue_id", name=op.f("pk_issue_texts")),
        sqlite_with_rowid=False,
    )
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
        sa.Column("display", JSON, server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_views")),
    )
    op.create_index("ix_issue_views_owner", "issue_views", ["org_id", "owner_id", "name"], unique=False)
    op.create_index(
        "ix_issue_views_shared",
        "issue_views",
        ["org_id", "name"],
        unique=False,
        sqlite_where=sa.text("is_shared"),
        postgresql_where=sa.text("is_shared"),
    )
    op.create_table(
        "issues",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("severity_rank", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("status_rank", sa.SmallInteger(), nullable=False),
        sa.Column("substatus", sa.String(length=16), nullable=False),
        sa.Column("resource", sa.String(length=253), nullable=False),
        sa.Column("resource_id", sa.String(length=30), nullable=True),
        sa.Column("resource_kind", sa.String(length=128), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=True),
        sa.Column("owner_kind", sa.String(length=128), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("container", sa.String(length=253), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("detected_at", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", sa.String(length=64), nullable=True),
        sa.Column("resolution", sa.String(length=24), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("affected", JSON, nullable=False),
        sa.Column("affected_total", sa.Integer(), nullable=False),
        sa.Column("affected_at_start", sa.Integer(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("reopened", JSON, nullable=False),
        sa.Column("assignee", sa.String(length=64), nullable=True),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("parent_issue_id", sa.String(length=30), nullable=True),
        sa.Column("previous_issue_id", sa.String(length=30), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("has_analysis", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("told_count", sa.Integer(), nullable=False),
        sa.Column("pace", JSON, server_default="{}", nullable=False),
        sa.Column("family_severity", sa.String(length=10), nullable=True),
        sa.Column("shown_as", sa.String(length=16), server_default="ongoing", nullable=False),
        sa.Column("snooze", JSON, nullable=True),
        sa.Column("snoozed_until", sa.BigInteger(), nullable=True),
        sa.Column("mute_rule_id", sa.String(length=30), nullable=True),
        sa.Column("comment_count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
    )
    op.create_index(
        "ix_issues_assignee",
        "issues",
        ["org_id", "assignee", "detected_at", "id"],
        unique=False,
        sqlite_where=sa.text("assignee IS NOT NULL"),
        postgresql_where=sa.text("assignee IS NOT NULL"),
    )
    op.create_index("ix_issues_category", "issues", ["org_id", "category", "detected_at", "id"], unique=False)
    op.create_index("ix_issues_cluster_id", "issues", ["org_id", "cluster_id", "status", "detected_at", "id"], unique=False)
    op.create_index(
        "ix_issues_container",
        "issues",
        ["org_id", "container", "detected_at", "id"],
        unique=False,
        sqlite_where=sa.text("container IS NOT NULL"),
        postgresql_where=sa.text("container IS NOT NULL"),
    )
    op.create_index("ix_issues_detected_at", "issues", ["org_id", "detected_at", "id"], unique=False)
    op.create_index(
        "ix_issues_ended",
        "issues",
        ["org_id", "resolved_at", "detected_at", "cluster_id", "severity_rank", "parent_issue_id"],
        unique=False,
        sqlite_where=sa.text("parent_issue_id IS NULL AND resolved_at IS NOT NULL"),
        postgresql_where=sa.text("parent_issue_id IS NULL AND resolved_at IS NOT NULL"),
    )
    op.create_index("ix_issues_fingerprint", "issues", ["org_id", "cluster_id", "fingerprint", "detected_at"], unique=False)
    op.create_index("ix_issues_last_seen_at", "issues", ["org_id", "last_seen_at", "id"], unique=False)
    op.create_index(
        "ix_issues_live",
        "issues",
        ["org_id", "id"],
        unique=False,
        sqlite_where=sa.text("status <> 'resolved'"),
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_index(
        "ix_issues_mute_rule_id",
        "issues",
        ["org_id", "mute_rule_id", "id"],
        unique=False,
        sqlite_where=sa.text("mute_rule_id IS NOT NULL"),
        postgresql_where=sa.text("mute_rule_id IS NOT NULL"),
    )
    op.create_index(
        "ix_issues_muted",
        "issues",
        ["org_id", "mute_rule_id", "id"],
        unique=False,
        sqlite_where=sa.text("mute_rule_id IS NOT NULL AND status <> 'resolved'"),
        postgresql_where=sa.text("mute_rule_id IS NOT NULL AND status <> 'resolved'"),
    )
    op.create_index("ix_issues_namespace", "issues", ["org_id", "namespace", "detected_at", "id"], unique=False)
    op.create_index(
        "ix_issues_needs_work",
        "issues",
        ["org_id", "status_rank", "severity_rank", "id"],
        unique=False,
        sqlite_where=sa.text("status <> 'resolved' AND parent_issue_id IS NULL AND mute_rule_id IS NULL AND snooze IS NULL"),
        postgresql_where=sa.text("status <> 'resolved' AND parent_issue_id IS NULL AND mute_rule_id IS NULL AND snooze IS NULL"),
    )
    op.create_index(
        "ix_issues_needs_work_by_cluster",
        "issues",
        ["org_id", "cluster_id", "severity_rank", "status", "parent_issue_id", "mute_rule_id", "snooze"],
        unique=False,
        sqlite_where=sa.text("status <> 'resolved' AND parent_issue_id IS NULL AND mute_rule_id IS NULL AND snooze IS NULL"),
        postgresql_where=sa.text("status <> 'resolved' AND parent_issue_id IS NULL AND mute_rule_id IS NULL AND snooze IS NULL"),
    )
    op.create_index(
        "ix_issues_opened",
        "issues",
        ["org_id", "detected_at", "cluster_id", "severity_rank", "parent_issue_id"],
        unique=False,
        sqlite_where=sa.text("parent_issue_id IS NULL"),
        postgresql_where=sa.text("parent_issue_id IS NULL"),
    )
    op.create_index("ix_issues_owner_kind", "issues", ["org_id", "owner_kind", "detected_at", "id"], unique=False)
    op.create_index("ix_issues_owner_name", "issues", ["org_id", "owner_name", "detected_at", "id"], unique=False)
    op.create_index(
        "ix_issues_parent_issue_id",
        "issues",
        ["org_id", "parent_issue_id", "id"],
        unique=False,
        sqlite_where=sa.text("parent_issue_id IS NOT NULL"),
        postgresql_where=sa.text("parent_issue_id IS NOT NULL"),
    )
    op.create_index(
        "ix_issues_resolved_at",
        "issues",
        ["resolved_at"],
        unique=False,
        sqlite_where=sa.text("resolved_at IS NOT NULL"),
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index("ix_issues_severity", "issues", ["org_id", "severity_rank", "id"], unique=False)
    op.create_index("ix_issues_shown_as", "issues", ["org_id", "shown_as", "detected_at", "id"], unique=False)
    op.create_index(
        "ix_issues_snoozed_until",
        "issues",
        ["snoozed_until", "id"],
        unique=False,
        sqlite_where=sa.text("snoozed_until IS NOT NULL"),
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )
    op.create_index("ix_issues_status", "issues", ["org_id", "status", "detected_at", "id"], unique=False)
    op.create_index("ix_issues_status_rank", "issues", ["org_id", "status_rank", "id"], unique=False)
    op.create_index("ix_issues_type", "issues", ["org_id", "type", "detected_at", "id"], unique=False)
    op.create_index(
        "uq_issues_live",
        "issues",
        ["org_id", "cluster_id", "fingerprint"],
        unique=True,
        sqlite_where=sa.text("status <> 'resolved'"),
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_table(
        "kubernetes_events",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("uid", sa.String(length=128), nullable=False),
        sa.Column("resource_version", sa.String(length=64), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("object_uid", sa.String(length=128), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=253), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "uid", name=op.f("pk_kubernetes_events")),
    )
    op.create_index("ix_kubernetes_events_object_uid", "kubernetes_events", ["org_id", "cluster_id", "object_uid", "last_at"], unique=False)
    op.create_index("ix_kubernetes_events_seen_at", "kubernetes_events", ["seen_at"], unique=False)
    op.create_table(
        "model_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("destination", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_model_settings")),
    )
    op.create_table(
        "model_spending",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("booked_tokens", sa.BigInteger(), nullable=False),
        sa.Column("booked_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "day", name=op.f("pk_model_spending")),
    )
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
    op.create_index("ix_mute_rules_created_at", "mute_rules", ["org_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_mute_rules_expires_at",
        "mute_rules",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL AND ended_at IS NULL"),
    )
    op.create_index(
        "ix_mute_rules_swept_to",
        "mute_rules",
        ["swept_to"],
        unique=False,
        sqlite_where=sa.text("swept_to IS NOT NULL"),
        postgresql_where=sa.text("swept_to IS NOT NULL"),
    )
    op.create_table(
        "notification_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("criticals", sa.Boolean(), nullable=False),
        sa.Column("approvals", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_settings")),
    )
    op.create_table(
        "organisations",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("plan", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name", name=op.f("uq_organisations_name")),
    )
    op.create_table(
        "proposals",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
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
    op.create_index("ix_proposals_created_at", "proposals", ["created_at"], unique=False)
    op.create_index(
        "ix_proposals_due_at",
        "proposals",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("uq_proposals_execution_id", "proposals", ["org_id", "execution_id"], unique=True)
    op.create_table(
        "rate_windows",
        sa.Column("bucket", sa.String(length=100), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_rate_windows")),
        info={"unlogged": True},
    )
    op.create_index(op.f("ix_rate_windows_ends_at"), "rate_windows", ["ends_at"], unique=False)
    op.create_table(
        "resource_counts",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "cluster_id", "kind", "namespace", name=op.f("pk_resource_counts")),
    )
    op.create_table(
        "resource_dictionaries",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "number", name=op.f("pk_resource_dictionaries")),
    )
    op.create_table(
        "resource_history",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("resource_id", sa.String(length=30), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("manager", sa.String(length=253), nullable=True),
        sa.Column("operation", sa.String(length=32), nullable=True),
        sa.Column("diff", JSON, nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "revision", name=op.f("pk_resource_history")),
    )
    op.create_index("ix_resource_history_at", "resource_history", ["at"], unique=False)
    op.create_index("ix_resource_history_cluster_id", "resource_history", ["org_id", "cluster_id", "at"], unique=False)
    op.create_index("ix_resource_history_org_id", "resource_history", ["org_id", "at"], unique=False)
    op.create_index(
        "ix_resource_history_workloads",
        "resource_history",
        ["org_id", "at", "cluster_id"],
        unique=False,
        sqlite_where=sa.text("kind IN ('Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps')"),
        postgresql_where=sa.text("kind IN ('Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps')"),
    )
    op.create_table(
        "resource_kinds",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("generation", sa.String(length=64), nullable=False),
        sa.Column("incoming", sa.String(length=64), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("confirm", sa.String(length=128), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "kind", name=op.f("pk_resource_kinds")),
    )
    op.create_table(
        "resource_labels",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "label", "number", name=op.f("pk_resource_labels")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resource_names",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("term", sa.String(length=64).with_variant(sa.VARCHAR(length=64, collation="C"), "postgresql"), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("is_derived", sa.Boolean(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "term", "number", name=op.f("pk_resource_names")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resource_sets",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("is_derived", sa.Boolean(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_resource_sets")),
    )
    op.create_index("ix_resource_sets_checked_at", "resource_sets", ["checked_at"], unique=False)
    op.create_index("ix_resource_sets_cluster_id", "resource_sets", ["org_id", "cluster_id", "number"], unique=False)
    op.create_table(
        "resource_words",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "word", name=op.f("pk_resource_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("uid", sa.String(length=128), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("resource_version", sa.String(length=64), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("owner_kind", sa.String(length=128), nullable=True),
        sa.Column("owner_name", sa.String(length=253), nullable=True),
        sa.Column("owner_uid", sa.String(length=128), nullable=True),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("set_number", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("status", sa.String(length=128), nullable=True),
        sa.Column("state", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("ix_resources_kind", "resources", ["org_id", "cluster_id", "kind", "namespace", "name"], unique=False)
    op.create_index("ix_resources_kind_name", "resources", ["org_id", "kind", "name", "id"], unique=False)
    op.create_index("ix_resources_name", "resources", ["org_id", "name", "id"], unique=False)
    op.create_index("ix_resources_namespace", "resources", ["org_id", "namespace", "name", "id"], unique=False)
    op.create_index("ix_resources_owner", "resources", ["org_id", "cluster_id", "owner_uid"], unique=False)
    op.create_index("ix_resources_set", "resources", ["org_id", "set_number"], unique=False)
    op.create_index(
        "ix_resources_unhealthy",
        "resources",
        ["org_id", "state", "name", "id"],
        unique=False,
        sqlite_where=sa.text("state < 2"),
        postgresql_where=sa.text("state < 2"),
    )
    op.create_table(
        "runbook_switches",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_runbook_switches")),
    )
    op.create_table(
        "runbooks",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runbooks")),
    )
    op.create_index(
        "uq_runbooks_slug",
        "runbooks",
        ["org_id", "slug"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "safeguards",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("unattended_risk", sa.String(length=10), nullable=False),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("approval_rules", JSON, server_default="[]", nullable=False),
        sa.Column("break_glass_roles", JSON, server_default='["owner"]', nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_safeguards")),
    )
    op.create_table(
        "secret_checks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret_checks")),
    )
    op.create_table(
        "setup_links",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=30), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_setup_links")),
    )
    op.create_table(
        "trigger_firings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("trigger_id", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=True),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("next_allowed_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_firings")),
    )
    op.create_index("ix_trigger_firings_created_at", "trigger_firings", ["created_at"], unique=False)
    op.create_index("ix_trigger_firings_due_at", "trigger_firings", ["due_at"], unique=False)
    op.create_index(
        "ix_trigger_firings_running",
        "trigger_firings",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("execution_id IS NOT NULL AND outcome IS NULL"),
        postgresql_where=sa.text("execution_id IS NOT NULL AND outcome IS NULL"),
    )
    op.create_index("ix_trigger_firings_state", "trigger_firings", ["org_id", "trigger_id", "state", "created_at", "id"], unique=False)
    op.create_index("ix_trigger_firings_trigger_id", "trigger_firings", ["org_id", "trigger_id", "created_at", "id"], unique=False)
    op.create_index("uq_trigger_firings_key", "trigger_firings", ["org_id", "trigger_id", "key"], unique=True)
    op.create_table(
        "triggers",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("runbook", sa.String(length=63), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=True),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("match", JSON, nullable=False),
        sa.Column("schedule", sa.String(length=100), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("accepts", JSON, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("secret_by", sa.String(length=64), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("block", sa.String(length=24), nullable=True),
        sa.Column("block_reason", sa.String(length=500), nullable=True),
        sa.Column("blocked_until", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("active_since", sa.BigInteger(), nullable=False),
        sa.Column("acts_for", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggers")),
    )
    op.create_index("ix_triggers_next_at", "triggers", ["next_at"], unique=False)
    op.create_index("ix_triggers_org_id", "triggers", ["org_id", "created_at", "id"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("webhook_id", sa.String(length=30), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.String(length=30), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("attempted_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("org_id", "webhook_id", "event_seq", name="uq_webhook_deliveries_event"),
    )
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"], unique=False)
    op.create_index("ix_webhook_deliveries_due_at", "webhook_deliveries", ["due_at"], unique=False)
    op.create_index(
        "ix_webhook_deliveries_status", "webhook_deliveries", ["org_id", "webhook_id", "status", "created_at", "id"], unique=False
    )
    op.create_index("ix_webhook_deliveries_subject_id", "webhook_deliveries", ["org_id", "webhook_id", "subject_id"], unique=False)
    op.create_index("ix_webhook_deliveries_webhook_id", "webhook_deliveries", ["org_id", "webhook_id", "created_at", "id"], unique=False)
    op.create_table(
        "webhooks",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("shown_url", sa.String(length=2100), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.String(length=10), nullable=True),
        sa.Column("filters", JSON, nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index("ix_webhooks_org_id", "webhooks", ["org_id", "created_at", "id"], unique=False)
    op.create_table(
        "agent_certificates",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("chain_pem", sa.Text(), nullable=False),
        sa.Column("kube_system_uid", sa.String(length=100), nullable=False),
        sa.Column("replaces", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("first_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoke_reason", sa.String(length=32), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_agent_certificates_cluster_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_agent_certificates")),
    )
    op.create_index("ix_agent_certificates_cluster", "agent_certificates", ["org_id", "cluster_id"], unique=False)
    op.create_table(
        "approval_decisions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=False),
        sa.Column("approval_id", sa.String(length=30), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("via", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_approval_decisions_execution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_decisions")),
    )
    op.create_index("ix_approval_decisions_execution_id", "approval_decisions", ["org_id", "execution_id", "at"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=False),
        sa.Column("plan_hash", sa.String(length=80), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_via", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=True),
        sa.Column("needed", sa.Integer(), server_default="1", nullable=False),
        sa.Column("groups", JSON, nullable=True),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_approvals_execution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_execution_id", "approvals", ["org_id", "execution_id", "requested_at"], unique=False)
    op.create_table(
        "commands",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("target_kind", sa.String(length=300), nullable=False),
        sa.Column("target_namespace", sa.String(length=63), nullable=True),
        sa.Column("target_name", sa.String(length=253), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("resource_version", sa.String(length=64), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=200), nullable=True),
        sa.Column("cancel_fence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_commands_cluster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    op.create_index("ix_commands_finished", "commands", ["finished_at"], unique=False)
    op.create_index(
        "ix_commands_open",
        "commands",
        ["cluster_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "enrollment_tokens",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("replaces", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_key", sa.String(length=64), nullable=True),
        sa.Column("used_nonce", sa.String(length=100), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_enrollment_tokens_cluster_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_enrollment_tokens")),
    )
    op.create_index("ix_enrollment_tokens_cluster", "enrollment_tokens", ["org_id", "cluster_id"], unique=False)
    op.create_table(
        "execution_logs",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_execution_logs_execution_id")),
        sa.PrimaryKeyConstraint("execution_id", "offset", name=op.f("pk_execution_logs")),
    )
    op.create_table(
        "execution_steps",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("is_write", sa.Boolean(), nullable=False),
        sa.Column("is_optional", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=True),
        sa.Column("object_name", sa.String(length=253), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("command_id", sa.String(length=30), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("pre_image", JSON, nullable=True),
        sa.Column("lock", sa.String(length=600), nullable=True),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_execution_steps_execution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_execution_steps")),
    )
    op.create_index("ix_execution_steps_execution_id", "execution_steps", ["org_id", "execution_id", "position"], unique=True)
    op.create_index("ix_execution_steps_object", "execution_steps", ["org_id", "kind", "namespace", "object_name"], unique=False)
    op.create_index("uq_execution_steps_lock", "execution_steps", ["org_id", "lock"], unique=True)
    op.create_table(
        "fleet_enrollments",
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("token_id", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("kube_system_uid", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("used_key", sa.String(length=64), nullable=False),
        sa.Column("used_nonce", sa.String(length=100), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_fleet_enrollments_cluster_id")),
        sa.ForeignKeyConstraint(["token_id"], ["fleet_tokens.id"], name=op.f("fk_fleet_enrollments_token_id")),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_fleet_enrollments")),
    )
    op.create_index("ix_fleet_enrollments_token", "fleet_enrollments", ["org_id", "token_id", "kube_system_uid"], unique=False)
    op.create_table(
        "invites",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_invites_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("digest", name=op.f("uq_invites_digest")),
    )
    op.create_index(op.f("ix_invites_org_id_created_at_id"), "invites", ["org_id", "created_at", "id"], unique=False)
    op.create_table(
        "members",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("is_limited", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_members_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("org_id", "email", name=op.f("uq_members_org_id_email")),
    )
    op.create_index(op.f("ix_members_email"), "members", ["email"], unique=False)
    op.create_table(
        "runbook_versions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("runbook_id", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["runbook_id"], ["runbooks.id"], name=op.f("fk_runbook_versions_runbook_id")),
        sa.PrimaryKeyConstraint("runbook_id", "version", name=op.f("pk_runbook_versions")),
    )
    op.create_table(
        "api_keys",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("clusters", JSON, nullable=True),
        sa.Column("limit_per_minute", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.String(length=30), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.String(length=30), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["members.id"], name=op.f("fk_api_keys_created_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_api_keys_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index(op.f("ix_api_keys_org_id_created_at_id"), "api_keys", ["org_id", "created_at", "id"], unique=False)
    op.create_table(
        "command_outputs",
        sa.Column("command_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["commands.id"], name=op.f("fk_command_outputs_command_id")),
        sa.PrimaryKeyConstraint("command_id", name=op.f("pk_command_outputs")),
    )
    op.create_table(
        "delegations",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("member_id", sa.String(length=30), nullable=False),
        sa.Column("delegate_id", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["delegate_id"], ["members.id"], name=op.f("fk_delegations_delegate_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_delegations_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_ends_at"), "delegations", ["ends_at"], unique=False)
    op.create_index(op.f("ix_delegations_org_id_delegate_id"), "delegations", ["org_id", "delegate_id"], unique=False)
    op.create_index(op.f("ix_delegations_org_id_member_id"), "delegations", ["org_id", "member_id"], unique=False)
    op.create_table(
        "member_bindings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("clusters", JSON, nullable=True),
        sa.Column("namespaces", JSON, nullable=True),
        sa.Column("cluster_labels", JSON, nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["members.id"], name=op.f("fk_member_bindings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_bindings")),
    )
    op.create_index(op.f("ix_member_bindings_ends_at"), "member_bindings", ["ends_at"], unique=False)
    op.create_index(op.f("ix_member_bindings_org_id_user_id"), "member_bindings", ["org_id", "user_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["members.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_org_id_user_id"), "sessions", ["org_id", "user_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table in UNLOGGED:
            op.execute(f"ALTER TABLE {table} SET UNLOGGED")
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)

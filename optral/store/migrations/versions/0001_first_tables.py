"""The first tables, with the walls between organisations on PostgreSQL. Drafted by tests/tools/draft_migration.py."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = (
    "audit_heads",
    "audit_records",
    "clusters",
    "event_heads",
    "events",
    "idempotent_answers",
    "issue_activity",
    "issue_conditions",
    "issue_looks",
    "issues",
    "kubernetes_events",
    "organisations",
    "resource_dictionaries",
    "resource_history",
    "resource_kinds",
    "resources",
    "agent_certificates",
    "enrollment_tokens",
    "members",
    "api_keys",
)
UNLOGGED = ("rate_windows",)


def upgrade() -> None:
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
        sa.PrimaryKeyConstraint("org_id", "seq", name=op.f("pk_audit_records")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_records_id")),
    )
    op.create_index(op.f("ix_audit_records_org_id_at"), "audit_records", ["org_id", "at"], unique=False)
    op.create_table(
        "authorities",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("trust_domain", sa.String(length=200), nullable=False),
        sa.Column("certificate_pem", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_authorities")),
    )
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
        sa.Column("synced_at", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("purged_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
    )
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
        sa.PrimaryKeyConstraint("org_id", "seq", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_org_id_at"), "events", ["org_id", "at"], unique=False)
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
    op.create_index("ix_issue_activity_issue_id", "issue_activity", ["org_id", "issue_id", "id"], unique=False)
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
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("cluster_id", "uid", "fingerprint", name=op.f("pk_issue_conditions")),
    )
    op.create_index("ix_issue_conditions_due_at", "issue_conditions", ["org_id", "cluster_id", "due_at"], unique=False)
    op.create_index("ix_issue_conditions_fingerprint", "issue_conditions", ["org_id", "cluster_id", "fingerprint"], unique=False)
    op.create_index("ix_issue_conditions_issue_id", "issue_conditions", ["org_id", "issue_id"], unique=False)
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
    )
    op.create_index("ix_issues_cluster_id", "issues", ["org_id", "cluster_id", "status", "detected_at", "id"], unique=False)
    op.create_index("ix_issues_detected_at", "issues", ["org_id", "detected_at", "id"], unique=False)
    op.create_index("ix_issues_fingerprint", "issues", ["org_id", "cluster_id", "fingerprint", "detected_at"], unique=False)
    op.create_index("ix_issues_last_seen_at", "issues", ["org_id", "last_seen_at", "id"], unique=False)
    op.create_index("ix_issues_namespace", "issues", ["org_id", "namespace", "detected_at", "id"], unique=False)
    op.create_index(
        "ix_issues_resolved_at",
        "issues",
        ["resolved_at"],
        unique=False,
        sqlite_where=sa.text("resolved_at IS NOT NULL"),
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index("ix_issues_severity", "issues", ["org_id", "severity_rank", "id"], unique=False)
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
        "organisations",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("plan", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name", name=op.f("uq_organisations_name")),
    )
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
        sa.Column("status", sa.String(length=128), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
    )
    op.create_index("ix_resources_kind", "resources", ["org_id", "cluster_id", "kind", "namespace", "name"], unique=False)
    op.create_index("ix_resources_name", "resources", ["org_id", "name", "id"], unique=False)
    op.create_index("ix_resources_owner", "resources", ["org_id", "cluster_id", "owner_uid"], unique=False)
    op.create_table(
        "secret_checks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret_checks")),
    )
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
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_agent_certificates_cluster_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_agent_certificates")),
    )
    op.create_index("ix_agent_certificates_cluster", "agent_certificates", ["org_id", "cluster_id"], unique=False)
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
        "members",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_members_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("org_id", "email", name=op.f("uq_members_org_id_email")),
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
        sa.ForeignKeyConstraint(["created_by"], ["members.id"], name=op.f("fk_api_keys_created_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_api_keys_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index(op.f("ix_api_keys_org_id_created_at_id"), "api_keys", ["org_id", "created_at", "id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table in UNLOGGED:
            op.execute(f"ALTER TABLE {table} SET UNLOGGED")
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)

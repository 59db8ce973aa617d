"""Runbooks, their executions, steps, logs and approvals, and the switch that pauses them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TENANTS = ("executions", "runbook_switches", "runbooks", "approvals", "execution_logs", "execution_steps", "runbook_versions")


def upgrade() -> None:
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
        sa.Column("lock", sa.String(length=600), nullable=True),
        sa.Column("log_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executions")),
    )
    op.create_index("ix_executions_cluster_id", "executions", ["org_id", "cluster_id", "status"], unique=False)
    op.create_index("ix_executions_created_at", "executions", ["org_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_executions_due_at",
        "executions",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_executions_finished_at", "executions", ["finished_at"], unique=False)
    op.create_index("ix_executions_issue_id", "executions", ["org_id", "issue_id", "created_at"], unique=False)
    op.create_index("ix_executions_runbook_id", "executions", ["org_id", "runbook_id", "created_at", "id"], unique=False)
    op.create_index("uq_executions_lock", "executions", ["org_id", "lock"], unique=True)
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
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_approvals_execution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_execution_id", "approvals", ["org_id", "execution_id", "requested_at"], unique=False)
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
        "runbook_versions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("runbook_id", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["runbook_id"], ["runbooks.id"], name=op.f("fk_runbook_versions_runbook_id")),
        sa.PrimaryKeyConstraint("runbook_id", "version", name=op.f("pk_runbook_versions")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)

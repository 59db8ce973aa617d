"""Bindings of members, and the namespace of executions and events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

# The namespace that all objects of an execution are in.
_FILL = """
UPDATE executions SET namespace = (
  SELECT min(step.namespace) FROM execution_steps AS step
  WHERE step.org_id = executions.org_id AND step.execution_id = executions.id
  HAVING count(*) = count(step.namespace) AND min(step.namespace) = max(step.namespace)
)
"""


def upgrade() -> None:
    with op.batch_alter_table("members") as table:
        table.add_column(sa.Column("is_limited", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "member_bindings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("clusters", _JSON, nullable=True),
        sa.Column("namespaces", _JSON, nullable=True),
        sa.Column("cluster_labels", _JSON, nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_bindings")),
        sa.ForeignKeyConstraint(["user_id"], ["members.id"], name=op.f("fk_member_bindings_user_id")),
    )
    op.create_index(op.f("ix_member_bindings_org_id_user_id"), "member_bindings", ["org_id", "user_id"])
    op.create_index(op.f("ix_member_bindings_ends_at"), "member_bindings", ["ends_at"])
    op.add_column("executions", sa.Column("namespace", sa.String(length=253), nullable=True))
    op.execute(_FILL)
    op.create_index("ix_executions_namespace", "executions", ["org_id", "namespace", "created_at", "id"])
    op.add_column("events", sa.Column("namespace", sa.String(length=253), nullable=True))
    op.create_index("ix_events_namespace", "events", ["org_id", "namespace", "seq"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("member_bindings"):
            op.execute(statement)

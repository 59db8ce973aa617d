"""Indexes for the executions of a cluster that still run, and for those of a place: a cluster and a namespace."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_executions_namespace", "executions")
    op.create_index("ix_executions_place", "executions", ["org_id", "cluster_id", "namespace", "created_at", "id"])
    op.create_index("ix_executions_cluster_status", "executions", ["org_id", "cluster_id", "status"])

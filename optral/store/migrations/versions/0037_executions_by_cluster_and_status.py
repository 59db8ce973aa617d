"""An index for the executions of a cluster that still run."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_executions_cluster_status", "executions", ["org_id", "cluster_id", "status"])

"""An index of the workloads that no other workload owns: what a list of resources begins with."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

OWNING = "'CronJob.batch', 'DaemonSet.apps', 'Deployment.apps', 'Job.batch', 'ReplicaSet.apps', 'StatefulSet.apps'"
WHERE = f"kind IN ({OWNING}, 'Pod') AND (owner_kind IS NULL OR owner_kind NOT IN ({OWNING}))"


def upgrade() -> None:
    op.create_index(
        "ix_resources_workloads", "resources", ["org_id", "name", "id"], sqlite_where=sa.text(WHERE), postgresql_where=sa.text(WHERE)
    )

"""An index of the revisions of workloads, for rollouts over time."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_OF_WORKLOADS = sa.text("kind IN ('Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps')")


def upgrade() -> None:
    op.create_index(
        "ix_resource_history_workloads",
        "resource_history",
        ["org_id", "at", "cluster_id"],
        sqlite_where=_OF_WORKLOADS,
        postgresql_where=_OF_WORKLOADS,
    )

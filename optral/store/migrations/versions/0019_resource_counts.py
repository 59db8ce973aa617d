"""How many objects there are by kind and namespace: counted from the rows, it takes a second for 500,000 objects."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource_counts",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "cluster_id", "kind", "namespace", name=op.f("pk_resource_counts")),
    )
    op.execute(
        "INSERT INTO resource_counts (org_id, cluster_id, kind, namespace, count)"
        " SELECT org_id, cluster_id, kind, namespace, count(*) FROM resources GROUP BY org_id, cluster_id, kind, namespace"
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("resource_counts"):
            op.execute(statement)

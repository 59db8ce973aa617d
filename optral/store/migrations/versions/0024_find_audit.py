"""Audit records are found by actor and by cluster. The new column is not part of the hash, so the chain stays as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_records", sa.Column("cluster_id", sa.String(length=30), nullable=True))
    op.execute("UPDATE audit_records SET cluster_id = target WHERE substr(target, 1, 4) = 'cls_' AND length(target) = 30")
    op.create_index("ix_audit_records_actor", "audit_records", ["org_id", "actor_id", "seq"])
    op.create_index("ix_audit_records_cluster", "audit_records", ["org_id", "cluster_id", "seq"])

"""Settings of detectors by organization, and whether risks are reported."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TENANTS = ("detector_tunings", "detector_switches")


def upgrade() -> None:
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
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "type", "cluster_id", "namespace", name=op.f("pk_detector_tunings")),
    )
    op.create_table(
        "detector_switches",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("has_risk", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_detector_switches")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)

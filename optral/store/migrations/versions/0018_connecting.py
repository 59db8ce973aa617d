"""What the server saw of agents that connect, and enrollment tokens for fleets with their uses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TENANTS = ("connection_attempts", "fleet_tokens", "fleet_enrollments")


def upgrade() -> None:
    kind = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    op.create_index("ix_clusters_kube_system_uid", "clusters", ["org_id", "kube_system_uid"])
    op.create_table(
        "connection_attempts",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent_version", sa.String(length=100), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "subject_id", "code", name=op.f("pk_connection_attempts")),
    )
    op.create_table(
        "fleet_tokens",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("name_pattern", sa.String(length=80), nullable=False),
        sa.Column("labels", kind, nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("sources", kind, nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_tokens")),
    )
    op.create_index("uq_fleet_tokens_hash", "fleet_tokens", ["hash"], unique=True)
    op.create_index("ix_fleet_tokens_org", "fleet_tokens", ["org_id", "created_at", "id"])
    op.create_table(
        "fleet_enrollments",
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("token_id", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("kube_system_uid", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("used_key", sa.String(length=64), nullable=False),
        sa.Column("used_nonce", sa.String(length=100), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_fleet_enrollments_cluster_id")),
        sa.ForeignKeyConstraint(["token_id"], ["fleet_tokens.id"], name=op.f("fk_fleet_enrollments_token_id")),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_fleet_enrollments")),
    )
    op.create_index("ix_fleet_enrollments_token", "fleet_enrollments", ["org_id", "token_id", "kube_system_uid"])
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)

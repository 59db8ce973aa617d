"""Identity providers, the identities that they know, and what they gave: members, bindings and sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "identity_providers",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("domains", JSON, nullable=False),
        sa.Column("trusts_email", sa.Boolean(), nullable=False),
        sa.Column("creates_members", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_providers"),
    )
    op.create_index("ix_identity_providers_org_id", "identity_providers", ["org_id", "created_at", "id"])
    op.create_table(
        "identities",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("provider_id", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"], name="fk_identities_provider_id"),
        sa.ForeignKeyConstraint(["user_id"], ["members.id"], name="fk_identities_user_id"),
        sa.PrimaryKeyConstraint("provider_id", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_user_id", "identities", ["org_id", "user_id"])
    op.add_column("members", sa.Column("provider_id", sa.String(length=30), nullable=True))
    op.add_column("member_bindings", sa.Column("provider_id", sa.String(length=30), nullable=True))
    op.add_column("sessions", sa.Column("provider_id", sa.String(length=30), nullable=True))
    op.add_column("sessions", sa.Column("provider_session", sa.String(length=255), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for table in ("identity_providers", "identities"):
            for statement in tenancy.policy(table):
                op.execute(statement)

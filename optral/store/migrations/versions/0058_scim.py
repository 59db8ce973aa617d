"""Users and groups that an identity provider provisions by SCIM, and the tokens with which it calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ("scim_tokens", "scim_users", "scim_groups", "scim_memberships")


def upgrade() -> None:
    op.create_table(
        "scim_tokens",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("provider_id", sa.String(length=30), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("old_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("old_until", sa.BigInteger(), nullable=True),
        sa.Column("networks", JSON, nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"], name="fk_scim_tokens_provider_id"),
        sa.PrimaryKeyConstraint("provider_id", name="pk_scim_tokens"),
        sa.UniqueConstraint("digest", name="uq_scim_tokens_digest"),
        sa.UniqueConstraint("old_digest", name="uq_scim_tokens_old_digest"),
    )
    op.create_table(
        "scim_users",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("provider_id", sa.String(length=30), nullable=False),
        sa.Column("user_name", sa.String(length=255), nullable=False),
        sa.Column("user_key", sa.String(length=255), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("display_name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("more", JSON, nullable=False),
        sa.Column("member_id", sa.String(length=30), nullable=True),
        sa.Column("has_ended", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"], name="fk_scim_users_provider_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_scim_users_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scim_users"),
        sa.UniqueConstraint("provider_id", "user_key", name="uq_scim_users_provider_id_user_key"),
        sa.UniqueConstraint("provider_id", "external_id", name="uq_scim_users_provider_id_external_id"),
        sa.UniqueConstraint("provider_id", "member_id", name="uq_scim_users_provider_id_member_id"),
    )
    op.create_index("ix_scim_users_email", "scim_users", ["org_id", "provider_id", "email"])
    op.create_table(
        "scim_groups",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("provider_id", sa.String(length=30), nullable=False),
        sa.Column("display_name", sa.String(length=255), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"], name="fk_scim_groups_provider_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scim_groups"),
        sa.UniqueConstraint("provider_id", "display_name", name="uq_scim_groups_provider_id_display_name"),
        sa.UniqueConstraint("provider_id", "external_id", name="uq_scim_groups_provider_id_external_id"),
    )
    op.create_table(
        "scim_memberships",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("group_id", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["scim_groups.id"], name="fk_scim_memberships_group_id"),
        sa.ForeignKeyConstraint(["user_id"], ["scim_users.id"], name="fk_scim_memberships_user_id"),
        sa.PrimaryKeyConstraint("group_id", "user_id", name="pk_scim_memberships"),
    )
    op.create_index("ix_scim_memberships_user_id", "scim_memberships", ["org_id", "user_id"])
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            for statement in tenancy.policy(table):
                op.execute(statement)

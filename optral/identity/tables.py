"""Tables of identity providers, of the identities that they know, and of the users and groups that they provision."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata, tenant

identity_providers = sa.Table(
    "identity_providers",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("issuer", sa.String(500), nullable=False),
    sa.Column("client_id", sa.String(255), nullable=False),
    sa.Column("client_secret", sa.LargeBinary),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("domains", Json, nullable=False),
    sa.Column("trusts_email", sa.Boolean, nullable=False),
    sa.Column("creates_members", sa.Boolean, nullable=False),
    sa.Column("reads_userinfo", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("ends_provider_session", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("rules", Json, nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Index("ix_identity_providers_org_id", "org_id", "created_at", "id"),
)

identities = sa.Table(
    "identities",
    metadata,
    tenant(),
    sa.Column("provider_id", sa.String(30), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("user_id", sa.String(30), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("signed_in_at", Timestamp, nullable=False),
    sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"]),
    sa.ForeignKeyConstraint(["user_id"], ["members.id"]),
    sa.Index("ix_identities_user_id", "org_id", "user_id"),
)

scim_tokens = sa.Table(
    "scim_tokens",
    metadata,
    tenant(),
    sa.Column("provider_id", sa.String(30), primary_key=True),
    sa.Column("hint", sa.String(20), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),  # HMAC-SHA-256(pepper, token)
    sa.Column("old_digest", sa.LargeBinary(32), nullable=True, unique=True),  # of the token before the last rotation
    sa.Column("old_until", Timestamp, nullable=True),
    sa.Column("networks", Json, nullable=True),  # CIDR; NULL: any
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("last_used_at", Timestamp, nullable=True),
    sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"]),
)

scim_users = sa.Table(
    "scim_users",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("provider_id", sa.String(30), nullable=False),
    sa.Column("user_name", sa.String(255), nullable=False),
    sa.Column("user_key", sa.String(255), nullable=False),
    sa.Column("external_id", sa.String(255), nullable=True),
    sa.Column("display_name", sa.String(200), nullable=True),
    sa.Column("email", sa.String(255), nullable=True),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("more", Json, nullable=False),
    sa.Column("member_id", sa.String(30), nullable=True),
    sa.Column("has_ended", sa.Boolean, nullable=False),
    sa.Column("is_removed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"]),
    sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
    sa.UniqueConstraint("provider_id", "user_key"),
    sa.UniqueConstraint("provider_id", "external_id"),
    sa.UniqueConstraint("provider_id", "member_id"),
    sa.Index("ix_scim_users_email", "org_id", "provider_id", "email"),
)

scim_groups = sa.Table(
    "scim_groups",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("provider_id", sa.String(30), nullable=False),
    sa.Column("display_name", sa.String(255), nullable=False),
    sa.Column("external_id", sa.String(255), nullable=True),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["provider_id"], ["identity_providers.id"]),
    sa.UniqueConstraint("provider_id", "display_name"),
    sa.UniqueConstraint("provider_id", "external_id"),
)

scim_memberships = sa.Table(
    "scim_memberships",
    metadata,
    tenant(),
    sa.Column("group_id", sa.String(30), primary_key=True),
    sa.Column("user_id", sa.String(30), primary_key=True),
    sa.ForeignKeyConstraint(["group_id"], ["scim_groups.id"]),
    sa.ForeignKeyConstraint(["user_id"], ["scim_users.id"]),
    sa.Index("ix_scim_memberships_user_id", "org_id", "user_id"),
)

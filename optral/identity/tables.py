"""Tables of identity providers, and of the identities that they know."""

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

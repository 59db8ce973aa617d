"""Tables of ownership: one row of settings an organization."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata, tenant

owner_settings = sa.Table(
    "owner_settings",
    metadata,
    tenant(primary_key=True),
    sa.Column("sources", Json, nullable=False),
    sa.Column("labels", Json, nullable=False),
    sa.Column("rules", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated_by", sa.String(64), nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

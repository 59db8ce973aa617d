"""Tables of connections to forges and of pull requests. What is due has a `due_at` in an index."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata, tenant

forges = sa.Table(
    "forges",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("base_url", sa.String(500), nullable=False),
    sa.Column("repositories", Json, nullable=False),
    sa.Column("branch_prefix", sa.String(40), nullable=False),
    sa.Column("token", sa.LargeBinary, nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Index("ix_forges_org_id", "org_id", "created_at", "id"),
)

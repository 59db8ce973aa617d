"""Tables of safeguards: one row of settings an organization, and its freezes and maintenance windows."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata, tenant

safeguards = sa.Table(
    "safeguards",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("unattended_risk", sa.String(10), nullable=False),
    sa.Column("limits", Json, nullable=False),
    sa.Column("approval_rules", Json, nullable=False, server_default="[]"),
    sa.Column("break_glass_roles", Json, nullable=False, server_default='["owner"]'),
    sa.Column("updated_by", sa.String(64)),
    sa.Column("updated_at", Timestamp),
    sa.Column("version", sa.Integer, nullable=False),
)

change_windows = sa.Table(
    "change_windows",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("cluster_id", sa.String(30)),
    sa.Column("namespace", sa.String(253)),
    sa.Column("starts_at", Timestamp),
    sa.Column("ends_at", Timestamp),
    sa.Column("schedule", sa.String(100)),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("duration_s", sa.Integer),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_change_windows_org_id", "org_id", "created_at", "id"),
)

"""Tables of detector settings. `cluster_id` and `namespace` are "" for all of them, so that a place is a key;
`type` is `*` for the severity shift of all types."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata

detector_tunings = sa.Table(
    "detector_tunings",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("type", sa.String(60), primary_key=True),
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    sa.Column("namespace", sa.String(63), primary_key=True),
    sa.Column("is_enabled", sa.Boolean),
    sa.Column("open_after_s", sa.Integer),
    sa.Column("resolve_after_s", sa.Integer),
    sa.Column("severity", sa.String(10)),
    sa.Column("thresholds", Json),
    sa.Column("severity_shift", sa.Integer),
    sa.Column("updated_by", sa.String(64), nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

detector_switches = sa.Table(
    "detector_switches",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("has_risk", sa.Boolean, nullable=False),
)
"""Without a row, risk findings are off."""

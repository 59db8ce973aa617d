"""Tables of triggers and their firings. A firing has one row for each trigger and key, so one occasion starts one execution."""

from datetime import timedelta

import sqlalchemy as sa

from optral.store.deadlines import deadline
from optral.store.metadata import Json, Timestamp, metadata, tenant

triggers = sa.Table(
    "triggers",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("source", sa.String(10), nullable=False),
    sa.Column("runbook", sa.String(63), nullable=False),
    sa.Column("cluster_id", sa.String(30)),
    sa.Column("parameters", Json, nullable=False),
    sa.Column("match", Json, nullable=False),
    sa.Column("schedule", sa.String(100)),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("next_at", Timestamp),
    sa.Column("accepts", Json, nullable=False),
    sa.Column("secret", sa.LargeBinary),
    sa.Column("secret_by", sa.String(64)),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("block", sa.String(24)),
    sa.Column("block_reason", sa.String(500)),
    sa.Column("blocked_until", Timestamp),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("cursor", sa.BigInteger, nullable=False),
    sa.Column("active_since", Timestamp, nullable=False),
    sa.Column("acts_for", sa.String(64), nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_triggers_org_id", "org_id", "created_at", "id"),
    sa.Index("ix_triggers_next_at", "next_at"),
)

trigger_firings = sa.Table(
    "trigger_firings",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("trigger_id", sa.String(30), nullable=False),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("issue_id", sa.String(30)),
    sa.Column("parameters", Json, nullable=False),
    sa.Column("execution_id", sa.String(30)),
    sa.Column("outcome", sa.String(16)),
    sa.Column("code", sa.String(64)),
    sa.Column("reason", sa.String(500)),
    sa.Column("next_allowed_at", Timestamp),
    sa.Column("due_at", Timestamp, info=deadline(timedelta(minutes=1), "created_at")),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("settled_at", Timestamp),
    sa.Index("uq_trigger_firings_key", "org_id", "trigger_id", "key", unique=True),
    sa.Index("ix_trigger_firings_trigger_id", "org_id", "trigger_id", "created_at", "id"),
    sa.Index("ix_trigger_firings_state", "org_id", "trigger_id", "state", "created_at", "id"),
    sa.Index("ix_trigger_firings_due_at", "due_at"),
    sa.Index("ix_trigger_firings_created_at", "created_at"),
    sa.Index(
        "ix_trigger_firings_running",
        "created_at",
        "id",
        sqlite_where=sa.text("execution_id IS NOT NULL AND outcome IS NULL"),
        postgresql_where=sa.text("execution_id IS NOT NULL AND outcome IS NULL"),
    ),
)

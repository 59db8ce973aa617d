"""Tables of webhooks. `target` is the sealed address and secrets; what is due has a `due_at` in an index."""

from datetime import timedelta

import sqlalchemy as sa

from optral.store.deadlines import deadline
from optral.store.metadata import Json, Timestamp, metadata, tenant

webhooks = sa.Table(
    "webhooks",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("shown_url", sa.String(2100), nullable=False),
    sa.Column("form", sa.String(10), nullable=False),
    sa.Column("channel", sa.String(40)),
    sa.Column("ticket", Json),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("ended", sa.String(10)),
    sa.Column("filters", Json, nullable=False),
    sa.Column("quiet_hours", Json),
    sa.Column("held_until", Timestamp),
    sa.Column("escalation_minutes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("auth", sa.String(10)),
    sa.Column("target", sa.LargeBinary, nullable=False),
    sa.Column("cursor", sa.BigInteger, nullable=False),
    sa.Column("failing_since", Timestamp),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failed_at", Timestamp),
    sa.Column("digest_at", Timestamp, info=deadline(timedelta(days=7))),
    sa.Column("refresh_at", Timestamp, info=deadline(timedelta(minutes=1), "created_at", "refreshed_at")),
    sa.Column("refreshed_at", Timestamp),
    sa.Column("refresh_error", sa.String(40)),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Index("ix_webhooks_org_id", "org_id", "created_at", "id"),
    sa.Index(
        "ix_webhooks_digest_at",
        "digest_at",
        sqlite_where=sa.text("digest_at IS NOT NULL"),
        postgresql_where=sa.text("digest_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_webhooks_refresh_at",
        "refresh_at",
        sqlite_where=sa.text("refresh_at IS NOT NULL"),
        postgresql_where=sa.text("refresh_at IS NOT NULL"),
    ),
)

deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("webhook_id", sa.String(30), nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("event_seq", sa.BigInteger),
    sa.Column("subject_id", sa.String(30)),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("tried", sa.Integer, nullable=False),
    sa.Column("due_at", Timestamp, info=deadline(timedelta(minutes=1), "created_at", "attempted_at")),
    sa.Column("claimed_at", Timestamp),
    sa.Column("answered", sa.Integer),
    sa.Column("error", sa.String(40)),
    sa.Column("message", sa.String(400)),
    sa.Column("took_ms", sa.Integer),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("attempted_at", Timestamp),
    sa.Column("delivered_at", Timestamp),
    sa.UniqueConstraint("org_id", "webhook_id", "event_seq", name="uq_webhook_deliveries_event"),
    sa.Index("ix_webhook_deliveries_due_at", "due_at"),
    sa.Index("ix_webhook_deliveries_webhook_id", "org_id", "webhook_id", "created_at", "id"),
    sa.Index("ix_webhook_deliveries_status", "org_id", "webhook_id", "status", "created_at", "id"),
    sa.Index("ix_webhook_deliveries_created_at", "created_at"),
    sa.Index("ix_webhook_deliveries_subject_id", "org_id", "webhook_id", "subject_id"),
)

threads = sa.Table(
    "webhook_threads",
    metadata,
    tenant(),
    sa.Column("webhook_id", sa.String(30), primary_key=True),
    sa.Column("issue_id", sa.String(30), primary_key=True),
    sa.Column("remote_id", sa.String(200)),
    sa.Column("remote_url", sa.Text),
    sa.Column("state", Json, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Index("ix_webhook_threads_issue_id", "org_id", "issue_id"),
    sa.Index("ix_webhook_threads_remote_id", "org_id", "webhook_id", "remote_id"),
    sa.Index("ix_webhook_threads_updated_at", "updated_at"),
)

"""Tables of alerts. `secret` is sealed. An alert has one row for each receiver, fingerprint and start."""

from datetime import timedelta

import sqlalchemy as sa

from optral.store.deadlines import deadline
from optral.store.metadata import Json, Timestamp, metadata, tenant

MAY_JOIN = "outcome = 'waiting' OR (outcome = 'unexplained' AND status = 'firing')"
"""Alerts that an issue may still explain. The index with this condition serves only queries that repeat it word for word."""

FIRING = "status = 'firing'"
"""As `MAY_JOIN`: the alerts that have not ended. Its index has the status too, or SQLite prefers the one of all occurrences."""

alert_receivers = sa.Table(
    "alert_receivers",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("auth", sa.String(10), nullable=False),
    sa.Column("cluster_rule", Json, nullable=False),
    sa.Column("mapping", Json),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("last_received_at", Timestamp),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_alert_receivers_org_id", "org_id", "created_at", "id"),
)

alerts = sa.Table(
    "alerts",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("receiver_id", sa.String(30), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("starts_at", Timestamp, nullable=False),
    sa.Column("ends_at", Timestamp),
    sa.Column("labels", Json, nullable=False),
    sa.Column("annotations", Json, nullable=False),
    sa.Column("expression", sa.Text),
    sa.Column("source_url", sa.Text),
    sa.Column("cluster_id", sa.String(30)),
    sa.Column("namespace", sa.String(253)),
    sa.Column("kind", sa.String(128)),
    sa.Column("object_name", sa.String(253)),
    sa.Column("container", sa.String(1024)),
    sa.Column("targets", Json, nullable=False),
    sa.Column("outcome", sa.String(12), nullable=False),
    sa.Column("code", sa.String(64)),
    sa.Column("reason", sa.String(500)),
    sa.Column("issue_id", sa.String(30)),
    sa.Column("joined_at", Timestamp),
    sa.Column("due_at", Timestamp, info=deadline(timedelta(minutes=5), "received_at")),
    sa.Column("coverage", Json, nullable=False),
    sa.Column("received_at", Timestamp, nullable=False),
    sa.Column("last_received_at", Timestamp, nullable=False),
    sa.Index("uq_alerts_occurrence", "org_id", "receiver_id", "fingerprint", "starts_at", unique=True),
    sa.Index("ix_alerts_received_at", "org_id", "received_at", "id"),
    sa.Index("ix_alerts_outcome", "org_id", "outcome", "received_at", "id"),
    sa.Index("ix_alerts_status", "org_id", "status", "received_at", "id"),
    sa.Index("ix_alerts_cluster_id", "org_id", "cluster_id", "received_at", "id"),
    sa.Index("ix_alerts_name", "org_id", "name", "received_at", "id"),
    sa.Index("ix_alerts_issue_id", "org_id", "issue_id", "received_at", "id"),
    sa.Index("ix_alerts_due_at", "due_at", sqlite_where=sa.text("due_at IS NOT NULL"), postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index(
        "ix_alerts_may_join",
        *("org_id", "cluster_id", "received_at"),
        sqlite_where=sa.text(MAY_JOIN),
        postgresql_where=sa.text(MAY_JOIN),
    ),
    sa.Index(
        "ix_alerts_firing",
        *("org_id", "receiver_id", "fingerprint", "status"),
        sqlite_where=sa.text(FIRING),
        postgresql_where=sa.text(FIRING),
    ),
    sa.Index("ix_alerts_last_received_at", "last_received_at"),
)

alert_silences = sa.Table(
    "alert_silences",
    metadata,
    tenant(),
    sa.Column("webhook_id", sa.String(30), nullable=False),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("matchers", Json, nullable=False),
    sa.Column("starts_at", Timestamp, nullable=False),
    sa.Column("ends_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.String(200), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("issue_id", sa.String(30)),
    sa.Column("seen_at", Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "webhook_id", "id", name="pk_alert_silences"),
)

alert_rejections = sa.Table(
    "alert_rejections",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("receiver_id", sa.String(30), nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("excerpt", sa.String(500), nullable=False),
    sa.Index("ix_alert_rejections_receiver_id", "org_id", "receiver_id", "at", "id"),
)

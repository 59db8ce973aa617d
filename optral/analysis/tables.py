"""Tables of analyses and of the log lines captured for them.

`due_at` is when a row may be claimed (again): of a queued one its turn, of a running one its deadline; null once it is final.
A row of `captured_logs` is made when lines are wanted, and is wanted as long as it has a `due_at`.
"""

from datetime import timedelta

import sqlalchemy as sa

from optral.store.deadlines import deadline
from optral.store.metadata import Json, Timestamp, metadata, tenant

READY = "status = 'ready'"

analyses = sa.Table(
    "analyses",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("issue_id", sa.String(30), nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("trigger", sa.String(12), nullable=False),
    sa.Column("requested_by", sa.String(64), nullable=False),
    sa.Column("force", sa.Boolean, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("due_at", Timestamp, info=deadline(timedelta(minutes=10), "created_at", "started_at")),
    sa.Column("started_at", Timestamp),
    sa.Column("finished_at", Timestamp),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("evidence_hash", sa.String(64)),
    sa.Column("cause_id", sa.String(64)),
    sa.Column("confidence", sa.Float),
    sa.Column("result", Json, nullable=False),
    sa.Column("failure", sa.Text),
    sa.Column("weaker_than", sa.String(30)),
    sa.Column("feedback", Json),  # of an earlier version, which may still read it; now in `analysis_feedback`
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_analyses_issue_id", "org_id", "issue_id", "created_at", "id"),
    sa.Index(
        "ix_analyses_due_at",
        "due_at",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
    sa.Index("ix_analyses_created_at", "created_at"),
    sa.Index(
        "ix_analyses_ready",
        "org_id",
        "finished_at",
        "issue_id",
        sqlite_where=sa.text(READY),
        postgresql_where=sa.text(READY),
    ),
    sa.Index(
        "uq_analyses_live",
        "org_id",
        "issue_id",
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    ),
)

analysis_feedback = sa.Table(
    "analysis_feedback",
    metadata,
    sa.Column("analysis_id", sa.String(30), primary_key=True),
    sa.Column("person_id", sa.String(64), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("issue_type", sa.String(128), nullable=False),
    sa.Column("cause_id", sa.String(64)),
    sa.Column("is_helpful", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(16)),
    sa.Column("actual_cause", sa.String(64)),
    sa.Column("comment", sa.Text),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Index("ix_analysis_feedback_recent", "org_id", "updated_at"),
    sa.Index("ix_analysis_feedback_updated_at", "updated_at"),
    sa.Index("ix_analysis_feedback_cluster_id", "org_id", "cluster_id"),
)

"""What people say about analyses; `issue_type` and `cause_id` are those of the analysis, repeated so that counts read one table."""

captured_logs = sa.Table(
    "captured_logs",
    metadata,
    tenant(),
    sa.Column("issue_id", sa.String(30), primary_key=True),
    sa.Column("namespace", sa.String(253), primary_key=True),
    sa.Column("pod", sa.String(253), primary_key=True),
    sa.Column("container", sa.String(253), primary_key=True),
    sa.Column("previous", sa.Boolean, primary_key=True),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("due_at", Timestamp, info=deadline(timedelta(minutes=10), "captured_at")),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("truncated", sa.Boolean, nullable=False),
    sa.Column("captured_at", Timestamp, nullable=False),
    sa.Column("failure", sa.String(255)),
    sa.Index("ix_captured_logs_captured_at", "captured_at"),
    sa.Index(
        "ix_captured_logs_due_at",
        "due_at",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
    sa.Index("ix_captured_logs_cluster_id", "org_id", "cluster_id"),
    sa.Index("ix_captured_logs_issue_id", "org_id", "issue_id", "captured_at"),
)

captured_surroundings = sa.Table(
    "captured_surroundings",
    metadata,
    sa.Column("issue_id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("captured_at", Timestamp, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_captured_surroundings_captured_at", "captured_at"),
    sa.Index("ix_captured_surroundings_cluster_id", "org_id", "cluster_id"),
)
"""Events of the failing object and its owners, and the last changes of these, as they were when the issue opened; JSON."""

capture_settings = sa.Table(
    "capture_settings",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
)
"""Whether containers' last words are fetched when an issue opens; an organization without a row wants them."""

analysis_settings = sa.Table(
    "analysis_settings",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("is_automatic", sa.Boolean, nullable=False),
)
"""Whether severe issues are analyzed by themselves when they open; an organization without a row wants it."""

model_settings = sa.Table(
    "model_settings",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("destination", sa.String(300), nullable=False),
)
"""Where evidence may be sent: scheme and host of the operator's language model; empty, or no row: nowhere."""

model_spending = sa.Table(
    "model_spending",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost_micros", sa.BigInteger, nullable=False),
    sa.Column("booked_tokens", sa.BigInteger, nullable=False),
    sa.Column("booked_micros", sa.BigInteger, nullable=False),
)
"""What a model cost an organization on a day in UTC (2026-11-26), in tokens and millionths of a US dollar; `booked_…` is the most that
the analyses that are running may still cost."""

model_usage = sa.Table(
    "model_usage",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("actor_id", sa.String(30), primary_key=True),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost_micros", sa.BigInteger, nullable=False),
    sa.Column("booked_tokens", sa.BigInteger, nullable=False),
)
"""What questions to a model cost in a month in UTC (2026-11), by who asked: a person, or a key. Analyses are in `model_spending` alone."""

model_reservations = sa.Table(
    "model_reservations",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("actors", Json, nullable=False),
    sa.Column("tokens", sa.BigInteger, nullable=False),
    sa.Column("micros", sa.BigInteger, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False, info=deadline(timedelta(minutes=10))),
)
"""What an analysis or question that is running may still cost: a part of what its day, and the months of its `actors`, have booked."""

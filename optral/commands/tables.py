"""Commands, open and done, and the long outputs of those that still run."""

from datetime import timedelta

import sqlalchemy as sa

from optral.store.deadlines import deadline
from optral.store.metadata import Json, Timestamp, metadata, tenant

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), sa.ForeignKey("clusters.id"), nullable=False),
    sa.Column("verb", sa.String(32), nullable=False),
    sa.Column("params", Json, nullable=False),
    sa.Column("target_kind", sa.String(300), nullable=False),
    sa.Column("target_namespace", sa.String(63)),
    sa.Column("target_name", sa.String(253), nullable=False),
    sa.Column("uid", sa.String(64), nullable=False),  # preconditions; empty: not looked at
    sa.Column("resource_version", sa.String(64), nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("code", sa.String(64)),
    sa.Column("message", sa.Text),
    sa.Column("result", Json),
    sa.Column("fence", sa.BigInteger, nullable=False),  # of the session that holds it; 0: none yet
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("requested_by", sa.String(64), nullable=False),
    sa.Column("origin", sa.String(100), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False, info=deadline(timedelta(minutes=10))),
    sa.Column("timeout_s", sa.Integer, nullable=False),
    sa.Column("deadline_at", Timestamp, nullable=False, info=deadline(timedelta(minutes=16))),
    sa.Column("sent_at", Timestamp),
    sa.Column("received_at", Timestamp),
    sa.Column("started_at", Timestamp),
    sa.Column("finished_at", Timestamp),
    sa.Column("cancel_reason", sa.String(200)),
    sa.Column("cancel_fence", sa.BigInteger, nullable=False),  # of the session that got the cancellation; 0: none yet
)
sa.Index(
    "ix_commands_open",
    commands.c.cluster_id,
    commands.c.created_at,
    sqlite_where=commands.c.finished_at.is_(None),
    postgresql_where=commands.c.finished_at.is_(None),
)
sa.Index("ix_commands_finished", commands.c.finished_at)

command_outputs = sa.Table(
    "command_outputs",
    metadata,
    sa.Column("command_id", sa.String(30), sa.ForeignKey("commands.id"), primary_key=True),
    tenant(),
    sa.Column("text", sa.Text, nullable=False),  # moves into the result when the command ends
    sa.Column("at", Timestamp, nullable=False),
)

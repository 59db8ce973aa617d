"""Tables of connections to forges, and of the pull requests of executions. What is due has a `due_at` in an index."""

from datetime import timedelta

import sqlalchemy as sa

from optral.store.deadlines import deadline
from optral.store.metadata import Json, Timestamp, metadata, tenant

forges = sa.Table(
    "forges",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("base_url", sa.String(500), key="url", nullable=False),
    sa.Column("repositories", Json, nullable=False),
    sa.Column("branch_prefix", sa.String(40), nullable=False),
    sa.Column("token", sa.LargeBinary, nullable=False),
    sa.Column("secret", sa.LargeBinary),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Index("ix_forges_org_id", "org_id", "created_at", "id"),
)

proposals = sa.Table(
    "proposals",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("execution_id", sa.String(30), nullable=False),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("forge_id", sa.String(30), nullable=False),
    sa.Column("repository", sa.String(255), nullable=False),
    sa.Column("folder", sa.String(500), nullable=False),
    sa.Column("base", sa.String(255), nullable=False),
    sa.Column("branch", sa.String(100), nullable=False),
    sa.Column("keepers", Json, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Column("url", sa.String(1000)),
    sa.Column("patch", sa.Text),
    sa.Column("notes", Json, nullable=False),
    sa.Column("merge_commit", sa.String(64)),
    sa.Column("applied_revision", sa.String(255)),
    sa.Column("code", sa.String(64)),
    sa.Column("message", sa.String(1000)),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("due_at", Timestamp, info=deadline(timedelta(minutes=3), "updated_at")),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("merged_at", Timestamp),
    sa.Column("ended_at", Timestamp),
    sa.Index("uq_proposals_execution_id", "org_id", "execution_id", unique=True),
    sa.Index("ix_proposals_created_at", "created_at"),
    sa.Index("ix_proposals_due_at", "due_at", sqlite_where=sa.text("due_at IS NOT NULL"), postgresql_where=sa.text("due_at IS NOT NULL")),
)

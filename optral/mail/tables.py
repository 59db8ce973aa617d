"""The outbox. `content` is sealed, since it can contain a link that signs somebody in."""

from datetime import timedelta

import sqlalchemy as sa

from optral.store.deadlines import deadline
from optral.store.metadata import Timestamp, metadata, tenant

messages = sa.Table(
    "mail_messages",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("recipient", sa.String(320), nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", Timestamp, info=deadline(timedelta(minutes=1), "created_at", "attempted_at")),
    sa.Column("error", sa.String(200)),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("attempted_at", Timestamp),
    sa.Column("sent_at", Timestamp),
    sa.Index("ix_mail_messages_due_at", "due_at"),
    sa.Index("ix_mail_messages_created_at", "created_at"),
    sa.Index("ix_mail_messages_org_id", "org_id", "created_at", "id"),
)

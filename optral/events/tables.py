"""Tables of events. The head is the row that an appending transaction locks: so the order of commits is the order of numbers."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata

event_heads = sa.Table(
    "event_heads",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("cluster_id", sa.String(30), nullable=True),
    sa.Column("subject_id", sa.String(30), nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("namespace", sa.String(253), nullable=True),
)
sa.Index(None, events.c.org_id, events.c.at)
sa.Index("ix_events_type", events.c.org_id, events.c.type, events.c.seq)
sa.Index("ix_events_cluster_id", events.c.org_id, events.c.cluster_id, events.c.seq)
sa.Index("ix_events_namespace", events.c.org_id, events.c.namespace, events.c.seq)

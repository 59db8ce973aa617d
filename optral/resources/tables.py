"""Tables of the inventory.

`resources` has no index on what every change writes (resource version, status, manifest, updated_at), other than one of the few nodes and
pods that do not work: an upsert then touches one page. On
PostgreSQL that also needs room for the new version of the row in the page of the old one, or each index gets a new entry; hence the
fillfactor. After some changes the table is smaller with it, not larger. `state` is in an index, but only of the few objects that fail or
wait; it, the owner and the set are written only when they change.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from optral.kube.kinds import LONG_RUNNING, OWNING
from optral.store.metadata import Json, Timestamp, metadata, tenant

UNHEALTHY = "state < 2"
"""Objects that fail or wait. The index with this condition serves only queries that repeat it word for word."""

OF_WORKLOADS = f"kind IN {LONG_RUNNING}"
"""Revisions of what has a Pod template and is rolled out. The same holds for the index with this condition."""


def stands_for_itself(table: str = "") -> str:
    """Workloads that no other workload owns. The same holds for the index with this condition. `table`: its name and a dot."""
    return f"{table}kind IN {(*OWNING, 'Pod')} AND ({table}owner_kind IS NULL OR {table}owner_kind NOT IN {OWNING})"


resources = sa.Table(
    "resources",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("kind", sa.String(128), nullable=False),
    sa.Column("uid", sa.String(128), nullable=False),
    sa.Column("namespace", sa.String(253), nullable=False),
    sa.Column("name", sa.String(253), nullable=False),
    sa.Column("resource_version", sa.String(64), nullable=False),
    sa.Column("snapshot", sa.String(64), nullable=False),
    sa.Column("generation", sa.BigInteger),
    sa.Column("intent", sa.String(32), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("owner_kind", sa.String(128)),
    sa.Column("owner_name", sa.String(253)),
    sa.Column("owner_uid", sa.String(128)),
    sa.Column("labels", Json, nullable=False),
    sa.Column("set_number", sa.BigInteger),  # of `resource_sets`; NULL as an earlier version wrote it, until the object changes
    sa.Column("place", sa.String(300)),  # of a pod: `placement.place_of`; NULL as `set_number`
    sa.Column("status", sa.String(128)),
    sa.Column("state", sa.SmallInteger, nullable=False, server_default="2"),  # `optral.kube.statuses.State`
    sa.Column("created_at", Timestamp),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("manifest", sa.LargeBinary, nullable=False),
    sa.Index("ix_resources_name", "org_id", "name", "id"),
    sa.Index("ix_resources_kind", "org_id", "cluster_id", "kind", "namespace", "name"),
    sa.Index("ix_resources_kind_name", "org_id", "kind", "name", "id"),
    sa.Index("ix_resources_namespace", "org_id", "namespace", "name", "id"),
    sa.Index(
        "ix_resources_unhealthy", "org_id", "state", "name", "id", sqlite_where=sa.text(UNHEALTHY), postgresql_where=sa.text(UNHEALTHY)
    ),
    sa.Index(
        "ix_resources_workloads",
        *("org_id", "name", "id"),
        sqlite_where=sa.text(stands_for_itself()),
        postgresql_where=sa.text(stands_for_itself()),
    ),
    sa.Index("ix_resources_owner", "org_id", "cluster_id", "owner_uid"),
    sa.Index("ix_resources_set", "org_id", "set_number"),
    postgresql_with={"fillfactor": 50},
)

resource_sets = sa.Table(
    "resource_sets",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    tenant(),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("namespace", sa.String(253), nullable=False),
    sa.Column("name", sa.String(253), nullable=False),
    sa.Column("is_derived", sa.Boolean, nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("checked_at", Timestamp, nullable=False),
    sa.Index("ix_resource_sets_cluster_id", "org_id", "cluster_id", "number"),
    sa.Index("ix_resource_sets_checked_at", "checked_at"),
)
"""What groups of objects have in common (`object_sets.py`). `checked_at`: when it was last certain that there is such an object."""

_Term = sa.String(64).with_variant(postgresql.VARCHAR(64, collation="C"), "postgresql")  # compared byte by byte, as on SQLite

resource_names = sa.Table(
    "resource_names",
    metadata,
    tenant(primary_key=True),
    sa.Column("term", _Term, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("namespace", sa.String(253), nullable=False),
    sa.Column("name", sa.String(253), nullable=False),
    sa.Column("is_derived", sa.Boolean, nullable=False),
    sa.Column("place", sa.SmallInteger, nullable=False),  # of the term in the name
    sqlite_with_rowid=False,
)

resource_labels = sa.Table(
    "resource_labels",
    metadata,
    tenant(primary_key=True),
    sa.Column("label", sa.Text, primary_key=True),  # name=value
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

resource_words = sa.Table(
    "resource_words",
    metadata,
    tenant(primary_key=True),
    sa.Column("word", sa.String(64), primary_key=True),
    sqlite_with_rowid=False,
)
"""Words of names, which are few: what contains a text is looked for here, and then in `resource_names` from its beginning."""

resource_kinds = sa.Table(
    "resource_kinds",
    metadata,
    tenant(),
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    sa.Column("kind", sa.String(128), primary_key=True),
    sa.Column("phase", sa.String(16), nullable=False),
    sa.Column("generation", sa.String(64), nullable=False),
    sa.Column("incoming", sa.String(64), nullable=False),
    sa.Column("removed", sa.Integer, nullable=False),
    sa.Column("confirm", sa.String(128), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("digest", sa.LargeBinary(16), nullable=False),
    sa.Column("changed_at", Timestamp, nullable=False),
)

resource_counts = sa.Table(
    "resource_counts",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    sa.Column("kind", sa.String(128), primary_key=True),
    sa.Column("namespace", sa.String(253), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),  # of the rows of `resources`, at least 1
)

resource_dictionaries = sa.Table(
    "resource_dictionaries",
    metadata,
    tenant(),
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Timestamp, nullable=False),
)

resource_history = sa.Table(
    "resource_history",
    metadata,
    tenant(),
    sa.Column("resource_id", sa.String(30), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("kind", sa.String(128), nullable=False),
    sa.Column("namespace", sa.String(253), nullable=False),
    sa.Column("name", sa.String(253), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("generation", sa.BigInteger),
    sa.Column("manager", sa.String(253)),
    sa.Column("operation", sa.String(32)),
    sa.Column("diff", Json, nullable=False),
    sa.Column("truncated", sa.Boolean, nullable=False),
    sa.Index("ix_resource_history_cluster_id", "org_id", "cluster_id", "at"),
    sa.Index("ix_resource_history_org_id", "org_id", "at"),
    sa.Index("ix_resource_history_at", "at"),
    sa.Index(
        "ix_resource_history_workloads",
        *("org_id", "at", "cluster_id"),
        sqlite_where=sa.text(OF_WORKLOADS),
        postgresql_where=sa.text(OF_WORKLOADS),
    ),
)

kubernetes_events = sa.Table(
    "kubernetes_events",
    metadata,
    tenant(),
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    sa.Column("uid", sa.String(128), primary_key=True),
    sa.Column("resource_version", sa.String(64), nullable=False),
    sa.Column("namespace", sa.String(253), nullable=False),
    sa.Column("kind", sa.String(128), nullable=False),
    sa.Column("name", sa.String(253), nullable=False),
    sa.Column("object_uid", sa.String(128), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(128), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("source", sa.String(253), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_at", Timestamp, nullable=False),
    sa.Column("last_at", Timestamp, nullable=False),
    sa.Column("seen_at", Timestamp, nullable=False),
    sa.Column("manifest", sa.LargeBinary, nullable=False),
    sa.Index("ix_kubernetes_events_object_uid", "org_id", "cluster_id", "object_uid", "last_at"),
    sa.Index("ix_kubernetes_events_seen_at", "seen_at"),
)

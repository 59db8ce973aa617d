"""Statements that delete many rows in batches, so that no transaction holds the writer for long."""

import sqlalchemy as sa


def of_cluster(table: sa.Table, *key: str) -> sa.Delete:
    """Delete at most `limit` rows of a cluster. Parameters: org, cluster, limit."""
    keys = [table.c[name] for name in key]
    chosen = (
        sa.select(*keys)
        .where(table.c.org_id == sa.bindparam("org"), table.c.cluster_id == sa.bindparam("cluster"))
        .limit(sa.bindparam("limit"))
    )
    return sa.delete(table).where(table.c.org_id == sa.bindparam("org"), sa.tuple_(*keys).in_(chosen))


def older(table: sa.Table, column: str, *key: str) -> sa.Delete:
    """Delete at most `limit` rows of any organization that are older than `before`, the oldest first. Parameters: before, limit."""
    keys = [table.c[name] for name in key]
    chosen = sa.select(*keys).where(table.c[column] < sa.bindparam("before")).order_by(table.c[column]).limit(sa.bindparam("limit"))
    return sa.delete(table).where(sa.tuple_(*keys).in_(chosen))

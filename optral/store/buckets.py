"""Times in SQL, counted in buckets of one width."""

from typing import Any

import sqlalchemy as sa


def number(at: sa.ColumnElement[Any]) -> sa.Label[int]:
    """The number of the bucket that a time is in, from 0; the parameters are `start`, a time, and `width_us`, microseconds."""
    since = sa.type_coerce(at, sa.BigInteger) - sa.bindparam("start", type_=at.type)
    return sa.cast(since, sa.BigInteger).op("/")(sa.bindparam("width_us", type_=sa.BigInteger)).label("bucket")

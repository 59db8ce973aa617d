"""The one MetaData all packages' tables belong to, and the column types that mean the same on SQLite and PostgreSQL.

Foreign keys between packages are given as strings. Every tenant table has `org_id` (see `tenant`), on PostgreSQL guarded by
row-level security (`store/tenancy.py`).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Timestamp(sa.TypeDecorator[datetime]):
    """A moment in UTC, kept as whole microseconds since 1970 in a BIGINT: sorts, indexes and compares alike on both engines."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970 of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC datetime of these microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""A JSON value; JSONB on PostgreSQL. Python None is SQL NULL, so only nullable columns take it."""


def tenant(*, primary_key: bool = False) -> sa.Column[str]:
    """The organization a row belongs to. A table with this column is a tenant table and gets its policy by that."""
    return sa.Column("org_id", sa.String(30), nullable=False, primary_key=primary_key)

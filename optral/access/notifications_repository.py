"""The SQL of notification settings, and the values that it reads."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.access.tables import notification_settings as settings
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of the day until another (`22:00`, `07:00`), which may be on the next day, in a time zone of the IANA database."""

    start: str
    end: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    is_on: bool = False
    criticals: bool = True
    approvals: bool = True
    quiet: QuietHours | None = None


def _put(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(settings)
    changed = {column.name: statement.excluded[column.name] for column in settings.c if column.name not in ("org_id", "user_id")}
    return statement.on_conflict_do_update(index_elements=["user_id"], set_=changed)


_PUT = by_dialect(_put)
_mine = (settings.c.org_id == sa.bindparam("org"), settings.c.user_id == sa.bindparam("user"))
_get = sa.select(settings).where(*_mine)
_delete = sa.delete(settings).where(*_mine)


def get(tx: Transaction, user_id: str) -> Settings | None:
    row = tx.execute(_get, {"org": tx.org_id, "user": user_id}).one_or_none()
    if row is None:
        return None
    quiet = QuietHours(row.quiet_from, row.quiet_until, row.time_zone) if row.quiet_from is not None else None
    return Settings(is_on=row.is_on, criticals=row.criticals, approvals=row.approvals, quiet=quiet)


def put(tx: Transaction, user_id: str, wanted: Settings) -> None:
    quiet = wanted.quiet
    row = {
        "org_id": tx.org_id,
        "user_id": user_id,
        "is_on": wanted.is_on,
        "criticals": wanted.criticals,
        "approvals": wanted.approvals,
        "quiet_from": None if quiet is None else quiet.start,
        "quiet_until": None if quiet is None else quiet.end,
        "time_zone": None if quiet is None else quiet.time_zone,
    }
    tx.execute(_PUT[tx.dialect], [row])


def delete(tx: Transaction, user_id: str) -> None:
    tx.execute(_delete, {"org": tx.org_id, "user": user_id})

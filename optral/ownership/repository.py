"""All SQL of ownership."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.kube.teams import Source, TeamRule, TeamSettings
from optral.ownership.model import OwnershipSettings
from optral.ownership.tables import owner_settings as t
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction

_get = sa.select(t).where(t.c.org_id == sa.bindparam("org"))
_LOCKED = _get.with_for_update()


def _save(dialect: str) -> Any:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(t)
    rest = {column.name: statement.excluded[column.name] for column in t.c if column.name != "org_id"}
    is_known = t.c.version == statement.excluded.version - 1
    return statement.on_conflict_do_update(index_elements=["org_id"], set_=rest, where=is_known).returning(t.c.version)


_SAVE = by_dialect(_save)


def get(tx: Transaction, *, lock: bool = False) -> OwnershipSettings:
    row = tx.execute(_LOCKED if lock else _get, {"org": tx.org_id}).first()
    if row is None:
        return OwnershipSettings()
    settings = TeamSettings(tuple(map(Source, row.sources)), tuple(row.labels), tuple(TeamRule(*rule) for rule in row.rules))
    return OwnershipSettings(settings=settings, version=row.version, updated_by=row.updated_by, updated_at=row.updated_at)


def save(tx: Transaction, made: OwnershipSettings) -> bool:
    """False when somebody else saved this version first."""
    row = {
        "org_id": tx.org_id,
        "sources": list(made.settings.order),
        "labels": list(made.settings.labels),
        "rules": [list(rule) for rule in made.settings.rules],
        "version": made.version,
        "updated_by": made.updated_by,
        "updated_at": made.updated_at,
    }
    return tx.execute(_SAVE[tx.dialect], row).first() is not None

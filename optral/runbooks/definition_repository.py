"""All SQL of runbooks and their versions. Every statement names its organization."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.runbooks.language import definition
from optral.runbooks.model import Runbook, Version
from optral.runbooks.tables import runbook_versions, runbooks
from optral.store.transaction import Transaction

_runbook = (
    sa.select(runbooks, runbook_versions.c.definition)
    .join(runbook_versions, sa.and_(runbook_versions.c.runbook_id == runbooks.c.id, runbook_versions.c.version == runbooks.c.version))
    .where(runbooks.c.org_id == b("org"), runbook_versions.c.org_id == b("org"), runbooks.c.deleted_at.is_(None))
)
_ALL_RUNBOOKS = _runbook.order_by(runbooks.c.slug)
_RUNBOOK = _runbook.where(runbooks.c.id == b("the_id"))
_RUNBOOK_BY_SLUG = _runbook.where(runbooks.c.slug == b("slug"))
_LOCK_RUNBOOK = _RUNBOOK.with_for_update(of=runbooks)
_COUNT_RUNBOOKS = sa.select(sa.func.count()).select_from(runbooks).where(runbooks.c.org_id == b("org"), runbooks.c.deleted_at.is_(None))
_VERSIONS = (
    sa.select(runbook_versions)
    .where(runbook_versions.c.org_id == b("org"), runbook_versions.c.runbook_id == b("the_id"))
    .order_by(runbook_versions.c.version.desc())
)
_VERSION = _VERSIONS.where(runbook_versions.c.version == b("the_version"))
_DELETE_VERSIONS = sa.delete(runbook_versions).where(
    runbook_versions.c.org_id == b("org"), runbook_versions.c.runbook_id == b("the_id"), runbook_versions.c.version <= b("last")
)
_INSERT_RUNBOOK = sa.insert(runbooks)
_INSERT_VERSION = sa.insert(runbook_versions)
_UPDATE_RUNBOOK = (
    sa.update(runbooks)
    .where(runbooks.c.org_id == b("org"), runbooks.c.id == b("the_id"))
    .values(
        slug=b("new_slug"),
        version=b("new_version"),
        is_enabled=b("new_enabled"),
        revision=runbooks.c.revision + 1,
        updated_at=b("now", type_=runbooks.c.updated_at.type),
        deleted_at=b("gone_at", type_=runbooks.c.deleted_at.type),
    )
)


def _as_runbook(row: Any) -> Runbook:
    return Runbook(
        id=row.id,
        version=row.version,
        definition=definition.of_json(row.definition),
        is_enabled=row.is_enabled,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
        drafted_by=row.drafted_by,
    )


def all_runbooks(tx: Transaction) -> list[Runbook]:
    """Every runbook of the organization's own; they are few (`MAX_RUNBOOKS`)."""
    return [_as_runbook(row) for row in tx.execute(_ALL_RUNBOOKS, {"org": tx.org_id})]


def runbook(tx: Transaction, runbook_id: str, *, lock: bool = False) -> Runbook | None:
    row = tx.execute(_LOCK_RUNBOOK if lock else _RUNBOOK, {"org": tx.org_id, "the_id": runbook_id}).first()
    return None if row is None else _as_runbook(row)


def runbook_by_slug(tx: Transaction, slug: str) -> Runbook | None:
    row = tx.execute(_RUNBOOK_BY_SLUG, {"org": tx.org_id, "slug": slug}).first()
    return None if row is None else _as_runbook(row)


def count_runbooks(tx: Transaction) -> int:
    return int(tx.execute(_COUNT_RUNBOOKS, {"org": tx.org_id}).scalar_one())


def insert_runbook(tx: Transaction, made: Runbook) -> None:
    row = {
        "org_id": tx.org_id,
        "id": made.id,
        "slug": made.slug,
        "version": made.version,
        "is_enabled": made.is_enabled,
        "revision": made.revision,
        "created_by": made.created_by,
        "created_at": made.created_at,
        "updated_at": made.updated_at,
        "drafted_by": made.drafted_by,
    }
    tx.execute(_INSERT_RUNBOOK, row)


def insert_version(tx: Transaction, made: Runbook, *, by: str, source: str | None, keep: int) -> None:
    """Keep the version with its text, and at most `keep` versions in all."""
    row = {"org_id": tx.org_id, "runbook_id": made.id, "version": made.version, "definition": definition.as_json(made.definition)}
    tx.execute(_INSERT_VERSION, row | {"source": source, "created_by": by, "created_at": tx.now})
    if made.version > keep:
        tx.execute(_DELETE_VERSIONS, {"org": tx.org_id, "the_id": made.id, "last": made.version - keep})


def versions(tx: Transaction, runbook_id: str) -> list[Version]:
    """The versions that are kept, the newest first."""
    return [_as_version(row) for row in tx.execute(_VERSIONS, {"org": tx.org_id, "the_id": runbook_id})]


def version(tx: Transaction, runbook_id: str, number: int) -> Version | None:
    row = tx.execute(_VERSION, {"org": tx.org_id, "the_id": runbook_id, "the_version": number}).first()
    return None if row is None else _as_version(row)


def _as_version(row: Any) -> Version:
    return Version(
        version=row.version,
        definition=definition.of_json(row.definition),
        source=row.source,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def update_runbook(tx: Transaction, made: Runbook, *, gone_at: datetime | None = None) -> None:
    values = {"new_slug": made.slug, "new_version": made.version, "new_enabled": made.is_enabled, "now": tx.now, "gone_at": gone_at}
    tx.execute(_UPDATE_RUNBOOK, {"org": tx.org_id, "the_id": made.id, **values})

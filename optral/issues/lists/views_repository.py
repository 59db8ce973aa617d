"""The SQL of saved views."""

from typing import Any

import sqlalchemy as sa

from optral.issues.model import View
from optral.issues.tables import issue_views as views
from optral.store.transaction import Transaction

_org: sa.BindParameter[str] = sa.bindparam("org")
_limit: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)
_id: sa.BindParameter[str] = sa.bindparam("view")
_owner: sa.BindParameter[str] = sa.bindparam("owner")

_ONE = sa.select(views).where(views.c.org_id == _org, views.c.id == _id)
_ALL = sa.select(views).where(views.c.org_id == _org).order_by(views.c.name, views.c.id).limit(_limit)
_OWN = _ALL.where(views.c.owner_id == _owner, sa.not_(views.c.is_shared))
_SHARED = _ALL.where(views.c.is_shared)
_UPDATE = sa.update(views).where(views.c.org_id == _org, views.c.id == _id, views.c.version == sa.bindparam("known"))
_DELETE = sa.delete(views).where(views.c.org_id == _org, views.c.id == _id)
_DELETE_OWN = sa.delete(views).where(views.c.org_id == _org, views.c.owner_id == _owner, sa.not_(views.c.is_shared))


def view(tx: Transaction, view_id: str) -> View | None:
    row = tx.execute(_ONE, {"org": tx.org_id, "view": view_id}).one_or_none()
    return None if row is None else _view(row)


def own(tx: Transaction, owner_id: str, limit: int) -> list[View]:
    """The views of one person that are not shared, by name."""
    return [_view(row) for row in tx.execute(_OWN, {"org": tx.org_id, "owner": owner_id, "limit": limit})]


def shared(tx: Transaction, limit: int) -> list[View]:
    """The shared views of the organization, by name."""
    return [_view(row) for row in tx.execute(_SHARED, {"org": tx.org_id, "limit": limit})]


def insert(tx: Transaction, made: View) -> None:
    tx.execute(sa.insert(views).values(org_id=tx.org_id, id=made.id, **_columns(made), created_at=made.created_at))


def update(tx: Transaction, changed: View, *, known: int) -> bool:
    """Store the view if its stored version is `known`; returns whether it is."""
    done = tx.execute(_UPDATE.values(**_columns(changed)), {"org": tx.org_id, "view": changed.id, "known": known})
    return bool(done.rowcount)


def delete(tx: Transaction, view_id: str) -> None:
    tx.execute(_DELETE, {"org": tx.org_id, "view": view_id})


def delete_own(tx: Transaction, owner_id: str) -> None:
    tx.execute(_DELETE_OWN, {"org": tx.org_id, "owner": owner_id})


def _columns(view: View) -> dict[str, Any]:
    return {
        "owner_id": view.owner_id,
        "name": view.name,
        "query": view.query,
        "sort": view.sort,
        "is_shared": view.is_shared,
        "display": dict(view.display),
        "updated_at": view.updated_at,
        "version": view.version,
    }


def _view(row: Any) -> View:
    return View(
        id=row.id,
        owner_id=row.owner_id,
        name=row.name,
        query=row.query,
        sort=row.sort,
        is_shared=row.is_shared,
        created_at=row.created_at,
        updated_at=row.updated_at,
        display=row.display,
        version=row.version,
    )

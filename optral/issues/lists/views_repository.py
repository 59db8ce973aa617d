"""The SQL of saved views."""

import sqlalchemy as sa

from optral.issues.model import View
from optral.issues.tables import issue_views as views
from optral.kit.records import from_row, names, row
from optral.store.transaction import Transaction

_org: sa.BindParameter[str] = sa.bindparam("org")
_limit: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)
_id: sa.BindParameter[str] = sa.bindparam("view")
_owner: sa.BindParameter[str] = sa.bindparam("owner")

_views = sa.select(*(views.c[name] for name in names(View))).where(views.c.org_id == _org)
_ONE = _views.where(views.c.id == _id)
_ALL = _views.order_by(views.c.name, views.c.id).limit(_limit)
_OWN = _ALL.where(views.c.owner_id == _owner, sa.not_(views.c.is_shared))
_SHARED = _ALL.where(views.c.is_shared)
_INSERT = sa.insert(views)
_UPDATE = sa.update(views).where(views.c.org_id == _org, views.c.id == _id, views.c.version == sa.bindparam("known"))
_DELETE = sa.delete(views).where(views.c.org_id == _org, views.c.id == _id)
_DELETE_OWN = sa.delete(views).where(views.c.org_id == _org, views.c.owner_id == _owner, sa.not_(views.c.is_shared))


def view(tx: Transaction, view_id: str) -> View | None:
    found = tx.execute(_ONE, {"org": tx.org_id, "view": view_id}).one_or_none()
    return None if found is None else from_row(View, found)


def own(tx: Transaction, owner_id: str, limit: int) -> list[View]:
    """The views of one person that are not shared, by name."""
    return [from_row(View, found) for found in tx.execute(_OWN, {"org": tx.org_id, "owner": owner_id, "limit": limit})]


def shared(tx: Transaction, limit: int) -> list[View]:
    """The shared views of the organization, by name."""
    return [from_row(View, found) for found in tx.execute(_SHARED, {"org": tx.org_id, "limit": limit})]


def insert(tx: Transaction, made: View) -> None:
    tx.execute(_INSERT, {"org_id": tx.org_id, **row(made)})


def update(tx: Transaction, changed: View, *, known: int) -> bool:
    """Store the view if its stored version is `known`; returns whether it is."""
    done = tx.execute(_UPDATE.values(row(changed)), {"org": tx.org_id, "view": changed.id, "known": known})
    return bool(done.rowcount)


def delete(tx: Transaction, view_id: str) -> None:
    tx.execute(_DELETE, {"org": tx.org_id, "view": view_id})


def delete_own(tx: Transaction, owner_id: str) -> None:
    tx.execute(_DELETE_OWN, {"org": tx.org_id, "owner": owner_id})

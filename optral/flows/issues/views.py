"""Saved views, with the rights to them and an audit record of each change.

A view belongs to a person; an API key acts for the person who created it. Everybody may keep own views. Shared views belong to the
organization: who may change issues may create, change and delete them, but only the owner makes one private again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optral.access import model, service as access
from optral.flows.issues import triage
from optral.issues.lists import views
from optral.issues.lists.views import ViewChange
from optral.issues.model import View
from optral.store.transaction import Transaction
from optral.terms.errors import Forbidden

SHARING = "issues:write"


def owner(tx: Transaction) -> str:
    """The person whose views the caller sees."""
    return triage.person(tx, triage.ME) or tx.actor.id


def find(tx: Transaction) -> list[View]:
    """The caller's own views, then the shared ones."""
    return views.find(tx, owner(tx))


def create(tx: Transaction, *, name: str, query: str, sort: str, is_shared: bool, display: Mapping[str, Any]) -> View:
    """Raises as `views.create`, and `Forbidden` for a shared view without the right to it."""
    _require_right(tx, is_shared)
    name = model.checked_name(name)
    made = views.create(tx, owner_id=owner(tx), name=name, query=query, sort=sort, is_shared=is_shared, display=display)
    _audit(tx, "view.create", made)
    return made


def change(tx: Transaction, view_id: str, wanted: ViewChange, *, if_version: int | None = None) -> View:
    """Raises as `views.change`, `NotFound` and `Forbidden`."""
    before = views.get(tx, view_id, owner(tx))
    _require_right(tx, before.is_shared or bool(wanted.is_shared))
    if before.is_shared and wanted.is_shared is False and before.owner_id != owner(tx):
        raise Forbidden("view_of_another", say="only the owner of a view can stop sharing it; create a view of your own instead")
    if wanted.name is not None:
        wanted = replace(wanted, name=model.checked_name(wanted.name))
    after = views.change(tx, before, wanted, if_version=if_version)
    if after.version != before.version:
        _audit(tx, "view.update", after)
    return after


def delete(tx: Transaction, view_id: str, *, if_version: int | None = None) -> View:
    """Raises as `views.delete`, `NotFound` and `Forbidden`."""
    gone = views.get(tx, view_id, owner(tx))
    _require_right(tx, gone.is_shared)
    views.delete(tx, gone, if_version=if_version)
    _audit(tx, "view.delete", gone)
    return gone


def _require_right(tx: Transaction, is_shared: bool) -> None:
    if is_shared:
        model.require(tx.actor, SHARING)


def _audit(tx: Transaction, action: str, view: View) -> None:
    detail = {"name": view.name, "query": view.query, "sort": view.sort, "shared": view.is_shared, **view.display}
    access.audit(tx, action=action, target=view.id, detail=detail)

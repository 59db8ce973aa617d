"""Saved views, with the rights to them and an audit record of each change.

A view belongs to a person; an API key acts for the person who created it. Everybody may keep own views. Shared views belong to the
organization: who may change issues may create, change and delete them, but only the owner makes one private again.
"""

from dataclasses import replace

from optral.access import model, service as access
from optral.flows.issues import triage
from optral.issues.lists import views
from optral.issues.model import View, ViewSettings
from optral.kit.records import Change
from optral.store.transaction import Transaction
from optral.terms.errors import Forbidden

SHARING = "issues:write"


def owner(tx: Transaction) -> str:
    """The person whose views the caller sees."""
    return triage.person(tx, triage.ME) or tx.actor.id


def find(tx: Transaction) -> list[View]:
    """The caller's own views, then the shared ones."""
    return views.find(tx, owner(tx))


def create(tx: Transaction, settings: ViewSettings) -> View:
    """Raises as `views.create`, and `Forbidden` for a shared view without the right to it."""
    _require_right(tx, settings.is_shared)
    made = views.create(tx, replace(settings, name=model.checked_name(settings.name)), owner_id=owner(tx))
    _audit(tx, "view.create", made)
    return made


def change(tx: Transaction, view_id: str, wanted: Change[View], *, if_version: int | None = None) -> View:
    """Raises as `views.change`, `NotFound` and `Forbidden`."""
    before = views.get(tx, view_id, owner(tx))
    after = wanted(before)
    _require_right(tx, before.is_shared or after.is_shared)
    if before.is_shared and not after.is_shared and before.owner_id != owner(tx):
        raise Forbidden("view_of_another", say="only the owner of a view can stop sharing it; create a view of your own instead")
    after = views.change(tx, before, replace(after, name=model.checked_name(after.name)), if_version=if_version)
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

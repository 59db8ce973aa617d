"""Saved views: queries of the issue list that people keep under a name, for themselves or for the whole organization."""

from dataclasses import replace

from optral.issues.lists import views_repository as rows
from optral.issues.model import View, ViewSettings
from optral.kit.records import extended
from optral.store.transaction import Transaction
from optral.store.turns import await_turn
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale

MAX_OWN, MAX_SHARED = 50, 50


def find(tx: Transaction, owner_id: str) -> list[View]:
    """The views of this person that are not shared, then the shared views of the organization, each by name."""
    return [*rows.own(tx, owner_id, MAX_OWN), *rows.shared(tx, MAX_SHARED)]


def get(tx: Transaction, view_id: str, owner_id: str) -> View:
    """A view that this person sees. Raises `NotFound`."""
    found = rows.view(tx, view_id)
    if found is None or not (found.is_shared or found.owner_id == owner_id):
        raise NotFound("view_not_found", say=f"no saved view has the id {view_id}")
    return found


def create(tx: Transaction, settings: ViewSettings, *, owner_id: str) -> View:
    """Raises `Refused` for a name that is taken and for too many views."""
    made = extended(View, settings, id=ids.new("viw"), owner_id=owner_id, created_at=tx.now, updated_at=tx.now)
    _check_place(tx, made)
    rows.insert(tx, made)
    return made


def change(tx: Transaction, before: View, after: View, *, if_version: int | None = None) -> View:
    """The changed view. Raises as `create`, and `Stale`."""
    _check_version(before, if_version)
    if after == before:
        return before
    if (after.name, after.is_shared) != (before.name, before.is_shared):
        _check_place(tx, after)
    after = replace(after, version=before.version + 1, updated_at=tx.now)
    if not rows.update(tx, after, known=before.version):
        raise Stale("stale_version", say="the view was changed in the meantime; read it again")
    return after


def delete(tx: Transaction, gone: View, *, if_version: int | None = None) -> None:
    """Raises `Stale`."""
    _check_version(gone, if_version)
    rows.delete(tx, gone.id)


def release(tx: Transaction, owner_id: str) -> None:
    """Delete the views that only this person sees. Shared views stay."""
    rows.delete_own(tx, owner_id)


def _check_version(view: View, if_version: int | None) -> None:
    if if_version is not None and if_version != view.version:
        raise Stale("stale_version", say=f"the view now has version {view.version}; read it again")


def _check_place(tx: Transaction, view: View) -> None:
    """Among the views that it joins, the name must be free, in upper and lower case alike, and there must be room."""
    await_turn(tx, f"views of {'the organization' if view.is_shared else view.owner_id}")
    most = MAX_SHARED if view.is_shared else MAX_OWN
    others = rows.shared(tx, most) if view.is_shared else rows.own(tx, view.owner_id, most)
    others = [other for other in others if other.id != view.id]
    if view.name.casefold() in {other.name.casefold() for other in others}:
        whose = "a shared view" if view.is_shared else "one of your views"
        raise Refused("view_name_taken", say=f"{whose} has the name {view.name!r} already; choose another")
    if len(others) >= most:
        whose = "the organization has" if view.is_shared else "you have"
        raise Refused("too_many_views", say=f"{whose} {most} {'shared ' * view.is_shared}views; delete one first")

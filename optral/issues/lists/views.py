"""Saved views: queries of the issue list that people keep under a name, for themselves or for the whole organization."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from optral.issues.lists import views_repository as rows
from optral.issues.model import View
from optral.store.transaction import Transaction
from optral.store.turns import await_turn
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale

MAX_OWN, MAX_SHARED = 50, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChange:
    """What to change; None stays as it is."""

    name: str | None = None
    query: str | None = None
    sort: str | None = None
    is_shared: bool | None = None
    display: Mapping[str, Any] | None = None


def find(tx: Transaction, owner_id: str) -> list[View]:
    """The views of this person that are not shared, then the shared views of the organization, each by name."""
    return [*rows.own(tx, owner_id, MAX_OWN), *rows.shared(tx, MAX_SHARED)]


def get(tx: Transaction, view_id: str, owner_id: str) -> View:
    """A view that this person sees. Raises `NotFound`."""
    found = rows.view(tx, view_id)
    if found is None or not (found.is_shared or found.owner_id == owner_id):
        raise NotFound("view_not_found", say=f"no saved view has the id {view_id}")
    return found


def create(
    tx: Transaction, *, owner_id: str, name: str, query: str, sort: str, is_shared: bool, display: Mapping[str, Any] | None = None
) -> View:
    """Raises `Refused` for a name that is taken and for too many views."""
    made = View(
        id=ids.new("viw"),
        owner_id=owner_id,
        name=name,
        query=query,
        sort=sort,
        is_shared=is_shared,
        created_at=tx.now,
        updated_at=tx.now,
        display=display or {},
    )
    _check_place(tx, made)
    rows.insert(tx, made)
    return made


def change(tx: Transaction, before: View, wanted: ViewChange, *, if_version: int | None = None) -> View:
    """The changed view. Raises as `create`, and `Stale`."""
    _check_version(before, if_version)
    given = {name: value for name in ViewChange.__slots__ if (value := getattr(wanted, name)) is not None}
    after = replace(before, **given)
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
    others = [one for one in others if one.id != view.id]
    if view.name.casefold() in {one.name.casefold() for one in others}:
        whose = "a shared view" if view.is_shared else "one of your views"
        raise Refused("view_name_taken", say=f"{whose} has the name {view.name!r} already; choose another")
    if len(others) >= most:
        whose = "the organization has" if view.is_shared else "you have"
        raise Refused("too_many_views", say=f"{whose} {most} {'shared ' * view.is_shared}views; delete one first")

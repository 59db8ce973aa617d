"""The service of safeguards. Changes go through `flows/executions/guarding.py`, which writes their audit records."""

from dataclasses import replace
from datetime import UTC

from optral.kit import records
from optral.kit.records import Change
from optral.safeguards import model, repository
from optral.safeguards.model import Safeguards, Window, WindowSettings
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale

_CHANGED = "it was changed in the meantime; read it again, then repeat the change"


def settings(tx: Transaction) -> Safeguards:
    """The settings of the organization; the defaults if nobody changed them."""
    return repository.settings(tx)


def save(tx: Transaction, wanted: Change[Safeguards], *, by: str, if_version: int | None = None) -> tuple[Safeguards, Safeguards]:
    """The settings before and after. Raises `Invalid`, `Stale`."""
    before = repository.settings(tx, lock=True)
    if if_version is not None and if_version != before.version:
        raise Stale(say=_CHANGED)
    after = wanted(before)
    if after == before:
        return before, before
    model.check_places(after.limits, after.approval_rules)
    model.check_limits(after.limits)
    model.check_approval_rules(after.approval_rules, after.break_glass_roles)
    after = replace(after, updated_by=by, updated_at=tx.now, version=before.version + 1)
    if not repository.save(tx, after):
        raise Stale(say=_CHANGED)
    return before, after


def windows(tx: Transaction) -> list[Window]:
    """The freezes and maintenance windows that the actor may see, oldest first; an organization has at most `MAX_WINDOWS`."""
    return [one for one in repository.windows(tx) if _is_seen(tx, one)]


def _is_seen(tx: Transaction, one: Window) -> bool:
    return one.cluster_id is None or tx.actor.may_see_cluster(one.cluster_id)


def window(tx: Transaction, window_id: str) -> Window:
    """Raises `NotFound`."""
    found = repository.window(tx, window_id)
    if found is None or not _is_seen(tx, found):
        raise NotFound("change_window_not_found", say=f"there is no change window {window_id}")
    return found


def add_window(tx: Transaction, given: WindowSettings, *, by: str) -> Window:
    """Raises `Invalid("invalid_change_window")`, `Refused("too_many_change_windows")`."""
    model.check_window(given)
    made = _in_utc(records.extended(Window, given, id=ids.new("win"), created_by=by, created_at=tx.now, updated_at=tx.now))
    if repository.count_windows(tx) >= model.MAX_WINDOWS:
        raise Refused("too_many_change_windows", say=f"there are {model.MAX_WINDOWS} change windows; delete one that has ended")
    repository.insert_window(tx, made)
    return made


def _in_utc(made: Window) -> Window:
    times = {name: moment.astimezone(UTC) for name in ("starts_at", "ends_at") if (moment := getattr(made, name)) is not None}
    return replace(made, **times)


def change_window(tx: Transaction, before: Window, after: Window, *, if_version: int | None = None) -> Window:
    """Raises `Invalid`, `Stale`."""
    if if_version is not None and if_version != before.version:
        raise Stale(say=_CHANGED)
    if after == before:
        return before
    model.check_window(after)
    after = replace(_in_utc(after), version=before.version + 1, updated_at=tx.now)
    if not repository.update_window(tx, after, known=before.version):
        raise Stale(say=_CHANGED)
    return after


def delete_window(tx: Transaction, window_id: str, *, if_version: int | None = None) -> Window:
    """Raises `NotFound`, `Stale`."""
    gone = window(tx, window_id)
    if not repository.delete_window(tx, window_id, known=gone.version if if_version is None else if_version):
        raise Stale(say=_CHANGED)
    return gone


def in_force(tx: Transaction) -> tuple[list[Window], Safeguards]:
    """All freezes and windows and the settings, whoever asks: what decides whether something may change."""
    return repository.windows(tx), repository.settings(tx)

"""The service of bindings: limit a member, bind it to a role in some places, and take that back. `flows/people/bindings.py` records it.

Changes of members pass one after the other and need what a change of a role needs: the right to give this role, and the password for a
powerful one. What a limited member may do follows from the rows of the moment: a change takes effect with the next request, and open
streams end within five seconds.
"""

from optral.access import bindings, bindings_repository as rows, people, people_service, repository
from optral.access.bindings import Binding, BindingSettings
from optral.access.model import Member
from optral.access.people import Proof
from optral.kit import records
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Role
from optral.terms.errors import NotFound, Refused


def of_members(tx: Transaction, user_ids: list[str]) -> dict[str, list[Binding]]:
    """The bindings of each of these members, oldest first; ended ones for `bindings.KEPT`."""
    return rows.of_members(tx, tx.org_id, user_ids)


def bind(tx: Transaction, user_id: str, wanted: BindingSettings, *, proof: Proof | None) -> tuple[Member, Binding]:
    """Give a member a role in some places; from now on the member is limited. Returns the member as it was before.

    Raises `NotFound`, `Invalid("invalid_binding")`; `Forbidden` beyond the actor's own rights and for a powerful role without `proof`;
    `Refused("owner_not_limited")` for an owner, `Refused("too_many_bindings")`.
    """
    before = _changeable(tx, user_id)
    people_service.check_may_give(tx, wanted.role, proof)
    made = records.extended(Binding, wanted, id=ids.new("bnd"), user_id=before.id, created_by=tx.actor.id, created_at=tx.now)
    bindings.check(made, now=tx.now)
    if len(rows.of_members(tx, tx.org_id, [user_id])[user_id]) >= bindings.MAX_BINDINGS:
        raise Refused("too_many_bindings", say=f"a member has at most {bindings.MAX_BINDINGS} bindings; remove one")
    rows.insert(tx, made)
    _set_limited(tx, before, is_limited=True)
    return before, made


def unbind(tx: Transaction, user_id: str, binding_id: str) -> Binding:
    """Remove a binding. The member stays limited. Raises `NotFound`, `Forbidden`."""
    _changeable(tx, user_id)
    found = next((one for one in rows.of_members(tx, tx.org_id, [user_id])[user_id] if one.id == binding_id), None)
    if found is None:
        raise NotFound(say=f"the member has no binding {binding_id}")
    rows.delete(tx, binding_id)
    people_service.wake(tx, user_id)
    return found


def lift(tx: Transaction, user_id: str, *, proof: Proof | None) -> list[Binding]:
    """Remove all bindings; the member has its role in the whole organization again. Returns what was removed. Raises as `bind`."""
    before = _changeable(tx, user_id)
    people_service.check_may_give(tx, before.role, proof)
    found = rows.of_members(tx, tx.org_id, [user_id])[user_id]
    for one in found:
        rows.delete(tx, one.id)
    _set_limited(tx, before, is_limited=False)
    return found


def limit(tx: Transaction, user_id: str) -> Member:
    """Limit a member to its bindings, of which it may have none yet. Raises as `bind`."""
    before = _changeable(tx, user_id)
    _set_limited(tx, before, is_limited=True)
    return before


def delete_ended(tx: Transaction, *, limit: int) -> int:
    """Delete up to `limit` bindings that ended more than `bindings.KEPT` ago, of all organizations; returns how many."""
    return rows.delete_ended(tx, before=tx.now - bindings.KEPT, limit=limit)


def _changeable(tx: Transaction, user_id: str) -> Member:
    people_service.begin_change(tx)
    found = people_service.member(tx, user_id)
    people.check_may_give(tx.actor, Role.VIEWER)
    people.check_may_touch(tx.actor, found)
    if found.role is Role.OWNER:
        raise Refused("owner_not_limited", say="an owner owns the whole organization; change the role first")
    return found


def _set_limited(tx: Transaction, member: Member, *, is_limited: bool) -> None:
    rows.set_limited(tx, member.id, is_limited=is_limited)
    people_service.wake(tx, member.id)


def is_limited(tx: Transaction, user_id: str) -> bool:
    """Whether the member has only what bindings give."""
    found = repository.member(tx, user_id)
    return found is not None and found.is_limited

"""The service of delegations: let another member approve on one's behalf, and end that. `flows/people/delegations.py` records it.

Whether a delegation has an effect is asked at each decision and again before the first change: it must not have ended, and what the
delegator may approve is read from the rows of the moment.
"""

from optral.access import delegations, delegations_repository as rows, people_repository, repository
from optral.access.delegations import Delegation, DelegationSettings
from optral.access.model import Member
from optral.kit.records import extended
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Role
from optral.terms.errors import Forbidden, NotFound, Refused

RIGHT = "runbooks:approve"


def visible(tx: Transaction, user_id: str) -> list[Delegation]:
    """Those that this member gave or received; all of them for an owner or admin of the whole organization. Oldest first."""
    sees_all = tx.actor.reach is None and RIGHT in tx.actor.scopes
    return rows.every(tx) if sees_all else rows.of_person(tx, user_id)


def every(tx: Transaction) -> list[Delegation]:
    """All of the organization, also those that have ended."""
    return rows.every(tx)


def of_member(tx: Transaction, user_id: str) -> list[Delegation]:
    """Those that a member gave or was given, also those that have ended."""
    return rows.of_person(tx, user_id)


def find_member(tx: Transaction, given: str) -> Member | None:
    """A member by id or email address, also one who was removed."""
    return people_repository.member_by_email(tx, given.strip().lower()) if "@" in given else repository.member(tx, given)


def in_force(tx: Transaction, *, member_id: str, delegate_id: str) -> bool:
    """Whether `delegate_id` may approve on behalf of `member_id` now, as far as a delegation says so."""
    return rows.is_in_force(tx, member_id=member_id, delegate_id=delegate_id)


def delegate(tx: Transaction, member_id: str, to: str, settings: DelegationSettings) -> tuple[Delegation, Member]:
    """Let the member `to` (id or email address) approve on behalf of this one. Returns the delegation and the delegate.

    Raises `Forbidden("nothing_to_delegate")` for somebody who may approve nowhere; `Invalid("invalid_delegation")`;
    `Refused("already_delegated")`, `Refused("too_many_delegations")`.
    """
    people_repository.lock_organisation(tx)
    if RIGHT not in tx.actor.scopes:
        raise Forbidden("nothing_to_delegate", say="you may not approve executions, so there is nothing to delegate")
    found = delegations.check(member_id, find_member(tx, to), settings.ends_at, now=tx.now)
    if rows.is_in_force(tx, member_id=member_id, delegate_id=found.id):
        raise Refused("already_delegated", say=f"you have delegated approvals to {found.email} already; end that delegation first")
    if sum(one.member_id == member_id for one in rows.of_person(tx, member_id)) >= delegations.MAX_DELEGATIONS:
        raise Refused("too_many_delegations", say=f"a member has at most {delegations.MAX_DELEGATIONS} delegations; end one")
    made = extended(Delegation, settings, id=ids.new("dlg"), member_id=member_id, delegate_id=found.id, created_at=tx.now)
    rows.insert(tx, made)
    return made, found


def end(tx: Transaction, member_id: str, delegation_id: str) -> Delegation:
    """End a delegation of this member, or as an owner one of anybody. Raises `NotFound`, also for what the actor may not end."""
    people_repository.lock_organisation(tx)
    found = rows.one(tx, delegation_id)
    if found is None or (found.member_id != member_id and tx.actor.role is not Role.OWNER):
        raise NotFound(say=f"you have no delegation {delegation_id}")
    rows.delete(tx, delegation_id)
    return found


def delete_ended(tx: Transaction, *, limit: int) -> int:
    """Delete up to `limit` delegations that ended more than `delegations.KEPT` ago, of all organizations; returns how many."""
    return rows.delete_ended(tx, before=tx.now - delegations.KEPT, limit=limit)

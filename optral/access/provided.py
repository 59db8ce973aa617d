"""Members and rights that an identity provider gives: created, found by address, and replaced as a whole. `flows/people/` records it."""

from collections.abc import Hashable, Sequence

from optral.access import bindings_repository, people_repository as rows, people_service, repository
from optral.access.bindings import Binding, BindingSettings
from optral.access.model import Member, checked_email
from optral.kit import records
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Role
from optral.terms.ids import UserId


def member_by_email(tx: Transaction, email: str) -> Member | None:
    """Also one who was removed."""
    return rows.member_by_email(tx, email)


def member(tx: Transaction, user_id: str) -> Member | None:
    """Also one who was removed."""
    return repository.member(tx, user_id)


def create_member(tx: Transaction, *, email: str) -> Member:
    """A new member without a password and without any rights. Raises `Invalid` for an address that is none."""
    made = Member(UserId(ids.new("usr")), checked_email(email), Role.VIEWER, tx.now, is_limited=True)
    repository.insert_member(tx, made)
    bindings_repository.set_limited(tx, made.id, is_limited=True)
    return made


def bring_back(tx: Transaction, member: Member) -> None:
    """A member who was removed is one again, without a password and without any rights."""
    people_service.end_credentials(tx, member.id)  # what a request that passed the removal may have left
    rows.bring_back(tx, member.id, Role.VIEWER)
    bindings_repository.set_limited(tx, member.id, is_limited=True)


def take_over(tx: Transaction, member: Member) -> bool:
    """From now on a provider says who signs in as this member. Whether a password ended, with its sessions: whoever accepted an invitation
    may have chosen the address of somebody else. Owners keep theirs, which is the way in when no provider is."""
    if member.role is Role.OWNER or people_service.password_hash(tx, member.id) is None:
        return False
    rows.forget_password(tx, member.id)
    people_service.end_sessions(tx, member.id)
    return True


def give(tx: Transaction, member: Member, *, provider_id: str, role: Role | None, wanted: Sequence[BindingSettings]) -> bool:
    """Give a member exactly these rights in the name of a provider, in place of those that any provider gave; whether anything changed.

    With a role, it has that in the whole organization. Without, it has what bindings give, those that people added too: with none, nothing.
    """
    people_service.begin_change(tx)
    given = [one for one in bindings_repository.of_members(tx, tx.org_id, [member.id])[member.id] if one.provider_id]
    new, old = {_places(one): one for one in wanted}, {_places(one): one for one in given}
    is_same_role = member.is_limited if role is None else member.role is role and not member.is_limited
    if member.provider_id == provider_id and is_same_role and new.keys() == old.keys():
        return False
    for key, one in old.items():
        if key not in new:
            bindings_repository.delete(tx, one.id)
    for key, settings in new.items():
        if key not in old:
            bindings_repository.insert(tx, _binding(tx, member, settings, provider_id))
    rows.set_role(tx, member.id, role or Role.VIEWER)
    bindings_repository.set_limited(tx, member.id, is_limited=role is None)
    rows.set_provider(tx, member.id, provider_id)
    people_service.wake(tx, member.id)
    return True


def _binding(tx: Transaction, member: Member, settings: BindingSettings, provider_id: str) -> Binding:
    return records.extended(
        Binding,
        settings,
        id=ids.new("bnd"),
        user_id=member.id,
        created_by=provider_id,
        created_at=tx.now,
        provider_id=provider_id,
    )


def _places(one: BindingSettings) -> Hashable:
    return one.role, one.clusters, one.namespaces, tuple(sorted((one.cluster_labels or {}).items()))

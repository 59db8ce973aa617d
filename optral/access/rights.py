"""What a member may do now, for what was decided or set up earlier in its name."""

from optral.access import bindings, bindings_repository, repository
from optral.access.bindings_repository import Labelled
from optral.access.model import ROLE_SCOPES
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor
from optral.terms.reach import Grant


def roles_with(
    tx: Transaction, user_id: str, scope: str, cluster_id: str, namespace: str | None, *, labelled: Labelled
) -> frozenset[str] | None:
    """The roles that give a member the scope for an object of this namespace (None: outside of namespaces); empty without the scope.

    Members stay as rows when they are removed. None for an id without a row: no member's, such as that of the system, which lost nothing.
    """
    member = repository.member(tx, user_id)
    if member is None:
        return None
    if member.removed_at is not None:
        return frozenset()
    if not member.is_limited:
        return frozenset({member.role.value} if scope in ROLE_SCOPES[member.role] else ())
    grants = _grants(tx, user_id, labelled)
    return frozenset(grant.role for grant in grants if scope in grant.scopes and grant.area.has(cluster_id, namespace))


def lost_nothing(tx: Transaction, user_id: str) -> bool:
    """Tell whether an id is no member's, such as that of the system. Members stay as rows when they are removed."""
    return repository.member(tx, user_id) is None


def person(tx: Transaction, user_id: str, *, labelled: Labelled) -> Actor | None:
    """The member as it may act now, within its bindings if it is limited; None for nobody, and for a member who left."""
    member = repository.member(tx, user_id)
    if member is None or member.removed_at is not None:
        return None
    made = actors.person(tx.org_id, member.id, scopes=ROLE_SCOPES[member.role], role=member.role)
    return actors.bound(made, _grants(tx, user_id, labelled)) if member.is_limited else made


def actor_with(tx: Transaction, user_id: str, scope: str, *, labelled: Labelled) -> Actor | None:
    """The member as it would act now with this scope, within its bindings if it is limited; None for nobody, and without the scope."""
    made = person(tx, user_id, labelled=labelled)
    if made is None:
        return None
    made = made.using(scope)
    return made if scope in made.scopes else None


def _grants(tx: Transaction, user_id: str, labelled: Labelled) -> tuple[Grant, ...]:
    """What the bindings of a limited member give now."""
    return bindings.in_force(bindings_repository.grants(tx, tx.org_id, user_id, labelled=labelled), tx.now)

"""What a member may do now, for decisions that were made earlier in its name."""

from optral.access import bindings, bindings_repository, repository
from optral.access.bindings_repository import Labelled
from optral.access.model import ROLE_SCOPES
from optral.store.transaction import Transaction


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
    grants = bindings.in_force(bindings_repository.grants(tx, tx.org_id, user_id, labelled=labelled), tx.now)
    return frozenset(one.role for one in grants if scope in one.scopes and one.area.has(cluster_id, namespace))

"""What a member may do now, for decisions that were made earlier in its name."""

from optral.access import bindings, bindings_repository, repository
from optral.access.bindings_repository import Labelled
from optral.access.model import ROLE_SCOPES
from optral.store.transaction import Transaction


def may_still(tx: Transaction, user_id: str, scope: str, cluster_id: str, namespace: str | None, *, labelled: Labelled) -> bool:
    """Tell whether a member has the scope for an object of this namespace (None: outside of namespaces).

    Members stay as rows when they are removed. An id without a row is no member's, such as that of the system, and lost nothing.
    """
    member = repository.member(tx, user_id)
    if member is None:
        return True
    if member.removed_at is not None:
        return False
    if not member.is_limited:
        return scope in ROLE_SCOPES[member.role]
    grants = bindings.in_force(bindings_repository.grants(tx, tx.org_id, user_id, labelled=labelled), tx.now)
    return any(scope in one.scopes and one.area.has(cluster_id, namespace) for one in grants)

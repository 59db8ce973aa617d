"""Delegate the right to approve and end that, each with its audit record and event."""

from optral.access import delegations_service as access, people, people_service
from optral.access.delegations import Delegation, DelegationSettings
from optral.access.service import audit
from optral.events import service as events
from optral.events.model import NewEvent
from optral.store.transaction import Transaction


def delegate(tx: Transaction, to: str, settings: DelegationSettings) -> Delegation:
    """Let the member `to` approve on behalf of the actor. Raises as `access.delegate`, and `Forbidden("confirmation_required")`."""
    people.require_confirmed(tx.actor, tx.now)
    made, found = access.delegate(tx, tx.actor.id, to, settings)
    _announce(tx, made.member_id)
    detail = {"delegation": made.id, "delegate": found.id, "email": found.email, "endsAt": made.ends_at.isoformat(), "reason": made.reason}
    audit(tx, action="delegation.create", target=made.member_id, detail=detail)
    return made


def end(tx: Transaction, delegation_id: str) -> Delegation:
    """End a delegation. Raises as `access.end`."""
    gone = access.end(tx, tx.actor.id, delegation_id)
    _announce(tx, gone.member_id)
    audit(tx, action="delegation.end", target=gone.member_id, detail={"delegation": gone.id, "delegate": gone.delegate_id})
    return gone


def _announce(tx: Transaction, member_id: str) -> None:
    member = people_service.member(tx, member_id)
    events.append(tx, [NewEvent("member.updated", None, member.id, {"id": member.id, "email": member.email, "by": tx.actor.id})])

"""Who belongs to an organization: invitations, roles, removals, each with its audit record."""

from optral.access import notifications, people_service as access
from optral.access.model import Member
from optral.access.people import Invite, Proof
from optral.access.service import audit
from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows.issues import triage
from optral.flows.mail import messages
from optral.flows.people import leaving
from optral.flows.people.leaving import Leaving
from optral.identity import scim_service as scims
from optral.issues.lists import views
from optral.mail.service import Outbox
from optral.store.transaction import Transaction
from optral.terms.actor import Role


def invite(
    tx: Transaction, *, pepper: bytes, role: Role, email: str | None = None, proof: Proof | None = None, outbox: Outbox | None = None
) -> tuple[Invite, str]:
    """Make an invitation; returns it and its link's token, shown this once. An invitation for an address is sent to it through `outbox`.

    Raises as `access.create_invite` does, and `Invalid("invalid_email")`.
    """
    made, token = access.create_invite(tx, pepper=pepper, role=role, email=email, proof=proof)
    if outbox is not None and made.email is not None:
        messages.invitation(tx, outbox, made, token=token, organisation=access.organisation(tx).name, recipient=made.email)
    audit(tx, action="invite.create", target=made.id, detail={"role": made.role, "email": made.email})
    return made, token


def withdraw(tx: Transaction, invite_id: str) -> Invite:
    """Withdraw an open invitation. Raises `NotFound`."""
    gone = access.withdraw_invite(tx, invite_id)
    audit(tx, action="invite.withdraw", target=gone.id, detail={"role": gone.role, "email": gone.email})
    return gone


def set_role(tx: Transaction, user_id: str, role: Role, *, proof: Proof | None = None) -> Member:
    """Give a member another role, in force with the next request. The same role again changes nothing. Raises as the package does."""
    before = access.member(tx, user_id)
    after, void = access.set_role(tx, user_id, role, proof=proof)
    if after.role is not before.role:
        audit_void(tx, void, because="member.role")
        leaving.review(tx, user_id, because="member.role")
        audit(tx, action="member.role", target=user_id, detail={"email": after.email, "from": before.role, "to": after.role})
    return after


def remove(tx: Transaction, user_id: str) -> tuple[Member, Leaving]:
    """Remove a member; sessions, keys and open invitations end with the membership, their issues have no assignee any more, and the saved
    views that only they saw are deleted. Returns who it was and what else ended (`leaving`).

    Raises as `access.remove_member` does.
    """
    _, found = leaving.preview(tx, user_id)
    gone, keys, void = access.remove_member(tx, user_id)
    triage.release(tx, user_id)
    views.release(tx, user_id)
    notifications.forget(tx, user_id)
    scims.note_removal(tx, user_id, is_removed=True)
    leaving.end(tx, user_id, because="member.remove")
    audit_void(tx, void, because="member.remove")
    for key_id in keys:
        audit(tx, action="key.revoke", target=key_id, detail={"because": "member.remove"})
    data = {"id": gone.id, "email": gone.email, "by": tx.actor.id, "removed": True}
    events.append(tx, [NewEvent("member.updated", None, gone.id, data)])
    detail = {"email": gone.email, "role": gone.role, "keys": len(keys), "fleetTokens": len(found.fleet_tokens)}
    detail |= {"enrollmentTokens": len(found.enrollment_tokens), "triggers": len(found.triggers)}
    audit(tx, action="member.remove", target=user_id, detail=detail)
    return gone, found


def audit_void(tx: Transaction, void: list[Invite], *, because: str) -> None:
    """Write down the invitations that ended with a right of their maker."""
    for one in void:
        audit(tx, action="invite.withdraw", target=one.id, detail={"role": one.role, "email": one.email, "because": because})

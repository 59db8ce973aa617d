"""A member who forgot the password gets another one from whoever holds the server's database and secrets.

Only for a command on the server's host: no route leads here.
"""

from optral.access import people_service as access
from optral.access.model import Member
from optral.access.service import audit
from optral.store.transaction import Transaction
from optral.terms.errors import Misconfigured
from optral.terms.ids import OrgId


def find_member(tx: Transaction, *, email: str, organisation: str = "") -> tuple[OrgId, Member]:
    """Organization id and member of an address. For the system, across organizations.

    Raises `Misconfigured` when no member has the address, or members of several organizations have it and none is named.
    """
    found = access.memberships(tx, email=email, organisation=organisation)
    if not found:
        where = f" of the organization {organisation!r}" if organisation else ""
        raise Misconfigured("member_unknown", say=f"no member{where} has the email address {email!r}")
    if len(found) > 1:
        names = ", ".join(sorted(access.organisation(tx.acting_for(org_id)).name for org_id, _ in found))
        raise Misconfigured("organization_ambiguous", say=f"{email} is a member of several organizations ({names}); name one with --org")
    return found[0]


def reset_password(tx: Transaction, *, email: str, organisation: str = "", hash: str, is_any_network: bool = False) -> int:
    """Set a password and end the member's sign-in sessions; returns how many. `is_any_network`: everybody of the organization can sign in
    from anywhere again. Raises as `find_member`."""
    org_id, member = find_member(tx, email=email, organisation=organisation)
    acting = tx.acting_for(org_id)
    access.set_password(acting, member, hash=hash)
    ended = access.end_sessions(acting, member.id)
    if is_any_network:
        access.allow_any_network(acting)
    detail = {"email": member.email, "sessionsEnded": ended, "anyNetwork": is_any_network}
    audit(acting, action="member.reset_password", target=member.id, detail=detail)
    return ended

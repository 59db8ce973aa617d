"""Delegations of the right to approve: a member lets another one approve on their behalf until a time. No I/O.

A delegation gives what the delegator may do at that moment, and nothing that was delegated to the delegator: there are no chains.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from optral.access.model import Member
from optral.terms.errors import Invalid

MAX_DELEGATIONS = 20
"""Of one member, also those that have ended and are still listed."""
LONGEST = timedelta(days=30)
KEPT = timedelta(days=30)
"""So long a delegation is listed after its end."""
MAX_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationSettings:
    """What a member sets, beside the delegate."""

    reason: str = ""
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation(DelegationSettings):
    """`delegate_id` may approve on behalf of `member_id` until `ends_at`."""

    id: str
    member_id: str
    delegate_id: str
    created_at: datetime

    def is_active(self, now: datetime) -> bool:
        return now < self.ends_at


def check(member_id: str, delegate: Member | None, ends_at: datetime, *, now: datetime) -> Member:
    """Return the delegate. Raises `Invalid("invalid_delegation")` for nobody, for oneself, and for an end that is not possible."""
    if delegate is None or delegate.removed_at is not None:
        raise _invalid("delegate", "delegate: give the email address or id of a member of the organization")
    if delegate.id == member_id:
        raise _invalid("delegate", "delegate: choose another member; you cannot delegate to yourself")
    if not now < ends_at <= now + LONGEST:
        raise _invalid("endsAt", f"endsAt must be in the future and at most {LONGEST.days} days away")
    return delegate


def _invalid(field: str, say: str) -> Invalid:
    return Invalid("invalid_delegation", say=say, errors=[{"field": field, "code": "invalid_delegation", "message": say}])

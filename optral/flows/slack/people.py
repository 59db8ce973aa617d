"""Who presses a button: the member with the email address that Slack has confirmed, with the rights of this moment.

Only people of the workspace count: in a channel shared with another company, the addresses of its people are what that company says.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optral.access import delegations_service, people_service, policy, rights
from optral.clusters import service as clusters
from optral.store.transaction import Transaction
from optral.terms.actor import Actor

ADDRESS = "slack"
"""Of requests from Slack, as audit records show it."""


def email_of(user: Mapping[str, Any], *, team_id: str) -> str | None:
    """The confirmed address of a user as `users.info` describes it; None for bots, guests of other workspaces and those who left."""
    is_ours = user.get("team_id") == team_id and not user.get("is_stranger")
    if not is_ours or user.get("deleted") or user.get("is_bot") or not user.get("is_email_confirmed"):
        return None
    email = (user.get("profile") or {}).get("email")
    return email if isinstance(email, str) and "@" in email else None


def actor_of(tx: Transaction, email: str) -> Actor | None:
    """The member with this address as they may act now; None for nobody. Raises `Forbidden` where only some networks are allowed."""
    member = delegations_service.find_member(tx, email)
    if member is None or member.removed_at is not None:
        return None
    policy.check_address(ADDRESS, people_service.sign_in_policy(tx).session_networks)
    found = rights.person(tx, member.id, labelled=clusters.labelled)
    return None if found is None else replace(found, address=ADDRESS)

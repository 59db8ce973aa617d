"""What an identity provider gives a member: by the claims of an ID token at a sign-in, or by the groups that it provisions."""

from collections.abc import Mapping
from typing import Any

from optral.access import provided
from optral.access.bindings import BindingSettings
from optral.access.model import Member
from optral.access.service import audit
from optral.flows.people import bindings
from optral.identity import model
from optral.identity.model import Provider
from optral.store.transaction import Transaction
from optral.terms.actor import Role


def give(tx: Transaction, provider: Provider, member: Member, claims: Mapping[str, Any]) -> bool:
    """Replace what the provider gave before by what its rules give now; whether the member has access.

    Owners keep their role: one of them must be able to change the rules. Without rules, people decide in Optral.
    """
    if member.role is Role.OWNER or not provider.rules:
        return True
    found = model.rights(provider.parsed_rules(), claims)
    wanted = [
        BindingSettings(role=one.role, clusters=one.clusters, namespaces=one.namespaces, cluster_labels=one.cluster_labels)
        for one in found.bindings
    ]
    if provided.give(tx, member, provider_id=provider.id, role=found.role, wanted=wanted):
        bindings.settle(tx, member, because="member.rights")
        detail = {"email": member.email, "provider": provider.id, "role": found.role, "bindings": len(wanted)}
        audit(tx, action="member.rights", target=member.id, detail=detail)
    return found.role is not None or bool(wanted)

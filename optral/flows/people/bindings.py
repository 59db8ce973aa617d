"""What members may do where: bind, unbind, limit and lift the limit, each with its audit record and event."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from optral.access import bindings_service as access, people_service
from optral.access.bindings import Binding, BindingSettings
from optral.access.model import Member
from optral.access.people import Proof
from optral.access.service import audit
from optral.clusters import service as clusters
from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows.people import leaving, members
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid


def bind(tx: Transaction, user_id: str, given: BindingSettings, *, named: Sequence[str] | None = None, proof: Proof | None) -> Binding:
    """Bind a member to a role in some places. `named`: its clusters by id or name. Raises as `access.bind` does, and `Invalid` for an
    unknown cluster."""
    known = None if named is None else frozenset(named_cluster(tx, one) for one in named)
    before, made = access.bind(tx, user_id, replace(given, clusters=known), proof=proof)
    settle(tx, before, because="member.bind")
    detail = {"email": before.email, "binding": made.id, **_detail(made), "wasLimited": before.is_limited}
    audit(tx, action="member.bind", target=user_id, detail=detail)
    return made


def unbind(tx: Transaction, user_id: str, binding_id: str) -> Binding:
    """Remove a binding of a member, who stays limited. Raises as `access.unbind` does."""
    gone = access.unbind(tx, user_id, binding_id)
    member = people_service.member(tx, user_id)
    settle(tx, member, because="member.unbind")
    audit(tx, action="member.unbind", target=user_id, detail={"email": member.email, "binding": gone.id, **_detail(gone)})
    return gone


def set_limited(tx: Transaction, user_id: str, *, is_limited: bool, proof: Proof | None) -> Member:
    """Limit a member to its bindings, or lift the limit, which removes them. What is so already does not change."""
    before = people_service.member(tx, user_id)
    if before.is_limited is is_limited:
        return before
    removed = 0
    if is_limited:
        access.limit(tx, user_id)
    else:
        removed = len(access.lift(tx, user_id, proof=proof))
    settle(tx, before, because="member.limit" if is_limited else "member.lift")
    detail = {"email": before.email, "role": before.role, "removed": removed}
    audit(tx, action="member.limit" if is_limited else "member.lift", target=user_id, detail=detail)
    return people_service.member(tx, user_id)


def named_cluster(tx: Transaction, given: str) -> str:
    """The id of the cluster of this id or name. Raises `Invalid`."""
    if (found := clusters.resolve(tx, given)) is None:
        say = f"there is no cluster {given[:64]}"
        raise Invalid("invalid_binding", say=say, errors=[{"field": "clusters", "code": "unknown_cluster", "message": say}])
    return found


def _detail(one: Binding) -> dict[str, Any]:
    return {
        "role": one.role,
        "clusters": None if one.clusters is None else sorted(one.clusters),
        "namespaces": None if one.namespaces is None else sorted(one.namespaces),
        "clusterLabels": None if one.cluster_labels is None else dict(one.cluster_labels),
        "endsAt": None if one.ends_at is None else one.ends_at.isoformat(),
    }


def settle(tx: Transaction, member: Member, *, because: str) -> None:
    """After a change of what a member may do: end the invitations that it can no longer make, review its triggers, and write the event."""
    members.audit_void(tx, people_service.end_invites_of(tx, member.id), because=because)
    leaving.review(tx, member.id, because=because)
    events.append(tx, [NewEvent("member.updated", None, member.id, {"id": member.id, "email": member.email, "by": tx.actor.id})])

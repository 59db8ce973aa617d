"""What ends with a membership, or with some of its rights, apart from the member's own access: what they were shown and could go on using.

A fleet token enrolls clusters for whoever holds it, and the secret of a trigger starts a runbook for whoever signs with it. Both outlive
sessions and keys, so they end here: clusters that are connected stay so, and a trigger that was saved by a colleague fires again once
somebody rolls its secret.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from optral.access import delegations_service, people_service as access, rights as may
from optral.access.model import Member
from optral.clusters import enrollment_service as enrollment, fleet_service as fleets, service as clusters
from optral.clusters.enrollment_service import OpenToken
from optral.clusters.fleet import FleetToken
from optral.flows.clusters import fleet, manage
from optral.flows.executions import control
from optral.flows.triggers import rights
from optral.forges import service as forges
from optral.forges.model import Forge
from optral.kit.paging import PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionFilter, ExecutionStatus
from optral.store.transaction import Transaction
from optral.triggers import service as triggers
from optral.triggers.model import Trigger
from optral.webhooks import service as webhooks
from optral.webhooks.model import Webhook

ENROLLS = "clusters:write"
_ALL = PageRequest(size=1000)


class Named(NamedTuple):
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What a removal ends or blocks, and at the end what it leaves: `webhooks` and `forges` that the member created work on, and hold a
    secret that the member was shown or entered."""

    sessions: int
    keys: int
    invites: int
    delegations: int
    fleet_tokens: Sequence[Named]
    enrollment_tokens: Sequence[Named]
    """The clusters that they are for."""
    triggers: Sequence[Named]
    webhooks: Sequence[Named]
    forges: Sequence[Named]
    executions: Sequence[Named]
    """Those that the member requested and that wait for approval; the name says the runbook and what it is run on."""


def preview(tx: Transaction, user_id: str) -> tuple[Member, Leaving]:
    """What `members.remove` would end now. Raises `NotFound`."""
    member = access.member(tx, user_id)
    made_by = access.identities(tx, user_id)
    found = Leaving(
        sessions=len(access.session_ids(tx, user_id)),
        keys=len(access.usable_keys(tx, user_id)),
        invites=sum(invite.created_by == user_id for invite in access.open_invites(tx)),
        delegations=len(delegations_service.of_member(tx, user_id)),
        fleet_tokens=_named(_fleet_tokens(tx, made_by)),
        enrollment_tokens=[_cluster(tx, token.cluster_id) for token in _enrollment_tokens(tx, made_by)],
        triggers=_named(triggers.of_person(tx, user_id)),
        webhooks=_named(one for one in webhooks.find(tx, _ALL) if one.created_by in made_by),
        forges=_named(one for one in forges.find(tx) if one.created_by in made_by),
        executions=[Named(one.id, f"{one.runbook_slug} on {_target(one)}") for one in _plans(tx, user_id)],
    )
    return member, found


def end(tx: Transaction, user_id: str, *, because: str) -> None:
    """After a removal: nothing that the member holds enrolls a cluster or starts a runbook."""
    why = "a member who was shown its secret was removed; create a new secret"
    rights.distrust(tx, [one for one in triggers.of_person(tx, user_id, lock=True) if one.secret_by == user_id], why)
    rights.review(tx, user_id)
    for one in _plans(tx, user_id):
        control.cancel(tx, one.id, reason="the member who requested it was removed")
    made_by = access.identities(tx, user_id)
    _end_tokens(tx, _fleet_tokens(tx, made_by), _enrollment_tokens(tx, made_by), because=because)


def review(tx: Transaction, user_id: str, *, because: str) -> None:
    """After a change of what a member may do: end what they could not make now."""
    rights.review(tx, user_id)
    holder = may.actor_with(tx, user_id, ENROLLS, labelled=clusters.labelled)
    made_by = access.identities(tx, user_id)
    is_whole = holder is not None and holder.reach is None
    fleet_tokens = [] if is_whole else _fleet_tokens(tx, made_by)
    tokens = [token for token in _enrollment_tokens(tx, made_by) if holder is None or not holder.reaches([token.cluster_id])]
    _end_tokens(tx, fleet_tokens, tokens, because=because)


def _plans(tx: Transaction, user_id: str) -> list[Execution]:
    """Nobody approves what somebody requested who has left."""
    waiting = ExecutionFilter(statuses=frozenset({ExecutionStatus.PENDING_APPROVAL.value}))
    return [one for one in runbooks.find_executions(tx, waiting, _ALL) if one.requested_by == user_id]


def _target(one: Execution) -> str:
    return "/".join(str(part) for name in ("namespace", "name") if (part := one.target.get(name)))


def _end_tokens(tx: Transaction, fleet_tokens: Iterable[FleetToken], tokens: Sequence[OpenToken], *, because: str) -> None:
    for token in fleet_tokens:
        fleet.revoke(tx, token.id, because=because)
    manage.end_enrollment_tokens(tx, tokens, because=because)


def _fleet_tokens(tx: Transaction, made_by: frozenset[str]) -> list[FleetToken]:
    return [one for one in fleets.live(tx) if one.created_by in made_by]


def _enrollment_tokens(tx: Transaction, made_by: frozenset[str]) -> list[OpenToken]:
    return [token for token in enrollment.open_tokens(tx) if token.created_by in made_by]


def _cluster(tx: Transaction, cluster_id: str) -> Named:
    return Named(cluster_id, clusters.names(tx, [cluster_id]).get(cluster_id, cluster_id))


def _named(found: Iterable[FleetToken | Trigger | Webhook | Forge]) -> list[Named]:
    return [Named(one.id, one.name) for one in found]

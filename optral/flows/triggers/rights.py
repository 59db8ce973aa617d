"""The member a trigger acts for, with the rights that the member has at the moment of the firing, and the member who knows its secret."""

from collections.abc import Iterable

from optral.access import rights as access
from optral.clusters import service as clusters
from optral.flows.triggers import trigger_events
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Refused
from optral.triggers import model, service as triggers
from optral.triggers.model import Block, Trigger

SCOPE = "runbooks:execute"
NO_RIGHTS = "the member it acts for was removed or may not run runbooks; a member who may must save it again"
UNSAFE = "the member who was shown its secret was removed or may not run runbooks in its cluster; roll the secret"


def actor_of(tx: Transaction, trigger: Trigger) -> Actor | None:
    """The member it acts for, as they would act now, in the places where they may run runbooks; None if that is nowhere."""
    return access.actor_with(tx, trigger.acts_for, SCOPE, labelled=clusters.labelled)


def is_secret_safe(tx: Transaction, trigger: Trigger) -> bool:
    """Whether the member who was shown the secret may still run runbooks in the trigger's cluster."""
    if trigger.secret_by is None or access.lost_nothing(tx, trigger.secret_by):
        return True
    holder = access.actor_with(tx, trigger.secret_by, SCOPE, labelled=clusters.labelled)
    return holder is not None and (trigger.cluster_id is None or holder.may_see_cluster(trigger.cluster_id))


def check_secret(tx: Transaction, trigger: Trigger) -> None:
    """Raises `Refused("secret_not_trusted")` for a trigger whose secret somebody may know who may not start its runbook."""
    if trigger.block is Block.SECRET or not is_secret_safe(tx, trigger):
        raise not_trusted(trigger)


def not_trusted(trigger: Trigger) -> Refused:
    say = f"the secret of the trigger {trigger.name} is no longer trusted; create a new one: optral triggers roll {trigger.id}"
    return Refused("secret_not_trusted", say=say, log=trigger.block_reason or UNSAFE)


def review(tx: Transaction, user_id: str) -> None:
    """After a change of a member: block the triggers that act for them without the right, and unblock those that have it again."""
    for trigger in triggers.of_person(tx, user_id, lock=True):
        settle(tx, trigger, has_rights=actor_of(tx, trigger) is not None)


def distrust(tx: Transaction, found: Iterable[Trigger], why: str) -> list[Trigger]:
    """Block these triggers until somebody rolls their secrets; returns those that were not blocked for this before."""
    news = [triggers.save(tx, one, model.without_trust(one, why)) for one in found if one.block is not Block.SECRET]
    for one in news:
        trigger_events.emit(tx, one, action="trigger.block")
    return news


def settle(tx: Transaction, trigger: Trigger, *, has_rights: bool) -> Trigger:
    """Block or unblock a trigger by the rights of its person, and of the one who knows its secret."""
    after = judged(tx, trigger, has_rights=has_rights)
    if after.block is trigger.block:
        return trigger
    after = triggers.save(tx, trigger, after)
    trigger_events.emit(tx, after, action="trigger.unblock" if after.block is None else "trigger.block")
    return after


def judged(tx: Transaction, trigger: Trigger, *, has_rights: bool) -> Trigger:
    """The trigger as it is blocked, or not, by these rights. Rights that come back do not end the distrust of a secret."""
    if trigger.block is Block.SECRET:
        return trigger
    if not has_rights:
        return trigger if trigger.block is Block.RIGHTS else model.without_rights(trigger, NO_RIGHTS)
    after = model.unblocked(trigger) if trigger.block is Block.RIGHTS else trigger
    return after if is_secret_safe(tx, after) else model.without_trust(after, UNSAFE)

"""The member a trigger acts for, with the rights that the member has at the moment of the firing."""

from optral.access import rights as access
from optral.clusters import service as clusters
from optral.flows.triggers import trigger_events
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.triggers import model, service as triggers
from optral.triggers.model import Block, Trigger

SCOPE = "runbooks:execute"


def actor_of(tx: Transaction, trigger: Trigger) -> Actor | None:
    """The member it acts for, as they would act now, in the places where they may run runbooks; None if that is nowhere."""
    return access.actor_with(tx, trigger.acts_for, SCOPE, labelled=clusters.labelled)


def review(tx: Transaction, user_id: str) -> None:
    """After a change of a member: block the triggers that act for them without the right, and unblock those that have it again."""
    for trigger in triggers.of_person(tx, user_id):
        settle(tx, trigger, has_rights=actor_of(tx, trigger) is not None)


def settle(tx: Transaction, trigger: Trigger, *, has_rights: bool) -> Trigger:
    """Block or unblock a trigger by the rights of its person."""
    if has_rights is (trigger.block is not Block.RIGHTS):
        return trigger
    why = "the member it acts for was removed or may not run runbooks; a member who may must save it again"
    after = triggers.save(tx, trigger, model.unblocked(trigger) if has_rights else model.without_rights(trigger, why))
    trigger_events.emit(tx, after, action="trigger.unblock" if has_rights else "trigger.block")
    return after

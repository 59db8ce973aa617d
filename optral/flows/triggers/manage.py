"""Triggers as people change them: the package's work with its event and audit record. A trigger acts for the member who changed it last."""

from dataclasses import replace

from optral import detectors
from optral.access.model import require
from optral.analysis import causes
from optral.clusters import service as clusters
from optral.events import service as events
from optral.flows.executions.start import principal
from optral.flows.triggers import rights, trigger_events
from optral.kit import records
from optral.kit.hub import ANY
from optral.kit.records import Change
from optral.kube.names import nearest
from optral.runbooks import service as runbooks
from optral.runbooks.language import parameters
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Invalid
from optral.triggers import model, service as triggers
from optral.triggers.model import Match, Source, Trigger, TriggerSettings


def create(tx: Transaction, given: TriggerSettings, *, key: bytes) -> tuple[Trigger, str | None]:
    """A new trigger that acts for the caller, and its secret if it has one, shown this once.

    Raises `Forbidden` without the right to run runbooks, `NotFound`, `Invalid`, `Refused("too_many_triggers")`.
    """
    require(tx.actor, rights.SCOPE)
    made = records.extended(
        Trigger,
        replace(given, runbook=runbooks.get(tx, given.runbook).slug),
        id=ids.new("trg"),
        cursor=events.head(tx),
        active_since=tx.now,
        acts_for=principal(tx),
        created_by=tx.actor.id,
        created_at=tx.now,
        updated_at=tx.now,
    )
    _check_match(made.match)
    _check_parameters(tx, made)
    made, secret = triggers.create(tx, made, key=key)
    tx.publish(triggers.DUE, ANY)
    trigger_events.emit(tx, made, action="trigger.create")
    return made, secret


def _check_match(match: Match) -> None:
    """Raises `Invalid("invalid_trigger")` for a type or a cause that there is none of: the trigger would never fire, in silence."""
    for field, what, given, known in (
        ("match.types", "issue type", match.types, detectors.BY_TYPE),
        ("match.causes", "cause", match.causes, causes.BY_ID),
    ):
        if (unknown := next((one for one in given if one not in known), None)) is not None:
            meant = nearest(unknown, known)
            say = f"there is no {what} {unknown[:64]!r}" + ("" if meant is None else f"; did you mean {meant}?")
            raise Invalid("invalid_trigger", say=say, errors=[{"field": field, "code": "invalid_trigger", "message": say}])


def _check_parameters(tx: Transaction, made: Trigger) -> None:
    """Raises `Invalid` for parameters that the runbook does not have, and of a schedule, for every mistake."""
    model.check(made)
    definition = runbooks.get(tx, made.runbook).definition
    known = {parameter.name for parameter in definition.parameters}
    if made.source is Source.SCHEDULE:
        parameters.check(definition, made.parameters, {})
    for field, names in (("parameters", made.parameters), ("accepts", made.accepts)):
        if unknown := [name for name in names if name not in known]:
            say = f"{made.runbook} has no parameter {unknown[0][:64]}; its parameters: {', '.join(sorted(known)) or 'none'}"
            raise Invalid("invalid_parameters", say=say, errors=[{"field": field, "code": "unknown_parameter", "message": say}])
    if made.cluster_id is not None:
        clusters.get(tx, made.cluster_id)


def change(tx: Transaction, trigger_id: str, wanted: Change[Trigger], *, if_version: int | None = None) -> Trigger:
    """From now on it acts for the caller. Raises as `create`, `Stale`."""
    require(tx.actor, rights.SCOPE)
    before = triggers.get(tx, trigger_id, lock=True)
    after = wanted(before)
    if after.runbook != before.runbook:
        after = replace(after, runbook=runbooks.get(tx, after.runbook).slug)
    if after.match != before.match:
        _check_match(after.match)
    if after == before and before.acts_for == principal(tx):
        return triggers.change(tx, before, after, if_version=if_version)
    after = replace(after, acts_for=principal(tx))
    after = rights.judged(tx, after, has_rights=True)
    if after.is_enabled and not before.is_enabled:
        triggers.skip_events(tx, before, up_to=events.head(tx))
        after = replace(after, active_since=tx.now)
    _check_parameters(tx, after)
    after = triggers.change(tx, before, after, if_version=if_version)
    trigger_events.emit(tx, after, action="trigger.update", detail={"isEnabled": after.is_enabled})
    return after


def unblock(tx: Transaction, trigger_id: str) -> Trigger:
    """Let a trigger that failed too often fire again. Raises `NotFound`, `Stale`, `Refused("secret_not_trusted")`."""
    before = triggers.get(tx, trigger_id, lock=True)
    if before.block is model.Block.SECRET:
        raise rights.not_trusted(before)
    if before.block is not model.Block.FAILURES and not before.failures:
        return before
    after = triggers.save(tx, before, model.unblocked(before))
    tx.publish(triggers.DUE, ANY)
    trigger_events.emit(tx, after, action="trigger.unblock")
    return after


def roll(tx: Transaction, trigger_id: str, *, key: bytes) -> tuple[Trigger, str]:
    """A new secret, shown this once; whoever knows it decides what starts, so the trigger then acts for the caller.

    Raises as `triggers.roll`, and `Forbidden` without the right to run runbooks.
    """
    require(tx.actor, rights.SCOPE)
    made, secret = triggers.roll(tx, trigger_id, by=principal(tx), key=key)
    trigger_events.emit(tx, made, action="trigger.roll")
    return made, secret


def delete(tx: Transaction, trigger_id: str, *, if_version: int | None = None) -> Trigger:
    """Delete a trigger with its firings; its executions stay. Raises `NotFound`, `Stale`."""
    gone = triggers.delete(tx, trigger_id, if_version=if_version)
    trigger_events.emit(tx, gone, action="trigger.delete")
    return gone

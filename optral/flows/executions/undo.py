"""Takes back what an execution changed, and runs an execution again.

An undo is an ordinary execution with steps of its own (`runbooks/executions/reversal.py`): planned, approved under the same rule, checked
before each change, applied at most once and verified. A step with `onError: rollback` that fails starts one by itself.
"""

from collections.abc import Sequence
from dataclasses import replace

from optral.clusters import service as clusters
from optral.flows.executions.checks import is_shown
from optral.flows.executions.inventory import find_object, manifest_of
from optral.flows.executions.persistence import persist
from optral.flows.executions.start import Request, launch, repeated, start
from optral.issues import service as issues
from optral.runbooks import service as runbooks
from optral.runbooks.executions import reversal
from optral.runbooks.executions.effects import Decision, Progress, StartUndo
from optral.runbooks.language import parameters
from optral.runbooks.language.definition import Definition
from optral.runbooks.model import Execution, LogLine, Runbook, Step, StepState
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound, OptralError, Refused


def undo(tx: Transaction, execution_id: str, *, reason: str = "", break_glass: str = "") -> Execution:
    """Start the way back to the values from before an execution, or return the undo that runs already.

    Raises `NotFound`; `Refused`: "not_undoable", "already_undone", "object_changed", and as `start` does.
    """
    progress = Progress(runbooks.get_execution(tx, execution_id), runbooks.steps(tx, execution_id))
    old = progress.execution
    reversal.require_undoable(progress)
    definition = reversal.definition_of(progress)
    if (done := runbooks.finished_undo(tx, old.id)) is not None:
        raise Refused("already_undone", say=f"{done} has undone this execution already", executionId=done)
    _check_unchanged(tx, old, progress.steps)
    return _launch(tx, old, definition, _request(old, reason or f"undo of {old.id}", break_glass=break_glass))


def carry_out(tx: Transaction, decision: Decision) -> Execution:
    """Write a decision, and start the way back when it belongs to it."""
    after = persist(tx, decision)
    for effect in decision.effects:
        if isinstance(effect, StartUndo):
            after = _roll_back(tx, after, effect.reason)
    return after


def _roll_back(tx: Transaction, old: Execution, reason: str) -> Execution:
    """Start the automatic undo of an execution that has just ended. When that is refused, the execution says why."""
    progress = Progress(old, runbooks.steps(tx, old.id))
    try:
        restored = {step.object for step in reversal.way_back(progress.steps).restored}
        _check_unchanged(tx, old, [step for step in progress.steps if step.object in restored])
        request = _request(old, reason, requested_by=old.requested_by, break_glass=old.break_glass or "", is_covered=True)
        back = _launch(tx, old, reversal.automatic(progress), request)
    except OptralError as error:
        said, line = {"refused": error.say}, LogLine("error", None, f"The rollback did not start: {error.say}")
    else:
        said, line = {"executionId": back.id}, LogLine("info", None, f"The rollback is {back.id}")
    failure = dict(old.failure or {})
    return runbooks.save(tx, replace(old, failure=failure | {"rollback": {**failure["rollback"], **said}}), log=[line])


def _request(old: Execution, reason: str, *, break_glass: str, requested_by: str | None = None, is_covered: bool = False) -> Request:
    return Request(
        runbook=old.runbook_id,
        cluster=old.cluster_id,
        parameters=old.parameters,
        allow_drift=old.allow_drift,
        reason=reason,
        undo_of=old.id,
        requested_by=requested_by,
        break_glass=break_glass,
        is_covered=is_covered,
    )


def _launch(tx: Transaction, old: Execution, definition: Definition, request: Request) -> Execution:
    try:
        issue = None if old.issue_id is None else issues.get(tx, old.issue_id)
    except NotFound:
        issue = None
    bindings = parameters.bind(definition, {}, {})
    return launch(tx, request, _pinned(old, definition), clusters.get(tx, old.cluster_id), issue, old.parameters, bindings)


def _pinned(old: Execution, definition: Definition) -> Runbook:
    """The runbook of the execution with the steps of the way back; also of one that was deleted or disabled since."""
    return Runbook(id=old.runbook_id, version=old.runbook_version, definition=replace(definition, slug=old.runbook_slug))


def _check_unchanged(tx: Transaction, old: Execution, steps: Sequence[Step]) -> None:
    """Raises `Refused("object_changed")` when the inventory already shows it; the plan checks it against the cluster itself."""
    for ref, left in reversal.last_values(steps).items():
        changes = [step for step in steps if step.object == ref and step.is_write and step.state is StepState.SUCCEEDED]
        found = find_object(tx, old.cluster_id, ref)
        if found is None or found.uid != ref.uid:
            raise Refused("object_changed", say=f"{ref} is gone or was replaced by another object of the same name")
        if any(step.verb == "rollback" for step in changes) or not is_shown(changes[-1], found):
            continue  # a whole pod template is compared by the dry run
        if (why := reversal.moved(ref, left, manifest_of(tx, found.id))) is not None:
            raise Refused("object_changed", say=why)


def again(tx: Transaction, execution_id: str, *, reason: str = "", break_glass: str = "") -> Execution:
    """Start the same runbook with the same parameters, at its present version; of a dry run, another dry run.

    Raises `NotFound`, `Refused("not_repeatable")`, and as `start` does.
    """
    old = runbooks.get_execution(tx, execution_id)
    if not old.status.is_final:
        raise Refused("not_repeatable", say=f"the execution is {old.status.value}; wait until it ends")
    if old.undo_of is not None:
        raise Refused("not_repeatable", say="this execution is an undo; run the runbook again, or undo the other execution again")
    return start(tx, replace(repeated(old, reason, break_glass), dry_run=old.dry_run))

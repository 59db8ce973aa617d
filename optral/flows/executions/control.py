"""What people do with executions that exist: approve, reject, cancel, retry, and pause them all. `start.py` begins one.

Each function locks the execution, lets `runbooks/executions/requests.py` decide, and writes the decision.
"""

from dataclasses import replace

from optral.access import delegations_service, people, service as access
from optral.commands import service as commands
from optral.flows.executions import approvals, guarding, undo
from optral.flows.executions.persistence import persist
from optral.flows.executions.start import principal, repeated, start
from optral.runbooks import service as runbooks
from optral.runbooks.executions import requests
from optral.runbooks.executions.effects import Progress
from optral.runbooks.executions.requests import Person
from optral.runbooks.model import Execution, Switch
from optral.store.transaction import Transaction
from optral.terms.errors import Refused


def approve(
    tx: Transaction, execution_id: str, *, reason: str = "", confirm: str = "", plan_hash: str | None = None, break_glass: str = ""
) -> Execution:
    """Approve an execution's plan. With the reason `break_glass`, it goes on without the approvals that are missing.

    Raises `NotFound`; `Forbidden("confirmation_required")` for a person who typed the password long ago; as `requests.approve` and
    `requests.break_glass` do.
    """
    people.require_confirmed(tx.actor, tx.now)
    progress = _lock(tx, execution_id)
    by = _person(tx, break_glass or reason)
    panel = approvals.panel(tx, progress.execution, by)
    if break_glass:
        approvals.require_break_glass(tx, progress.execution, by.member_id)
        return persist(tx, requests.break_glass(progress, by, plan_hash=plan_hash, panel=panel, now=tx.now))
    return persist(tx, requests.approve(progress, by, confirm=confirm, plan_hash=plan_hash, panel=panel, now=tx.now))


def approve_on_behalf(tx: Transaction, execution_id: str, member: str, *, reason: str = "", plan_hash: str | None = None) -> Execution:
    """Approve an execution's plan with the right of a member (id or email address) who delegated it to the person who is signed in.

    Raises as `approve`; `Forbidden("not_delegated")`, `Forbidden("delegator_may_not_approve")`.
    """
    people.require_confirmed(tx.actor, tx.now)
    progress = _lock(tx, execution_id)
    found = delegations_service.find_member(tx, member)
    by = _person(tx, reason)._replace(on_behalf_of=member if found is None else found.id)
    approvals.require_delegation(tx, progress.execution, by, member=member)
    panel = approvals.panel(tx, progress.execution, by)
    return persist(tx, requests.approve(progress, by, confirm="", plan_hash=plan_hash, panel=panel, now=tx.now))


def reject(tx: Transaction, execution_id: str, *, reason: str = "") -> Execution:
    """Reject an execution's plan. Raises `NotFound`, `Refused("not_pending")`."""
    return undo.carry_out(tx, requests.reject(_lock(tx, execution_id), _person(tx, reason), now=tx.now))


def cancel(tx: Transaction, execution_id: str, *, reason: str = "", leaves_open: bool = False) -> Execution:
    """Cancel: at once when nothing has begun, else when the present step has ended. Raises `NotFound`, `Refused("execution_finished")`.

    Its pull request, if it has one, is closed unless `leaves_open`.
    """
    return persist(tx, requests.cancel(_lock(tx, execution_id), _person(tx, reason), now=tx.now, leaves_open=leaves_open))


def retry(tx: Transaction, execution_id: str, *, reason: str = "", break_glass: str = "") -> Execution:
    """Start again with the same parameters, from the step that did not succeed: what was done is not done again.

    Raises `NotFound`, `Refused("not_retryable")`, and as `start` does.
    """
    before = Progress(runbooks.get_execution(tx, execution_id), runbooks.steps(tx, execution_id))
    requests.require_retryable(before)
    old = before.execution
    if old.undo_of is not None:
        return undo.undo(tx, old.undo_of, reason=reason or old.reason, break_glass=break_glass)
    after = start(tx, replace(repeated(old, reason, break_glass), retry_of=old.id))
    if after.runbook_version == old.runbook_version and after.retry_of == old.id:
        skipped, unneeded = requests.take_over(before, Progress(after, runbooks.steps(tx, after.id)), now=tx.now)
        for command in unneeded:
            commands.cancel(tx, command.command_id, reason=command.reason)
        runbooks.save_steps(tx, skipped)
    return after


def propose(tx: Transaction, execution_id: str, *, reason: str = "") -> Execution:
    """Start the same runbook with the same parameters as a pull request to the repository that Argo CD or Flux applies.

    Raises `NotFound`, `Refused("not_repeatable")`, and as `start` does.
    """
    old = runbooks.get_execution(tx, execution_id)
    if not old.status.is_final:
        raise Refused("not_repeatable", say=f"the execution is {old.status.value}; wait until it ends")
    if old.undo_of is not None:
        raise Refused("not_repeatable", say="this execution is an undo; change the files in the repository yourself")
    return start(tx, replace(repeated(old, reason), allow_drift=False, by_pull_request=True))


def pause(tx: Transaction, *, is_paused: bool, reason: str = "") -> Switch:
    """Stop every execution of the organization before its next change, or let them go on."""
    switch = runbooks.set_switch(tx, is_paused=is_paused, by=principal(tx), reason=reason)
    guarding.announce(tx, "executions")
    access.audit(tx, action="executions.pause" if is_paused else "executions.resume", target=tx.org_id, detail={"reason": reason})
    return switch


def _lock(tx: Transaction, execution_id: str) -> Progress:
    return Progress(runbooks.get_execution(tx, execution_id, lock=True), runbooks.steps(tx, execution_id))


def _person(tx: Transaction, reason: str) -> Person:
    return Person(principal(tx), tx.actor.id, reason)

"""The stop of everything: pauses the executions of an organization and cancels those that have not finished, in one transaction.

A command that no agent has fetched ends at once; the agent is asked to cancel the others. A request that is already at the API server ends
first, and its step says what it changed. An execution that verifies has made its last change and goes on. Pull requests stay open.
"""

from typing import NamedTuple

from optral.access import service as access
from optral.flows.executions import guarding
from optral.flows.executions.persistence import persist
from optral.flows.executions.start import principal
from optral.runbooks import service as runbooks
from optral.runbooks.executions import requests
from optral.runbooks.executions.effects import Progress
from optral.runbooks.executions.requests import Person
from optral.runbooks.model import Execution, Switch
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid

MAX_CANCELED = 200
"""Of one stop, those that have begun first. The pause holds the others."""


class Stopped(NamedTuple):
    """`held`: how many more executions wait for the end of the pause."""

    switch: Switch
    canceled: list[Execution]
    held: int


def stop(tx: Transaction, *, reason: str) -> Stopped:
    """Pause all executions and cancel the present ones. Raises `Invalid("reason_needed")`."""
    if len(reason.strip()) < 3:
        say = "give the reason for the stop, at least 3 characters"
        raise Invalid("reason_needed", say=say, errors=[{"field": "reason", "code": "reason_needed", "message": say}])
    switch = runbooks.set_switch(tx, is_paused=True, by=principal(tx), reason=reason)
    found = runbooks.stoppable(tx, limit=MAX_CANCELED + 1)
    by = Person(principal(tx), tx.actor.id, reason)
    canceled = [_cancel(tx, execution_id, by) for execution_id in found[:MAX_CANCELED]]
    held = runbooks.count_stoppable(tx) if len(found) > MAX_CANCELED else 0
    guarding.announce(tx, "executions")
    access.audit(
        tx, action="executions.stop", target=tx.org_id, detail={"reason": reason, "canceled": [one.id for one in canceled], "held": held}
    )
    return Stopped(switch, canceled, held)


def _cancel(tx: Transaction, execution_id: str, by: Person) -> Execution:
    progress = Progress(runbooks.get_execution(tx, execution_id, lock=True), runbooks.steps(tx, execution_id))
    if progress.execution.status.is_final:
        return progress.execution  # ended since it was listed
    return persist(tx, requests.cancel(progress, by, now=tx.now, leaves_open=True))

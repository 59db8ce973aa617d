"""What the condition of a step is judged by: the object in the inventory, the issue, and the parameters."""

from collections.abc import Mapping
from typing import Any

from optral.flows.executions.checks import is_shown, why_unobservable
from optral.flows.executions.inventory import find_object, issue_facts, manifest_of
from optral.issues import service as issues
from optral.runbooks.executions.effects import Progress
from optral.runbooks.language.conditions import Facts
from optral.runbooks.model import Step, StepState
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound


def facts_for(tx: Transaction, progress: Progress, step: Step) -> Facts:
    """What is known now."""
    return Facts(_manifest(tx, progress, step), _issue(tx, progress.execution.issue_id), progress.execution.parameters)


def _manifest(tx: Transaction, progress: Progress, step: Step) -> Mapping[str, Any] | None:
    """The object; empty when it does not exist, None when the inventory cannot tell, or does not show the changes of this execution yet."""
    cluster_id = progress.execution.cluster_id
    if why_unobservable(tx, cluster_id) is not None:
        return None
    if (found := find_object(tx, cluster_id, step.object)) is None:
        return {}
    written = [one for one in progress.steps if one.is_write and one.state is StepState.SUCCEEDED and _is_same(one, step)]
    is_current = not found.stale and all(is_shown(one, found) for one in written)
    return manifest_of(tx, found.id) if is_current else None


def _is_same(one: Step, other: Step) -> bool:
    return (one.kind, one.namespace or "", one.object_name) == (other.kind, other.namespace or "", other.object_name)


def _issue(tx: Transaction, issue_id: str | None) -> dict[str, Any]:
    try:
        return {} if issue_id is None else issue_facts(issues.get(tx, issue_id))
    except NotFound:
        return {}

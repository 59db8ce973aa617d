"""Which runbooks the page of an issue offers."""

from collections.abc import Collection

from optral.clusters import service as clusters
from optral.flows.executions import start
from optral.issues.model import Issue
from optral.kit.paging import MAX_SIZE, PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.language import parameters
from optral.runbooks.language.definition import Definition
from optral.runbooks.model import PROTECTED_NAMESPACES, Runbook, RunbookFilter
from optral.store.transaction import Transaction


def find(tx: Transaction, issue: Issue) -> list[Runbook]:
    """The enabled runbooks for this type of issue, by name, without those that `start` refuses for its object and this actor."""
    wanted = RunbookFilter(issue_types=frozenset({issue.type}), among=clusters.visible_names(tx))
    names = {issue.cluster_id, clusters.standing(tx, issue.cluster_id).name}
    found = runbooks.find(tx, wanted, PageRequest(size=MAX_SIZE, descending=False))
    return [one for one in found if one.is_enabled and _suits(tx, one.definition, names, issue)]


def _suits(tx: Transaction, definition: Definition, names: Collection[str], issue: Issue) -> bool:
    if definition.clusters and not set(definition.clusters).intersection(names):
        return False
    places = [*parameters.places(definition, {"target": start.target_of(issue)})]
    namespaces = {issue.namespace, *(namespace for _, namespace in places)} - {None}
    return (
        (not definition.namespaces or namespaces <= set(definition.namespaces))
        and all(tx.actor.may_see(issue.cluster_id, namespace) for _, namespace in places)
        and not any(step.is_write and namespace in PROTECTED_NAMESPACES for step, namespace in places)
    )

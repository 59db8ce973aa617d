"""What the inventory knows of the objects that an execution changes, and who else manages them."""

from typing import Any

import msgspec

from optral.issues.model import Issue
from optral.kit.paging import PageRequest
from optral.resources import service as resources
from optral.resources.model import Resource, ResourceFilter
from optral.runbooks.executions import managed
from optral.runbooks.executions.managed import Manager
from optral.runbooks.model import Step
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef


def find_object(tx: Transaction, cluster_id: str, ref: ObjectRef) -> Resource | None:
    """The object of this short kind, namespace and name in the inventory."""
    fits = ResourceFilter(
        clusters=frozenset({cluster_id}),
        kinds=frozenset({ref.short_kind}),
        namespaces=frozenset({ref.namespace}) if ref.namespace else frozenset(),
        name=ref.name,
    )
    return next(iter(resources.find(tx, fits, PageRequest(size=2))), None)


def managers(tx: Transaction, cluster_id: str, step: Step, found: Resource | None) -> list[Manager]:
    """Who else manages the object of this step, and would undo or hide its change."""
    if found is None or step.verb not in managed.DRIFTING:
        return []
    autoscalers = []
    if managed.sets_replicas(step.verb, step.values):
        fits = ResourceFilter(
            clusters=frozenset({cluster_id}),
            kinds=frozenset({"HorizontalPodAutoscaler"}),
            namespaces=frozenset({step.namespace}) if step.namespace else frozenset(),
        )
        autoscalers = [manifest_of(tx, resource.id) for resource in resources.find(tx, fits, PageRequest(size=100))]
    return managed.managers_of(step.verb, manifest_of(tx, found.id) | {"kind": step.kind}, autoscalers)


def issue_facts(issue: Issue) -> dict[str, Any]:
    """What runbooks may ask about the issue that they are run for."""
    return {"type": issue.type, "severity": issue.severity.value, "status": issue.status.value}


def manifest_of(tx: Transaction, resource_id: str) -> dict[str, Any]:
    """The object as its agent last reported it."""
    return tree(resources.manifest(tx, resource_id))


def tree(raw: bytes) -> dict[str, Any]:
    """JSON of the inventory; empty for what is no object."""
    value = msgspec.json.decode(raw)
    return value if isinstance(value, dict) else {}

"""Gathers what the inventory shows around the objects that an execution changes, for the impact of its plan."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from optral.flows.executions.inventory import find_object, manifest_of, tree
from optral.kube import addresses, calls, diff, selectors
from optral.kube.kinds import LONG_RUNNING
from optral.resources import lookup
from optral.resources.lookup import FoundObject
from optral.runbooks.executions import impact
from optral.runbooks.executions.impact import ObjectContext
from optral.runbooks.model import Step
from optral.store.transaction import Transaction

MAX_READ = 200  # pods, Services, budgets and workloads of a namespace that are looked at
MAX_SHOWN = 20
BUDGET, SERVICE, POD, NODE, REPLICA_SET = "PodDisruptionBudget.policy", "Service", "Pod", "Node", "ReplicaSet.apps"
_DRAINED = re.compile(r"pods\[([^/\]]+)/([^\]]+)\]")


def of_step(tx: Transaction, cluster_id: str, step: Step, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The impact of one step that writes, by the inventory as it is now."""
    found = find_object(tx, cluster_id, step.object)
    if found is None:
        return impact.of_step(step, changes, ObjectContext(manifest={}))
    manifest = manifest_of(tx, found.id)
    pods = list(_drained(tx, cluster_id, changes) if step.kind == NODE else _pods(tx, cluster_id, step, found.uid))
    around = [
        _around(tx, cluster_id, namespace, pods, step) for namespace in sorted({pod.namespace for pod in pods} or {step.namespace or ""})
    ]
    return impact.of_step(
        step,
        changes,
        ObjectContext(
            manifest=manifest,
            pods=len(pods) if step.kind == "DaemonSet" else int(diff.at(manifest, "spec.replicas") or len(pods)),
            start_s=[seconds for pod in pods if (seconds := _start_s(tree(pod.read()))) is not None],
            budgets=[name for budgets, _ in around for name in budgets][:MAX_SHOWN],
            dependents=[name for _, dependents in around for name in dependents][:MAX_SHOWN],
        ),
    )


def _around(tx: Transaction, cluster_id: str, namespace: str, pods: Sequence[FoundObject], step: Step) -> tuple[list[str], list[str]]:
    """The budgets that select pods of a namespace, and who depends on these."""
    labels = [pod.labels for pod in pods if pod.namespace == namespace]
    budgets = [f"{namespace}/{one.name}" for one in _selecting(tx, cluster_id, BUDGET, namespace, labels)]
    selecting = [one.name for one in _selecting(tx, cluster_id, SERVICE, namespace, labels)]
    services = [step.object_name] if step.kind == SERVICE else selecting
    return budgets, _dependents(tx, cluster_id, namespace, services, but=step.object_name)


def _drained(tx: Transaction, cluster_id: str, changes: Sequence[Mapping[str, Any]]) -> Iterator[FoundObject]:
    """The pods that the dry run of a drain names."""
    for change in changes[:MAX_READ]:
        if (named := _DRAINED.match(str(change.get("path", "")))) is not None:
            found = lookup.named(tx, cluster_id, POD, named[1], named[2])
            yield from () if found is None else (found,)


def _pods(tx: Transaction, cluster_id: str, step: Step, uid: str) -> Iterator[FoundObject]:
    """The pods that the object owns, or the pod that it is."""
    if not step.namespace:
        return
    if step.kind == POD:
        found = lookup.named(tx, cluster_id, POD, step.namespace, step.object_name)
        yield from () if found is None else (found,)
        return
    for one in lookup.owned(tx, cluster_id, uid, {step.namespace})[:MAX_READ]:
        if one.kind == POD:
            yield one
        elif one.kind == REPLICA_SET:
            yield from (pod for pod in lookup.owned(tx, cluster_id, one.uid, {step.namespace})[:MAX_READ] if pod.kind == POD)


def _selecting(tx: Transaction, cluster_id: str, kind: str, namespace: str, labels: Sequence[Mapping[str, str]]) -> Iterator[FoundObject]:
    """The Services or budgets of the namespace that select one of the pods."""
    for one in lookup.every(tx, cluster_id, kind, {namespace}, limit=MAX_READ) if labels else ():
        selector = (tree(one.read()).get("spec") or {}).get("selector")
        if kind == SERVICE:
            fits = [isinstance(selector, Mapping) and bool(selector) and selectors.matches(selector, each) for each in labels]
        else:
            fits = [selectors.fits(selectors.parse(selector), each) for each in labels]
        if any(fits):
            yield one


def _start_s(pod: Mapping[str, Any]) -> float | None:
    """How long a pod took to become ready; None when it is not ready, or was not at once."""
    status = pod.get("status") or {}
    ready = next(
        (
            condition
            for condition in status.get("conditions") or ()
            if condition.get("type") == "Ready" and condition.get("status") == "True"
        ),
        None,
    )
    if ready is None or any(one.get("restartCount") for one in status.get("containerStatuses") or ()):
        return None
    try:
        began = datetime.fromisoformat(str(diff.at(pod, "metadata.creationTimestamp")))
        return max(0.0, (datetime.fromisoformat(str(ready.get("lastTransitionTime"))) - began).total_seconds())
    except (ValueError, TypeError):
        return None


def _dependents(tx: Transaction, cluster_id: str, namespace: str, services: Sequence[str], *, but: str) -> list[str]:
    """The Services in front of the pods, and the workloads of the namespace whose templates name one of them."""
    if not services:
        return []
    found = [f"Service {namespace}/{name}" for name in services]
    for kind in LONG_RUNNING:
        workloads = lookup.every(tx, cluster_id, kind, {namespace}, limit=MAX_READ)
        calling = [workload.name for workload in workloads if workload.name != but and _calls(tree(workload.read()), namespace, services)]
        found += [f"{kind.partition('.')[0]} {namespace}/{name}" for name in calling]
    return found[:MAX_SHOWN]


def _calls(workload: Mapping[str, Any], namespace: str, services: Sequence[str]) -> bool:
    containers = diff.at(workload, "spec.template.spec.containers")
    for container in containers if isinstance(containers, list) else ():
        for call in calls.of_container(calls.decode_container(container)):
            if any(service.namespace == namespace and service.name in services for service in addresses.services(call.host, namespace)):
                return True
    return False

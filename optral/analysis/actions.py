"""Remedies: the built-in runbooks by name with typed parameters, and advice where nothing safe can be automatic.

Every parameter is read from the snapshot, or worked out from something that is (a limit twice the one that was too low).
"""

from optral.analysis.case import Case
from optral.analysis.edits import Edit
from optral.analysis.model import Action
from optral.analysis.snapshot import Thing
from optral.kube import quantities

RUNBOOKS: dict[str, tuple[str, ...]] = {
    "raise-memory-limit": ("kind", "namespace", "name", "container", "limit"),
    "rollback-workload": ("namespace", "name", "toRevision"),
    "restart-workload": ("kind", "namespace", "name"),
    "scale-workload": ("kind", "namespace", "name", "replicas"),
    "delete-pod": ("namespace", "pod"),
    "cordon-node": ("node",),
    "uncordon-node": ("node",),
    "collect-diagnostics": ("namespace", "kind", "name"),
}
"""The built-in runbooks an analysis may name, with their parameters."""
RESTARTED = frozenset({"Deployment.apps", "StatefulSet.apps", "DaemonSet.apps"})
SMALLEST_LIMIT = 64 * 1024 * 1024  # below this hardly any process starts


def advice(title: str, why: str, *evidence_ids: str, edit: Edit | None = None) -> Action:
    """What a person has to do; with the edit that it comes down to, where that is one field."""
    return Action(title=title, why=why, risk="manual", evidence_ids=evidence_ids, edit=edit)


def raise_memory(workload: Thing, container: str, limit: str | None, *evidence_ids: str, to: str | None = None) -> Action | None:
    """Twice the limit, or the one that is given; None where the limit is unknown or the workload cannot be changed."""
    if workload.kind not in RESTARTED or (wanted := to or doubled(limit)) is None:
        return None
    return Action(
        title=f"Raise the memory limit of {container} to {wanted}",
        why="The container needs more memory than its limit allows.",
        risk="high",
        runbook="raise-memory-limit",
        parameters={
            "kind": workload.short_kind,
            "namespace": workload.namespace,
            "name": workload.name,
            "container": container,
            "limit": wanted,
        },
        evidence_ids=evidence_ids,
    )


def doubled(limit: str | None) -> str | None:
    """Twice the limit as people write it, at least 64Mi; None for an unreadable one."""
    size = None if limit is None else quantities.bytes_or_none({"memory": limit}, "memory")
    return None if size is None else quantities.human_bytes(max(2 * size, SMALLEST_LIMIT))


def rollback(case: Case, workload: Thing, *evidence_ids: str) -> Action | None:
    """Back to the revision before; None where there is none."""
    earlier = case.earlier_revision(workload)
    number = case.previous_revision_number(workload)
    if workload.kind != "Deployment.apps" or earlier is None or number is None:
        return None
    return Action(
        title=f"Roll {workload.name} back to revision {number}",
        why="The previous revision did not fail in this way.",
        risk="high",
        runbook="rollback-workload",
        parameters={"namespace": workload.namespace, "name": workload.name, "toRevision": number},
        evidence_ids=(*evidence_ids, case.book.object(earlier, "metadata.annotations")),
    )


def restart(workload: Thing, why: str, *evidence_ids: str) -> Action | None:
    if workload.kind not in RESTARTED:
        return None
    return Action(
        title=f"Restart {workload.name}",
        why=why,
        runbook="restart-workload",
        parameters={"kind": workload.short_kind, "namespace": workload.namespace, "name": workload.name},
        evidence_ids=evidence_ids,
    )


def scale(workload: Thing, replicas: int, why: str, *evidence_ids: str) -> Action | None:
    if workload.kind not in ("Deployment.apps", "StatefulSet.apps"):
        return None
    return Action(
        title=f"Scale {workload.name} to {replicas}",
        why=why,
        runbook="scale-workload",
        parameters={"kind": workload.short_kind, "namespace": workload.namespace, "name": workload.name, "replicas": replicas},
        evidence_ids=evidence_ids,
    )


def delete_pod(pod: Thing, why: str, *evidence_ids: str) -> Action:
    return Action(
        title=f"Delete pod {pod.name}",
        why=why,
        risk="high",
        runbook="delete-pod",
        parameters={"namespace": pod.namespace, "pod": pod.name},
        evidence_ids=evidence_ids,
    )


def cordon(node: Thing, why: str, *evidence_ids: str) -> Action:
    return Action(title=f"Cordon {node.name}", why=why, runbook="cordon-node", parameters={"node": node.name}, evidence_ids=evidence_ids)


def uncordon(node: Thing, why: str, *evidence_ids: str) -> Action:
    return Action(
        title=f"Uncordon {node.name}", why=why, runbook="uncordon-node", parameters={"node": node.name}, evidence_ids=evidence_ids
    )


def diagnose(thing: Thing) -> Action | None:
    """Collect what there is to know, without changing anything."""
    if thing.namespace is None:
        return None
    return Action(
        title=f"Collect diagnostics for {thing.name}",
        why="Collects logs, Events and the object's state, and changes nothing.",
        risk="readOnly",
        runbook="collect-diagnostics",
        parameters={"namespace": thing.namespace, "kind": thing.short_kind, "name": thing.name},
    )

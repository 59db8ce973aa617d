"""Remedies: the built-in runbooks by name with typed parameters, and advice where nothing safe can be automatic.

Every parameter is read from the snapshot, or worked out from something that is (a limit twice the one that was too low).
"""

from collections.abc import Mapping
from typing import Any

from optral.analysis.model import Action
from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies.edits import Edit, Step, edit as edit_field
from optral.kube import quantities
from optral.kube.kinds import LONG_RUNNING
from optral.terms import bounds, fields
from optral.terms.risks import BUILTIN

RUNBOOKS: dict[str, tuple[str, ...]] = {
    "raise-memory-limit": ("kind", "namespace", "name", "container", "limit"),
    "raise-cpu-limit": ("kind", "namespace", "name", "container", "limit"),
    "fix-image-tag": ("kind", "namespace", "name", "container", "tag", "digest"),
    "set-probe": ("kind", "namespace", "name", "container", "field", "value"),
    "set-probe-path": ("kind", "namespace", "name", "container", "field", "value"),
    "set-service-selector": ("namespace", "name", "key", "value"),
    "set-target-port": ("namespace", "name", "port", "targetPort"),
    "set-port-protocol": ("namespace", "name", "port", "protocol"),
    "set-request": ("kind", "namespace", "name", "container", "field", "value"),
    "set-pull-secret": ("kind", "namespace", "name", "secret"),
    "raise-quota": ("namespace", "name", "resource", "value"),
    "expand-volume": ("namespace", "name", "size"),
    "set-hpa-bounds": ("namespace", "name", "bound", "replicas"),
    "rerun-job": ("namespace", "name", "ofCronJob"),
    "restart-job": ("namespace", "name"),
    "renew-certificate": ("namespace", "name"),
    "report-finalizers": ("kind", "namespace", "name"),
    "report-released-volume": ("name",),
    "resume-cronjob": ("namespace", "name"),
    "drain-node": ("node",),
    "rollback-workload": ("kind", "namespace", "name", "toRevision"),
    "restart-workload": ("kind", "namespace", "name"),
    "scale-workload": ("kind", "namespace", "name", "replicas"),
    "delete-pod": ("namespace", "pod"),
    "cordon-node": ("node",),
    "uncordon-node": ("node",),
    "collect-diagnostics": ("namespace", "kind", "name"),
}
"""The built-in runbooks an analysis may name, with their parameters."""
KINDS: dict[str, str] = {
    "set-service-selector": "Service",
    "set-target-port": "Service",
    "set-port-protocol": "Service",
    "raise-quota": "ResourceQuota",
    "expand-volume": "PersistentVolumeClaim",
    "set-hpa-bounds": "HorizontalPodAutoscaler",
    "rerun-job": "Job",
    "restart-job": "Job",
    "renew-certificate": "Certificate",
    "report-released-volume": "PersistentVolume",
    "resume-cronjob": "CronJob",
}
"""What the runbooks without the parameter `kind` change."""
CONTAINER_LISTS = ("containers", "initContainers")


def advice(title: str, why: str, *evidence_ids: str, edit: Edit | None = None) -> Action:
    """What a person has to do; with the edit that it comes down to, where that is one field."""
    return Action(title=title, why=why, risk="manual", evidence_ids=evidence_ids, edit=edit)


def raise_memory(workload: SnapshotObject, container: str, limit: str | None, *evidence_ids: str, to: str | None = None) -> Action | None:
    """Twice the limit, or the one that is given; None where the limit is unknown or the workload cannot be changed.

    A limit beyond what the runbook allows stays an edit to copy.
    """
    if workload.kind not in LONG_RUNNING or (wanted := to or doubled(limit)) is None:
        return None
    title, why = f"Raise the memory limit of {container} to {wanted}", "The container needs more memory than its limit allows."
    if limit is not None and not _may_raise(limit, wanted, up_to=bounds.FREE_MEMORY):
        more = f"{why} The runbook raises it to at most {bounds.MAX_FACTOR} times the current limit."
        return advice(title, more, *evidence_ids, edit=_limit_edit(workload, container, wanted))
    return Action(
        title=title,
        why=why,
        risk=BUILTIN["raise-memory-limit"],
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


def _limit_edit(workload: SnapshotObject, container: str, wanted: str) -> Edit | None:
    pod: tuple[Step, ...] = ("spec", "template", "spec")
    for field in CONTAINER_LISTS:
        for index, one in enumerate(workload.many(".".join((*map(str, pod), field)))):
            if one.get("name") == container:
                return edit_field(workload, (*pod, field, index, "resources", "limits", "memory"), wanted)
    return None


def doubled(limit: str | None) -> str | None:
    """Twice the limit as people write it, at least 64Mi; None for an unreadable one."""
    size = quantities.read_bytes(limit)
    return None if size is None else quantities.human_bytes(max(2 * size, quantities.to_bytes(bounds.FREE_MEMORY)))


def rollback(case: Case, workload: SnapshotObject, *evidence_ids: str) -> Action | None:
    """Back to the revision before; None where nothing shows that there is one."""
    if workload.kind != "Deployment.apps":
        return _rollback_unnumbered(case, workload, *evidence_ids)
    earlier = case.earlier_revision(workload)
    number = case.previous_revision_number(workload)
    if earlier is None or number is None:
        return None
    return Action(
        title=f"Roll {workload.name} back to revision {number}",
        why="The previous revision did not fail in this way.",
        risk=BUILTIN["rollback-workload"],
        runbook="rollback-workload",
        parameters={**_workload(workload), "toRevision": number},
        evidence_ids=(*evidence_ids, case.book.object(earlier, "metadata.annotations")),
    )


def _rollback_unnumbered(case: Case, workload: SnapshotObject, *evidence_ids: str) -> Action | None:
    """Of a StatefulSet or DaemonSet, whose template changed: the agent looks up the revision before.

    A StatefulSet that replaces its pods in order waits for each to become ready, so the failing pod has to be deleted as well. Source:
    Kubernetes documentation, StatefulSets, forced rollback.
    """
    change = case.template_change(workload)
    if workload.kind not in LONG_RUNNING or change is None:
        return None
    waits = workload.kind == "StatefulSet.apps" and workload.text("spec.podManagementPolicy") != "Parallel"
    more = " Then delete the pod that fails: the StatefulSet waits for it before it replaces any other." if waits else ""
    return Action(
        title=f"Roll {workload.name} back to the previous revision",
        why=f"The previous revision did not fail in this way.{more}",
        risk=BUILTIN["rollback-workload"],
        runbook="rollback-workload",
        parameters=_workload(workload),
        evidence_ids=tuple(dict.fromkeys((*evidence_ids, change.evidence_id))),
    )


def restart(workload: SnapshotObject, why: str, *evidence_ids: str) -> Action | None:
    if workload.kind not in LONG_RUNNING:
        return None
    return Action(
        title=f"Restart {workload.name}",
        why=why,
        runbook="restart-workload",
        parameters={"kind": workload.short_kind, "namespace": workload.namespace, "name": workload.name},
        evidence_ids=evidence_ids,
    )


def scale(workload: SnapshotObject, replicas: int, why: str, *evidence_ids: str) -> Action | None:
    if workload.kind not in ("Deployment.apps", "StatefulSet.apps"):
        return None
    return Action(
        title=f"Scale {workload.name} to {replicas}",
        why=why,
        runbook="scale-workload",
        parameters={"kind": workload.short_kind, "namespace": workload.namespace, "name": workload.name, "replicas": replicas},
        evidence_ids=evidence_ids,
    )


def delete_pod(pod: SnapshotObject, why: str, *evidence_ids: str) -> Action:
    return Action(
        title=f"Delete pod {pod.name}",
        why=why,
        risk=BUILTIN["delete-pod"],
        runbook="delete-pod",
        parameters={"namespace": pod.namespace, "pod": pod.name},
        evidence_ids=evidence_ids,
    )


def cordon(node: SnapshotObject, why: str, *evidence_ids: str) -> Action:
    return Action(title=f"Cordon {node.name}", why=why, runbook="cordon-node", parameters={"node": node.name}, evidence_ids=evidence_ids)


def uncordon(node: SnapshotObject, why: str, *evidence_ids: str) -> Action:
    return Action(
        title=f"Uncordon {node.name}", why=why, runbook="uncordon-node", parameters={"node": node.name}, evidence_ids=evidence_ids
    )


def diagnose(obj: SnapshotObject) -> Action | None:
    """Collect what there is to know, without changing anything."""
    if obj.namespace is None:
        return None
    return Action(
        title=f"Collect diagnostics for {obj.name}",
        why="Collects logs, Events and the object's state, and changes nothing.",
        risk=BUILTIN["collect-diagnostics"],
        runbook="collect-diagnostics",
        parameters={"namespace": obj.namespace, "kind": obj.short_kind, "name": obj.name},
    )


def run_again(case: Case, job: SnapshotObject) -> Action:
    """A failed Job, when what made it fail is gone; of a CronJob, the run beside its schedule."""
    owner = job.owner()
    parameters: dict[str, Any] = {"namespace": job.namespace, "name": job.name}
    if owner is not None and owner.kind == "CronJob.batch":
        parameters["ofCronJob"] = True
    return Action(
        title=f"Run Job {job.name} again when this is fixed",
        why="A Job that failed does not start again by itself. Do not run it again if its work must not be done twice.",
        risk=BUILTIN["rerun-job"],
        runbook="rerun-job",
        parameters=parameters,
        evidence_ids=(case.book.fields(job, job.condition("Failed")[0], "type", "status", "reason"),),
    )


def restart_job(job: SnapshotObject, *evidence_ids: str) -> Action:
    """A Job that runs for unusually long, if it hangs."""
    return Action(
        title=f"Restart Job {job.name} if it hangs",
        why="Its pods are deleted and created again. Do not restart it if it makes progress, or if its work must not be done twice.",
        risk=BUILTIN["restart-job"],
        runbook="restart-job",
        parameters={"namespace": job.namespace, "name": job.name},
        evidence_ids=evidence_ids,
    )


def report_finalizers(obj: SnapshotObject, *evidence_ids: str) -> Action:
    """What holds an object that was deleted; only a person can know whether it may go."""
    where = {"namespace": obj.namespace} if obj.namespace else {}
    return Action(
        title=f"Report what blocks the deletion of {obj.name}",
        why="It changes nothing: without its finalizers, what they protect may be lost.",
        risk=BUILTIN["report-finalizers"],
        runbook="report-finalizers",
        parameters={"kind": obj.short_kind, **where, "name": obj.name},
        evidence_ids=evidence_ids,
    )


def report_volume(volume: SnapshotObject, *evidence_ids: str) -> Action:
    """What a released volume holds; only a person can know whether its data is needed."""
    return Action(
        title=f"Report what volume {volume.name} holds, and how to reuse or delete it",
        why="It changes nothing: the data of its claim may be the only copy.",
        risk=BUILTIN["report-released-volume"],
        runbook="report-released-volume",
        parameters={"name": volume.name},
        evidence_ids=evidence_ids,
    )


def renew(certificate: SnapshotObject, title: str, why: str, *evidence_ids: str) -> Action:
    """The renewal of a certificate of cert-manager; advice for any other."""
    if certificate.kind != "Certificate.cert-manager.io":
        return advice(title, why, *evidence_ids)
    return Action(
        title=title,
        why=why,
        risk=BUILTIN["renew-certificate"],
        runbook="renew-certificate",
        parameters={"namespace": certificate.namespace, "name": certificate.name},
        evidence_ids=evidence_ids,
    )


def drain(node: SnapshotObject, why: str, *evidence_ids: str) -> Action:
    return Action(
        title=f"Drain {node.name} if it has to be repaired or replaced",
        why=why,
        risk=BUILTIN["drain-node"],
        runbook="drain-node",
        parameters={"node": node.name},
        evidence_ids=evidence_ids,
    )


def expand(case: Case, claim: SnapshotObject, wanted: str, *evidence_ids: str) -> Action:
    """A larger size where the StorageClass allows it; advice where it does not, or where that is unknown."""
    name = claim.text("spec.storageClassName")
    storage = case.snap.find("StorageClass.storage.k8s.io", None, name) if name else None
    if storage is None:
        change = edit_field(claim, ("spec", "resources", "requests", "storage"), wanted)
        return advice(f"Expand the claim to {wanted}, or delete data", "Writes fail when the volume is full.", *evidence_ids, edit=change)
    shown = case.book.fields(storage, "", "metadata.name", "allowVolumeExpansion")
    if storage.get("allowVolumeExpansion") is not True:
        why = f"Writes fail when the volume is full, and StorageClass {name} does not allow expansion."
        return advice("Delete data, or move it to a larger claim", why, *evidence_ids, shown)
    return Action(
        title=f"Expand the claim to {wanted}, or delete data",
        why=f"Writes fail when the volume is full. StorageClass {name} allows expansion; a volume never becomes smaller again.",
        risk=BUILTIN["expand-volume"],
        runbook="expand-volume",
        parameters={"namespace": claim.namespace, "name": claim.name, "size": wanted},
        evidence_ids=(*evidence_ids, shown),
        edit=edit_field(claim, ("spec", "resources", "requests", "storage"), wanted),
    )


def raise_quota(quota: SnapshotObject, resource: str, wanted: str | None, *evidence_ids: str) -> Action | None:
    """To what is needed, or open where that is unknown or more than the runbook allows; None for an entry that the quota does not set."""
    hard = quota.map("spec.hard").get(resource)
    if hard is None:
        return None
    parameters = {"namespace": quota.namespace, "name": quota.name, "resource": resource}
    is_known = wanted is not None and _may_raise(str(hard), wanted)
    return Action(
        title=f"Raise {resource} in quota {quota.name} to {wanted}" if is_known else f"Raise {resource} in quota {quota.name}",
        why="This covers what is used and what is requested." if is_known else "Decide how much the namespace may use.",
        risk=BUILTIN["raise-quota"],
        runbook="raise-quota",
        parameters=parameters | ({"value": wanted} if is_known else {}),
        to_decide=() if is_known else ("value",),
        evidence_ids=evidence_ids,
    )


def raise_replicas(hpa: SnapshotObject, wanted: int | None, *evidence_ids: str) -> Action:
    """The maximum of an autoscaler to what its metrics ask for, or open where they are unknown or ask for more than the runbook allows."""
    now = hpa.number("spec.maxReplicas")
    is_known = wanted is not None and bounds.is_raise(now, wanted) and wanted <= fields.MAX_REPLICAS
    checks = "Check that the nodes have room for them, and what causes the load."
    parameters = {"namespace": hpa.namespace, "name": hpa.name, "bound": "maxReplicas"}
    return Action(
        title=f"Raise maxReplicas to {wanted}" if is_known else "Raise maxReplicas",
        why=f"Its metrics ask for this many replicas. {checks}"
        if is_known
        else f"It has reached its maximum. Decide how many replicas it may have. {checks}",
        risk=BUILTIN["set-hpa-bounds"],
        runbook="set-hpa-bounds",
        parameters=parameters | ({"replicas": wanted} if is_known else {}),
        to_decide=() if is_known else ("replicas",),
        evidence_ids=evidence_ids,
    )


def set_probe(workload: SnapshotObject, container: str, field: str, value: Any, title: str, why: str, *evidence_ids: str) -> Action | None:
    """A field of a probe such as `readinessProbe.path`; without a value it stays open. None where the workload cannot be changed."""
    if not _has_container(workload, container):
        return None
    runbook = "set-probe-path" if field.endswith(".path") else "set-probe"
    known = {} if value is None else {"value": value}
    named = _FIELD_WORDS.get(field.partition(".")[2], field.partition(".")[2])
    return Action(
        title=title,
        why=why if known else f"{why} Choose the {named}.",
        risk=BUILTIN[runbook],
        runbook=runbook,
        parameters={**_container(workload, container), "field": field, **known},
        to_decide=() if known else ("value",),
        evidence_ids=evidence_ids,
    )


_FIELD_WORDS = {"path": "right path", "port": "right port", "timeoutSeconds": "timeout", "failureThreshold": "number of failures it allows"}


def set_image(workload: SnapshotObject, container: str, version: Mapping[str, str] | None, *evidence_ids: str) -> Action | None:
    """Another tag or digest of the image of a container; without one it stays open. None where the workload cannot be changed."""
    if not _has_container(workload, container):
        return None
    words = "" if version is None else f" to {version.get('tag') or version.get('digest')}"
    return Action(
        title=f"Set the image of {container}{words}" if words else "Correct the image's name or tag",
        why="The registry does not have this image." + ("" if words else " Choose the right tag; correct a wrong name by hand."),
        risk=BUILTIN["fix-image-tag"],
        runbook="fix-image-tag",
        parameters={**_container(workload, container), **(version or {})},
        to_decide=() if words else ("tag",),
        evidence_ids=evidence_ids,
    )


def set_request(workload: SnapshotObject, container: str, resource: str, title: str, why: str, *evidence_ids: str) -> Action:
    """The request of a container, whose amount a person decides; advice where the workload cannot be changed."""
    if resource not in ("cpu", "memory") or not _has_container(workload, container):
        return advice(title, why, *evidence_ids)
    return Action(
        title=title,
        why=f"{why} Choose the amount.",
        risk=BUILTIN["set-request"],
        runbook="set-request",
        parameters={**_container(workload, container), "field": f"requests.{resource}"},
        to_decide=("value",),
        evidence_ids=evidence_ids,
    )


def add_pull_secret(workload: SnapshotObject, secret: str, title: str, why: str, *evidence_ids: str) -> Action:
    """A pull secret that exists in the namespace; advice where the workload cannot be changed."""
    if workload.kind not in LONG_RUNNING:
        return advice(title, why, *evidence_ids)
    return Action(
        title=title,
        why=why,
        risk=BUILTIN["set-pull-secret"],
        runbook="set-pull-secret",
        parameters={**_workload(workload), "secret": secret},
        evidence_ids=evidence_ids,
    )


def port_of(port: Mapping[str, Any]) -> str | None:
    """A port of a Service as runbooks name it: `80`, or `53/UDP`."""
    number, protocol = port.get("port"), port.get("protocol") or "TCP"
    if not isinstance(number, int):
        return None
    return str(number) if protocol == "TCP" else f"{number}/{protocol}"


def _has_container(workload: SnapshotObject, name: str) -> bool:
    """Whether its template has the container; one that an admission webhook added is not there."""
    lists = (workload.many(f"spec.template.spec.{field}") for field in CONTAINER_LISTS)
    return workload.kind in LONG_RUNNING and any(one.get("name") == name for found in lists for one in found)


def _workload(workload: SnapshotObject) -> dict[str, Any]:
    return {"kind": workload.short_kind, "namespace": workload.namespace, "name": workload.name}


def _container(workload: SnapshotObject, container: str) -> dict[str, Any]:
    return {**_workload(workload), "container": container}


def _may_raise(now: str, wanted: str, *, up_to: str = "0") -> bool:
    """Whether the runbook that raises this amount accepts the new one."""
    before, after, free = map(quantities.read_milli, (now, wanted, up_to))
    return before is not None and after is not None and free is not None and bounds.is_raise(before, after, up_to=free)

"""The checks of a verification: is the workload available, is the pod gone, is the detector's raw finding gone.

What cannot be observed is inconclusive. `runbooks/executions/verification.py` makes the verdict.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from optral.clusters import service as clusters
from optral.clusters.model import ClusterStatus
from optral.flows.executions.inventory import find_object, manifest_of
from optral.issues import service as issues
from optral.issues.model import Condition, State
from optral.kube import diff, objects, quantities, rollouts
from optral.kube.objects import Job, KubeObject, Node, PersistentVolumeClaim, Pod
from optral.kube.reports import certificates
from optral.resources import service as resources
from optral.resources.model import Resource
from optral.runbooks.executions.verification import FAILED, INCONCLUSIVE, PASSED, Check
from optral.runbooks.model import Execution, Step, StepState
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound
from optral.terms.refs import ObjectRef


def run_checks(tx: Transaction, execution: Execution, steps: Sequence[Step]) -> list[Check]:
    """Run every check of this execution now; empty when there is nothing to check."""
    written = {step.object: step for step in steps if step.is_write and _is_done(step)}  # the last step on each object
    issue_id = execution.issue_id if execution.undo_of is None else None  # the way back does not promise that the failure goes
    if (reason := why_unobservable(tx, execution.cluster_id)) is not None:
        names = [f"{_expectation(step)} {step.object}" for step in written.values()] + (["finding"] if issue_id else [])
        return [Check(name, INCONCLUSIVE, reason) for name in names]
    checks = [_object_check(tx, execution.cluster_id, step) for step in written.values()]
    return checks + ([_finding_check(tx, issue_id)] if issue_id else [])


def _is_done(step: Step) -> bool:
    """Whether the step was done, by this execution or by the one that it continues; a step that was skipped has no result."""
    return step.state is StepState.SUCCEEDED or (step.state is StepState.SKIPPED and step.result is not None)


def why_unobservable(tx: Transaction, cluster_id: str) -> str | None:
    """Why the cluster cannot be observed now; None when it can."""
    try:
        cluster = clusters.get(tx, cluster_id)
    except NotFound:
        return "the cluster was deleted"
    if not cluster.status.is_connected:
        return f"the cluster is {cluster.status.value}"
    is_current = cluster.synced_at is not None and cluster.status is ClusterStatus.ONLINE
    return None if is_current else "the inventory is not complete"


def _expectation(step: Step) -> str:
    return {
        "deletePod": "deleted",
        "evict": "evicted",
        "drain": "cordoned",
        "rerunJob": "completed",
        "renewCertificate": "renewed",
        "cordon": "cordoned",
        "uncordon": "uncordoned",
    }.get(step.verb, "available")


def _object_check(tx: Transaction, cluster_id: str, step: Step) -> Check:
    name = f"{_expectation(step)} {step.object}"
    if step.verb == "rerunJob":
        return _rerun_check(tx, cluster_id, step)
    found = find_object(tx, cluster_id, step.object)
    if step.verb in ("deletePod", "evict"):
        is_there = found is not None and found.uid == step.uid
        return Check(name, FAILED if is_there else PASSED, "the pod still exists" if is_there else "the pod is gone")
    if found is None or found.uid != step.uid:
        return Check(name, FAILED, "the object is gone or was replaced by another of the same name")
    if found.stale:
        return Check(name, INCONCLUSIVE, "the agent is not allowed to read this kind")
    if not is_shown(step, found):
        return Check(name, INCONCLUSIVE, "the inventory does not show the change yet")
    if step.verb == "renewCertificate":
        return Check(name, *_renewal(step, manifest_of(tx, found.id)))
    status, message = _state_of(step, decoded(tx, found))
    return Check(name, status, message)


def _rerun_check(tx: Transaction, cluster_id: str, step: Step) -> Check:
    """The Job that was created, by the name in the result. One that still runs may yet fail."""
    job = ObjectRef("Job", step.namespace, str(((step.result or {}).get("created") or {}).get("name", "")))
    found = find_object(tx, cluster_id, job) if job.name else None
    if found is None:
        return Check(f"completed {job}", INCONCLUSIVE, "the inventory does not show the new Job yet")
    obj = decoded(tx, found)
    assert isinstance(obj, Job)
    if (ended := rollouts.end(obj)) is None:
        return Check(f"completed {job}", INCONCLUSIVE, "the new Job still runs")
    succeeded, message = ended
    return Check(f"completed {job}", *((PASSED, message) if succeeded else (FAILED, f"the new Job failed: {message}")))


def _renewal(step: Step, certificate: Mapping[str, Any]) -> tuple[str, str]:
    """A certificate is renewed when cert-manager counts another issuance and calls it ready."""
    conditions = {one.get("type"): one for one in diff.at(certificate, "status.conditions") or () if isinstance(one, Mapping)}
    issuing, revision = conditions.get(certificates.ISSUING, {}), diff.at(certificate, "status.revision")
    if issuing.get("status") == "True":
        return INCONCLUSIVE, "cert-manager is issuing the certificate"
    if isinstance(revision, int) and revision > int((step.result or {}).get("revision") or 0):
        is_ready = conditions.get(certificates.READY, {}).get("status") == "True"
        return (PASSED, f"issued again, revision {revision}") if is_ready else (FAILED, "the certificate is not ready")
    return FAILED, f"cert-manager has not issued it: {issuing.get('message') or issuing.get('reason') or 'no reason given'}"


def decoded(tx: Transaction, found: Resource) -> KubeObject:
    raw = resources.manifest(tx, found.id)
    return objects.decode(found.kind, raw, uid=found.uid, namespace=found.namespace or "", name=found.name)


def is_shown(step: Step, found: Resource) -> bool:
    """Whether the inventory is at least as new as the step's change; the versions of one object are increasing numbers."""
    version = str((step.result or {}).get("resourceVersion") or "")
    if version.isdecimal() and found.resource_version.isdecimal():
        return int(found.resource_version) >= int(version)
    return version in ("", found.resource_version) or (step.finished_at is not None and found.updated_at >= step.finished_at)


def _state_of(step: Step, obj: KubeObject) -> tuple[str, str]:
    if isinstance(obj, Node):
        wanted = step.verb in ("cordon", "drain")
        is_so = obj.spec.unschedulable is wanted
        return (PASSED if is_so else FAILED), ("unschedulable" if obj.spec.unschedulable else "schedulable")
    if isinstance(obj, rollouts.Workload):
        is_well, message = rollouts.progress(obj)
        return (PASSED if is_well else FAILED), message
    if isinstance(obj, PersistentVolumeClaim):
        return _volume(obj)
    return PASSED, "the inventory shows the change"


def _volume(obj: PersistentVolumeClaim) -> tuple[str, str]:
    """A volume has grown when its file system has, for which some drivers wait until a pod mounts it again."""
    wanted, has = (quantities.bytes_or_none(amounts, "storage") for amounts in (obj.spec.resources.requests, obj.status.capacity))
    if wanted is None or has is None or has < wanted:
        waits = any(condition.type == "FileSystemResizePending" and condition.status == "True" for condition in obj.status.conditions)
        return FAILED, "the file system grows when a pod mounts the volume again" if waits else "the volume has not grown yet"
    return PASSED, "the volume has grown"


def _finding_check(tx: Transaction, issue_id: str) -> Check:
    """The raw finding, not the issue: an issue stays open for a while after its condition has cleared."""
    try:
        found = issues.conditions(tx, issue_id)
    except NotFound:
        return Check("finding", INCONCLUSIVE, "the issue was deleted")
    shown = [one for one in found if one.state in (State.OPEN, State.PENDING)]
    if not shown:
        return Check("finding", PASSED, "the failure is gone: no object shows it any more")
    still = f"{shown[0].kind.partition('.')[0]} {shown[0].name} still shows it: {shown[0].title}"
    return Check("finding", FAILED, f"{still[:220]}{_back_off(tx, shown[0])}")


_BACK_OFF = re.compile(r"back-off (?:(\d+)m)?(?:(\d+)s)? restarting")
_LONGEST_BACK_OFF_S = 300
"""Source: Kubernetes documentation, Pod lifecycle, Container restarts."""


def _back_off(tx: Transaction, shown: Condition) -> str:
    """That Kubernetes waits before it restarts the container of a pod, and how long at most; empty if it does not."""
    found = find_object(tx, shown.cluster_id, shown.shown_by) if shown.shown_by.short_kind == Pod.kind else None
    pod = None if found is None else decoded(tx, found)
    states = [one.state.waiting for one in pod.status.container_statuses] if isinstance(pod, Pod) else []
    waiting = next((one for one in states if one is not None and one.reason == "CrashLoopBackOff"), None)
    if waiting is None:
        return ""
    said = _BACK_OFF.search(waiting.message)
    seconds = 60 * int(said[1] or 0) + int(said[2] or 0) if said else _LONGEST_BACK_OFF_S
    longest = f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
    return f". Waiting for Kubernetes to restart the container, up to {longest}"

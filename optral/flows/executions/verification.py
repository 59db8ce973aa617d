"""Did it help? Looks at the cluster after a change: is the workload available, is the pod gone, is the detector's raw finding away.

Three values: a check passes, fails, or cannot be told. What cannot be seen (an agent that is away, an inventory that does not show the
change yet) is never counted as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from optral.clusters import service as clusters
from optral.clusters.model import Status as ClusterStatus
from optral.issues import service as issues
from optral.issues.model import State
from optral.kube import objects
from optral.kube.objects import DaemonSet, Deployment, KubeObject, Node, StatefulSet
from optral.resources import service as resources
from optral.resources.model import Resource
from optral.runbooks.model import Execution, Step
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound

PASSED, FAILED, INCONCLUSIVE = "passed", "failed", "inconclusive"
LOOK_EVERY = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    status: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "status": self.status, "message": self.message}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say so far; `status` None: look again. `since`: how long all of them have passed without a break."""

    checks: Sequence[Check]
    status: str | None
    since: datetime | None


def look(tx: Transaction, execution: Execution, steps: Sequence[Step]) -> list[Check]:
    """Every check of this execution as it stands now; empty when there is nothing to look at."""
    written = {step.object: step for step in steps if step.is_write and step.finished_at is not None}  # the last step on each object
    if (blind := _blind(tx, execution.cluster_id)) is not None:
        names = [f"{_word(step)} {step.object}" for step in written.values()] + (["finding"] if execution.issue_id else [])
        return [Check(name, INCONCLUSIVE, blind) for name in names]
    found = [_object_check(tx, execution.cluster_id, step) for step in written.values()]
    return found + ([_finding_check(tx, execution.issue_id)] if execution.issue_id else [])


def judge(execution: Execution, checks: Sequence[Check], *, stable_s: int, timeout_s: int, now: datetime) -> Verdict:
    """Passed when all checks have passed for `stable_s` without a break; at the end of `timeout_s` failed or inconclusive."""
    before = execution.verification or {}
    until = datetime.fromisoformat(before["until"]) if "until" in before else now + timedelta(seconds=timeout_s)
    if all(check.status == PASSED for check in checks):
        since = datetime.fromisoformat(before["since"]) if before.get("since") else now
        if now - since >= timedelta(seconds=stable_s):
            return Verdict(checks, PASSED, since)
        return Verdict(checks, INCONCLUSIVE if now >= until else None, since)
    if now < until:
        return Verdict(checks, None, None)
    return Verdict(checks, FAILED if any(check.status == FAILED for check in checks) else INCONCLUSIVE, None)


def as_json(execution: Execution, verdict: Verdict, *, stable_s: int, timeout_s: int, now: datetime) -> dict[str, Any]:
    """The verification as it is kept and shown."""
    before = execution.verification or {}
    made: dict[str, Any] = {
        "checks": [check.as_json() for check in verdict.checks],
        "stableSeconds": stable_s,
        "until": before.get("until") or (now + timedelta(seconds=timeout_s)).isoformat(),
    }
    if verdict.since is not None:
        made["since"] = verdict.since.isoformat()
    return made | ({} if verdict.status is None else {"status": verdict.status})


def _blind(tx: Transaction, cluster_id: str) -> str | None:
    """Why the cluster cannot be seen now."""
    try:
        cluster = clusters.get(tx, cluster_id)
    except NotFound:
        return "the cluster was deleted"
    if cluster.status not in (ClusterStatus.ONLINE, ClusterStatus.DEGRADED):
        return f"the cluster is {cluster.status.value}"
    is_current = cluster.synced_at is not None and cluster.status is ClusterStatus.ONLINE
    return None if is_current else "the inventory is not complete"


def _word(step: Step) -> str:
    return {"deletePod": "deleted", "cordon": "cordoned", "uncordon": "uncordoned"}.get(step.verb, "available")


def _object_check(tx: Transaction, cluster_id: str, step: Step) -> Check:
    from optral.flows.executions.control import find_object

    name = f"{_word(step)} {step.object}"
    found = find_object(tx, cluster_id, step.object)
    if step.verb == "deletePod":
        is_there = found is not None and found.uid == step.uid
        return Check(name, FAILED if is_there else PASSED, "it is still there" if is_there else "it is gone")
    if found is None or found.uid != step.uid:
        return Check(name, FAILED, "the object is gone, or another with its name")
    if found.stale:
        return Check(name, INCONCLUSIVE, "the agent may not see this kind")
    if not _is_shown(step, found):
        return Check(name, INCONCLUSIVE, "the inventory does not show the change yet")
    raw = resources.manifest(tx, found.id)
    thing = objects.decode(found.kind, raw, uid=found.uid, namespace=found.namespace or "", name=found.name)
    status, message = _state_of(step, thing)
    return Check(name, status, message)


def _is_shown(step: Step, found: Resource) -> bool:
    """Whether the inventory is as new as what the step made; versions of one object are numbers that rise."""
    made = str((step.result or {}).get("resourceVersion") or "")
    if made.isdecimal() and found.resource_version.isdecimal():
        return int(found.resource_version) >= int(made)
    return made in ("", found.resource_version) or (step.finished_at is not None and found.updated_at >= step.finished_at)


def _state_of(step: Step, thing: KubeObject) -> tuple[str, str]:
    if isinstance(thing, Node):
        wanted = step.verb == "cordon"
        is_so = thing.spec.unschedulable is wanted
        return (PASSED if is_so else FAILED), ("new pods are kept off" if thing.spec.unschedulable else "new pods may come")
    if isinstance(thing, Deployment | StatefulSet):
        return _replicas(thing)
    if isinstance(thing, DaemonSet):
        return _daemons(thing)
    return INCONCLUSIVE, f"what a {step.kind} should look like is not known"


def _replicas(thing: Deployment | StatefulSet) -> tuple[str, str]:
    spec, status = thing.spec, thing.status
    if (status.observed_generation or 0) < thing.metadata.generation:
        return FAILED, "its controller has not seen the change yet"
    ready = status.available_replicas if isinstance(thing, Deployment) else max(status.available_replicas, status.ready_replicas)
    text = f"{ready} of {spec.replicas} available, {status.updated_replicas} up to date"
    is_well = ready >= spec.replicas and status.updated_replicas >= spec.replicas and status.replicas <= spec.replicas
    return (PASSED if is_well else FAILED), text


def _daemons(thing: DaemonSet) -> tuple[str, str]:
    status = thing.status
    if (status.observed_generation or 0) < thing.metadata.generation:
        return FAILED, "its controller has not seen the change yet"
    wanted = status.desired_number_scheduled
    is_well = status.number_available >= wanted and status.updated_number_scheduled >= wanted
    return (PASSED if is_well else FAILED), f"{status.number_available} of {wanted} available, {status.updated_number_scheduled} up to date"


def _finding_check(tx: Transaction, issue_id: str) -> Check:
    """The raw finding, not the issue: an issue stays open a while after its trouble is over."""
    try:
        found = issues.conditions(tx, issue_id)
    except NotFound:
        return Check("finding", INCONCLUSIVE, "the issue is no longer kept")
    shown = [one for one in found if one.state in (State.OPEN, State.PENDING)]
    if not shown:
        return Check("finding", PASSED, "nothing shows it any more")
    return Check("finding", FAILED, f"{shown[0].kind.partition('.')[0]} {shown[0].name} still shows it: {shown[0].title}"[:300])

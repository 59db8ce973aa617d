"""What people do with executions: start, approve, reject, cancel, retry, pause. Driving them is `durable.py`.

Starting checks everything that can be known before the cluster is asked, writes the execution with its steps, and asks for the plan (a
server-side dry run of each step that writes) in the same transaction. Nothing is changed in the cluster before the plan is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec

from optral.access import people, service as access
from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.commands import service as commands
from optral.commands.model import NewCommand, Precondition
from optral.flows.executions import execution_events as news
from optral.flows.executions.commands import check_present
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kit.paging import PageRequest
from optral.kit.words import counted
from optral.resources import service as resources
from optral.resources.model import Resource, ResourceFilter
from optral.runbooks import managed, model, service as runbooks
from optral.runbooks.managed import Manager
from optral.runbooks.model import PROTECTED_NAMESPACES, Binding, Execution, Phase, Runbook, Status, Step, StepState
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Forbidden, Invalid, NotFound, Refused
from optral.terms.refs import ObjectRef
from optral.terms.verbs import VERBS

PLAN_EXPIRES_S = 60.0
STEP_EXPIRES_S = 60.0
STEP_TIMEOUT_S = 60
MAX_CHANGES_PER_HOUR = 30
"""Of one cluster: more than that is no remedy any more, but a runaway."""
LOOK_AGAIN = timedelta(seconds=2)
"""The backstop behind the hubs: how long after its last look an execution that waits is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for. `cluster` and `issue_id`: at least one; `parameters` as the caller sent them."""

    runbook: str
    cluster: str | None = None
    issue_id: str | None = None
    parameters: Mapping[str, Any]
    dry_run: bool = False
    allow_drift: bool = False
    reason: str = ""
    retry_of: str | None = None


def principal(tx: Transaction) -> str:
    """The person behind the actor: a key acts for its maker."""
    member = access.me(tx).member
    return tx.actor.id if member is None else member.id


def start(tx: Transaction, asked: Request) -> Execution:
    """Start an execution, or give the running one of the same runbook, object and parameters.

    Raises `NotFound`; `Invalid` ("invalid_parameters", "out_of_scope"); `Refused`: "runbook_disabled", "executions_paused",
    "cluster_offline", "agent_too_old", "target_not_found", "managed_object", "execution_running", "cooling_down",
    "too_many_changes".
    """
    runbook = runbooks.get(tx, asked.runbook, among=clusters.visible_names(tx))
    issue = None if asked.issue_id is None else issues.get(tx, asked.issue_id)
    cluster = _cluster(tx, asked, issue)
    target = _target(issue)
    values = model.checked_parameters(runbook.definition, asked.parameters, target)
    bound = model.bind(runbook.definition, values, target)
    _check_scope(tx, runbook, cluster, bound)
    _check_permitted(tx, runbook, cluster, asked)
    located = [_locate(tx, cluster, one) for one in bound]
    execution, steps = _made(tx, asked, runbook, cluster, issue, values, bound, located)
    if (running := _already(tx, execution, steps)) is not None:
        return running
    _check_managers(tx, runbook, cluster, steps, located, asked)
    _check_cooldown(tx, runbook, execution, steps)
    execution = runbooks.insert(tx, execution, steps, _opening_words(execution, runbook))
    for step in steps:
        if step.is_write:
            commands.enqueue(tx, plan_command(execution, step))
    news.note(tx, execution, "runbook_started")
    kinds = ("execution.updated",) if execution.dry_run else ("runbook.started", "execution.updated")
    detail = {"parameters": dict(values), "dryRun": asked.dry_run, "allowDrift": asked.allow_drift, "reason": asked.reason}
    news.tell(tx, execution, *kinds, audit="start", detail=detail)
    return execution


def plan_command(execution: Execution, step: Step) -> NewCommand:
    """The dry run of a step; its id says what it is for, so that asking twice asks once."""
    return _command(execution, step, "plan", dry_run=True, expires_in_s=PLAN_EXPIRES_S)


def check_command(execution: Execution, step: Step) -> NewCommand:
    """The dry run right before a step is applied: is it still what was planned?"""
    return _command(execution, step, f"check {step.attempt}", dry_run=True)


def apply_command(execution: Execution, step: Step, *, resource_version: str = "") -> NewCommand:
    """The step itself, bound to the very object (and version of it) that was looked at."""
    return _command(execution, step, f"apply {step.attempt}", resource_version=resource_version)


def _command(
    execution: Execution,
    step: Step,
    purpose: str,
    *,
    dry_run: bool = False,
    resource_version: str = "",
    expires_in_s: float = STEP_EXPIRES_S,
) -> NewCommand:
    return NewCommand(
        id=ids.derive("cmd", execution.id, step.id, purpose),
        cluster_id=execution.cluster_id,
        verb=step.verb,
        params=dict(step.values),
        precondition=Precondition(uid=step.uid, resource_version=resource_version) if step.is_write else Precondition(),
        dry_run=dry_run,
        expires_in_s=expires_in_s,
        timeout_s=STEP_TIMEOUT_S,
        requested_by=execution.requested_by,
        origin=f"execution:{execution.id}",
    )


def plan_id(execution: Execution, step: Step) -> str:
    return ids.derive("cmd", execution.id, step.id, "plan")


# --- starting


def _cluster(tx: Transaction, asked: Request, issue: Issue | None) -> Cluster:
    if asked.cluster is None and issue is None:
        raise _invalid("clusterId", "missing", "name the cluster, or the issue the runbook is for")
    found = issue.cluster_id if asked.cluster is None and issue is not None else clusters.resolve(tx, str(asked.cluster))
    if found is None:
        raise NotFound("cluster_not_found", say=f"there is no cluster {str(asked.cluster)[:64]}")
    if issue is not None and issue.cluster_id != found:
        raise _invalid("clusterId", "other_cluster", "the issue is of another cluster")
    return clusters.get(tx, found)


def _target(issue: Issue | None) -> dict[str, str | None]:
    """What `${target.…}` stands for: the subject of the issue."""
    if issue is None:
        return {}
    is_node = issue.owner_kind == "Node"
    return {
        "kind": issue.owner_kind or issue.resource_kind,
        "namespace": issue.namespace,
        "name": issue.owner_name or issue.resource,
        "container": issue.container,
        "pod": issue.resource if issue.resource_kind == "Pod" else None,
        "node": (issue.owner_name or issue.resource) if is_node else None,
    }


def _check_scope(tx: Transaction, runbook: Runbook, cluster: Cluster, bound: Sequence[Binding]) -> None:
    made = runbook.definition
    if made.clusters and not {cluster.id, cluster.name} & set(made.clusters):
        named = runbooks.narrowed(runbook, clusters.visible_names(tx)).definition.clusters
        raise _invalid("clusterId", "out_of_scope", f"{runbook.slug} is for other clusters: {', '.join(named)}", code="out_of_scope")
    for one in bound:
        namespace = one.object.namespace
        if made.namespaces and namespace is not None and namespace not in made.namespaces:
            say = f"{runbook.slug} is for other namespaces: {', '.join(made.namespaces)}"
            raise _invalid("parameters.namespace", "out_of_scope", say, code="out_of_scope")
        if one.action.is_write and namespace in PROTECTED_NAMESPACES:
            raise _invalid("parameters.namespace", "protected", f"nothing is ever changed in {namespace}", code="out_of_scope")


def _check_permitted(tx: Transaction, runbook: Runbook, cluster: Cluster, asked: Request) -> None:
    if not runbook.is_enabled:
        raise Refused("runbook_disabled", say=f"{runbook.slug} is switched off")
    if not asked.dry_run and runbook.definition.writes and (switch := runbooks.switch(tx)).is_paused:
        raise Refused("executions_paused", say=f"executions are paused: {switch.reason or 'no reason was given'}")
    check_present(cluster)
    if not asked.dry_run and runbook.definition.writes:
        made = runbooks.changes_since(tx, cluster.id, since=tx.now - timedelta(hours=1))
        if made >= MAX_CHANGES_PER_HOUR:
            say = f"runbooks changed {cluster.name} {made} times within an hour; look at what goes on there, and wait"
            raise Refused("too_many_changes", say=say)


def _locate(tx: Transaction, cluster: Cluster, one: Binding) -> Resource | None:
    """The object in the inventory. A step that writes needs it: its uid is what keeps the change off a namesake."""
    found = find_object(tx, cluster.id, one.object)
    if found is None and one.action.is_write:
        raise Refused("target_not_found", say=f"the inventory of {cluster.name} has no {one.object}")
    return found


def find_object(tx: Transaction, cluster_id: str, ref: ObjectRef) -> Resource | None:
    """The object of this short kind, namespace and name in the inventory."""
    fits = ResourceFilter(
        clusters=frozenset({cluster_id}),
        kinds=frozenset({ref.short_kind}),
        namespaces=frozenset({ref.namespace}) if ref.namespace else frozenset(),
        name=ref.name,
    )
    return next(iter(resources.find(tx, fits, PageRequest(size=2))), None)


def _made(
    tx: Transaction,
    asked: Request,
    runbook: Runbook,
    cluster: Cluster,
    issue: Issue | None,
    values: Mapping[str, Any],
    bound: Sequence[Binding],
    located: Sequence[Resource | None],
) -> tuple[Execution, list[Step]]:
    made = runbook.definition
    needs_approval = made.needs_approval and made.writes and not asked.dry_run
    lead = next((one for one in bound if one.action.is_write), bound[0])
    execution = Execution(
        id=ids.new("exe"),
        org_id=tx.org_id,
        runbook_id=runbook.id,
        runbook_slug=runbook.slug,
        runbook_name=runbook.name,
        runbook_version=runbook.version,
        definition=runbooks.as_json(made),
        cluster_id=cluster.id,
        issue_id=None if issue is None else issue.id,
        status=Status.PENDING_APPROVAL if needs_approval else Status.QUEUED,
        phase=Phase.PLANNING,
        parameters=dict(values),
        dry_run=asked.dry_run,
        allow_drift=asked.allow_drift,
        reason=asked.reason[:500],
        target={"kind": lead.object.short_kind, "namespace": lead.object.namespace, "name": lead.object.name},
        requested_by=principal(tx),
        requested_via=tx.actor.id,
        created_at=tx.now,
        updated_at=tx.now,
        due_at=tx.now,
        retry_of=asked.retry_of,
        lock=f"runbook/{runbook.id}" if made.concurrency == "perRunbook" and not asked.dry_run else None,
    )
    return execution, _steps(execution, bound, located)


def _steps(execution: Execution, bound: Sequence[Binding], located: Sequence[Resource | None]) -> list[Step]:
    steps: list[Step] = []
    locks: set[str] = set()
    for position, (one, found) in enumerate(zip(bound, located, strict=True)):
        lock = model.lock_of(execution.cluster_id, one.object)
        is_writer = one.action.is_write and not execution.dry_run and lock not in locks
        if is_writer:
            locks.add(lock)
        steps.append(
            Step(
                id=ids.new("stp"),
                execution_id=execution.id,
                position=position,
                name=one.action.name,
                verb=one.action.verb,
                values=dict(one.values),
                is_write=one.action.is_write,
                is_optional=one.action.optional,
                kind=one.object.short_kind,
                namespace=one.object.namespace,
                object_name=one.object.name,
                uid="" if found is None else found.uid,
                lock=lock if is_writer else None,
            )
        )
    return steps


def _already(tx: Transaction, execution: Execution, steps: Sequence[Step]) -> Execution | None:
    """The running execution that this one would repeat. Raises `Refused` when another one keeps one of its objects."""
    for holder in runbooks.holders(tx, [step.lock for step in steps if step.lock], execution.lock):
        running = runbooks.visible_execution(tx, holder)
        if running is None:  # a runbook that runs once at a time, in a cluster that this key does not see
            raise Refused("execution_running", say="this runbook runs once at a time and is already running; wait until it ends")
        same = ("runbook_id", "runbook_version", "cluster_id", "parameters", "allow_drift")
        if all(getattr(running, name) == getattr(execution, name) for name in same) and running.cancel_requested_by is None:
            return running
        say = f"{running.runbook_slug} already runs on {_named(running.target)}; wait for {running.id} or cancel it"
        raise Refused("execution_running", say=say, executionId=running.id)
    return None


def _named(target: Mapping[str, Any]) -> str:
    return str(ObjectRef(str(target["kind"]), target.get("namespace"), str(target["name"])))


def managers(tx: Transaction, cluster_id: str, step: Step, found: Resource | None) -> list[Manager]:
    """Who else keeps the object of this step as it is."""
    if found is None or step.verb not in managed.DRIFTING:
        return []
    autoscalers = []
    if step.verb == "scale":
        fits = ResourceFilter(
            clusters=frozenset({cluster_id}),
            kinds=frozenset({"HorizontalPodAutoscaler"}),
            namespaces=frozenset({step.namespace}) if step.namespace else frozenset(),
        )
        autoscalers = [_manifest(tx, one.id) for one in resources.find(tx, fits, PageRequest(size=100))]
    return managed.managers_of(step.verb, _manifest(tx, found.id) | {"kind": step.kind}, autoscalers)


def _manifest(tx: Transaction, resource_id: str) -> dict[str, Any]:
    value = msgspec.json.decode(resources.manifest(tx, resource_id))
    return value if isinstance(value, dict) else {}


def _check_managers(
    tx: Transaction, runbook: Runbook, cluster: Cluster, steps: Sequence[Step], located: Sequence[Resource | None], asked: Request
) -> None:
    if asked.allow_drift or asked.dry_run:
        return
    for step, found in zip(steps, located, strict=True):
        if who := managers(tx, cluster.id, step, found):
            say = (
                f"{step.object} is managed by {', '.join(map(str, who))}: what {runbook.slug} changes would be undone or hidden there; "
                "change it at its source, or say allowDrift"
            )
            raise Refused("managed_object", say=say)


def _check_cooldown(tx: Transaction, runbook: Runbook, execution: Execution, steps: Sequence[Step]) -> None:
    if execution.dry_run or execution.retry_of is not None or not runbook.definition.cooldown_s:
        return
    for step in steps:
        if step.is_write:
            last = runbooks.last_applied(tx, runbook_id=runbook.id, cluster_id=execution.cluster_id, step=step)
            if wait_s := model.due_cooldown(last, runbook.definition.cooldown_s, tx.now):
                raise Refused(
                    "cooling_down", say=f"{runbook.slug} changed {step.object} a moment ago; wait {counted(int(wait_s) + 1, 'second')}"
                )


def _opening_words(execution: Execution, runbook: Runbook) -> list[str]:
    kind = "A dry run of " if execution.dry_run else ""
    words = [f"{kind}{runbook.slug} version {runbook.version} on {_named(execution.target)} was asked for by {execution.requested_by}"]
    return words + ([f"Reason: {execution.reason}"] if execution.reason else [])


# --- deciding


def approve(tx: Transaction, execution_id: str, *, reason: str = "", confirm: str = "", plan_hash: str | None = None) -> Execution:
    """Say yes to an execution's plan. Not by who asked for it; only an organisation of one member may, with a reason and the target's name.

    Raises `NotFound`, `Forbidden` ("own_request"; "confirmation_required" for a person who typed the password long ago),
    `Invalid("confirmation_needed")`, `Refused`: "not_pending", "plan_not_ready", "approval_expired", "plan_changed".
    """
    people.require_confirmed(tx.actor, tx.now)
    before = _pending(tx, execution_id)
    if before.plan_hash is None or before.phase is not Phase.APPROVAL:
        raise Refused("plan_not_ready", say="the plan is not there yet; look at it first, then approve it")
    if plan_hash is not None and plan_hash != before.plan_hash:
        raise Refused("plan_changed", say="the plan is another than the one you name; look at it again")
    if before.expires_at is not None and tx.now >= before.expires_at:
        raise Refused("approval_expired", say="the time for approving is over; start the runbook again")
    who = principal(tx)
    if who == before.requested_by:
        _check_alone(tx, before, reason=reason, confirm=confirm)
    _decide(tx, before, "approved", who, reason)
    after = replace(before, status=Status.QUEUED, phase=Phase.APPLYING, approved_by=who, approved_at=tx.now, due_at=tx.now)
    said = f"Approved by {who}" + (f": {reason}" if reason else "")
    after = runbooks.save(tx, after, said=[("info", None, said)])
    news.tell(tx, after, "approval.approved", "execution.updated", audit="approve", detail={"planHash": before.plan_hash, "reason": reason})
    return after


def reject(tx: Transaction, execution_id: str, *, reason: str = "") -> Execution:
    """Say no. Raises `NotFound`, `Refused("not_pending")`."""
    before = _pending(tx, execution_id)
    who = principal(tx)
    _decide(tx, before, "rejected", who, reason)
    _drop_plan(tx, before)
    failure = {"code": "rejected", "message": f"{who} rejected it" + (f": {reason}" if reason else ""), "changed": False}
    return finish(tx, before, Status.REJECTED, failure=failure, kinds=("approval.rejected",), audit="reject", detail={"reason": reason})


def _pending(tx: Transaction, execution_id: str) -> Execution:
    before = runbooks.get_execution(tx, execution_id, lock=True)
    if before.status is not Status.PENDING_APPROVAL:
        raise Refused("not_pending", say=f"the execution is {before.status.value}; there is nothing to decide")
    return before


def _check_alone(tx: Transaction, before: Execution, *, reason: str, confirm: str) -> None:
    if access.count_members(tx) > 1:
        raise Forbidden("own_request", say="who asks for a change does not approve it: another member must")
    name = str(before.target["name"])
    if len(reason.strip()) < 3 or confirm != name:
        say = f"you are the only member: give a reason, and the target's name as confirm ({name})"
        errors = [{"field": "confirm", "code": "confirmation_needed", "message": say}]
        raise Invalid("confirmation_needed", say=say, errors=errors)


def _decide(tx: Transaction, before: Execution, decision: str, who: str, reason: str) -> None:
    if (asked := runbooks.approval(tx, before.id)) is not None:
        runbooks.decide(tx, asked.id, decision=decision, by=who, via=tx.actor.id, message=reason or None)


# --- ending


def cancel(tx: Transaction, execution_id: str, *, reason: str = "") -> Execution:
    """Cancel: at once when nothing was begun, else after the step at work has ended. Raises `NotFound`, `Refused("execution_finished")`."""
    before = runbooks.get_execution(tx, execution_id, lock=True)
    if before.status.is_final:
        raise Refused("execution_finished", say=f"the execution is {before.status.value} already")
    who = principal(tx)
    if before.cancel_requested_by is not None:
        return before
    if before.phase is Phase.APPLYING and before.started_at is not None:
        for step in runbooks.steps(tx, before.id):
            if step.command_id is not None and not step.state.is_final:
                commands.cancel(tx, step.command_id, reason=f"canceled by {who}")
        after = replace(before, cancel_requested_by=who, due_at=tx.now)
        after = runbooks.save(tx, after, said=[("info", None, f"{who} asked to cancel; the step at work ends first")])
        news.tell(tx, after, "execution.updated", audit="cancel", detail={"reason": reason})
        return after
    if before.phase is Phase.APPROVAL:
        _decide(tx, before, "canceled", who, reason)
    _drop_plan(tx, before)
    did = before.applied_at is not None
    failure = {"code": "canceled", "message": f"{who} canceled it" + (f": {reason}" if reason else ""), "changed": did}
    return finish(tx, before, Status.CANCELED, failure=failure, audit="cancel", detail={"reason": reason})


def _drop_plan(tx: Transaction, before: Execution) -> None:
    if before.phase is Phase.PLANNING:
        for step in runbooks.steps(tx, before.id):
            if step.is_write:
                commands.cancel(tx, plan_id(before, step), reason="the execution ended")


def finish(
    tx: Transaction,
    before: Execution,
    status: Status,
    *,
    failure: Mapping[str, Any] | None = None,
    steps: Sequence[Step] = (),
    kinds: Sequence[str] = (),
    said: Sequence[tuple[str, str | None, str]] = (),
    audit: str = "finish",
    detail: dict[str, Any] | None = None,
) -> Execution:
    """End an execution: its last row, its steps that never ran, its log, events and audit."""
    touched = {step.id: step for step in steps}
    for step in runbooks.steps(tx, before.id):
        if step.id not in touched and not step.state.is_final:
            touched[step.id] = replace(step, state=StepState.SKIPPED, finished_at=tx.now)
    after = replace(before, status=status, failure=None if failure is None else dict(failure))
    words = f"Ended: {status.value}" + ("" if failure is None else f"; {failure['message']}")
    level = "info" if status in (Status.SUCCEEDED, Status.CANCELED, Status.REJECTED) else "error"
    after = runbooks.save(tx, after, touched.values(), said=[*said, (level, None, words)])
    news.note(tx, after, "runbook_completed")
    ended = ("execution.updated",) if after.dry_run else ("execution.updated", "runbook.completed")
    more = {"status": status.value, "failure": None if failure is None else failure["code"]}
    news.tell(tx, after, *kinds, *ended, audit=audit, detail=more | (detail or {}))
    return after


def retry(tx: Transaction, execution_id: str, *, reason: str = "") -> Execution:
    """Start again with the same parameters, from the step that did not succeed: what was done is not done again.

    Raises `NotFound`, `Refused("not_retryable")`, and as `start` does.
    """
    before = runbooks.get_execution(tx, execution_id)
    if not before.status.is_final or before.status is Status.SUCCEEDED or before.dry_run:
        raise Refused(
            "not_retryable", say=f"the execution is {before.status.value}; only one that ended without success can be tried again"
        )
    old = runbooks.steps(tx, before.id)
    if any(step.state is StepState.UNKNOWN and not is_idempotent(step) for step in old):
        say = "it is not known whether a step was done, and doing it twice would not be the same; look at the object, then start anew"
        raise Refused("not_retryable", say=say)
    asked = Request(
        runbook=before.runbook_id,
        cluster=before.cluster_id,
        issue_id=before.issue_id,
        parameters=before.parameters,
        allow_drift=before.allow_drift,
        reason=reason or before.reason,
        retry_of=before.id,
    )
    after = start(tx, asked)
    if after.runbook_version == before.runbook_version and after.retry_of == before.id:
        _take_over(tx, after, old)
    return after


def is_idempotent(step: Step) -> bool:
    """Whether doing the step twice is the same as doing it once."""
    return VERBS[step.verb].is_idempotent


def _take_over(tx: Transaction, after: Execution, old: Sequence[Step]) -> None:
    """Steps that succeeded before count as done."""
    done: list[Step] = []
    for before, step in zip(old, runbooks.steps(tx, after.id), strict=True):
        if before.state is not StepState.SUCCEEDED:
            break
        message = f"done in {before.execution_id}"
        done.append(replace(step, state=StepState.SKIPPED, message=message, finished_at=tx.now, result=before.result))
        if step.is_write:
            commands.cancel(tx, plan_id(after, step), reason=message)
    runbooks.save_steps(tx, done)


def pause(tx: Transaction, *, is_paused: bool, reason: str = "") -> model.Switch:
    """Stop every execution of the organisation before its next change, or let them go on."""
    made = runbooks.set_switch(tx, is_paused=is_paused, by=principal(tx), reason=reason)
    access.audit(tx, action="executions.pause" if is_paused else "executions.resume", target=tx.org_id, detail={"reason": reason})
    return made


def _invalid(field: str, kind: str, say: str, *, code: str = "invalid_parameters") -> Invalid:
    return Invalid(code, say=say, errors=[{"field": field, "code": kind, "message": say}])

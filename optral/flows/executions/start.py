"""Starts executions: checks everything that can be known before the cluster is asked, then requests the plan.

The execution, its steps and the commands of its plan (a server-side dry run of each step that writes) are one transaction. Nothing is
changed in the cluster before the plan is complete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from optral.access import service as access
from optral.analysis import service as analyses
from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.flows.commands import check_present
from optral.flows.executions import execution_events, guarding, proposals
from optral.flows.executions.inventory import find_object, issue_facts, managers
from optral.flows.executions.persistence import enqueue_plan
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kit.paging import PageRequest
from optral.resources.model import Resource
from optral.runbooks import model, service as runbooks
from optral.runbooks.executions import ability, kubectl, managed
from optral.runbooks.language import defaults, parameters
from optral.runbooks.language.defaults import Sources
from optral.runbooks.language.definition import Definition
from optral.runbooks.language.parameters import Binding
from optral.runbooks.model import PROTECTED_NAMESPACES, Execution, ExecutionFilter, ExecutionStatus, Phase, Runbook, Step
from optral.safeguards.model import Hold
from optral.store.transaction import Transaction
from optral.terms import actor, ids
from optral.terms.errors import Invalid, NotFound, Refused
from optral.terms.refs import ObjectRef

MAX_PLANS = 5
"""Plans for another person that one member can have waiting at a time."""


def principal(tx: Transaction) -> str:
    """The person behind the actor: a key acts for its creator."""
    member = access.me(tx).member
    return tx.actor.id if member is None else member.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to run a runbook. `cluster` and `issue_id`: at least one; `parameters` as the caller sent them.

    `by_pull_request`: propose the change to the repository that Argo CD or Flux applies. `needs_another_person`: whatever its risk, it
    waits until somebody else than the requester approves it.
    """

    runbook: str
    cluster: str | None = None
    issue_id: str | None = None
    parameters: Mapping[str, Any]
    dry_run: bool = False
    allow_drift: bool = False
    by_pull_request: bool = False
    needs_another_person: bool = False
    reason: str = ""
    retry_of: str | None = None
    undo_of: str | None = None
    requested_by: str | None = None
    """The member on whose behalf the system starts it; None: the member behind the actor."""
    trigger_id: str | None = None
    break_glass: str = ""
    is_covered: bool = False
    """It belongs to the execution that it takes back, as an automatic undo does: that one's approval covers it, and no freeze or limit that
    came meanwhile leaves things half done."""


def start(tx: Transaction, request: Request) -> Execution:
    """Start an execution, or return the running one of the same runbook, object and parameters.

    Raises `NotFound`; `Invalid` ("invalid_parameters", "out_of_scope"); `Refused`: "runbook_disabled", "executions_paused",
    "cluster_offline", "agent_too_old", "agent_read_only", "target_not_found", "managed_object",
    "not_managed", "source_unknown", "several_sources", "no_forge", "execution_running", "cooling_down",
    "too_many_changes", "too_many_plans", "frozen", "outside_window".
    """
    runbook = runbooks.get(tx, request.runbook, among=clusters.visible_names(tx))
    issue = None if request.issue_id is None else issues.get(tx, request.issue_id)
    cluster = _cluster(tx, request, issue)
    target = target_of(issue)
    values = parameters.check(runbook.definition, request.parameters, sources(tx, issue))
    bindings = parameters.bind(runbook.definition, values, target)
    _check_scope(tx, runbook, cluster, bindings)
    if not runbook.is_enabled and not request.dry_run:
        raise Refused("runbook_disabled", say=f"{runbook.slug} is disabled; enable it first")
    return launch(tx, request, runbook, cluster, issue, values, bindings)


def launch(
    tx: Transaction,
    request: Request,
    runbook: Runbook,
    cluster: Cluster,
    issue: Issue | None,
    values: Mapping[str, Any],
    bindings: Sequence[Binding],
) -> Execution:
    """The one gate to an execution: what the organization and the cluster allow now, then its rows and the commands of its plan.

    Returns the running execution that it would repeat. Raises `Refused` as `start`.
    """
    _check_permitted(tx, runbook, cluster, bindings, request)
    located = [_locate(tx, cluster, binding) for binding in bindings]
    execution, steps = _build(tx, request, runbook, cluster, issue, values, bindings, located)
    if (running := _running(tx, execution, steps)) is not None:
        return running
    _check_plans(tx, execution)
    _check_managers(tx, runbook, cluster, steps, located, request)
    _check_cooldown(tx, runbook, execution, steps)
    execution = runbooks.insert(tx, execution, steps, _opening_lines(execution, runbook))
    for step in steps:
        if step.is_write:
            enqueue_plan(tx, execution, step)
    execution_events.note(tx, execution, "runbook_started")
    kinds = ("execution.updated",) if execution.dry_run else ("runbook.started", "execution.updated")
    kinds = ("execution.breakGlass", *kinds) if request.break_glass else kinds
    detail = {"parameters": dict(values), "dryRun": request.dry_run, "allowDrift": request.allow_drift, "reason": request.reason}
    detail |= {"breakGlass": request.break_glass} if request.break_glass else {}
    detail |= {"trigger": request.trigger_id} if request.trigger_id else {}
    execution_events.emit(tx, execution, *kinds, audit="start", detail=detail)
    return execution


def _cluster(tx: Transaction, request: Request, issue: Issue | None) -> Cluster:
    if request.cluster is None and issue is None:
        raise _invalid("clusterId", "missing", "name the cluster, or the issue that the runbook is for")
    found = issue.cluster_id if request.cluster is None and issue is not None else clusters.resolve(tx, str(request.cluster))
    if found is None:
        raise NotFound("cluster_not_found", say=f"there is no cluster {str(request.cluster)[:64]}")
    if issue is not None and issue.cluster_id != found:
        raise _invalid("clusterId", "other_cluster", "the issue belongs to another cluster")
    return clusters.get(tx, found)


def target_of(issue: Issue | None) -> dict[str, str | None]:
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


def sources(tx: Transaction, issue: Issue | None) -> Sources:
    """What the defaults of parameters may be taken from."""
    if issue is None:
        return {}
    found = analyses.shown(tx, issue.id)
    analysis = {} if found is None else defaults.of_analysis(found.result, found.cause_id)
    return {"target": target_of(issue), "issue": issue_facts(issue) | {"title": issue.title}, "analysis": analysis}


def _check_scope(tx: Transaction, runbook: Runbook, cluster: Cluster, bindings: Sequence[Binding]) -> None:
    definition = runbook.definition
    if definition.clusters and not {cluster.id, cluster.name} & set(definition.clusters):
        named = runbooks.narrowed(runbook, clusters.visible_names(tx)).definition.clusters
        raise _invalid("clusterId", "out_of_scope", f"{runbook.slug} is for other clusters: {', '.join(named)}", code="out_of_scope")
    for binding in bindings:
        namespace = binding.object.namespace
        if definition.namespaces and namespace is not None and namespace not in definition.namespaces:
            say = f"{runbook.slug} is for other namespaces: {', '.join(definition.namespaces)}"
            raise _invalid("parameters.namespace", "out_of_scope", say, code="out_of_scope")
        if binding.action.is_write and namespace in PROTECTED_NAMESPACES:
            raise _invalid("parameters.namespace", "protected", f"runbooks never change anything in {namespace}", code="out_of_scope")


def _check_permitted(tx: Transaction, runbook: Runbook, cluster: Cluster, bindings: Sequence[Binding], request: Request) -> None:
    if not request.dry_run and runbook.definition.writes and (switch := runbooks.switch(tx)).is_paused:
        raise Refused("executions_paused", say=f"executions are paused: {switch.reason or 'no reason given'}")
    check_present(cluster)
    _check_able(cluster, bindings)
    if not request.dry_run and runbook.definition.writes and not request.by_pull_request and not request.is_covered:
        is_unattended = request.trigger_id is not None
        guarding.require_allowed(tx, cluster, bindings, break_glass=request.break_glass, is_unattended=is_unattended)


def _check_able(cluster: Cluster, bindings: Sequence[Binding]) -> None:
    """A dry run needs a policy that allows the change, too."""
    found = ability.obstacle(cluster.agent_capabilities, [(binding.action.verb, binding.object.namespace) for binding in bindings])
    if found is not None and found.code == ability.READ_ONLY_CODE:
        command = kubectl.of_bindings(bindings)
        by_hand = f"run it yourself: {command}; or, " if command else ""
        raise Refused(found.code, say=f"{found.say}; {by_hand}{found.advice}")


def _locate(tx: Transaction, cluster: Cluster, one: Binding) -> Resource | None:
    """The object in the inventory. A step that writes needs it: its uid keeps the change away from a new object of the same name.

    For whoever is limited to namespaces, objects elsewhere do not exist, also for steps that only read.
    """
    is_within = tx.actor.may_see(cluster.id, one.object.namespace)
    found = find_object(tx, cluster.id, one.object) if is_within else None
    if found is None and (one.action.is_write or not is_within):
        raise Refused("target_not_found", say=f"the inventory of {cluster.name} has no {one.object}")
    return found


def _build(
    tx: Transaction,
    request: Request,
    runbook: Runbook,
    cluster: Cluster,
    issue: Issue | None,
    values: Mapping[str, Any],
    bindings: Sequence[Binding],
    located: Sequence[Resource | None],
) -> tuple[Execution, list[Step]]:
    definition = runbook.definition
    needs_approval = _needs_approval(tx, request, definition, cluster, bindings)
    lead = parameters.lead_of(bindings)
    execution = Execution(
        id=ids.new("exe"),
        org_id=tx.org_id,
        runbook_id=runbook.id,
        runbook_slug=runbook.slug,
        runbook_name=runbook.definition.name,
        runbook_version=runbook.version,
        definition=runbooks.as_json(definition),
        cluster_id=cluster.id,
        issue_id=None if issue is None else issue.id,
        status=ExecutionStatus.PENDING_APPROVAL if needs_approval else ExecutionStatus.QUEUED,
        phase=Phase.PLANNING,
        parameters=dict(values),
        dry_run=request.dry_run,
        allow_drift=request.allow_drift,
        by_pull_request=request.by_pull_request,
        needs_another_person=request.needs_another_person,
        reason=request.reason[:500],
        target={"kind": lead.object.short_kind, "namespace": lead.object.namespace, "name": lead.object.name},
        namespace=_common_namespace(bindings),
        requested_by=request.requested_by or principal(tx),
        requested_via=actor.system().id if request.is_covered else request.trigger_id or tx.actor.id,
        trigger_id=request.trigger_id,
        break_glass=request.break_glass[:500] or None,
        created_at=tx.now,
        updated_at=tx.now,
        due_at=tx.now,
        retry_of=request.retry_of,
        undo_of=request.undo_of,
        cause=None if issue is None else analyses.causes_of(tx, [issue.id]).get(issue.id),
        lock=f"runbook/{runbook.id}" if definition.concurrency == "perRunbook" and not request.dry_run else None,
    )
    return execution, _steps(execution, bindings, located)


def _needs_approval(tx: Transaction, request: Request, definition: Definition, cluster: Cluster, bindings: Sequence[Binding]) -> bool:
    if request.needs_another_person:
        return True
    if not definition.writes or request.dry_run or request.by_pull_request:
        return False
    namespaces = {binding.object.namespace for binding in bindings if binding.action.is_write}
    risk = definition.risk_with((binding.action.verb, binding.values) for binding in bindings)
    is_unattended = request.trigger_id is not None
    return guarding.needs_approval(tx, definition, risk, cluster.id, namespaces, is_unattended=is_unattended, is_covered=request.is_covered)


def _common_namespace(bindings: Sequence[Binding]) -> str | None:
    """The namespace that all objects are in."""
    first, *others = {binding.object.namespace for binding in bindings}
    return None if others else first


def _steps(execution: Execution, bindings: Sequence[Binding], located: Sequence[Resource | None]) -> list[Step]:
    steps: list[Step] = []
    locks: set[str] = set()
    for position, (one, found) in enumerate(zip(bindings, located, strict=True)):
        lock = parameters.lock_of(execution.cluster_id, one.object)
        lock = f"source/{lock}" if execution.by_pull_request else lock  # it may wait for days, and the cluster is changed meanwhile
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
                is_optional=one.action.may_fail,
                kind=one.object.short_kind,
                namespace=one.object.namespace,
                object_name=one.object.name,
                uid="" if found is None else found.uid,
                lock=lock if is_writer else None,
            )
        )
    return steps


def _running(tx: Transaction, execution: Execution, steps: Sequence[Step]) -> Execution | None:
    """The running execution that this one would repeat. Raises `Refused` when another one holds one of its objects."""
    for holder in runbooks.holders(tx, [step.lock for step in steps if step.lock], execution.lock):
        running = runbooks.visible_execution(tx, holder)
        same = (
            "runbook_id",
            "runbook_version",
            "cluster_id",
            "parameters",
            "allow_drift",
            "by_pull_request",
            "needs_another_person",
            "undo_of",
        )
        is_same = running is not None and all(getattr(running, name) == getattr(execution, name) for name in same)
        if running is not None and is_same and running.cancel_requested_by is None:
            return running
        raise _is_running(running)
    return None


def _check_plans(tx: Transaction, execution: Execution) -> None:
    """Plans lock their objects until they are decided, so that a program must not make many of them."""
    if not execution.needs_another_person:
        return
    waiting = ExecutionFilter(statuses=frozenset({ExecutionStatus.PENDING_APPROVAL.value}))
    open_plans = runbooks.find_executions(tx, waiting, PageRequest(size=200))
    if sum(one.needs_another_person and one.requested_by == execution.requested_by for one in open_plans) >= MAX_PLANS:
        say = f"{MAX_PLANS} plans that you requested wait for approval; have them approved, rejected or canceled first"
        raise Refused("too_many_plans", say=say)


def _is_running(running: Execution | None) -> Refused:
    if running is None:
        say = "an execution that you cannot see runs this runbook or changes this object; wait until it ends"
        return Refused("execution_running", say=say)
    say = f"{running.runbook_slug} already runs on {_describe(running.target)}; wait for {running.id} or cancel it"
    return Refused("execution_running", say=say, executionId=running.id)


def held_now(tx: Transaction, runbook: Runbook, cluster_id: str, given: Mapping[str, Any]) -> Hold | None:
    """Why a run with these parameters would be refused for a while: it runs, or has just run. None also where a value is missing."""
    if not runbook.definition.writes:
        return None
    try:
        bindings = parameters.bind(runbook.definition, parameters.check(runbook.definition, given, {}), {})
    except Invalid:
        return None
    changed = [one.object for one in bindings if one.action.is_write]
    own = f"runbook/{runbook.id}" if runbook.definition.concurrency == "perRunbook" else None
    for holder in runbooks.current_holders(tx, [parameters.lock_of(cluster_id, ref) for ref in changed], own):
        return Hold("execution_running", _is_running(runbooks.visible_execution(tx, holder)).say, None)
    return _cooldown(tx, runbook, cluster_id, changed)


def repeated(old: Execution, reason: str, break_glass: str = "") -> Request:
    """The request that asks for the same as an earlier execution, with its reason if none is given."""
    return Request(
        runbook=old.runbook_id,
        cluster=old.cluster_id,
        issue_id=old.issue_id,
        parameters=old.parameters,
        allow_drift=old.allow_drift,
        by_pull_request=old.by_pull_request,
        needs_another_person=old.needs_another_person,
        reason=reason or old.reason,
        break_glass=break_glass,
    )


def _describe(target: Mapping[str, Any]) -> str:
    return str(ObjectRef(str(target["kind"]), target.get("namespace"), str(target["name"])))


def _check_managers(
    tx: Transaction, runbook: Runbook, cluster: Cluster, steps: Sequence[Step], located: Sequence[Resource | None], request: Request
) -> None:
    if request.allow_drift or request.dry_run:
        return
    if request.by_pull_request:
        proposals.source_of(tx, cluster.id, list(zip(steps, located, strict=True)))
        return
    for step, found in zip(steps, located, strict=True):
        if who := managers(tx, cluster.id, step, found):
            say = (
                f"{step.object} is managed by {', '.join(map(str, who))}, which would undo or hide what {runbook.slug} changes; "
                "change it at its source, or set allowDrift"
            ) + ("; the change will be reverted at the next sync" if any(one.kind in managed.SYNCING for one in who) else "")
            raise Refused("managed_object", say=say)


def _check_cooldown(tx: Transaction, runbook: Runbook, execution: Execution, steps: Sequence[Step]) -> None:
    if execution.dry_run or execution.retry_of is not None or execution.undo_of is not None or not runbook.definition.cooldown_s:
        return
    hold = _cooldown(tx, runbook, execution.cluster_id, [step.object for step in steps if step.is_write])
    if hold is not None:
        raise guarding.refusal(hold)


def _cooldown(tx: Transaction, runbook: Runbook, cluster_id: str, changed: Sequence[ObjectRef]) -> Hold | None:
    for ref in changed:
        last = runbooks.last_applied(tx, runbook_id=runbook.id, cluster_id=cluster_id, ref=ref)
        if wait_s := model.due_cooldown(last, runbook.definition.cooldown_s, tx.now):
            return Hold(
                "cooling_down", f"{runbook.slug} changed {' '.join(str(ref).split('/', 1))} recently", tx.now + timedelta(seconds=wait_s)
            )
    return None


def _opening_lines(execution: Execution, runbook: Runbook) -> list[str]:
    kind = "A dry run of " if execution.dry_run else "" if execution.undo_of is None else f"The undo of {execution.undo_of}, "
    lines = [f"{kind}{runbook.slug} version {runbook.version} on {_describe(execution.target)}, requested by {execution.requested_by}"]
    lines += [f"Started by the trigger {execution.trigger_id}"] if execution.trigger_id else []
    lines += [f"Despite a freeze, because: {execution.break_glass}"] if execution.break_glass else []
    return lines + ([f"Reason: {execution.reason}"] if execution.reason else [])


def _invalid(field: str, kind: str, say: str, *, code: str = "invalid_parameters") -> Invalid:
    return Invalid(code, say=say, errors=[{"field": field, "code": kind, "message": say}])

"""Executions over HTTP: list, get, and log. `execution_shapes.py` has their JSON, `execution_control.py` the requests that change them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from starlette.responses import Response

from optral.api.clusters.clusters import resolve_all
from optral.api.http import waiting as long_polls
from optral.api.http.lists import PageQuery, list_response, page_query, page_request
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import Call, Routes, as_json, check_id, json_answer, json_response, present, single
from optral.api.http.times import Moment
from optral.api.issues.issue_shapes import Name
from optral.api.runbooks.execution_shapes import ExecutionList, ExecutionShape, LogList
from optral.clusters import service as clusters
from optral.flows.executions import approvals, guarding
from optral.flows.executions.approvals import ApprovalState
from optral.flows.idempotency import Answer
from optral.forges import service as forges
from optral.forges.model import Proposal
from optral.runbooks import service as runbooks
from optral.runbooks.executions import permissions, reversal, sentences, waiting
from optral.runbooks.executions.approvals import ApprovalDecision
from optral.runbooks.executions.effects import Progress
from optral.runbooks.executions.permissions import MissingGrant
from optral.runbooks.model import Execution, ExecutionFilter, ExecutionStatus, LogEntry, Phase, Step
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound
from optral.terms.verbs import VERBS

Sort = Literal["createdAt", "-createdAt", "status", "-status"]
MAX_WAIT_S = 25
MAX_LOG = 500

Found = tuple[Execution, list[Step], str, Proposal | None, waiting.Waiting | None, ApprovalState | None]
"""The arguments of `shape`: execution, steps, name of its cluster, pull request, what holds it, and how its approval stands."""


def with_steps(tx: Transaction, execution: Execution) -> Found:
    """What `shape` needs of an execution."""
    names, steps = clusters.names(tx, [execution.cluster_id]), runbooks.steps(tx, execution.id)
    proposal = forges.proposal_of(tx, execution.id) if execution.by_pull_request else None
    held = guarding.waits(tx, [(execution, steps)], names).get(execution.id)
    name = names.get(execution.cluster_id, execution.cluster_id)
    return execution, steps, name, proposal, held, approvals.state(tx, execution)


def list_shapes(tx: Transaction, executions: Sequence[Execution]) -> list[dict[str, Any]]:
    """Several executions, in the short form of lists."""
    names = clusters.names(tx, {execution.cluster_id for execution in executions})
    steps = runbooks.steps_of(tx, [execution.id for execution in executions])
    held = guarding.waits(tx, [(execution, steps[execution.id]) for execution in executions], names)
    asked = approvals.states(tx, [execution for execution in executions if execution.phase is Phase.APPROVAL])

    def shown(one: Execution) -> dict[str, Any]:
        name = names.get(one.cluster_id, one.cluster_id)
        return shape(one, steps[one.id], name, held=held.get(one.id), approval=asked.get(one.id), whole=False)

    return [shown(execution) for execution in executions]


def shape(
    execution: Execution,
    steps: Sequence[Step],
    cluster: str,
    proposal: Proposal | None = None,
    held: waiting.Waiting | None = None,
    approval: ApprovalState | None = None,
    *,
    whole: bool = True,
) -> dict[str, Any]:
    """The JSON of an execution; without `whole`, in the short form of lists: no plan, and no results of steps."""
    return {
        **present(
            id=execution.id,
            runbook={
                "id": execution.runbook_id,
                "name": execution.runbook_name,
                "slug": execution.runbook_slug,
                "version": execution.runbook_version,
            },
            cluster=cluster,
            clusterId=execution.cluster_id,
            issueId=execution.issue_id,
            status=execution.status,
            target=dict(execution.target),
            parameters=dict(execution.parameters),
            risk=Progress(execution, steps).risk,
            dryRun=execution.dry_run,
            allowDrift=execution.allow_drift,
            byPullRequest=execution.by_pull_request,
            needsAnotherPerson=execution.needs_another_person or None,
            reason=execution.reason,
            approval=_approval(execution, approval, whole=whole),
            plan=_plan(execution.plan) if whole and execution.plan is not None else None,
            steps=[_step(step, whole=whole) for step in steps],
            requestedBy=execution.requested_by,
            triggerId=execution.trigger_id,
            breakGlass=execution.break_glass,
            approvedBy=execution.approved_by,
            canceling=execution.cancel_requested_by is not None and not execution.status.is_final,
            createdAt=execution.created_at,
            startedAt=execution.started_at,
            finishedAt=execution.finished_at,
            waitingFor=_waiting(execution, steps, held),
            verification=execution.verification,
            retryOf=execution.retry_of,
            undoOf=execution.undo_of,
            pullRequest=proposal.plain() if whole and proposal is not None else None,
            undo=_undo(execution, steps) if whole else None,
            cause=execution.cause,
            version=execution.version,
        ),
        **({} if execution.failure is None else {"failure": dict(execution.failure)}),
    }


def _approval(execution: Execution, state: ApprovalState | None, *, whole: bool) -> dict[str, Any]:
    is_needed = (
        execution.status is ExecutionStatus.PENDING_APPROVAL or execution.approved_by is not None or execution.expires_at is not None
    )
    shown = present(required=is_needed, ready=execution.phase is Phase.APPROVAL, expiresAt=execution.expires_at)
    if state is None:
        return shown
    requirement = state.requested.requirement
    groups = [{"roles": list(group.roles), "members": list(group.members)} for group in requirement.groups]
    shown |= present(needed=requirement.approvals, given=state.panel.approvals, approvers=groups or None)
    return shown | {"decisions": [_decision(decision, state) for decision in state.decisions]} if whole else shown


def _decision(one: ApprovalDecision, state: ApprovalState) -> dict[str, Any]:
    return present(
        by=one.by,
        onBehalfOf=one.member_id if one.member_id != one.by else None,
        verdict=one.verdict.value,
        at=one.at,
        reason=one.reason,
        counts=one.id in state.counting,
    )


def _plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    lacking = permissions.of_plan(plan)
    denied = {one.step for one in lacking}
    taken = {one["step"]: one for one in (plan.get("impact") or {}).get("steps", ())}
    steps = [
        step
        | present(
            summary=sentences.of_step(step, taken.get(step["name"])),
            isDryRun=step["isWrite"] and step["name"] not in denied,
            permissions=_permissions(step),
        )
        for step in plan["steps"]
    ]
    shown = {**plan, "steps": steps} | ({"missingPermissions": list(map(_lack, lacking))} if lacking else {})
    if "impact" in plan:
        shown["impact"] = {**plan["impact"], "steps": [present(**step) for step in plan["impact"]["steps"]]}
    return shown


def _waiting(execution: Execution, steps: Sequence[Step], held: waiting.Waiting | None) -> dict[str, Any] | None:
    if (found := waiting.of(Progress(execution, steps), held)) is None:
        return None
    step, position = (None, None) if found.step is None else (found.step.name, found.step.position + 1)
    return present(kind=found.kind, step=step, position=position, until=found.until, what=found.what, windowId=found.window_id)


def _undo(execution: Execution, steps: Sequence[Step]) -> dict[str, Any] | None:
    if not execution.status.is_final or execution.dry_run:
        return None
    reason = reversal.obstacle(Progress(execution, steps))
    return present(possible=reason is None, reason=reason)


def _permissions(step: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    if not step["isWrite"]:
        return None
    needed, namespace = VERBS[step["verb"]].permissions.get(step["object"]["kind"], ()), step["object"].get("namespace")
    return [present(verb=one.verb, resource=one.on, namespace=namespace) for one in needed]


def _lack(one: MissingGrant) -> dict[str, Any]:
    needed, namespace = one.missing.permission, one.missing.namespace or None
    return present(
        step=one.step,
        verb=needed.verb,
        resource=needed.on,
        namespace=namespace,
        role=one.role,
        rule=needed.rule,
        chartValues=one.chart_values,
    )


def _step(step: Step, *, whole: bool) -> dict[str, Any]:
    return present(
        id=step.id,
        name=step.name,
        verb=step.verb,
        object=present(kind=step.kind, namespace=step.namespace, name=step.object_name, uid=step.uid or None),
        state=step.state,
        attempt=step.attempt,
        startedAt=step.started_at,
        finishedAt=step.finished_at,
        code=step.code,
        message=step.message,
        result=step.result if whole else None,
        preImage=step.pre_image if whole else None,
    )


async def _until(call: Call, execution_id: str, wait_s: float, is_enough: Callable[[Execution], bool]) -> None:
    def read(tx: Transaction) -> Execution:
        return runbooks.get_execution(tx, execution_id)

    await long_polls.until(call, runbooks.CHANGED, execution_id, wait_s=wait_s, read=read, is_enough=is_enough)


async def start_response(call: Call, job: Callable[[Transaction], Found], *, wait_s: int) -> Response:
    """202 with the Location of the execution; with `wait_s`, the body is its state at the end of the wait."""

    def render(found: Found) -> Answer:
        return json_answer(shape(*found), status=202, headers={"Location": f"/v1/executions/{found[0].id}"})

    response = await call.change(job, render)
    if not wait_s or response.status_code != 202:
        return response
    execution_id = response.headers["location"].rpartition("/")[2]
    await _until(call, execution_id, wait_s, lambda one: one.status.is_final or one.phase is Phase.APPROVAL)
    found = await call.read(lambda tx: with_steps(tx, runbooks.get_execution(tx, execution_id)))
    kept = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(as_json(shape(*found)), 202, kept)


async def list_executions(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
    status: Annotated[list[ExecutionStatus] | None, Query(description="One or more values; matches any of them")] = None,
    runbook: Annotated[list[Name] | None, Query(description="Runbook ids or slugs; unknown ones match nothing")] = None,
    issue: Annotated[
        str | None, Query(min_length=1, max_length=40, pattern=TEXT_PATTERN, description="Id of the issue that the execution is for")
    ] = None,
    dry_run: Annotated[bool | None, Query(alias="dryRun", description="`true`: only dry runs; `false`: no dry runs")] = None,
    since: Annotated[Moment | None, Query(description="Requested at or after this time")] = None,
    until: Annotated[Moment | None, Query(description="Requested before this time")] = None,
    sort: Annotated[Sort, Query()] = "-createdAt",
) -> Response:
    """List executions"""
    page = page_request(call, wanted, sort)

    def read(tx: Transaction) -> tuple[list[Execution], int, dict[str, dict[str, Any]]]:
        chosen, books = resolve_all(tx, cluster), _runbook_ids(tx, runbook)
        if (chosen is not None and not chosen) or (books is not None and not books):
            return [], 0, {}
        fits = ExecutionFilter(
            clusters=chosen or frozenset(),
            statuses=frozenset(one.value for one in status or ()),
            runbook_ids=books or frozenset(),
            issue_id=issue,
            dry_run=dry_run,
            since=since,
            until=until,
        )
        found = runbooks.find_executions(tx, fits, page)
        return found, runbooks.count_executions(tx, fits), {one["id"]: one for one in list_shapes(tx, found)}

    found, total, shown = await call.read(read)
    return list_response(
        call,
        wanted,
        sort,
        found,
        total,
        plural="executions",
        place=lambda one: runbooks.execution_place(one, sort.lstrip("-")),
        shape=lambda one: shown[one.id],
    )


def _runbook_ids(tx: Transaction, given: list[str] | None) -> frozenset[str] | None:
    if not given:
        return None
    found = set()
    for one in given:
        try:
            found.add(runbooks.get(tx, one, among=clusters.visible_names(tx)).id)
        except NotFound:
            found.update({one} if one.startswith("rbk_") else ())  # executions of a deleted runbook still exist
    return frozenset(found)


async def get_execution(call: Call, execution_id: str) -> Response:
    """Get an execution with its plan and the results of its steps"""
    check_id(execution_id, "exe")
    found = await call.read(lambda tx: with_steps(tx, runbooks.get_execution(tx, execution_id)))
    return single(call, lambda: shape(*found), found[0].version)


async def execution_logs(
    call: Call,
    execution_id: str,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Offset of the first entry to return")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LOG)] = 200,
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait for new entries")] = 0,
) -> Response:
    """Get the log of an execution"""
    check_id(execution_id, "exe")
    if wait:
        await _until(call, execution_id, wait, lambda one: one.log_count > offset or one.status.is_final)

    def read(tx: Transaction) -> tuple[Execution, list[LogEntry]]:
        return runbooks.get_execution(tx, execution_id), runbooks.log(tx, execution_id, offset=offset, limit=limit)

    one, found = await call.read(read)
    next_offset = found[-1].offset + 1 if found else offset
    return json_response(
        {
            "logs": [present(offset=e.offset, at=e.at, step=e.step, level=e.level, message=e.message) for e in found],
            "total": one.log_count,
            "page": 1,
            "pageSize": limit,
            "nextOffset": next_offset,
            "completed": one.status.is_final and next_offset >= one.log_count,
        }
    )


def add(app: FastAPI) -> None:
    routes = Routes(app, "executions")
    one = "/v1/executions/{execution_id}"
    routes.add("GET", "/v1/executions", list_executions, scope="runbooks:read", gives=ExecutionList)
    routes.add("GET", one, get_execution, scope="runbooks:read", gives=ExecutionShape, errors=(404,), headers={"ETag": 1})
    routes.add("GET", one + "/logs", execution_logs, scope="runbooks:read", gives=LogList, errors=(404,))

"""Executions over HTTP: list, look, follow the log, decide, cancel, try again, and the switch that pauses them all."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters import resolve_all
from optral.api.http import waiting
from optral.api.http.lists import PageQuery, envelope, page_query, page_request
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, as_json, check_id, etag, json_answer, json_response, present, single
from optral.api.http.times import Moment
from optral.api.issues import Name
from optral.clusters import service as clusters
from optral.flows.executions import control as flow
from optral.flows.idempotency import Answer
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionFilter, LogEntry, Phase, Status, Step, Switch
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound

Sort = Literal["createdAt", "-createdAt", "status", "-status"]
MAX_WAIT_S = 25
MAX_LOG = 500


class RunbookRef(Shape):
    id: str
    name: str
    slug: str
    version: int


class ObjectShape(Shape):
    kind: str = Field(examples=["Deployment"])
    namespace: str | None = None
    name: str
    uid: str | None = None


class ChangeShape(Shape):
    step: str
    path: str = Field(examples=["spec.template.spec.containers[api].resources.limits.memory"])
    from_: Any = Field(None, alias="from", description="null if the field was not set")
    to: Any = None


class PlannedStep(Shape):
    name: str
    verb: str
    object: ObjectShape
    values: dict[str, Any]
    is_write: bool


class ManagerShape(Shape):
    step: str
    kind: Literal["argocd", "flux", "helm", "operator", "hpa"]
    name: str


class PlanShape(Shape):
    """The changes that the execution would make, from a dry run against the API server"""

    hash: str = Field(description="Hash that an approval refers to")
    steps: list[PlannedStep]
    diff: list[ChangeShape]
    managers: list[ManagerShape] = Field(description="Other controllers that manage these objects")


class StepShape(Shape):
    id: str
    name: str
    verb: str
    object: ObjectShape
    state: Literal["pending", "checking", "running", "succeeded", "failed", "unknown", "skipped", "canceled"]
    attempt: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    code: str | None = None
    message: str | None = None
    result: dict[str, Any] | None = Field(None, description="Only in the response for a single execution")
    pre_image: dict[str, Any] | None = Field(None, description="Values of the changed fields before the change")


class CheckShape(Shape):
    name: str
    status: Literal["passed", "failed", "inconclusive"]
    message: str


class VerificationShape(Shape):
    """Whether the change helped. `status` is set when the verification has finished"""

    status: Literal["passed", "failed", "inconclusive"] | None = None
    checks: list[CheckShape]
    stable_seconds: int
    since: datetime | None = Field(None, description="Since when all checks pass without interruption")
    until: datetime = Field(description="Deadline of the verification")


class FailureShape(Shape):
    code: str
    message: str
    step: str | None = None
    changed: bool | None = Field(None, description="Whether the execution changed the cluster; null if unknown")
    check: ObjectShape | None = Field(None, description="The object to check if the outcome is unknown")


class ApprovalShape(Shape):
    required: bool
    ready: bool = Field(description="The plan is complete and can be approved or rejected")
    expires_at: datetime | None = None


class ExecutionShape(Shape):
    id: str = Field(examples=["exe_01jd3q4m6ve5jt8cmykq3rzm0a"])
    runbook: RunbookRef
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    issue_id: str | None = None
    status: Status
    target: ObjectShape
    parameters: dict[str, Any]
    dry_run: bool
    allow_drift: bool
    reason: str
    approval: ApprovalShape
    plan: PlanShape | None = Field(None, description="Only in the response for a single execution")
    steps: list[StepShape]
    requested_by: str
    approved_by: str | None = None
    canceling: bool = Field(description="Cancellation was requested; the running step finishes first")
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    verification: VerificationShape | None = None
    failure: FailureShape | None = None
    retry_of: str | None = None
    version: int


class ExecutionList(Shape):
    executions: list[ExecutionShape]
    total: int
    page: int
    page_size: int
    next_cursor: str | None = None


class LogShape(Shape):
    offset: int
    at: datetime
    step: str | None = None
    level: Literal["info", "warning", "error"]
    message: str


class LogList(Shape):
    logs: list[LogShape]
    total: int
    page: int
    page_size: int
    next_offset: int = Field(description="Offset of the next request")
    completed: bool = Field(description="The execution has finished and the log is complete")


class Decision(Input):
    reason: str = Field("", max_length=500)


class Approve(Decision):
    plan_hash: str | None = Field(
        None, max_length=80, description="Hash of the plan that you reviewed; the request fails if the plan has changed"
    )
    confirm: str = Field("", max_length=253, description="The target's name; required if you are the only member of the organization")


class SwitchShape(Shape):
    paused: bool
    by: str | None = None
    at: datetime | None = None
    reason: str


def seen(tx: Transaction, one: Execution) -> tuple[Execution, list[Step], str]:
    """What an answer needs of an execution."""
    names = clusters.names(tx, [one.cluster_id])
    return one, runbooks.steps(tx, one.id), names.get(one.cluster_id, one.cluster_id)


def shapes(tx: Transaction, found: Sequence[Execution]) -> list[dict[str, Any]]:
    """Several executions as lists show them."""
    names = clusters.names(tx, {one.cluster_id for one in found})
    steps = runbooks.steps_of(tx, [one.id for one in found])
    return [shape(one, steps[one.id], names.get(one.cluster_id, one.cluster_id), whole=False) for one in found]


def shape(one: Execution, steps: Sequence[Step], cluster: str, *, whole: bool = True) -> dict[str, Any]:
    """`whole` False leaves out what is long: the plan and what steps found."""
    is_asked = one.status is Status.PENDING_APPROVAL or one.approved_by is not None or one.expires_at is not None
    return {
        **present(
            id=one.id,
            runbook={"id": one.runbook_id, "name": one.runbook_name, "slug": one.runbook_slug, "version": one.runbook_version},
            cluster=cluster,
            clusterId=one.cluster_id,
            issueId=one.issue_id,
            status=one.status,
            target=dict(one.target),
            parameters=dict(one.parameters),
            dryRun=one.dry_run,
            allowDrift=one.allow_drift,
            reason=one.reason,
            approval=present(required=is_asked, ready=one.phase is Phase.APPROVAL, expiresAt=one.expires_at),
            plan=one.plan if whole else None,
            steps=[_step(step, whole=whole) for step in steps],
            requestedBy=one.requested_by,
            approvedBy=one.approved_by,
            canceling=one.cancel_requested_by is not None and not one.status.is_final,
            createdAt=one.created_at,
            startedAt=one.started_at,
            finishedAt=one.finished_at,
            verification=one.verification,
            retryOf=one.retry_of,
            version=one.version,
        ),
        **({} if one.failure is None else {"failure": dict(one.failure)}),
    }


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
    def look(tx: Transaction) -> Execution:
        return runbooks.get_execution(tx, execution_id)

    await waiting.until(call, runbooks.CHANGED, execution_id, wait_s=wait_s, read=look, is_enough=is_enough)


async def begun(call: Call, job: Callable[[Transaction], tuple[Execution, list[Step], str]], *, wait_s: int) -> Response:
    """202 with the execution's address; with `wait_s` its body is how it stands after waiting."""

    def render(found: tuple[Execution, list[Step], str]) -> Answer:
        return json_answer(shape(*found), status=202, headers={"Location": f"/v1/executions/{found[0].id}"})

    response = await call.change(job, render)
    if not wait_s or response.status_code != 202:
        return response
    execution_id = response.headers["location"].rpartition("/")[2]
    await _until(call, execution_id, wait_s, lambda one: one.status.is_final or one.phase is Phase.APPROVAL)
    found = await call.read(lambda tx: seen(tx, runbooks.get_execution(tx, execution_id)))
    kept = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(as_json(shape(*found)), 202, kept)


async def list_executions(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
    status: Annotated[list[Status] | None, Query(description="One or more values; matches any of them")] = None,
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

    def look(tx: Transaction) -> tuple[list[Execution], int, dict[str, dict[str, Any]]]:
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
        return found, runbooks.count_executions(tx, fits), {one["id"]: one for one in shapes(tx, found)}

    found, total, shown = await call.read(look)
    return json_response(
        envelope(
            call,
            wanted,
            plural="executions",
            found=found,
            total=total,
            sort=sort,
            place=lambda one: runbooks.execution_place(one, sort.lstrip("-")),
            shape=lambda one: shown[one.id],
        )
    )


def _runbook_ids(tx: Transaction, given: list[str] | None) -> frozenset[str] | None:
    if not given:
        return None
    found = set()
    for one in given:
        try:
            found.add(runbooks.get(tx, one, among=clusters.visible_names(tx)).id)
        except NotFound:
            found.update({one} if one.startswith("rbk_") else ())  # a deleted one's executions are still there
    return frozenset(found)


async def get_execution(call: Call, execution_id: str) -> Response:
    """Get an execution with its plan and the results of its steps"""
    check_id(execution_id, "exe")
    found = await call.read(lambda tx: seen(tx, runbooks.get_execution(tx, execution_id)))
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

    def look(tx: Transaction) -> tuple[Execution, list[LogEntry]]:
        return runbooks.get_execution(tx, execution_id), runbooks.log(tx, execution_id, offset=offset, limit=limit)

    one, found = await call.read(look)
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


async def _moved(call: Call, job: Callable[[Transaction], Execution]) -> Response:
    return await call.change(
        lambda tx: seen(tx, job(tx)), lambda found: json_answer(shape(*found), headers={"ETag": etag(found[0].version)})
    )


async def approve_execution(call: Call, execution_id: str, body: Approve) -> Response:
    """Approve an execution's plan"""
    check_id(execution_id, "exe")

    def job(tx: Transaction) -> Execution:
        return flow.approve(tx, execution_id, reason=body.reason, confirm=body.confirm, plan_hash=body.plan_hash)

    return await _moved(call, job)


async def reject_execution(call: Call, execution_id: str, body: Decision) -> Response:
    """Reject an execution"""
    check_id(execution_id, "exe")
    return await _moved(call, lambda tx: flow.reject(tx, execution_id, reason=body.reason))


async def cancel_execution(call: Call, execution_id: str, body: Decision) -> Response:
    """Cancel an execution

    A running step finishes first.
    """
    check_id(execution_id, "exe")
    return await _moved(call, lambda tx: flow.cancel(tx, execution_id, reason=body.reason))


async def retry_execution(
    call: Call,
    execution_id: str,
    body: Decision,
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait for the execution to finish")] = 0,
) -> Response:
    """Retry an execution from the step that did not succeed"""
    check_id(execution_id, "exe")
    return await begun(call, lambda tx: seen(tx, flow.retry(tx, execution_id, reason=body.reason)), wait_s=wait)


def _switch(one: Switch) -> dict[str, Any]:
    return present(paused=one.is_paused, by=one.by, at=one.at, reason=one.reason)


async def get_pause(call: Call) -> Response:
    """Get whether executions are paused"""
    return json_response(_switch(await call.read(runbooks.switch)))


async def pause_executions(call: Call, body: Decision) -> Response:
    """Pause all executions

    Each execution pauses before its next change.
    """
    return await call.change(lambda tx: flow.pause(tx, is_paused=True, reason=body.reason), lambda one: json_answer(_switch(one)))


async def resume_executions(call: Call, body: Decision) -> Response:
    """Resume executions"""
    return await call.change(lambda tx: flow.pause(tx, is_paused=False, reason=body.reason), lambda one: json_answer(_switch(one)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "executions")
    one = "/v1/executions/{execution_id}"
    routes.add("GET", "/v1/executions", list_executions, scope="runbooks:read", gives=ExecutionList)
    routes.add("GET", "/v1/executions/pause", get_pause, scope="runbooks:read", gives=SwitchShape)
    routes.add("POST", "/v1/executions/pause", pause_executions, scope="runbooks:approve", gives=SwitchShape)
    routes.add("POST", "/v1/executions/resume", resume_executions, scope="runbooks:approve", gives=SwitchShape)
    routes.add("GET", one, get_execution, scope="runbooks:read", gives=ExecutionShape, errors=(404,), headers={"ETag": 1})
    routes.add("GET", one + "/logs", execution_logs, scope="runbooks:read", gives=LogList, errors=(404,))
    decisions = (
        ("approve", approve_execution, "runbooks:approve"),
        ("reject", reject_execution, "runbooks:approve"),
        ("cancel", cancel_execution, "runbooks:execute"),
    )
    for word, endpoint, scope in decisions:
        routes.add("POST", f"{one}/{word}", endpoint, scope=scope, gives=ExecutionShape, errors=(404, 409), headers={"ETag": 1})
    routes.add(
        "POST",
        one + "/retry",
        retry_execution,
        scope="runbooks:execute",
        gives=ExecutionShape,
        status=202,
        errors=(404, 409),
        headers={"Location": 1},
    )

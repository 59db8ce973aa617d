"""Control of executions over HTTP: approve, reject, cancel, retry, undo, run again; pause or stop all of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import LOCATION, SESSION, Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present
from optral.api.runbooks.execution_shapes import ExecutionShape
from optral.api.runbooks.executions import MAX_WAIT_S, shape, start_response, with_steps
from optral.flows.executions import control as flow, stop, undo
from optral.flows.executions.stop import Stopped
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, Switch
from optral.store.transaction import Transaction


class Decision(Input):
    reason: str = Field("", max_length=500)


class Repeat(Decision):
    break_glass: str = Field("", max_length=500, description="Reason, at least 10 characters, to do this during a freeze")


class ReviewedPlan(Decision):
    plan_hash: str | None = Field(
        None, max_length=80, description="Hash of the plan that you reviewed; the request fails if the plan has changed"
    )


class ApprovalInput(ReviewedPlan):
    confirm: str = Field("", max_length=253, description="The target's name; required if you are the only member of the organization")
    break_glass: str = Field(
        "",
        max_length=500,
        description="Reason, at least 10 characters, to go on without the approvals that are missing; requires a sign-in session "
        "and a role in `breakGlassRoles` of the safeguards",
    )


class ApproveOnBehalf(ReviewedPlan):
    member: str = Field(description="Id or email address of the member who delegated approvals to you", min_length=1, max_length=254)


class Cancel(Decision):
    leave_pull_request_open: bool = Field(False, description="Leave the pull request open; otherwise it is closed")


class SwitchShape(Shape):
    paused: bool
    by: str | None = None
    at: datetime | None = None
    reason: str


class Stop(Input):
    reason: str = Field(max_length=500, description="Why everything must stop, at least 3 characters; every canceled execution shows it")


class StoppedShape(SwitchShape):
    canceled: list[str] = Field(description="Ids of the executions that were canceled or whose cancellation was requested")
    held: int = Field(description="Further executions that wait until executions are resumed")


def _switch_shape(switch: Switch) -> dict[str, Any]:
    return present(paused=switch.is_paused, by=switch.by, at=switch.at, reason=switch.reason)


async def _respond(call: Call, job: Callable[[Transaction], Execution]) -> Response:
    return await call.change(
        lambda tx: with_steps(tx, job(tx)), lambda found: json_answer(shape(*found), headers={"ETag": etag(found[0].version)})
    )


async def approve_execution(call: Call, execution_id: str, body: ApprovalInput) -> Response:
    """Approve an execution's plan

    The execution goes on with the last approval that it needs (`approval.needed`).
    """
    check_id(execution_id, "exe")

    def job(tx: Transaction) -> Execution:
        return flow.approve(
            tx, execution_id, reason=body.reason, confirm=body.confirm, plan_hash=body.plan_hash, break_glass=body.break_glass
        )

    return await _respond(call, job)


async def approve_on_behalf(call: Call, execution_id: str, body: ApproveOnBehalf) -> Response:
    """Approve an execution's plan on behalf of a member

    The member must have delegated approvals to you (`POST /v1/delegations`), and must be able to approve this execution now. Neither of
    you can have requested it, and each of you counts once. Requires a password entered within the last 15 minutes.
    """
    check_id(execution_id, "exe")

    def job(tx: Transaction) -> Execution:
        return flow.approve_on_behalf(tx, execution_id, body.member, reason=body.reason, plan_hash=body.plan_hash)

    return await _respond(call, job)


async def reject_execution(call: Call, execution_id: str, body: Decision) -> Response:
    """Reject an execution"""
    check_id(execution_id, "exe")
    return await _respond(call, lambda tx: flow.reject(tx, execution_id, reason=body.reason))


async def cancel_execution(call: Call, execution_id: str, body: Cancel) -> Response:
    """Cancel an execution

    A running step finishes first. An open pull request is closed.
    """
    check_id(execution_id, "exe")
    leaves_open = body.leave_pull_request_open
    return await _respond(call, lambda tx: flow.cancel(tx, execution_id, reason=body.reason, leaves_open=leaves_open))


WaitForPlan = Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait for the execution to finish or to need approval")]


async def retry_execution(
    call: Call,
    execution_id: str,
    body: Repeat,
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait for the execution to finish")] = 0,
) -> Response:
    """Retry an execution from the step that did not succeed"""
    check_id(execution_id, "exe")
    return await start_response(
        call, lambda tx: with_steps(tx, flow.retry(tx, execution_id, reason=body.reason, break_glass=body.break_glass)), wait_s=wait
    )


async def undo_execution(
    call: Call,
    execution_id: str,
    body: Repeat,
    wait: WaitForPlan = 0,
) -> Response:
    """Undo an execution

    Starts an execution that restores the previous values, under the same approval rule. Refused if an object has changed since, or if a
    previous value is not known.
    """
    check_id(execution_id, "exe")
    return await start_response(
        call, lambda tx: with_steps(tx, undo.undo(tx, execution_id, reason=body.reason, break_glass=body.break_glass)), wait_s=wait
    )


async def repeat_execution(
    call: Call,
    execution_id: str,
    body: Repeat,
    wait: WaitForPlan = 0,
) -> Response:
    """Run an execution again with the same parameters"""
    check_id(execution_id, "exe")
    return await start_response(
        call, lambda tx: with_steps(tx, undo.again(tx, execution_id, reason=body.reason, break_glass=body.break_glass)), wait_s=wait
    )


async def propose_execution(call: Call, execution_id: str, body: Decision, wait: WaitForPlan = 0) -> Response:
    """Propose the change of an execution as a pull request

    Starts an execution with the same parameters that changes nothing in the cluster: it opens a pull request in the repository from which
    Argo CD or Flux applies the objects, waits until it is merged and applied, and verifies that it helped. The merge is the approval.
    """
    check_id(execution_id, "exe")
    return await start_response(call, lambda tx: with_steps(tx, flow.propose(tx, execution_id, reason=body.reason)), wait_s=wait)


async def get_pause(call: Call) -> Response:
    """Get whether executions are paused"""
    return json_response(_switch_shape(await call.read(runbooks.switch)))


async def pause_executions(call: Call, body: Decision) -> Response:
    """Pause all executions

    Each execution pauses before its next change.
    """
    return await call.change(lambda tx: flow.pause(tx, is_paused=True, reason=body.reason), lambda one: json_answer(_switch_shape(one)))


async def stop_executions(call: Call, body: Stop) -> Response:
    """Stop all executions

    Pauses executions and cancels those that have not made their last change. A request that is already at an API server ends first; the
    step says what it changed.
    """
    return await call.change(lambda tx: stop.stop(tx, reason=body.reason), lambda made: json_answer(_stopped_shape(made)))


def _stopped_shape(made: Stopped) -> dict[str, Any]:
    return {**_switch_shape(made.switch), "canceled": [one.id for one in made.canceled], "held": made.held}


async def resume_executions(call: Call, body: Decision) -> Response:
    """Resume executions"""
    return await call.change(lambda tx: flow.pause(tx, is_paused=False, reason=body.reason), lambda one: json_answer(_switch_shape(one)))


def add(app: FastAPI) -> None:
    """Add the routes. They come before those of `executions`, so that `pause` is not read as an id."""
    routes = Routes(app, "executions")
    one = "/v1/executions/{execution_id}"
    routes.add("GET", "/v1/executions/pause", get_pause, scope="runbooks:read", gives=SwitchShape)
    routes.add("POST", "/v1/executions/pause", pause_executions, scope="runbooks:approve", gives=SwitchShape)
    routes.add("POST", "/v1/executions/resume", resume_executions, scope="runbooks:approve", gives=SwitchShape)
    routes.add("POST", "/v1/executions/stop", stop_executions, scope="runbooks:execute", gives=StoppedShape)
    decisions = (
        ("approve", approve_execution, "runbooks:approve"),
        ("reject", reject_execution, "runbooks:approve"),
        ("cancel", cancel_execution, "runbooks:execute"),
    )
    for verb, endpoint, scope in decisions:
        routes.add("POST", f"{one}/{verb}", endpoint, scope=scope, gives=ExecutionShape, errors=(404, 409), headers={"ETag": 1})
    on_behalf = f"{one}/approve-on-behalf"
    routes.add("POST", on_behalf, approve_on_behalf, scope=SESSION, gives=ExecutionShape, errors=(404, 409), headers={"ETag": 1})
    starting = {"retry": retry_execution, "undo": undo_execution, "again": repeat_execution, "propose": propose_execution}
    for verb, starts in starting.items():
        routes.add(
            "POST", f"{one}/{verb}", starts, scope="runbooks:execute", gives=ExecutionShape, status=202, errors=(404, 409), headers=LOCATION
        )

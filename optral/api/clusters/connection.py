"""How far the connection of a cluster has come, over HTTP: steps, what holds them back, and what the server saw of the agent."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Routes, Shape, check_id, json_response, present
from optral.clusters.connection import TEXTS, Attempt, Code, Notice, Progress, StepState
from optral.flows.clusters import connection as flow


class ConnectionStep(Shape):
    id: str = Field(description="reached, enrolled, connected, inventory or ready, in this order")
    title: str
    state: StepState = Field(
        description="`limited` is done, and a warning says what is missing; `current` with a problem waits for a person;"
        " `waiting` has not begun"
    )
    at: datetime | None = Field(None, description="When the step was last seen to be done")


class ConnectionNotice(Shape):
    code: str
    message: str = Field(description="What happened")
    fix: str = Field(description="What to do about it")
    at: datetime | None = None
    count: int | None = None
    address: str | None = Field(None, description="Where the agent connected from, as the server saw it")


class ConnectionAttempt(Shape):
    """The attempts with one outcome. The details are those of the last one"""

    code: Code
    refused: bool
    message: str
    fix: str
    count: int
    first_at: datetime
    last_at: datetime
    address: str | None = None
    agent_version: str | None = None


class Connection(Shape):
    cluster_id: str
    ready: bool
    steps: list[ConnectionStep]
    problem: ConnectionNotice | None = Field(None, description="What holds the connection back, if the server knows")
    warnings: list[ConnectionNotice] = Field(
        description="What does not hold the connection back: clock_off, version_skew, kinds_forbidden, metrics_forbidden"
    )
    attempts: list[ConnectionAttempt] = Field(description="What the server saw of the cluster's agent, newest first")
    fleet_token_id: str | None = Field(None, description="Fleet token that created the cluster; absent once its agent has connected")


def shape(cluster_id: str, progress: Progress) -> dict[str, Any]:
    problem = progress.problem
    return present(
        clusterId=cluster_id,
        ready=progress.is_ready,
        steps=[present(id=step.id, title=step.title, state=step.state, at=step.at) for step in progress.steps],
        problem=None if problem is None else _notice(problem),
        warnings=[_notice(warning) for warning in progress.warnings],
        attempts=[attempt_shape(attempt) for attempt in progress.attempts],
        fleetTokenId=progress.fleet_token_id,
    )


def attempt_shape(attempt: Attempt) -> dict[str, Any]:
    message, fix = TEXTS[attempt.code]
    return present(
        code=attempt.code,
        refused=attempt.code.is_refusal,
        message=message,
        fix=fix,
        count=attempt.count,
        firstAt=attempt.first_at,
        lastAt=attempt.last_at,
        address=attempt.address or None,
        agentVersion=attempt.agent_version or None,
    )


def _notice(notice: Notice) -> dict[str, Any]:
    return present(code=notice.code, message=notice.message, fix=notice.fix, at=notice.at, count=notice.count, address=notice.address)


async def get_connection(call: Call, cluster_id: str) -> Response:
    """Get the progress of a cluster's connection

    The steps in their order, what holds them back, and each kind of attempt that the server saw with a token or certificate of this
    cluster. An attempt with a token that this server did not create belongs to no cluster and is shown nowhere.
    """
    check_id(cluster_id, "cls")
    progress = await call.read(lambda tx: flow.progress(tx, cluster_id))
    return json_response(shape(cluster_id, progress), headers={"Cache-Control": "no-store"})


def add(app: FastAPI) -> None:
    path = "/v1/clusters/{cluster_id}/connection"
    Routes(app, "clusters").add("GET", path, get_connection, scope="clusters:read", gives=Connection, errors=(404,))

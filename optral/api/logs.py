"""A pod's log over HTTP, as text or as JSON, fetched through the tunnel at that moment."""

from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Routes, Shape, check_id, json_response
from optral.flows.clusters import logs
from optral.flows.clusters.logs import LogRequest

TEXT = "text/plain"


class LogShape(Shape):
    container: str
    previous: bool = Field(description="Of the run before the container's last restart")
    text: str = Field(description="The last lines of the log, redacted by the agent in the cluster")
    lines: int
    truncated: bool = Field(description="The log is longer; only its end is returned")


async def resource_logs(
    call: Call,
    resource_id: str,
    container: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=63,
            pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            description="Container name; defaults to the pod's default container, or its first",
        ),
    ] = None,
    previous: Annotated[bool, Query(description="The log of the previous run, before the last restart")] = False,
    tail_lines: Annotated[int, Query(alias="tailLines", ge=1, le=2000, description="Number of lines from the end of the log")] = 500,
    since_seconds: Annotated[
        int | None, Query(alias="sinceSeconds", ge=1, le=2592000, description="Only lines newer than this many seconds")
    ] = None,
) -> Response:
    """Get a container's log"""
    check_id(resource_id, "res")
    asked = LogRequest(
        resource_id=resource_id, container=container or "", previous=previous, tail_lines=tail_lines, since_seconds=since_seconds
    )
    log = await logs.read(call.services.store, call.actor, asked)
    if _wants_text(call.headers.get("accept", "")):
        return Response(log.text, 200, media_type=f"{TEXT}; charset=utf-8")
    return json_response(
        {"container": log.container, "previous": log.previous, "text": log.text, "lines": log.lines, "truncated": log.truncated}
    )


def _wants_text(accept: str) -> bool:
    return TEXT in accept and "application/json" not in accept


def add(app: FastAPI) -> None:
    Routes(app, "resources").add(
        "GET",
        "/v1/resources/{resource_id}/logs",
        resource_logs,
        scope="logs:read",
        gives=LogShape,
        errors=(404, 409, 422, 503),
        media={TEXT: {"schema": {"type": "string"}}},
    )

"""Whether the last words of containers are fetched when their issue opens: one switch of the organization."""

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.analysis import service as analyses
from optral.api.http.routing import Call, Input, Routes, Shape, json_answer, json_response
from optral.flows.analysis import capture


class CaptureShape(Shape):
    enabled: bool = Field(description="On by default")


class CaptureChange(Input):
    enabled: bool


async def get_capture(call: Call) -> Response:
    """Get whether container logs are captured when an issue opens"""
    return json_response({"enabled": await call.read(analyses.is_capture_on)})


async def update_capture(call: Call, body: CaptureChange) -> Response:
    """Enable or disable log capture"""
    return await call.change(lambda tx: capture.switch(tx, is_on=body.enabled), lambda is_on: json_answer({"enabled": is_on}))


def add(app: FastAPI) -> None:
    routes = Routes(app, "issues")
    routes.add("GET", "/v1/log-capture", get_capture, scope="issues:read", gives=CaptureShape)
    routes.add("PATCH", "/v1/log-capture", update_capture, scope="detectors:write", gives=CaptureShape)

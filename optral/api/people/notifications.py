"""Notification settings of the signed-in person over HTTP. The dashboard shows the notifications."""

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access import notifications
from optral.access.notifications import Settings
from optral.api.http.routing import SESSION, Call, Input, Routes, Shape, json_answer, json_response
from optral.api.http.shapes import renderer
from optral.api.http.times import TIME_OF_DAY
from optral.flows.people import notifications as flow
from optral.kit.records import build

_ZONE = r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"


class QuietHoursShape(Shape):
    """No notifications in this part of each day; it may cross midnight"""

    start: str = Field(examples=["22:00"])
    end: str = Field(examples=["07:00"])
    time_zone: str = Field(description="A name of the IANA time zone database", examples=["Europe/Berlin"])


class NotificationsShape(Shape):
    is_on: bool = Field(alias="enabled", description="Off by default. Each browser asks for permission as well")
    criticals: bool = Field(description="Critical issues that open, reopen or become critical")
    approvals: bool = Field(description="Executions that wait for your approval")
    quiet: QuietHoursShape | None = Field(None, alias="quietHours")


class QuietHoursChange(Input):
    start: str = Field(pattern=TIME_OF_DAY, examples=["22:00"])
    end: str = Field(pattern=TIME_OF_DAY, examples=["07:00"])
    time_zone: str = Field(alias="timeZone", max_length=64, pattern=_ZONE, examples=["Europe/Berlin"])


class NotificationsChange(Input):
    is_on: bool = Field(alias="enabled")
    criticals: bool = True
    approvals: bool = True
    quiet: QuietHoursChange | None = Field(None, alias="quietHours")


_shape = renderer(NotificationsShape, Settings)


async def get_notifications(call: Call) -> Response:
    """Get your notification settings"""
    return json_response(_shape(await call.read(notifications.get)))


async def put_notifications(call: Call, body: NotificationsChange) -> Response:
    """Change your notification settings"""
    wanted = build(Settings, body.model_dump())
    return await call.change(lambda tx: flow.change(tx, wanted), lambda done: json_answer(_shape(done)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "session")
    routes.add("GET", "/v1/me/notifications", get_notifications, scope=SESSION, gives=NotificationsShape)
    routes.add("PUT", "/v1/me/notifications", put_notifications, scope=SESSION, gives=NotificationsShape)

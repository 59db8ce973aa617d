"""Notification settings of the signed-in person over HTTP. The dashboard shows the notifications."""

from typing import Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access import notifications
from optral.access.notifications import QuietHours, Settings
from optral.api.http.routing import SESSION, Call, Input, Routes, Shape, json_answer, json_response, present
from optral.flows.people import notifications as flow

_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_ZONE = r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"


class QuietHoursShape(Shape):
    """No notifications in this part of each day; it may cross midnight"""

    start: str = Field(examples=["22:00"])
    end: str = Field(examples=["07:00"])
    time_zone: str = Field(description="A name of the IANA time zone database", examples=["Europe/Berlin"])


class NotificationsShape(Shape):
    enabled: bool = Field(description="Off by default. Each browser asks for permission as well")
    criticals: bool = Field(description="Critical issues that open, reopen or become critical")
    approvals: bool = Field(description="Executions that wait for your approval")
    quiet_hours: QuietHoursShape | None = None


class QuietHoursChange(Input):
    start: str = Field(pattern=_TIME, examples=["22:00"])
    end: str = Field(pattern=_TIME, examples=["07:00"])
    time_zone: str = Field(alias="timeZone", max_length=64, pattern=_ZONE, examples=["Europe/Berlin"])


class NotificationsChange(Input):
    enabled: bool
    criticals: bool = True
    approvals: bool = True
    quiet_hours: QuietHoursChange | None = Field(None, alias="quietHours")


def _shape(found: Settings) -> dict[str, Any]:
    quiet = found.quiet
    return present(
        enabled=found.is_on,
        criticals=found.criticals,
        approvals=found.approvals,
        quietHours=None if quiet is None else {"start": quiet.start, "end": quiet.end, "timeZone": quiet.time_zone},
    )


async def get_notifications(call: Call) -> Response:
    """Get your notification settings"""
    return json_response(_shape(await call.read(notifications.get)))


async def put_notifications(call: Call, body: NotificationsChange) -> Response:
    """Change your notification settings"""
    given = body.quiet_hours
    quiet = None if given is None else QuietHours(given.start, given.end, given.time_zone)
    wanted = Settings(is_on=body.enabled, criticals=body.criticals, approvals=body.approvals, quiet=quiet)
    return await call.change(lambda tx: flow.change(tx, wanted), lambda done: json_answer(_shape(done)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "session")
    routes.add("GET", "/v1/me/notifications", get_notifications, scope=SESSION, gives=NotificationsShape)
    routes.add("PUT", "/v1/me/notifications", put_notifications, scope=SESSION, gives=NotificationsShape)

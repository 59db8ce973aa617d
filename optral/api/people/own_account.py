"""What signed-in people do with their own account: change the password, see where they are signed in, and sign out there."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access import people_service as access
from optral.access.people import Session
from optral.api.http.lists import list_of, whole
from optral.api.http.routing import SESSION, Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.api.people.session import PASSWORD, SessionShape, shape
from optral.flows.idempotency import Answer
from optral.flows.people import sign_in as flow


class NewPassword(Input):
    current_password: str = Field(min_length=1, max_length=1024)
    password: str = PASSWORD


class OwnSession(Shape):
    id: str
    is_current: bool = Field(description="The session of this request")
    created_at: datetime
    last_used_at: datetime = Field(description="Updated once a minute")
    expires_at: datetime
    address: str | None = Field(None, description="Network address of the sign-in; absent for sessions of an earlier version")
    device: str | None = Field(None, description="User-Agent of the sign-in")


OwnSessions = list_of("OwnSessions", "sessions", OwnSession, paged=False)


class Ended(Shape):
    ended: int = Field(description="How many sessions ended")


async def change_password(call: Call, body: NewPassword) -> Response:
    """Change your password

    Requires the current password, limited to five attempts in 15 minutes. Ends your other sessions; API keys stay valid.
    """
    done = await call.services.sessions.change_password(call.actor, current=body.current_password, password=body.password)
    return json_response(shape(done))


async def list_sessions(call: Call) -> Response:
    """List your sign-in sessions"""
    found = await call.read(access.own_sessions)
    return json_response(whole("sessions", [_shape(one, call.actor.session_id) for one in found]))


async def end_session(call: Call, session_id: str) -> Response:
    """Sign out one of your sessions

    Its streams end within five seconds.
    """
    check_id(session_id, "ses")
    return await call.change(lambda tx: flow.end_own(tx, session_id), lambda _: Answer(204, {}, b""))


async def end_other_sessions(call: Call) -> Response:
    """Sign out all your other sessions"""
    return await call.change(flow.end_others, lambda ended: json_answer({"ended": ended}))


def _shape(one: Session, current: str) -> dict[str, Any]:
    return present(
        id=one.id,
        isCurrent=one.id == current,
        createdAt=one.created_at,
        lastUsedAt=one.seen_at,
        expiresAt=one.ends_at,
        address=one.address or None,
        device=one.device or None,
    )


def add(app: FastAPI) -> None:
    routes = Routes(app, "session")
    routes.add("POST", "/v1/session/password", change_password, scope=SESSION, gives=SessionShape)
    routes.add("GET", "/v1/sessions", list_sessions, scope=SESSION, gives=OwnSessions)
    routes.add("DELETE", "/v1/sessions", end_other_sessions, scope=SESSION, gives=Ended)
    routes.add("DELETE", "/v1/sessions/{session_id}", end_session, scope=SESSION, status=204, errors=(404,))

"""The outbox of e-mail over HTTP. What a message says is not shown: it can contain a link that signs its recipient in."""

from datetime import datetime
from typing import Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.lists import list_of, whole
from optral.api.http.routing import Call, Input, Routes, Shape, json_answer, json_response
from optral.api.http.shapes import renderer
from optral.api.people.session import EMAIL_PATTERN
from optral.flows.mail import messages as flow
from optral.mail import service as mail
from optral.mail.model import Message


class MessageShape(Shape):
    id: str = Field(examples=["eml_01jd3q4m6ve5jt8cmykq3rzm0a"])
    kind: Literal["invitation", "password_reset", "test"]
    recipient: str
    status: Literal["pending", "sent", "failed"] = Field(description="`sent`: the relay accepted it; bounces go to OPTRAL_SMTP_FROM")
    attempts: int = Field(description="Attempts, without those in which the relay failed for every message")
    error: str | None = Field(None, description="Reply of the relay to the last attempt, or why there was none")
    due_at: datetime | None = Field(None, description="Time of the next attempt")
    created_at: datetime
    expires_at: datetime = Field(description="When the message fails if it could not be sent before")
    sent_at: datetime | None = None


MessageList = list_of("MessageList", "messages", MessageShape, paged=False)


class TestMail(Input):
    recipient: str = Field(min_length=3, max_length=254, pattern=EMAIL_PATTERN, examples=["ops@example.com"])


_shape = renderer(MessageShape, Message)


async def list_mail(call: Call) -> Response:
    """List the newest e-mail

    At most 100 messages, without their content. Messages are kept for 30 days.
    """
    return json_response(whole("messages", [_shape(one) for one in await call.read(mail.newest)]))


async def test_mail(call: Call, body: TestMail) -> Response:
    """Send a test message

    The message is queued; `GET /v1/mail` shows the outcome.
    """
    outbox = call.services.outbox
    return await call.change(lambda tx: flow.test(tx, outbox, body.recipient), lambda queued: json_answer(_shape(queued), status=202))


def add(app: FastAPI) -> None:
    routes = Routes(app, "mail")
    routes.add("GET", "/v1/mail", list_mail, scope="webhooks:read", gives=MessageList)
    routes.add("POST", "/v1/mail/test", test_mail, scope="webhooks:write", gives=MessageShape, status=202, errors=(409,))

"""Silences of Alertmanagers over HTTP: those that concern an issue, and those that people create from it."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.alerts.silences import MAX_TEXT, Matcher, Silence
from optral.api.http.query import SAYS_SOMETHING
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.api.http.times import Moment
from optral.flows.idempotency import Answer
from optral.flows.webhooks import silencing as flow
from optral.flows.webhooks.silencing import IssueSilences, Outcome, Requested
from optral.store.transaction import Transaction
from optral.webhooks.model import Webhook

AboutName = Literal["issue", "alerts"]


class MatcherShape(Shape):
    name: str = Field(examples=["alertname"])
    value: str
    is_regex: bool
    is_equal: bool = Field(description="False: alerts match whose label does not have this value")


class SilenceShape(Shape):
    """A silence in Alertmanager. It is not a mute rule or a snooze: these silence Optral"""

    id: str = Field(description="Its id in Alertmanager")
    webhook_id: str = Field(description="Webhook of the Alertmanager that has the silence")
    matchers: list[MatcherShape]
    starts_at: datetime
    ends_at: datetime
    created_by: str = Field(description="As Alertmanager has it")
    comment: str
    about: list[AboutName] | None = Field(
        None, description="What it silences: `issue`: the alert that Optral sends about the issue; `alerts`: alerts that are joined to it"
    )
    is_here: bool = Field(alias="createdHere", description="Whether it was created from this issue and can be ended from it")


class RequestedSilence(SilenceShape):
    outcome: Outcome = Field(
        description="`extended`: the issue had this silence, and it ended earlier; `unchanged`: it had it, and it ends then or later"
    )


class AlertmanagerShape(Shape):
    webhook_id: str
    name: str
    read_at: datetime | None = Field(None, description="When its silences were last read")
    error: str | None = Field(None, description="Why they could not be read")


class ProposedMatchers(Shape):
    issue: list[MatcherShape] = Field(description="Silences the alert that Optral sends about the issue")
    alerts: list[MatcherShape] = Field(description="Silences the alerts that fire and are joined to the issue; empty if there are none")


class IssueSilencesShape(Shape):
    silences: list[SilenceShape] = Field(description="Active and pending ones, those that end first first")
    alertmanagers: list[AlertmanagerShape] = Field(description="Where a silence can be created: enabled webhooks of the form `alerts`")
    matchers: ProposedMatchers = Field(description="What a new silence would match")


class NewSilence(Input):
    webhook_id: str = Field(
        min_length=1,
        max_length=100,
        description="Id or name of a webhook of the form `alerts`",
        examples=["whk_01jd3q4m6ve5jt8cmykq3rzm0a"],
    )
    about: AboutName = Field("issue", description="What it silences: see `matchers` of the list")
    ends_at: Moment = Field(description="Within a year")
    comment: Annotated[str, Field(min_length=1, max_length=MAX_TEXT, pattern=SAYS_SOMETHING, examples=["Replaced tonight, see OPS-17"])]


def _shape(one: Silence, issue_id: str, about: list[AboutName] | None = None) -> dict[str, object]:
    return present(
        id=one.id,
        webhookId=one.webhook_id,
        matchers=[_matcher(each) for each in one.matchers],
        startsAt=one.starts_at,
        endsAt=one.ends_at,
        createdBy=one.created_by,
        comment=one.comment,
        about=about,
        createdHere=one.issue_id == issue_id,
    )


def _matcher(one: Matcher) -> dict[str, object]:
    return {"name": one.name, "value": one.value, "isRegex": one.is_regex, "isEqual": one.is_equal}


def _alertmanager(one: Webhook) -> dict[str, object]:
    return present(webhookId=one.id, name=one.name, readAt=one.refreshed_at, error=one.refresh_error)


async def list_issue_silences(call: Call, issue_id: str) -> Response:
    """List the silences of Alertmanager that concern an issue

    They are read every minute from each Alertmanager that a webhook of the form `alerts` sends to. Mute rules and snoozes are not
    silences: these silence Optral.
    """
    check_id(issue_id, "iss")
    found: IssueSilences = await call.read(lambda tx: flow.of(tx, issue_id))
    return json_response(
        {
            "silences": [_shape(one.silence, issue_id, list(one.about)) for one in found.silences],
            "alertmanagers": [_alertmanager(one) for one in found.alertmanagers],
            "matchers": {about: [_matcher(one) for one in matchers] for about, matchers in found.matchers.items()},
        }
    )


async def create_issue_silence(call: Call, issue_id: str, body: NewSilence) -> Response:
    """Create a silence in Alertmanager from an issue

    The Alertmanager sends no notifications about the alerts until the silence ends. If the issue already has an active silence with the
    same matchers, that one is extended to the new end; it is never shortened. The issue stays as it is in Optral.
    """
    check_id(issue_id, "iss")
    services = call.services
    wanted = flow.Wanted(body.webhook_id, body.about, body.ends_at, body.comment)

    def create() -> Awaitable[Requested]:
        return flow.create(services.store, call.actor, issue_id, wanted=wanted, caller=services.webhook_caller, key=services.sealing_key)

    def render(made: Requested) -> Answer:
        return json_answer(_shape(made.silence, issue_id) | {"outcome": made.outcome}, status=201)

    async with flow.turn(services.store, call.actor, issue_id):
        return await call.change_after(create, flow.record, render)


async def end_issue_silence(call: Call, issue_id: str, silence_id: str) -> Response:
    """End a silence that was created from an issue"""
    check_id(issue_id, "iss")
    services = call.services
    ended = await flow.end(services.store, call.actor, issue_id, silence_id[:64], caller=services.webhook_caller, key=services.sealing_key)

    def job(tx: Transaction) -> Silence:
        return flow.record_end(tx, ended)

    return await call.change(job, lambda one: json_answer(_shape(one, issue_id)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "alerts")
    path = "/v1/issues/{issue_id}/silences"
    write, errors = "issues:write", (404, 409, 422, 503)
    routes.add("GET", path, list_issue_silences, scope="issues:read", gives=IssueSilencesShape, errors=(404,))
    routes.add("POST", path, create_issue_silence, scope=write, gives=RequestedSilence, status=201, errors=errors)
    routes.add("DELETE", path + "/{silence_id}", end_issue_silence, scope=write, gives=SilenceShape, errors=errors)

"""Tickets of an issue over HTTP: those that there are, and one that a person creates. Of webhooks only id and name are shown."""

from datetime import datetime
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.flows.webhooks import ticketing as flow
from optral.flows.webhooks.ticketing import IssueTicket, TicketStatus
from optral.store.transaction import Transaction


class IssueTicketShape(Shape):
    """An issue of GitHub, GitLab, Gitea or Jira that follows the issue"""

    webhook_id: str = Field(examples=["whk_01jd3q4m6ve5jt8cmykq3rzm0a"])
    status: TicketStatus = Field(description="`failed`: it could not be created, see `error`; `deleted`: somebody deleted it there")
    id: str | None = Field(None, description="Its number or key there; absent until it was created", examples=["OPS-17"])
    url: str | None = Field(None, examples=["https://github.com/shop/ops/issues/17"])
    error: str | None = Field(None, description="Why the last attempt to create or change it failed", examples=["GitHub refuses this"])
    created_at: datetime = Field(description="When it was requested")


class RequestedTicket(IssueTicketShape):
    outcome: Literal["requested", "unchanged"] = Field(description="`unchanged`: the issue has a ticket of this webhook already")


class TicketWebhook(Shape):
    id: str
    name: str = Field(examples=["ops-tickets"])


class IssueTicketList(Shape):
    tickets: list[IssueTicketShape]
    webhooks: list[TicketWebhook] = Field(description="Through which you may create a ticket of this issue")


class NewTicket(Input):
    webhook_id: str = Field(
        min_length=1,
        max_length=100,
        pattern=LINE_PATTERN,
        description="Id or name of an enabled webhook of the form `ticket` whose clusters and namespaces include the issue",
        examples=["whk_01jd3q4m6ve5jt8cmykq3rzm0a"],
    )


def shape(one: IssueTicket) -> dict[str, Any]:
    return present(webhookId=one.webhook_id, status=one.status, id=one.remote_id, url=one.url, error=one.error, createdAt=one.created_at)


async def list_issue_tickets(call: Call, issue_id: str) -> Response:
    """List the tickets of an issue"""
    check_id(issue_id, "iss")
    found, through = await call.read(lambda tx: (flow.of(tx, issue_id), flow.targets(tx, issue_id)))
    return json_response({"tickets": [shape(one) for one in found], "webhooks": [{"id": one.id, "name": one.name} for one in through]})


async def create_issue_ticket(call: Call, issue_id: str, body: NewTicket) -> Response:
    """Create a ticket of an issue

    A webhook of the form `ticket` creates it, whatever its severity, types and query, and closes it when the issue resolves. If the issue
    has a ticket of this webhook, the response shows that one.
    """
    check_id(issue_id, "iss")

    def job(tx: Transaction) -> tuple[IssueTicket, bool]:
        return flow.create(tx, issue_id, body.webhook_id)

    return await call.change(
        job, lambda done: json_answer(shape(done[0]) | {"outcome": "requested" if done[1] else "unchanged"}, status=201)
    )


def add(app: FastAPI) -> None:
    routes = Routes(app, "issues")
    path = "/v1/issues/{issue_id}/tickets"
    routes.add("GET", path, list_issue_tickets, scope="issues:read", gives=IssueTicketList, errors=(404,))
    routes.add("POST", path, create_issue_ticket, scope=flow.SCOPE, gives=RequestedTicket, status=201, errors=(404, 409))

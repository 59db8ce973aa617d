"""Webhooks over HTTP: endpoints with their filters, deliveries, and the responses to them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import NAME_PATTERN, resolve_each
from optral.api.http.gate import ON_CALL_HOOKS
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.problems import Problem
from optral.api.http.query import LINE_PATTERN, TEXT_PATTERN
from optral.api.http.routing import PUBLIC, Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.api.http.shapes import answer_of, change_of, renderer, renderer_in
from optral.api.http.times import TIME_OF_DAY, Moment
from optral.flows.webhooks import manage as flow, receiving, routing
from optral.issues import service as issues
from optral.kit.records import build, changing
from optral.kit.search_terms import MAX_LENGTH
from optral.mail import service as mail
from optral.store.transaction import Transaction
from optral.webhooks import model, quiet, service as webhooks
from optral.webhooks.model import Credentials, Delivery, EventName, Form, Webhook, WebhookSettings

SeverityName = Literal["critical", "high", "medium", "low"]
Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Sort = Literal["createdAt", "-createdAt"]


class FilterInput(Input):
    events: list[EventName] = Field(
        sorted(model.DEFAULT_EVENTS), min_length=1, max_length=20, description="Event types that are sent", validate_default=True
    )
    clusters: list[Name] | None = Field(None, min_length=1, max_length=50, description="Cluster ids or names; absent for all clusters")
    namespaces: list[Name] | None = Field(
        None, min_length=1, max_length=100, description="Namespaces of the issue; absent for all namespaces"
    )
    issue_types: list[Name] | None = Field(None, min_length=1, max_length=100, description="Absent for all types")
    min_severity: SeverityName | None = Field(None, description="Minimum severity of issues; absent for all")
    query: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_LENGTH,
        pattern=TEXT_PATTERN,
        description="Query of the issue list that an issue must match when it opens, such as `label:team=pay -type:Node*`",
    )


@answer_of(FilterInput, after=None)
class FilterShape(Shape):
    events: list[str]
    clusters: list[str] | None = Field(None, description="Cluster ids")


Secret = Annotated[str, Field(max_length=1000, pattern=r"^[\x20-\x7e]*$")]


class CredentialsInput(Input):
    """HTTP credentials that each request carries: a username and a password, or a token. An empty object removes them"""

    username: Secret = Field("", description="For HTTP basic authentication, with `password`", examples=["optral"])
    password: Secret = Field("", description="Stored encrypted and never returned", examples=["example-password"])
    token: Secret = Field("", description="Bearer token. Stored encrypted and never returned", examples=["example-token"])
    app_token: Secret = Field(
        "", description="For `slack-app`: the app-level token, for buttons and commands", examples=["example-app-token"]
    )


Time = Annotated[str, Field(pattern=TIME_OF_DAY, examples=["22:00"])]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class WebhookQuietHoursInput(Input):
    """Hours in which notifications are held back. They are sent when the hours end; the end of an alert is always sent at once"""

    start: Time = Field(description="Local time at which the hours begin")
    end: Time = Field(description="Local time at which they end; on the next day, unless it is after `start`")
    days: list[Day] = Field(list(quiet.DAYS), min_length=1, max_length=7, description="Days on which they begin", validate_default=True)
    time_zone: str = Field("UTC", min_length=1, max_length=64, description="IANA time zone", examples=["Europe/Berlin"])
    passing_severity: SeverityName | None = Field(None, description="Issues of at least this severity are not held back")
    is_dropped: bool = Field(False, alias="drop", description="Notifications of these hours are not sent later either")


class RoutingInput(Input):
    """The settings of a webhook that decide which issues it is notified of, and when"""

    filters: FilterInput = Field(
        default_factory=FilterInput,
        description="For `alerts`, `pagerduty` and `jsm`, `events` does not matter: alerts follow their issues to the end",
    )
    quiet_hours: WebhookQuietHoursInput | None = Field(None, description="Absent: notifications are sent at any time")
    held_until: Moment | None = Field(None, description="Notifications wait until this time, at most seven days away")
    escalation_minutes: int = Field(
        0, ge=0, le=1440, description="Notify of an issue only if nobody has acknowledged it this many minutes after it opened"
    )


Line = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE_PATTERN)]
Label = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f,]+$")]


class WebhookTicketInput(Input):
    """What the tickets of a webhook of the form `ticket` are created with. Title, text and labels can contain the placeholders {title},
    {severity}, {cluster}, {namespace}, {object}, {type}, {team}, {cause} and {url}"""

    title: Line | None = Field(None, description="Absent: the title of the issue", examples=["[{cluster}] {title}"])
    text: str | None = Field(
        None, min_length=1, max_length=4000, description="Values from clusters are formatted as code", examples=["Cause: {cause}\n\n{url}"]
    )
    labels: list[Label] | None = Field(
        None, max_length=20, description="A label is left out if one of its placeholders has no value", examples=[["optral", "team:{team}"]]
    )
    assignee: Line | None = Field(None, description="User name; for Jira, the account id", examples=["example-user"])
    issue_type: Line | None = Field(None, description="Of Jira: name of the issue type. Absent: `Bug`", examples=["Task"])
    fields: dict[str, Any] | None = Field(
        None, description="Of Jira: further fields by id, at most 8 KiB and 5 levels", examples=[{"priority": {"name": "High"}}]
    )


class NewWebhook(RoutingInput):
    name: str = Field(min_length=1, max_length=100, pattern=LINE_PATTERN, examples=["on-call"])
    url: str | None = Field(
        None,
        min_length=9,
        max_length=2000,
        description="An `https://` URL; `http://` is allowed only within OPTRAL_WEBHOOK_PRIVATE_NETWORKS. For `email`, "
        "`mailto:` and the address. Required, unless the form is `pagerduty`, `jsm` or `slack-app`",
    )
    form: Literal["json", "slack", "teams", "email", "alerts", "pagerduty", "jsm", "slack-app", "ticket"] = Field(
        "json",
        description="`json`: the signed event; `slack`: a Slack message; `teams`: an Adaptive Card for Microsoft Teams; `email`: an "
        "e-mail; `alerts`: alerts for the API of Alertmanager; `pagerduty`: events for PagerDuty; `jsm`: alerts of Jira Service "
        "Management; `slack-app`: a message for each issue, which an app of Slack edits until the issue ends; "
        "`ticket`: an issue of GitHub, GitLab, Gitea or Jira for each issue",
    )
    channel: str | None = Field(
        None, min_length=3, max_length=31, description="For `slack-app`: the id of the channel", examples=["C0123456789"]
    )
    ticket: WebhookTicketInput | None = Field(None, description="Of `ticket`: what its tickets are created with")
    credentials: CredentialsInput | None = Field(
        None, description="Absent: requests carry the signature only. For `pagerduty` and `jsm`, `token` is the integration key"
    )


@change_of(NewWebhook, but=["form"])
class WebhookChange(Input):
    filters: FilterInput | None = Field(None, description="Replaces all filters")
    quiet_hours: WebhookQuietHoursInput | None = Field(None, description="Replaces the quiet hours; `null` removes them")
    ticket: WebhookTicketInput | None = Field(None, description="Replaces the whole template; `null` removes it")
    held_until: Moment | None = Field(None, description="`null` ends the hold for notifications from then on")
    credentials: CredentialsInput | None = Field(None, description="Replaces the credentials; a new URL requires them, if there are any")
    signing_secret: Secret | None = Field(
        None,
        description="For `pagerduty`, the secret of the webhook subscription that sends to `hookPath`. The one before is valid for 24 "
        "hours more; an empty string removes it. Stored encrypted and never returned",
    )
    is_enabled: bool | None = Field(None, alias="enabled", description="An endpoint that is enabled again receives events from then on")


@answer_of(WebhookQuietHoursInput, after=None)
class WebhookQuietHours(Shape):
    is_dropped: bool = Field(alias="drop")


@answer_of(WebhookTicketInput, after=None)
class WebhookTicket(Shape):
    """What its tickets are created with"""


@answer_of(NewWebhook, but=["filters", "credentials", "quiet_hours", "ticket"])
class WebhookShape(Shape):
    id: str = Field(examples=["whk_01jd3q4m6ve5jt8cmykq3rzm0a"])
    url: str = Field(description="The URL with its path and query masked, since they may contain secrets; of `ticket`, with the project")
    form: Form
    is_enabled: bool = Field(alias="enabled")
    ended: Literal["manual", "gone", "failing"] | None = Field(
        None, alias="disabledReason", description="`gone`: the endpoint answered 410; `failing`: no delivery succeeded for five days"
    )
    failing_since: datetime | None = None
    auth: Literal["basic", "bearer", "app"] | None = Field(
        None, alias="authentication", description="How requests authenticate, beside the signature"
    )
    refreshed_at: datetime | None = Field(None, description="Of `alerts`: when the alerts that fire were last sent again")
    refresh_error: str | None = Field(None, description="Why that failed", examples=["status 503"])
    hook_path: str | None = Field(
        None,
        description="Of `pagerduty` and `jsm`: the path to which the service reports acknowledgments",
        examples=["/v1/hooks/on-call/whk_01jd3q4m6ve5jt8cmykq3rzm0a"],
    )
    filters: FilterShape
    quiet_hours: WebhookQuietHours | None = None
    ticket: WebhookTicket | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int = Field(alias="version", description='Sent back as `If-Match: "v3"`, a change made on an old version is refused with 412')


class CreatedWebhook(WebhookShape):
    secret: str = Field(description="Signs the notifications (Standard Webhooks); shown only in this response", examples=["whsec_…"])


WebhookList = list_of("WebhookList", "webhooks", WebhookShape)


class RoutedShape(Shape):
    id: str = Field(description="Id of the issue", examples=["iss_01jd3q4m6ve5jt8cmykq3rzm0a"])
    title: str
    severity: SeverityName
    cluster_id: str
    namespace: str | None = None
    detected_at: datetime
    outcome: Literal["sent", "held", "dropped", "escalated"] = Field(
        description="`held`: it would have waited for the end of the quiet hours; `escalated`: it would have been sent only if nobody had "
        "acknowledged it"
    )
    leaves_at: datetime = Field(description="When the notification would have been sent")


class RoutingPreview(Shape):
    since: datetime = Field(description="The issues that were detected from then on are previewed")
    issues: list[RoutedShape] = Field(description="The newest 100, as they are now: an issue that was muted since is left out")
    total: int = Field(description="How many of the newest 1,000 issues match")


class DeliveryShape(Shape):
    id: str = Field(description="The `webhook-id` header; the same for every attempt", examples=["dlv_01jd3q4m6ve5jt8cmykq3rzm0a"])
    event: str = Field(examples=["issue.created"])
    subject_id: str | None = Field(None, description="Id of the object that the event is about")
    subject_title: str | None = Field(None, description="In lists: the title of the issue as it is now")
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    status_code: int | None = Field(None, description="Status code of the last response; response bodies are never stored")
    error: str | None = Field(
        None, description="refused_address, dns, connect, tls, timeout, ratelimited, unreadable, disabled, superseded or acknowledged"
    )
    message: str | None = Field(
        None, description="Of `ticket`: why it failed, with what the service said", examples=["GitHub refuses this"]
    )
    duration_ms: int | None = None
    created_at: datetime
    attempted_at: datetime | None = None
    delivered_at: datetime | None = None
    next_attempt_at: datetime | None = None
    body: str | None = Field(None, description="The request body; only in the response for a single delivery")


DeliveryList = list_of("DeliveryList", "deliveries", DeliveryShape, capped=True)


class OnCallAnswer(Shape):
    outcome: Literal["acknowledged", "unacknowledged", "noted", "ignored"]
    reason: str | None = Field(None, description="Why it was ignored", examples=["unknown_issue"])


shape = renderer(
    WebhookShape, Webhook, url="shown_url", hook_path=lambda one: ON_CALL_HOOKS + one.id if one.form in (Form.PAGERDUTY, Form.JSM) else None
)
delivery_shape = renderer_in(
    DeliveryShape,
    Delivery,
    dict[str, str],
    status_code="answered",
    duration_ms="took_ms",
    next_attempt_at="due_at",
    subject_title=lambda one, titles: titles.get(one.subject_id or ""),
    body=lambda _one, _titles: None,
)


def _given(tx: Transaction, body: NewWebhook | WebhookChange | RoutingInput) -> dict[str, Any]:
    given = body.model_dump(exclude_none=True)
    given |= {
        name: None for name in ("quiet_hours", "held_until", "ticket") if name in body.model_fields_set and getattr(body, name) is None
    }
    if names := given.get("filters", {}).get("clusters"):
        given["filters"]["clusters"] = resolve_each(tx, names, field="filters.clusters")
    given.pop("credentials", None)
    return given


def _credentials(body: NewWebhook | WebhookChange) -> Credentials | None:
    return None if body.credentials is None else Credentials(**body.credentials.model_dump())


async def list_webhooks(
    call: Call, wanted: Annotated[PageQuery, Depends(page_query)], sort: Annotated[Sort, Query()] = "createdAt"
) -> Response:
    """List webhooks"""
    page = page_request(call, wanted, sort)
    found, total = await call.read(lambda tx: (webhooks.find(tx, page), webhooks.count(tx)))
    return list_response(call, wanted, sort, found, total, plural="webhooks", place=webhooks.place, shape=shape)


async def create_webhook(call: Call, body: NewWebhook) -> Response:
    """Create a webhook

    The response contains the secret, which is not shown again. No notifications are sent for symptoms, muted issues and preexisting
    issues.
    """

    if body.form == "email":
        mail.required(call.services.outbox)

    def job(tx: Transaction) -> tuple[Webhook, str]:
        given = _given(tx, body)
        url = given.pop("url", None)
        settings = build(WebhookSettings, given)
        return flow.create(tx, settings, key=call.services.sealing_key, url=url, credentials=_credentials(body))

    return await call.change(job, lambda made: _shown_once(made, 201))


def _shown_once(made: tuple[Webhook, str], status: int) -> Any:
    one, secret = made
    headers = {"Location": f"/v1/webhooks/{one.id}", "ETag": etag(one.revision), "Cache-Control": "no-store"}
    return json_answer({**shape(one), "secret": secret}, status=status, headers=headers)


async def preview_webhook(call: Call, body: RoutingInput) -> Response:
    """Preview which issues of the past seven days a webhook would have been notified of"""

    def look(tx: Transaction) -> tuple[list[routing.Routed], int]:
        return routing.preview(tx, build(WebhookSettings, {"name": "", **_given(tx, body)}))

    now = call.services.clock.now()
    routed, total = await call.read(look)
    return json_response({"since": now - routing.PREVIEWED, "issues": [_routed(one) for one in routed], "total": total})


def _routed(one: routing.Routed) -> dict[str, Any]:
    issue = one.issue
    return {
        "id": issue.id,
        "title": issue.title,
        "severity": issue.severity,
        "clusterId": issue.cluster_id,
        **({} if issue.namespace is None else {"namespace": issue.namespace}),
        "detectedAt": issue.detected_at,
        "outcome": one.outcome,
        "leavesAt": one.leaves_at,
    }


async def get_webhook(call: Call, webhook_id: str) -> Response:
    """Get a webhook, without its secret"""
    check_id(webhook_id, "whk")
    one = await call.read(lambda tx: webhooks.get(tx, webhook_id))
    return single(call, lambda: shape(one), one.revision)


async def update_webhook(call: Call, webhook_id: str, body: WebhookChange) -> Response:
    """Update a webhook, or enable or disable it"""
    check_id(webhook_id, "whk")
    revision = call.expected_version()

    def job(tx: Transaction) -> Webhook:
        given = _given(tx, body)
        url, secret = given.pop("url", None), given.pop("signing_secret", None)
        return flow.change(
            tx,
            webhook_id,
            changing(Webhook, given),
            key=call.services.sealing_key,
            url=url,
            credentials=_credentials(body),
            signing_secret=secret,
            if_revision=revision,
        )

    return await call.change(job, lambda one: json_answer(shape(one), headers={"ETag": etag(one.revision)}))


async def delete_webhook(call: Call, webhook_id: str) -> Response:
    """Delete a webhook and its deliveries"""
    check_id(webhook_id, "whk")
    revision = call.expected_version()
    return await call.change(lambda tx: flow.delete(tx, webhook_id, if_revision=revision), lambda gone: json_answer(shape(gone)))


async def roll_webhook(call: Call, webhook_id: str) -> Response:
    """Rotate a webhook's secret

    Notifications are signed with both secrets for 24 hours, so that the receiver can switch without interruption.
    """
    check_id(webhook_id, "whk")
    return await call.change(lambda tx: flow.roll(tx, webhook_id, key=call.services.sealing_key), lambda made: _shown_once(made, 200))


async def test_webhook(call: Call, webhook_id: str) -> Response:
    """Send a test notification

    The notification is queued; follow `Location` for the outcome.
    """
    check_id(webhook_id, "whk")
    return await call.change(lambda tx: flow.test(tx, webhook_id), lambda one: _on_its_way(webhook_id, one))


def _on_its_way(webhook_id: str, one: Delivery) -> Any:
    headers = {"Location": f"/v1/webhooks/{webhook_id}/deliveries/{one.id}"}
    return json_answer(delivery_shape(one, {}), status=202, headers=headers)


async def list_deliveries(
    call: Call,
    webhook_id: str,
    wanted: Annotated[PageQuery, Depends(page_query)],
    status: Annotated[Literal["pending", "delivered", "failed"] | None, Query(description="One or more statuses")] = None,
    sort: Annotated[Sort, Query()] = "-createdAt",
) -> Response:
    """List a webhook's deliveries

    Deliveries are kept for 30 days.
    """
    check_id(webhook_id, "whk")
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Delivery], int, dict[str, str]]:
        webhooks.get(tx, webhook_id)
        found = webhooks.find_deliveries(tx, webhook_id, page, status=status)
        titles = issues.titles(tx, {one.subject_id for one in found if one.subject_id and one.subject_id.startswith("iss_")})
        return found, webhooks.count_deliveries(tx, webhook_id, status=status), titles

    found, total, titles = await call.read(look)
    return list_response(
        call, wanted, sort, found, total, plural="deliveries", place=webhooks.place, shape=lambda one: delivery_shape(one, titles)
    )


async def get_delivery(call: Call, webhook_id: str, delivery_id: str) -> Response:
    """Get a delivery with its body"""
    check_id(webhook_id, "whk")
    check_id(delivery_id, "dlv")
    one = await call.read(lambda tx: webhooks.delivery(tx, webhook_id, delivery_id))
    return json_response({**delivery_shape(one, {}), "body": one.body})


async def redeliver(call: Call, webhook_id: str, delivery_id: str) -> Response:
    """Redeliver a notification

    The new attempt has the same delivery id.
    """
    check_id(webhook_id, "whk")
    check_id(delivery_id, "dlv")
    return await call.change(lambda tx: flow.redeliver(tx, webhook_id, delivery_id), lambda one: _on_its_way(webhook_id, one))


async def receive_on_call(call: Call, webhook_id: str) -> Response:
    """Receive what PagerDuty or Jira Service Management reports

    An acknowledgment there acknowledges the issue. PagerDuty signs with `X-PagerDuty-Signature`; Jira Service Management sends the secret
    of the webhook as a bearer token. Events that concern no issue of the webhook are ignored. Every request without the signature or the
    secret gets the same 401.
    """
    body = await call.body()
    if len(body) > receiving.MAX_BODY_BYTES:
        raise Problem(413, "body_too_large", say=f"the body is larger than {receiving.MAX_BODY_BYTES // 1024} KiB")
    done = await receiving.receive(call.services.store, webhook_id, headers=call.headers, body=body, key=call.services.sealing_key)
    return json_response(present(outcome=done.outcome, reason=done.reason), status=202)


def add(app: FastAPI) -> None:
    routes = Routes(app, "webhooks")
    one, read, write = "/v1/webhooks/{webhook_id}", "webhooks:read", "webhooks:write"
    delivery = one + "/deliveries/{delivery_id}"
    made = {"Location": 1, "ETag": 1}
    routes.add("GET", "/v1/webhooks", list_webhooks, scope=read, gives=WebhookList)
    routes.add("POST", "/v1/webhooks", create_webhook, scope=write, gives=CreatedWebhook, status=201, errors=(409,), headers=made)
    routes.add("POST", "/v1/webhooks/preview", preview_webhook, scope="issues:read", gives=RoutingPreview, is_pure=True)
    routes.add("GET", one, get_webhook, scope=read, gives=WebhookShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_webhook, scope=write, gives=WebhookShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_webhook, scope=write, gives=WebhookShape, errors=(404, 412))
    routes.add("POST", one + "/roll", roll_webhook, scope=write, gives=CreatedWebhook, errors=(404, 409), headers=made)
    routes.add("POST", one + "/test", test_webhook, scope=write, gives=DeliveryShape, status=202, errors=(404,), headers={"Location": 1})
    hook = ON_CALL_HOOKS + "{webhook_id}"
    routes.add("POST", hook, receive_on_call, scope=PUBLIC, gives=OnCallAnswer, status=202, errors=(404, 409, 413), is_pure=True)
    routes.add("GET", one + "/deliveries", list_deliveries, scope=read, gives=DeliveryList, errors=(404,))
    routes.add("GET", delivery, get_delivery, scope=read, gives=DeliveryShape, errors=(404,))
    routes.add(
        "POST",
        delivery + "/redeliver",
        redeliver,
        scope=write,
        gives=DeliveryShape,
        status=202,
        errors=(404, 409),
        headers={"Location": 1},
    )

"""Alert receivers over HTTP: their settings, what they could not read, and the requests with alerts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.alerts import model, service as alerts
from optral.alerts.model import ClusterRule, FieldMapping, Kind, Receiver, ReceiverSettings, Rejected
from optral.api.clusters.clusters import NAME_PATTERN
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import CREATED, PUBLIC, Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, single
from optral.api.http.shapes import change_of, renderer
from optral.api.runbooks.safeguards import cluster_of
from optral.flows.alerts import manage as flow, receiving
from optral.kit import records
from optral.kit.records import build, changing
from optral.store.transaction import Transaction

Sort = Literal["createdAt", "-createdAt"]
RejectedSort = Literal["at", "-at"]
Cluster = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
LabelName = Annotated[str, Field(min_length=1, max_length=256, pattern=LINE_PATTERN)]
Pointer = Annotated[str, Field(max_length=256, pattern=LINE_PATTERN)]
PointerOrNone = Annotated[str, Field(max_length=256)]
_PATHS = {Kind.ALERTMANAGER: "/v1/hooks/alertmanager/", Kind.GENERIC: "/v1/hooks/alerts/"}


class ClusterRuleInput(Input):
    """Names either one cluster, or the label that names the cluster of each alert"""

    cluster: Cluster | None = Field(None, description="Cluster id or name; all alerts are about it")
    label: LabelName | None = Field(None, description="Label whose value is the name or id of the cluster", examples=["cluster"])
    clusters: dict[str, Cluster] = Field(
        default_factory=dict,
        max_length=200,
        description="Clusters (id or name) by value of the label, if the values are not their names",
    )


class MappingInput(Input):
    """Where the members of an alert are, as JSON pointers (RFC 6901)"""

    alerts: PointerOrNone = Field("", description="List of alerts in the body; empty: the body is one alert")
    name: Pointer = "/name"
    status: Pointer = "/status"
    starts_at: Pointer = "/startsAt"
    ends_at: Pointer = "/endsAt"
    fingerprint: Pointer = Field("/id", description="What tells alerts apart; without a value, their labels do")
    expression: Pointer = "/expression"
    url: Pointer = "/url"
    labels: Pointer = Field("/labels", description="Object whose members become labels")
    more_labels: dict[str, Pointer] = Field(default_factory=dict, max_length=64, description="Labels from other places")
    resolved: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default_factory=lambda: ["resolved", "ok", "closed"], max_length=20, description="Values of `status` that end an alert"
    )


class ClusterRuleShape(Shape):
    cluster_id: str | None = None
    label: str | None = None
    clusters: dict[str, str] | None = Field(None, description="Cluster ids by value of the label")


class MappingShape(Shape):
    alerts: str | None = None
    name: str
    status: str
    starts_at: str
    ends_at: str
    fingerprint: str
    expression: str
    url: str
    labels: str
    more_labels: dict[str, str] | None = None
    resolved: list[str] | None = None


class AlertReceiver(Shape):
    id: str = Field(examples=["alr_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str
    kind: Literal["alertmanager", "generic"]
    auth: Literal["bearer", "hmac"]
    is_enabled: bool = Field(alias="enabled")
    path: str = Field(description="Path of its requests", examples=["/v1/hooks/alertmanager/alr_01jd3q4m6ve5jt8cmykq3rzm0a"])
    cluster_rule: ClusterRuleShape
    mapping: MappingShape | None = None
    last_received_at: datetime | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


class CreatedAlertReceiver(AlertReceiver):
    secret: str = Field(description="Shown only in this response", examples=["whsec_…"])


AlertReceiverList = list_of("AlertReceiverList", "receivers", AlertReceiver)


class NewAlertReceiver(Input):
    name: str = Field(min_length=1, max_length=100, pattern=LINE_PATTERN, examples=["platform Alertmanager"])
    kind: Literal["alertmanager", "generic"] = "alertmanager"
    auth: Literal["bearer", "hmac"] = Field(
        "bearer", description="`bearer`: the secret in the Authorization header; `hmac`: signed as Standard Webhooks has it"
    )
    cluster_rule: ClusterRuleInput = Field(default_factory=lambda: ClusterRuleInput(label="cluster"))
    mapping: MappingInput | None = Field(None, description="Required if `kind` is `generic`")


@change_of(NewAlertReceiver, but=["kind"])
class AlertReceiverChange(Input):
    cluster_rule: ClusterRuleInput | None = Field(None, description="Replaces the whole rule")
    mapping: MappingInput | None = Field(None, description="Replaces the whole mapping")
    is_enabled: bool | None = Field(None, alias="enabled")


class RejectedAlert(Shape):
    id: str
    at: datetime
    code: str = Field(examples=["invalid_json"])
    reason: str
    excerpt: str | None = Field(None, description="The beginning of what was sent")


RejectedAlertList = list_of("RejectedAlertList", "rejected", RejectedAlert)


class ReceivedAlerts(Shape):
    accepted: int = Field(description="Alerts that were read")
    known: int = Field(description="Those of them that an earlier request had")
    rejected: int = Field(description="Alerts that could not be read")


shape = renderer(
    AlertReceiver,
    Receiver,
    path=lambda one: _PATHS[one.kind] + one.id,
    cluster_rule=lambda one: records.plain(one.cluster_rule, ClusterRule),
    mapping=lambda one: None if one.mapping is None else records.plain(one.mapping, FieldMapping),
)
rejected_shape = renderer(RejectedAlert, Rejected, excerpt=lambda one: one.excerpt or None)


def _given(tx: Transaction, body: NewAlertReceiver | AlertReceiverChange) -> dict[str, Any]:
    given = body.model_dump(exclude_none=True)
    if "cluster_rule" in given:
        rule = given["cluster_rule"]
        if "cluster" in rule:
            rule["cluster_id"] = cluster_of(tx, rule.pop("cluster"), field="clusterRule.cluster")
        rule["clusters"] = {value: cluster_of(tx, name, field="clusterRule.clusters") for value, name in rule["clusters"].items()}
    return given


async def list_alert_receivers(
    call: Call, wanted: Annotated[PageQuery, Depends(page_query)], sort: Annotated[Sort, Query()] = "createdAt"
) -> Response:
    """List alert receivers"""
    page = page_request(call, wanted, sort)
    found, total = await call.read(lambda tx: (alerts.find_receivers(tx, page), alerts.count_receivers(tx)))
    return list_response(call, wanted, sort, found, total, plural="receivers", place=alerts.place_of_receiver, shape=shape)


async def create_alert_receiver(call: Call, body: NewAlertReceiver) -> Response:
    """Create an alert receiver

    The response contains the secret, which is not shown again.
    """

    def job(tx: Transaction) -> tuple[Receiver, str]:
        return flow.create(tx, build(ReceiverSettings, _given(tx, body)), key=call.services.sealing_key)

    return await call.change(job, lambda made: _shown_once(*made, status=201))


def _shown_once(one: Receiver, secret: str, *, status: int) -> Any:
    headers = {"Location": f"/v1/alert-receivers/{one.id}", "ETag": etag(one.version), "Cache-Control": "no-store"}
    return json_answer({**shape(one), "secret": secret}, status=status, headers=headers)


async def get_alert_receiver(call: Call, receiver_id: str) -> Response:
    """Get an alert receiver, without its secret"""
    check_id(receiver_id, "alr")
    one = await call.read(lambda tx: alerts.get(tx, receiver_id))
    return single(call, lambda: shape(one), one.version)


async def update_alert_receiver(call: Call, receiver_id: str, body: AlertReceiverChange) -> Response:
    """Update an alert receiver, or enable or disable it"""
    check_id(receiver_id, "alr")
    version = call.expected_version()

    def job(tx: Transaction) -> Receiver:
        return flow.change(tx, receiver_id, changing(Receiver, _given(tx, body)), if_version=version)

    return await call.change(job, lambda one: json_answer(shape(one), headers={"ETag": etag(one.version)}))


async def roll_alert_receiver(call: Call, receiver_id: str) -> Response:
    """Rotate an alert receiver's secret

    The old secret is accepted for 24 hours more.
    """
    check_id(receiver_id, "alr")
    return await call.change(
        lambda tx: flow.roll(tx, receiver_id, key=call.services.sealing_key), lambda made: _shown_once(*made, status=200)
    )


async def delete_alert_receiver(call: Call, receiver_id: str) -> Response:
    """Delete an alert receiver and its alerts"""
    check_id(receiver_id, "alr")
    version = call.expected_version()
    return await call.change(lambda tx: flow.delete(tx, receiver_id, if_version=version), lambda gone: json_answer(shape(gone)))


async def list_rejected_alerts(
    call: Call, receiver_id: str, wanted: Annotated[PageQuery, Depends(page_query)], sort: Annotated[RejectedSort, Query()] = "-at"
) -> Response:
    """List what an alert receiver could not read

    The newest 200 are kept.
    """
    check_id(receiver_id, "alr")
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Rejected], int]:
        alerts.get(tx, receiver_id)
        return alerts.rejected(tx, receiver_id, page), alerts.count_rejected(tx, receiver_id)

    found, total = await call.read(look)
    return list_response(call, wanted, sort, found, total, plural="rejected", place=alerts.place_of_rejected, shape=rejected_shape)


async def _receive(call: Call, kind: Kind, receiver_id: str) -> Response:
    done = await receiving.receive(
        call.services.store,
        kind,
        receiver_id,
        headers=call.headers,
        body=await call.body(),
        key=call.services.sealing_key,
        meter=lambda one, count: call.services.limiter.hit_alerts(one, count, limit=model.ALERTS_PER_MINUTE),
    )
    return json_response({"accepted": done.accepted, "known": done.known, "rejected": done.rejected}, status=202)


async def receive_alertmanager(call: Call, receiver_id: str) -> Response:
    """Receive alerts of an Alertmanager

    The webhook payload of Alertmanager, version 4, at most 1 MiB and 1,000 alerts, with the secret of the receiver. The same request again
    changes nothing. Every request without the secret gets the same 401.
    """
    return await _receive(call, Kind.ALERTMANAGER, receiver_id)


async def receive_alerts(call: Call, receiver_id: str) -> Response:
    """Receive alerts of another system

    JSON that the receiver's mapping describes, at most 1 MiB and 1,000 alerts, with the secret of the receiver. Every request without the
    secret gets the same 401.
    """
    return await _receive(call, Kind.GENERIC, receiver_id)


def add(app: FastAPI) -> None:
    routes = Routes(app, "alerts")
    every, read, write = "/v1/alert-receivers", "webhooks:read", "webhooks:write"
    one = every + "/{receiver_id}"
    routes.add("GET", every, list_alert_receivers, scope=read, gives=AlertReceiverList)
    routes.add(
        "POST", every, create_alert_receiver, scope=write, gives=CreatedAlertReceiver, status=201, errors=(404, 409), headers=CREATED
    )
    routes.add("GET", one, get_alert_receiver, scope=read, gives=AlertReceiver, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_alert_receiver, scope=write, gives=AlertReceiver, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_alert_receiver, scope=write, gives=AlertReceiver, errors=(404, 412))
    routes.add("POST", one + "/roll", roll_alert_receiver, scope=write, gives=CreatedAlertReceiver, errors=(404,), headers=CREATED)
    routes.add("GET", one + "/rejected", list_rejected_alerts, scope=read, gives=RejectedAlertList, errors=(404,))
    for path, endpoint in (("alertmanager", receive_alertmanager), ("alerts", receive_alerts)):
        routes.add(
            "POST",
            f"/v1/hooks/{path}/{{receiver_id}}",
            endpoint,
            scope=PUBLIC,
            gives=ReceivedAlerts,
            status=202,
            errors=(404, 409, 413),
            is_pure=True,
        )

"""Triggers over HTTP: their settings, their firings, and the signed requests that fire them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import NAME_PATTERN, LabelValue, resolve_each
from optral.api.http.decode import strict_json
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.problems import Problem
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import CREATED, PUBLIC, Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.api.http.shapes import change_of, conditions_of, renderer
from optral.api.runbooks.safeguards import Schedule, Zone, cluster_of
from optral.flows.triggers import manage as flow, preview, receiving
from optral.issues.model import Issue
from optral.kit import records
from optral.kit.records import build, changing
from optral.store.transaction import Transaction
from optral.triggers import model, service as triggers
from optral.triggers.model import Block, Firing, FiringState, Match, Source, Trigger, TriggerSettings

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Names = Annotated[list[Name], Field(max_length=50)]
SeverityName = Literal["critical", "high", "medium", "low"]
Sort = Literal["createdAt", "-createdAt"]
StateName = Literal["waiting", "started", "refused", "skipped"]
SHOWN = 5  # issues of a preview
_CAUSES = "Causes that the analysis found, ids from docs/causes.md"
_CONFIDENCE = "Minimum confidence of the analysis, 0 to 1"


class TriggerMatchInput(Input):
    """Matches an issue that matches one entry of every given list, and all labels. Requires types or causes"""

    types: Names = Field(default_factory=list, examples=[["OOMKilled"]])
    clusters: Names = Field(default_factory=list, description="Cluster ids or names")
    namespaces: Names = Field(default_factory=list)
    min_severity: SeverityName | None = None
    labels: dict[str, LabelValue] = Field(default_factory=dict, max_length=32, description="Labels of the issue")
    causes: Names = Field(default_factory=list, description=_CAUSES)
    min_confidence: float | None = Field(None, ge=0, le=1, description=_CONFIDENCE)


@conditions_of(TriggerMatchInput)
class TriggerMatch(Shape):
    """Matches an issue that matches one entry of every list, and all labels"""

    clusters: list[str] | None = Field(None, description="Cluster ids")


class BlockShape(Shape):
    code: Block
    reason: str
    next_allowed_at: datetime | None = Field(None, description="Until then; absent: until a person does what `reason` says")


class TriggerShape(Shape):
    id: str = Field(examples=["trg_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str
    source: Source
    is_enabled: bool = Field(alias="enabled")
    runbook: str = Field(description="Slug of the runbook")
    cluster_id: str | None = Field(None, description="Absent: the cluster of the issue")
    parameters: dict[str, Any]
    match: TriggerMatch | None = None
    schedule: str | None = None
    time_zone: str | None = None
    next_at: datetime | None = Field(None, description="Next time of the schedule")
    accepts: list[str] | None = Field(None, description="Parameters that a signed request may set")
    path: str | None = Field(None, description="Path of the signed requests", examples=["/v1/hooks/trg_01jd3q4m6ve5jt8cmykq3rzm0a"])
    acts_for: str = Field(description="Id of the member with whose rights it acts: who changed it last")
    blocked: BlockShape | None = None
    failures: int = Field(description="Executions in a row that did not succeed")
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


class CreatedTrigger(TriggerShape):
    secret: str | None = Field(None, description="Signs requests (Standard Webhooks); shown only in this response", examples=["whsec_…"])


TriggerList = list_of("TriggerList", "triggers", TriggerShape)


class NewTrigger(Input):
    name: str = Field(min_length=1, max_length=100, pattern=LINE_PATTERN, examples=["restart on OOM"])
    source: Literal["issue", "schedule", "webhook"]
    runbook: str = Field(min_length=1, max_length=63, description="Slug or id of the runbook")
    cluster: Name | None = Field(None, description="Cluster id or name; required unless `source` is `issue`")
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=64)
    match: TriggerMatchInput | None = Field(None, description="Required if `source` is `issue`")
    schedule: Schedule | None = None
    time_zone: Zone = "UTC"
    accepts: list[Annotated[str, Field(min_length=1, max_length=63)]] = Field(default_factory=list, max_length=32)


@change_of(NewTrigger, but=["source"])
class TriggerChange(Input):
    parameters: dict[str, Any] | None = Field(None, max_length=64, description="Replaces all parameters")
    match: TriggerMatchInput | None = Field(None, description="Replaces the whole match")
    is_enabled: bool | None = Field(None, alias="enabled")


class FiringShape(Shape):
    id: str = Field(examples=["fir_01jd3q4m6ve5jt8cmykq3rzm0a"])
    key: str = Field(description="The occasion: an occurrence of an issue, a scheduled time, or the id of a request")
    state: FiringState
    issue_id: str | None = None
    execution_id: str | None = None
    outcome: str | None = Field(None, description="How the execution ended")
    code: str | None = Field(None, description="Why nothing was started")
    reason: str | None = None
    next_allowed_at: datetime | None = None
    created_at: datetime
    settled_at: datetime | None = None


FiringList = list_of("FiringList", "firings", FiringShape, capped=True)


class PreviewInput(Input):
    match: TriggerMatchInput | None = Field(None, description="What the open issues are compared with")
    schedule: Schedule | None = None
    time_zone: Zone = "UTC"


class PreviewIssue(Shape):
    id: str
    type: str
    severity: SeverityName
    title: str
    cluster_id: str
    namespace: str | None = None


class PreviewShape(Shape):
    matching: int | None = Field(None, description="Open issues that match now; a trigger fires only for those that open later")
    is_whole: bool | None = Field(
        None, description=f"False: there are more open issues; the newest {preview.MOST_EXAMINED} that may match were compared"
    )
    issues: list[PreviewIssue] | None = Field(None, description="The newest of them, at most five")
    next_times: list[datetime] | None = Field(None, description="The next three times of the schedule")


class AcceptedShape(Shape):
    id: str = Field(description="Id of the firing; the same for a repeated request")


def _of(source: Source, value: Callable[[Trigger], Any]) -> Callable[[Trigger], Any]:
    """A member that only triggers of this source have."""
    return lambda one: value(one) if one.source is source else None


def _blocked(one: Trigger) -> dict[str, Any] | None:
    if one.block is None:
        return None
    return present(code=one.block, reason=one.block_reason or "", nextAllowedAt=one.blocked_until)


shape = renderer(
    TriggerShape,
    Trigger,
    match=_of(Source.ISSUE, lambda one: records.plain(one.match, Match)),
    time_zone=_of(Source.SCHEDULE, lambda one: one.time_zone),
    next_at=lambda one: one.next_at if one.is_enabled else None,
    accepts=_of(Source.WEBHOOK, lambda one: one.accepts),
    path=_of(Source.WEBHOOK, lambda one: f"/v1/hooks/{one.id}"),
    blocked=_blocked,
)
firing_shape = renderer(FiringShape, Firing)


def _given(tx: Transaction, body: NewTrigger | TriggerChange) -> dict[str, Any]:
    given = body.model_dump(exclude_none=True)
    if "cluster" in given:
        given["cluster_id"] = cluster_of(tx, given.pop("cluster"), field="cluster")
    if "match" in given:
        given["match"] = _conditions(tx, given["match"])
    return given


def _conditions(tx: Transaction, match: dict[str, Any]) -> dict[str, Any]:
    return match | {"clusters": resolve_each(tx, match["clusters"], field="match.clusters")}


async def list_triggers(
    call: Call, wanted: Annotated[PageQuery, Depends(page_query)], sort: Annotated[Sort, Query()] = "createdAt"
) -> Response:
    """List triggers"""
    page = page_request(call, wanted, sort)
    found, total = await call.read(lambda tx: (triggers.find(tx, page), triggers.count(tx)))
    return list_response(call, wanted, sort, found, total, plural="triggers", place=triggers.place, shape=shape)


async def create_trigger(call: Call, body: NewTrigger) -> Response:
    """Create a trigger

    It acts with the caller's rights. For the source `webhook`, the response contains the secret, which is not shown again.
    """

    def job(tx: Transaction) -> tuple[Trigger, str | None]:
        return flow.create(tx, build(TriggerSettings, _given(tx, body)), key=call.services.sealing_key)

    return await call.change(job, lambda made: _shown_once(*made, status=201))


def _shown_once(one: Trigger, secret: str | None, *, status: int) -> Any:
    headers = {"Location": f"/v1/triggers/{one.id}", "ETag": etag(one.version), "Cache-Control": "no-store"}
    return json_answer({**shape(one), **present(secret=secret)}, status=status, headers=headers)


async def preview_trigger(call: Call, body: PreviewInput) -> Response:
    """Preview what a trigger would match, and when a schedule occurs

    Changes nothing.
    """
    if body.schedule is not None:
        model.check_schedule(body.schedule, body.time_zone)

    def look(tx: Transaction) -> tuple[preview.Preview | None, list[datetime] | None]:
        times = None if body.schedule is None else model.next_times(body.schedule, body.time_zone, tx.now)
        if body.match is None:
            return None, times
        match = build(Match, _conditions(tx, body.match.model_dump(exclude_none=True)))
        model.check_match(match)
        return preview.matching_now(tx, match), times

    found, times = await call.read(look)
    given: dict[str, Any] = {}
    if found is not None:
        given = {
            "matching": len(found.matching),
            "isWhole": found.is_whole,
            "issues": [_preview_issue(one) for one in found.matching[:SHOWN]],
        }
    return json_response(present(**given, nextTimes=times))


def _preview_issue(one: Issue) -> dict[str, Any]:
    return present(
        id=one.id, type=one.type, severity=one.severity.value, title=one.title, clusterId=one.cluster_id, namespace=one.namespace
    )


async def get_trigger(call: Call, trigger_id: str) -> Response:
    """Get a trigger, without its secret"""
    check_id(trigger_id, "trg")
    one = await call.read(lambda tx: triggers.get(tx, trigger_id))
    return single(call, lambda: shape(one), one.version)


async def update_trigger(call: Call, trigger_id: str, body: TriggerChange) -> Response:
    """Update a trigger, or enable or disable it

    From then on it acts with the caller's rights.
    """
    check_id(trigger_id, "trg")
    version = call.expected_version()

    def job(tx: Transaction) -> Trigger:
        return flow.change(tx, trigger_id, changing(Trigger, _given(tx, body)), if_version=version)

    return await call.change(job, lambda one: json_answer(shape(one), headers={"ETag": etag(one.version)}))


async def delete_trigger(call: Call, trigger_id: str) -> Response:
    """Delete a trigger and its firings

    Executions that it started are kept.
    """
    check_id(trigger_id, "trg")
    version = call.expected_version()
    return await call.change(lambda tx: flow.delete(tx, trigger_id, if_version=version), lambda gone: json_answer(shape(gone)))


async def unblock_trigger(call: Call, trigger_id: str) -> Response:
    """Unblock a trigger whose executions failed

    A secret that is no longer trusted (409 `secret_not_trusted`) has to be rolled instead.
    """
    check_id(trigger_id, "trg")
    return await call.change(
        lambda tx: flow.unblock(tx, trigger_id), lambda one: json_answer(shape(one), headers={"ETag": etag(one.version)})
    )


async def roll_trigger(call: Call, trigger_id: str) -> Response:
    """Rotate a trigger's secret

    From then on it acts with the caller's rights. A secret that the caller was shown before signs for 24 hours more, so that the sender can
    switch without interruption; one that was shown to another member stops working at once.
    """
    check_id(trigger_id, "trg")
    return await call.change(
        lambda tx: flow.roll(tx, trigger_id, key=call.services.sealing_key), lambda made: _shown_once(*made, status=200)
    )


async def list_firings(
    call: Call,
    trigger_id: str,
    wanted: Annotated[PageQuery, Depends(page_query)],
    state: Annotated[StateName | None, Query()] = None,
    sort: Annotated[Sort, Query()] = "-createdAt",
) -> Response:
    """List a trigger's firings

    Firings are kept for 90 days.
    """
    check_id(trigger_id, "trg")
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Firing], int]:
        triggers.get(tx, trigger_id)
        return triggers.find_firings(tx, trigger_id, page, state=state), triggers.count_firings(tx, trigger_id, state=state)

    found, total = await call.read(look)
    return list_response(call, wanted, sort, found, total, plural="firings", place=triggers.place, shape=firing_shape)


async def receive_hook(call: Call, trigger_id: str) -> Response:
    """Fire a trigger by a signed request

    Signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp`, `webhook-signature`. The body, at most 16 KiB, may have
    `parameters`. Every request that is not signed gets the same 401.
    """
    body = await call.body()
    if len(body) > model.MAX_BODY_BYTES:
        raise Problem(413, "body_too_large", say=f"the body is larger than {model.MAX_BODY_BYTES // 1024} KiB")
    firing = await receiving.receive(
        call.services.store, trigger_id, headers=call.headers, body=body, key=call.services.sealing_key, decode=strict_json
    )
    return json_response({"id": firing.id}, status=202)


def add(app: FastAPI) -> None:
    routes = Routes(app, "triggers")
    one, read, write = "/v1/triggers/{trigger_id}", "runbooks:read", "runbooks:write"
    routes.add("GET", "/v1/triggers", list_triggers, scope=read, gives=TriggerList)
    routes.add("POST", "/v1/triggers", create_trigger, scope=write, gives=CreatedTrigger, status=201, errors=(404, 409), headers=CREATED)
    routes.add("POST", "/v1/triggers/preview", preview_trigger, scope="issues:read", gives=PreviewShape, is_pure=True)
    routes.add("GET", one, get_trigger, scope=read, gives=TriggerShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_trigger, scope=write, gives=TriggerShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_trigger, scope=write, gives=TriggerShape, errors=(404, 412))
    routes.add("POST", one + "/unblock", unblock_trigger, scope=write, gives=TriggerShape, errors=(404, 409), headers={"ETag": 1})
    routes.add("POST", one + "/roll", roll_trigger, scope=write, gives=CreatedTrigger, errors=(404, 409), headers=CREATED)
    routes.add("GET", one + "/firings", list_firings, scope=read, gives=FiringList, errors=(404,))
    routes.add(
        "POST", "/v1/hooks/{trigger_id}", receive_hook, scope=PUBLIC, gives=AcceptedShape, status=202, errors=(404, 409, 413), is_pure=True
    )

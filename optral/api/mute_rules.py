"""Mute rules over HTTP: which known issues send no notifications, until when, and why."""

from datetime import datetime
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters import LabelValue, resolve_each
from optral.api.http.lists import whole
from optral.api.http.query import SAYS_SOMETHING
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, single
from optral.api.http.shapes import change_of, conditions_of, renderer
from optral.api.http.times import Moment
from optral.api.issue_shapes import Name
from optral.flows.issues import triage
from optral.flows.issues.triage import MuteRuleSeen
from optral.issues.mutes import MuteRule, MuteRuleSettings
from optral.kit.records import build, changing
from optral.store.transaction import Transaction

Pattern = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:*-]+$")]
Chosen = Annotated[list[Name], Field(max_length=50)]
Patterns = Annotated[list[Pattern], Field(max_length=50)]
Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=SAYS_SOMETHING, examples=["Known: replaced in March, see OPS-17"])]


class MatchInput(Input):
    """Matches an issue that matches one entry of every given list; `*` in a pattern matches any characters"""

    types: Chosen = Field(default_factory=list, examples=[["OOMKilled"]])
    clusters: Chosen = Field(default_factory=list, description="Cluster ids or names")
    namespaces: Patterns = Field(default_factory=list, examples=[["dev-*"]])
    kinds: Chosen = Field(default_factory=list, description="Kinds of the workload, for example `Deployment`")
    names: Patterns = Field(default_factory=list, description="Names of the workload", examples=[["batch-*"]])
    containers: Patterns = Field(default_factory=list)
    labels: dict[str, LabelValue] = Field(default_factory=dict, max_length=32, description="Labels of the issue; all must match")


@conditions_of(MatchInput)
class MatchShape(Shape):
    """Matches an issue that matches one entry of every list"""

    clusters: list[str] | None = Field(None, description="Cluster ids")
    kinds: list[str] | None = Field(None, description="Kinds of the workload")
    labels: dict[str, str] | None = Field(None, description="Labels of the issue")


class MuteRuleShape(Shape):
    id: str = Field(examples=["mut_01jd3q4m6ve5jt8cmykq3rzm0a"])
    match: MatchShape
    reason: str
    expires_at: datetime
    muted_issues: int = Field(description="Number of unresolved issues that the rule mutes now")
    created_by: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = Field(None, description="When the rule expired or was deleted")
    version: int


class MuteRuleList(Shape):
    mute_rules: list[MuteRuleShape]
    total: int
    page: int
    page_size: int


class NewMuteRule(Input):
    match: MatchInput
    reason: Reason
    expires_at: Moment = Field(description="At most one year from now")


@change_of(NewMuteRule, but=["match"])
class MuteRuleChange(Input):
    expires_at: Moment | None = Field(None, description="At most one year from now")


shape = renderer(MuteRuleShape, MuteRuleSeen)


async def list_mute_rules(call: Call) -> Response:
    """List active mute rules, oldest first"""
    found = await call.read(triage.rules)
    return json_response(whole("muteRules", [shape(one) for one in found]))


async def create_mute_rule(call: Call, body: NewMuteRule) -> Response:
    """Create a mute rule

    Matching issues, present and future, are listed and counted but send no notifications. `reason` and `expiresAt` are required, so
    that no rule outlives its purpose.
    """

    def job(tx: Transaction) -> MuteRuleSeen:
        given = body.model_dump()
        given["match"]["clusters"] = resolve_each(tx, given["match"]["clusters"], field="match.clusters")
        return triage.create_rule(tx, build(MuteRuleSettings, given))

    return await call.change(job, lambda created: json_answer(shape(created), status=201, headers=_headers(created)))


def _headers(seen: MuteRuleSeen) -> dict[str, str]:
    return {"Location": f"/v1/mute-rules/{seen.id}", "ETag": etag(seen.version)}


async def get_mute_rule(call: Call, rule_id: str) -> Response:
    """Get a mute rule, active or ended"""
    check_id(rule_id, "mut")
    seen = await call.read(lambda tx: triage.rule(tx, rule_id))
    return single(call, lambda: shape(seen), seen.version)


async def update_mute_rule(call: Call, rule_id: str, body: MuteRuleChange) -> Response:
    """Update a mute rule's reason or expiry"""
    check_id(rule_id, "mut")
    version, wanted = call.expected_version(), changing(MuteRule, body.model_dump(exclude_none=True))

    def job(tx: Transaction) -> MuteRuleSeen:
        return triage.change_rule(tx, rule_id, wanted, if_version=version)

    return await call.change(job, lambda seen: json_answer(shape(seen), headers={"ETag": etag(seen.version)}))


async def delete_mute_rule(call: Call, rule_id: str) -> Response:
    """End a mute rule

    Issues that the rule muted send notifications again.
    """
    check_id(rule_id, "mut")
    version = call.expected_version()
    return await call.change(lambda tx: triage.delete_rule(tx, rule_id, if_version=version), lambda gone: json_answer(shape(gone)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "mute rules")
    path, one, read, write = "/v1/mute-rules", "/v1/mute-rules/{rule_id}", "issues:read", "issues:write"
    made = {"ETag": 1, "Location": 1}
    routes.add("GET", path, list_mute_rules, scope=read, gives=MuteRuleList)
    routes.add("POST", path, create_mute_rule, scope=write, gives=MuteRuleShape, status=201, errors=(409,), headers=made)
    routes.add("GET", one, get_mute_rule, scope=read, gives=MuteRuleShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_mute_rule, scope=write, gives=MuteRuleShape, errors=(404, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_mute_rule, scope=write, gives=MuteRuleShape, errors=(404, 412))

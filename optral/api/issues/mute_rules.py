"""Mute rules over HTTP: which known issues send no notifications, until when, and why."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import LabelValue, resolve_all
from optral.api.http.lists import list_of, whole
from optral.api.http.query import SAYS_SOMETHING
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.api.http.times import Moment
from optral.api.issues.issue_shapes import Name
from optral.clusters import service as clusters
from optral.flows.issues import triage
from optral.flows.issues.triage import MuteRuleSeen
from optral.issues.triage.mutes import Match
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid

Pattern = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:*-]+$")]
Chosen = Annotated[list[Name], Field(max_length=50)]
Patterns = Annotated[list[Pattern], Field(max_length=50)]
Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=SAYS_SOMETHING, examples=["Known: replaced in March, see OPS-17"])]


class MuteMatch(Shape):
    """Matches an issue that matches one entry of every list"""

    types: list[str] | None = Field(None, examples=[["OOMKilled"]])
    clusters: list[str] | None = Field(None, description="Cluster ids")
    namespaces: list[str] | None = Field(None, examples=[["dev-*"]])
    kinds: list[str] | None = Field(None, description="Kinds of the workload")
    names: list[str] | None = Field(None, description="Names of the workload", examples=[["batch-*"]])
    containers: list[str] | None = None
    labels: dict[str, str] | None = Field(None, description="Labels of the issue")


class MatchInput(Input):
    """Matches an issue that matches one entry of every given list; `*` in a pattern matches any characters"""

    types: Chosen = Field(default_factory=list, examples=[["OOMKilled"]])
    clusters: Chosen = Field(default_factory=list, description="Cluster ids or names")
    namespaces: Patterns = Field(default_factory=list, examples=[["dev-*"]])
    kinds: Chosen = Field(default_factory=list, description="Kinds of the workload, for example `Deployment`")
    names: Patterns = Field(default_factory=list, description="Names of the workload", examples=[["batch-*"]])
    containers: Patterns = Field(default_factory=list)
    labels: dict[str, LabelValue] = Field(default_factory=dict, max_length=32, description="Labels of the issue; all must match")


class MuteRuleShape(Shape):
    id: str = Field(examples=["mut_01jd3q4m6ve5jt8cmykq3rzm0a"])
    match: MuteMatch
    reason: str
    expires_at: datetime
    muted_issues: int = Field(description="Number of unresolved issues that the rule mutes now")
    created_by: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = Field(None, description="When the rule expired or was deleted")
    version: int


MuteRuleList = list_of("MuteRuleList", "mute_rules", MuteRuleShape, paged=False)


class NewMuteRule(Input):
    match: MatchInput
    reason: Reason
    expires_at: Moment = Field(description="At most one year from now")


class MuteRuleChange(Input):
    reason: Reason | None = None
    expires_at: Moment | None = Field(None, description="At most one year from now")


def shape(seen: MuteRuleSeen) -> dict[str, Any]:
    one = seen.rule
    return present(
        id=one.id,
        match=one.match.plain(),
        reason=one.reason,
        expiresAt=one.expires_at,
        mutedIssues=seen.muted,
        createdBy=one.created_by,
        createdAt=one.created_at,
        updatedAt=one.updated_at,
        endedAt=one.ended_at,
        version=one.version,
    )


def _match(tx: Transaction, given: MatchInput) -> Match:
    chosen = resolve_all(tx, given.clusters) or frozenset()
    if len(chosen) < len({clusters.resolve(tx, cluster) or cluster for cluster in given.clusters}):
        errors = [{"field": "match.clusters", "code": "unknown_value", "message": "give ids or names of clusters"}]
        raise Invalid("unknown_cluster", say="unknown cluster", errors=errors)
    return Match(
        types=tuple(given.types),
        clusters=tuple(sorted(chosen)),
        namespaces=tuple(given.namespaces),
        kinds=tuple(given.kinds),
        names=tuple(given.names),
        containers=tuple(given.containers),
        labels=given.labels,
    )


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
        return triage.create_rule(tx, _match(tx, body.match), reason=body.reason, expires_at=body.expires_at)

    return await call.change(job, lambda created: json_answer(shape(created), status=201, headers=_headers(created)))


def _headers(seen: MuteRuleSeen) -> dict[str, str]:
    return {"Location": f"/v1/mute-rules/{seen.rule.id}", "ETag": etag(seen.rule.version)}


async def get_mute_rule(call: Call, rule_id: str) -> Response:
    """Get a mute rule, active or ended"""
    check_id(rule_id, "mut")
    seen = await call.read(lambda tx: triage.rule(tx, rule_id))
    return single(call, lambda: shape(seen), seen.rule.version)


async def update_mute_rule(call: Call, rule_id: str, body: MuteRuleChange) -> Response:
    """Update a mute rule's reason or expiry"""
    check_id(rule_id, "mut")
    version = call.expected_version()

    def job(tx: Transaction) -> MuteRuleSeen:
        return triage.change_rule(tx, rule_id, reason=body.reason, expires_at=body.expires_at, if_version=version)

    return await call.change(job, lambda seen: json_answer(shape(seen), headers={"ETag": etag(seen.rule.version)}))


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
    routes.add("GET", path, list_mute_rules, scope=read, gives=MuteRuleList)
    routes.add(
        "POST", path, create_mute_rule, scope=write, gives=MuteRuleShape, status=201, errors=(409,), headers={"ETag": 1, "Location": 1}
    )
    routes.add("GET", one, get_mute_rule, scope=read, gives=MuteRuleShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_mute_rule, scope=write, gives=MuteRuleShape, errors=(404, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_mute_rule, scope=write, gives=MuteRuleShape, errors=(404, 412))

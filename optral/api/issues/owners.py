"""Owners over HTTP: the teams that own what fails, with their open issues, and how an organization finds them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.lists import whole
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, etag, json_answer, json_response, present, single
from optral.api.resources.freshness import Stale, StaleSince, combined
from optral.flows.issues import ownership as flow
from optral.kube.teams import ANNOTATIONS, MAX_TEAM, Source, TeamRule, TeamSettings
from optral.ownership import model, service as ownership
from optral.ownership.model import OwnershipSettings
from optral.store.transaction import Transaction

SourceName = Literal["annotation", "label", "namespaceAnnotation", "namespaceLabel", "rules"]
Pattern = Annotated[str, Field(min_length=1, max_length=model.MAX_PATTERN, pattern=LINE_PATTERN)]
_ORDER = "Where a team is looked for; the first that names one decides. A source that is left out is not used"
_LABELS = "Keys of labels that name a team, the first one that an object or a namespace has"
_RULES = "Patterns; of several that match an object, the last one decides, as in a CODEOWNERS file"


class OwnerSummary(Shape):
    team: str | None = Field(description="null: what no team owns", examples=["payments"])
    open_issues: int = Field(description="Open and acknowledged issues, without symptoms; among the newest 10,000")
    query: str = Field(description="Selects the issues; for `q` of `GET /v1/issues`", examples=["team:payments"])


class OwnerList(Shape):
    owners: list[OwnerSummary] = Field(description="The most open issues first; teams of rules without one at the end")
    total: int
    page: int
    page_size: int
    stale: Stale
    stale_since: StaleSince = None


class OwnerRule(Input):
    """`*` in a pattern matches any characters"""

    team: str = Field(min_length=1, max_length=MAX_TEAM, pattern=LINE_PATTERN, examples=["payments"])
    cluster: Pattern = Field("*", description="Name or id of the cluster")
    namespace: Pattern = Field("*", examples=["pay-*"])
    kind: Pattern = Field("*", description="Kind of the object, with or without its API group", examples=["Deployment"])
    name: Pattern = "*"


class OwnerRulesChange(Input):
    """Omitted members do not change"""

    order: list[SourceName] | None = Field(None, min_length=1, max_length=len(Source), description=_ORDER)
    labels: list[Annotated[str, Field(max_length=317)]] | None = Field(None, max_length=model.MAX_LABELS, description=_LABELS)
    rules: list[OwnerRule] | None = Field(None, max_length=model.MAX_RULES, description="Replaces all rules. " + _RULES)

    def changed(self, before: TeamSettings) -> TeamSettings:
        return TeamSettings(
            before.order if self.order is None else tuple(map(Source, self.order)),
            before.labels if self.labels is None else tuple(self.labels),
            before.rules if self.rules is None else tuple(TeamRule(**rule.model_dump()) for rule in self.rules),
        )


class OwnerRuleShape(Shape):
    team: str
    cluster: str
    namespace: str
    kind: str
    name: str


class OwnerRulesShape(Shape):
    order: list[SourceName] = Field(description=_ORDER)
    annotations: list[str] = Field(description="Annotations that name a team; they cannot be changed", examples=[list(ANNOTATIONS)])
    labels: list[str] = Field(description=_LABELS)
    rules: list[OwnerRuleShape] = Field(description=_RULES)
    updated_by: str | None = None
    updated_at: datetime | None = None
    version: int


def _shape(one: OwnershipSettings) -> dict[str, Any]:
    return flow.plain(one.settings) | present(
        annotations=list(ANNOTATIONS), updatedBy=one.updated_by, updatedAt=one.updated_at, version=one.version
    )


async def list_owners(call: Call) -> Response:
    """List owners

    Teams that own what fails now, and those that the ownership rules name.
    """
    found, standings = await call.read(flow.owners)
    rows = [{"team": one.team, "openIssues": one.open_issues, "query": one.query} for one in found]
    return json_response(whole("owners", rows) | combined(standings.values()))


async def get_owner_rules(call: Call) -> Response:
    """Get the ownership rules"""
    one = await call.read(ownership.get)
    return single(call, lambda: _shape(one), one.version)


async def update_owner_rules(call: Call, body: OwnerRulesChange) -> Response:
    """Update the ownership rules

    The teams of open issues in connected clusters follow within seconds; resolved issues keep theirs.
    """
    version = call.expected_version()

    def job(tx: Transaction) -> OwnershipSettings:
        return flow.change(tx, body.changed, if_version=version)

    return await call.change(job, lambda one: json_answer(_shape(one), headers={"ETag": etag(one.version)}))


def add(app: FastAPI) -> None:
    routes = Routes(app, "issues")
    rules = "/v1/owners/rules"
    routes.add("GET", "/v1/owners", list_owners, scope="issues:read", gives=OwnerList)
    routes.add("GET", rules, get_owner_rules, scope="issues:read", gives=OwnerRulesShape, headers={"ETag": 1})
    routes.add("PATCH", rules, update_owner_rules, scope="detectors:write", gives=OwnerRulesShape, errors=(412,), headers={"ETag": 1})

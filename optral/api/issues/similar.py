"""Similar issues over HTTP: how often an issue opened lately, and what ended it and issues like it before."""

from datetime import datetime
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.analyses.analyses import RefShape
from optral.api.http.routing import Call, Routes, Shape, check_id, json_response, present
from optral.api.issues.issue_shapes import Status
from optral.clusters import service as clusters
from optral.flows.issues import precedent_texts, precedents
from optral.flows.issues.precedents import Ending, Opening, Precedents, Similar
from optral.resources.model import Revision
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

MAX_PATHS = 5


class ChangedField(Shape):
    path: str
    from_: Any = Field(None, alias="from")
    to: Any = None


class PrecedingChange(Shape):
    ref: RefShape
    at: datetime
    manager: str | None = None
    fields: list[ChangedField] = Field(description=f"The first {MAX_PATHS} fields that changed")


class OpeningShape(Shape):
    at: datetime
    change: PrecedingChange | None = Field(None, description="The last change of the workload in the 30 minutes before")


class EndingShape(Shape):
    kind: Literal["runbook", "change", "manual", "recovered", "resource_deleted", "superseded", "cluster_deleted", "detector_disabled"]
    text: str = Field(examples=["Ended by the runbook Raise memory limit"])
    execution_id: str | None = None
    by: str | None = Field(None, description="Who requested the runbook or resolved the issue: a member or an API key")
    change: PrecedingChange | None = Field(None, description="The last change of the workload in the 30 minutes before the issue recovered")


class SimilarShape(Shape):
    id: str = Field(examples=["iss_01jd3q4m6ve5jt8cmykq3rzm0a"])
    relation: Literal["sameWorkload", "sameName", "sameImage", "sameChart", "sameCause"] = Field(description="What both have in common")
    title: str
    severity: Severity
    status: Status
    cluster: str
    namespace: str | None = None
    owner: RefShape
    cause: str | None = Field(None, description="An id from docs/causes.md; absent without an analysis that names one")
    detected_at: datetime
    resolved_at: datetime | None = None
    ended_by: EndingShape | None = Field(None, description="Absent for an issue that is not resolved")


class SimilarList(Shape):
    days: int = Field(description="The time in which openings are counted")
    openings: list[OpeningShape] = Field(description="When the issue, or one of the same workload and type, opened in this time")
    after_change: int = Field(description="How many openings followed a change")
    summary: str = Field(examples=["Third time in 7 days, each time within 30 minutes after a change of Deployment web."])
    similar: list[SimilarShape] = Field(description="At most 10, the closest first")


async def similar_issues(call: Call, issue_id: str) -> Response:
    """List similar issues and what ended them

    Compared are the newest 200 issues of the same type. An issue whose analysis names another cause is left out.
    """
    check_id(issue_id, "iss")

    def read(tx: Transaction) -> tuple[Precedents, dict[str, str]]:
        found = precedents.of(tx, issue_id)
        standings = clusters.standings(tx, {one.issue.cluster_id for one in found.similar})
        return found, {standing: clusters.standing_in(standings, standing).name for standing in standings}

    found, names = await call.read(read)
    return json_response(
        {
            "days": precedents.RECENTLY.days,
            "openings": [_opening(opening) for opening in found.openings],
            "afterChange": found.after_change,
            "summary": precedent_texts.summary(found),
            "similar": [_similar(one, names) for one in found.similar],
        }
    )


def _opening(one: Opening) -> dict[str, Any]:
    return present(at=one.at, change=_change(one.change))


def _similar(one: Similar, names: dict[str, str]) -> dict[str, Any]:
    issue = one.issue
    return present(
        id=issue.id,
        relation=one.relation.value,
        title=issue.title,
        severity=issue.severity.value,
        status=issue.status.value,
        cluster=names.get(issue.cluster_id, issue.cluster_id),
        namespace=issue.namespace,
        owner=present(kind=issue.owner_kind, namespace=issue.namespace, name=issue.owner_name),
        cause=one.cause,
        detectedAt=issue.detected_at,
        resolvedAt=issue.resolved_at,
        endedBy=_ending(one.ending),
    )


def _ending(one: Ending | None) -> dict[str, Any] | None:
    if one is None:
        return None
    values = {"kind": one.kind, "text": precedent_texts.ending(one), "executionId": one.execution_id, "by": one.by}
    return present(**values, change=_change(one.change))


def _change(one: Revision | None) -> dict[str, Any] | None:
    if one is None:
        return None
    ref = present(kind=one.short_kind, namespace=one.namespace, name=one.name)
    fields = [{"path": entry["path"], "from": entry.get("from"), "to": entry.get("to")} for entry in one.diff[:MAX_PATHS]]
    return present(ref=ref, at=one.at, manager=one.manager, fields=fields)


def add(app: FastAPI) -> None:
    Routes(app, "issues").add("GET", "/v1/issues/{issue_id}/similar", similar_issues, scope="issues:read", gives=SimilarList, errors=(404,))

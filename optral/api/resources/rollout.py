"""Whether the rollout of a workload succeeded, for pipelines that wait for it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.http import waiting as long_polls
from optral.api.http.routing import Call, Routes, Shape, check_id, json_response, present
from optral.api.http.times import Moment
from optral.api.issues import listed
from optral.api.issues.issue_shapes import IssueShape
from optral.api.overview.coverage_shapes import CoverageShape
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.api.runbooks.executions import MAX_WAIT_S
from optral.clusters import service as clusters
from optral.events import service as events
from optral.flows.inventory import rollout
from optral.flows.inventory.rollout import Expected, Rollout, State
from optral.store.transaction import Transaction
from optral.terms.ids import OrgId
from optral.terms.severity import Severity


class WorkloadRolloutShape(Shape):
    state: Literal["healthy", "progressing", "failing", "unknown"] = Field(
        description="`healthy`: the present spec is rolled out, and no issue began since. `unknown`: the inventory cannot tell"
    )
    resource_id: str
    message: str = Field(examples=["rolling out: 2 of 3 updated"])
    cluster: str
    kind: str
    namespace: str | None = None
    name: str
    generation: int | None = None
    started_at: datetime = Field(description="When the present spec was first seen")
    inventory_at: datetime | None = Field(None, description="The last report of the agent")
    newer_than: datetime = Field(description="What the inventory had to be newer than; send it with the next request")
    issues: list[IssueShape] = Field(description="Root issues of the workload and its pods that began after `startedAt`, at most 20")
    earlier_issues: list[IssueShape] = Field(description="Those that began before; they do not count")
    coverage: CoverageShape = Field(description="What was looked at for issues in the namespace")
    stale: Stale
    stale_since: StaleSince = None


async def resource_rollout(
    call: Call,
    resource_id: str,
    newer_than: Annotated[
        Moment | None, Query(alias="newerThan", description="The inventory must be newer than this; default: the time of the request")
    ] = None,
    generation: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="In place of `newerThan`: the inventory must show this generation")
    ] = None,
    min_severity: Annotated[Severity, Query(alias="minSeverity", description="Less severe issues do not count")] = Severity.MEDIUM,
    until: Annotated[Literal["settled", "healthy"], Query(description="What to wait for; `settled` is healthy or failing")] = "settled",
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait")] = 0,
) -> Response:
    """Get whether the rollout of a workload succeeded

    For Deployments, StatefulSets, DaemonSets and Jobs.
    """
    check_id(resource_id, "res")
    since = newer_than or call.services.clock.now()
    expected = Expected(newer_than=since, generation=generation, min_severity=min_severity)
    enough = {State.HEALTHY} if until == "healthy" else {State.HEALTHY, State.FAILING}

    def read(tx: Transaction) -> tuple[Rollout, dict[str, Any]]:
        found = rollout.judge(tx, resource_id, expected)
        return found, _shape(tx, found, since)

    assert call.actor.org_id is not None
    found = await long_polls.until(
        call, events.APPENDED, OrgId(call.actor.org_id), wait_s=wait, read=read, is_enough=lambda found: found[0].state in enough
    )
    return json_response(found[1])


def _shape(tx: Transaction, found: Rollout, newer_than: datetime) -> dict[str, Any]:
    shown = listed.shapes(tx, [*found.issues, *found.earlier])
    standing, resource = clusters.standing(tx, found.resource.cluster_id), found.resource
    return present(
        state=found.state.value,
        resourceId=resource.id,
        message=found.message,
        cluster=standing.name,
        kind=resource.short_kind,
        namespace=resource.namespace,
        name=resource.name,
        generation=resource.generation,
        startedAt=found.started_at,
        inventoryAt=found.inventory_at,
        newerThan=newer_than,
        issues=[shown[one.id] for one in found.issues if one.id in shown],
        earlierIssues=[shown[one.id] for one in found.earlier if one.id in shown],
        coverage=found.coverage.brief(),
        **members(standing, stale=resource.stale, since=resource.stale_since),
    )


def add(app: FastAPI) -> None:
    path = "/v1/resources/{resource_id}/rollout"
    Routes(app, "resources").add("GET", path, resource_rollout, scope="issues:read", gives=WorkloadRolloutShape, errors=(404, 409))

"""The comparison of two objects, or of two revisions of one, over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import NAME_PATTERN
from optral.api.http.routing import Call, Routes, Shape, check_id, present
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.api.resources.resources import DiffEntry
from optral.flows.inventory import compare
from optral.flows.inventory.compare import ComparisonQuery, Side
from optral.kube import diff
from optral.kube.diff import ABSENT, Difference
from optral.resources import comparison
from optral.store.transaction import Transaction


class ComparedSide(Shape):
    id: str
    kind: str
    group: str | None = None
    namespace: str | None = None
    name: str
    cluster: str
    cluster_id: str
    revision: int | None = Field(None, description="Absent: as the object is now")
    at: datetime | None = Field(None, description="When this revision was seen")
    stale: Stale
    stale_since: StaleSince = None


class ComparisonShape(Shape):
    """What stands at a path on the left is `from`, on the right `to`"""

    left: ComparedSide
    right: ComparedSide
    differences: list[DiffEntry] = Field(
        description=f"At most {comparison.MAX_DIFFERENCES}. A step in brackets is the name of an entry of a list, or a key"
    )
    truncated: bool = Field(description="There are more differences")
    ignored: list[str] = Field(description="Paths that are not compared, because no two objects share them", examples=[["metadata.uid"]])
    incomplete: bool = Field(description="The history does not contain a revision completely; a difference may be missing")


async def compare_resources(
    call: Call,
    left: Annotated[str, Query(description="Id of a resource")],
    right: Annotated[str | None, Query(description="Id of the resource to compare it with")] = None,
    cluster: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=253,
            pattern=NAME_PATTERN,
            description="Compare with the object of the same kind, namespace and name in this cluster",
        ),
    ] = None,
    left_revision: Annotated[
        int | None, Query(alias="leftRevision", ge=0, le=2**31 - 1, description="A revision in `/history`; 0: before the first of them")
    ] = None,
    right_revision: Annotated[
        int | None,
        Query(alias="rightRevision", ge=0, le=2**31 - 1, description="A revision in `/history`; of `left` if there is no `right`"),
    ] = None,
    with_status: Annotated[bool, Query(alias="withStatus", description="Compare the status, too")] = False,
) -> Response:
    """Compare two resources, or two revisions of one

    Of revisions, only what the history keeps is compared: the spec and what corresponds to it.
    """
    wanted = ComparisonQuery(
        left=check_id(left, "res"),
        right=check_id(right, "res") if right else "",
        cluster=cluster or "",
        left_revision=left_revision,
        right_revision=right_revision,
        with_status=with_status,
    )

    def render(tx: Transaction) -> dict[str, Any]:
        found = compare.of(tx, wanted)
        return {
            "left": _side(found.left),
            "right": _side(found.right),
            "differences": [_entry(difference) for difference in found.result.differences],
            "truncated": found.result.is_cut,
            "ignored": list(found.result.ignored),
            "incomplete": found.result.is_incomplete,
        }

    return await call.answer(render)


def _side(one: Side) -> dict[str, Any]:
    found = one.resource
    return present(
        id=found.id,
        kind=found.short_kind,
        group=found.group or None,
        namespace=found.namespace,
        name=found.name,
        cluster=one.standing.name,
        clusterId=found.cluster_id,
        revision=one.revision,
        at=one.at,
    ) | members(one.standing, stale=found.stale, since=found.stale_since)


def _entry(one: Difference) -> dict[str, Any]:
    is_new, is_gone = one.before is ABSENT, one.after is ABSENT
    entry: dict[str, Any] = {"path": diff.dotted(one.path), "op": "add" if is_new else "remove" if is_gone else "replace"}
    return entry | ({} if is_new else {"from": one.before}) | ({} if is_gone else {"to": one.after})


def add(app: FastAPI) -> None:
    Routes(app, "resources").add(
        "GET", "/v1/resources/compare", compare_resources, scope="resources:manifest", gives=ComparisonShape, errors=(404, 422)
    )

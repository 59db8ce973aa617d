"""What an answer covers, over HTTP: what was looked at, and what was not and why (`flows/coverage.py`).

Other answers have the record without its lists, as `coverage`.
"""

from typing import Annotated, Any

from fastapi import FastAPI, Query
from starlette.responses import Response

from optral.api.http.routing import Call, Routes
from optral.api.issues.issue_shapes import Name
from optral.api.overview.coverage_shapes import CoverageShape
from optral.clusters import service as clusters
from optral.flows import coverage
from optral.store.transaction import Transaction


async def get_coverage(
    call: Call,
    cluster: Annotated[
        list[Name] | None, Query(description="Cluster ids or names; with an unknown one, the record is not complete")
    ] = None,
    namespace: Annotated[list[Name] | None, Query(description="One or more namespaces; all by default")] = None,
) -> Response:
    """Get the coverage record

    What was looked at in these clusters and namespaces, with which rules, and what was not and why.
    """

    def render(tx: Transaction) -> dict[str, Any]:
        within = {clusters.resolve(tx, one) or one for one in cluster} if cluster else None
        return coverage.of(tx, within=within, namespaces=namespace).shape()

    return await call.answer(render)


def add(app: FastAPI) -> None:
    Routes(app, "overview").add("GET", "/v1/coverage", get_coverage, scope="issues:read", gives=CoverageShape)

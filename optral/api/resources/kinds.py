"""The kinds of a cluster over HTTP: which the agent follows, and which it cannot read and why."""

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Routes, Shape, check_id, present
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.clusters import service as clusters
from optral.detectors.coverage import KIND_FIXES
from optral.kube.kinds import LOG_SIGNS, SERVED_CERTIFICATE, USAGE_KINDS, WORKLOAD_TRAFFIC, is_custom, is_metadata_only
from optral.resources import service as resources
from optral.resources.model import KindState
from optral.store.transaction import Transaction

_STATUSES = {"live": "live", "forbidden": "forbidden", "gone": "notServed"}
REASONS = {reason.value: fix for reason, fix in KIND_FIXES.items()}
USAGE_REASONS = {
    "forbidden": "The role of the agent does not allow `get` on `nodes/metrics` and `nodes/stats`. Apply the install manifest again.",
    "notServed": "The agent has not read the metrics of the kubelets yet, or cannot read them. See the agent's log.",
}
LOG_REASONS = {
    "forbidden": "The role of the agent does not allow `get` on `pods/log`. Apply the install manifest again.",
}
SERVED_REASONS = {
    "notServed": "The agent has not checked every Service yet, or its policy does not list `probe` under `reads` any more.",
}
TRAFFIC_REASONS = {
    "notServed": "The agent does not know the usual requests of workloads yet, or cannot read Prometheus. See the agent's log.",
}


_REASONS_OF = dict.fromkeys((kind.id for kind in USAGE_KINDS), USAGE_REASONS) | {
    WORKLOAD_TRAFFIC.id: TRAFFIC_REASONS,
    LOG_SIGNS.id: LOG_REASONS,
    SERVED_CERTIFICATE.id: SERVED_REASONS,
}


class KindShape(Shape):
    kind: str = Field(examples=["Certificate"])
    group: str | None = Field(None, description="API group; absent for the core group")
    status: Literal["live", "listing", "forbidden", "notServed"] = Field(
        description="`live`: the inventory follows the objects of this kind"
    )
    reason: str | None = Field(None, description="Why the kind is not live, and what to do")
    count: int = Field(description="Objects in the inventory")
    metadata_only: bool = Field(description="Only the metadata of its objects is read, because they are many and large")


class Kinds(Shape):
    kinds: list[KindShape]
    total: int
    stale: Stale
    stale_since: StaleSince = None


async def list_kinds(call: Call, cluster_id: str) -> Response:
    """List the kinds that a cluster's agent reports

    Kinds that the agent cannot read are listed with the reason.
    """
    check_id(cluster_id, "cls")

    def render(tx: Transaction) -> dict[str, Any]:
        clusters.get(tx, cluster_id)
        states = resources.kind_states(tx, cluster_id)
        shown = [_shape(states[kind]) for kind in sorted(states)]
        return {"kinds": shown, "total": len(shown)} | members(clusters.standing(tx, cluster_id), stale=False, since=None)

    return await call.answer(render)


def status_of(state: KindState) -> str:
    """The `status` of `KindShape`."""
    return _STATUSES.get(state.phase, "listing")


def _shape(state: KindState) -> dict[str, Any]:
    status = status_of(state)
    name, _, group = state.kind.partition(".")
    reasons = REASONS | _REASONS_OF.get(state.kind, {})
    shown = present(kind=name, group=group or None, status=status, reason=reasons.get(status), count=state.count)
    return {**shown, "metadataOnly": is_custom(state.kind) and is_metadata_only(state.kind)}


def add(app: FastAPI) -> None:
    routes = Routes(app, "clusters")
    routes.add("GET", "/v1/clusters/{cluster_id}/kinds", list_kinds, scope="clusters:read", gives=Kinds, errors=(404,))

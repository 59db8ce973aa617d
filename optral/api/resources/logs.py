"""Logs over HTTP, fetched through the tunnel at that moment: one container's as text or JSON, and those of many merged by time."""

import zlib
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import NAME_PATTERN
from optral.api.http import cursors
from optral.api.http.lists import binding
from optral.api.http.routing import Call, Routes, Shape, as_json, check_id, json_response, present
from optral.clusters import service as clusters
from optral.flows.clusters import logs, pod_logs
from optral.flows.clusters.logs import LogRequest
from optral.flows.clusters.pod_logs import Logs, LogsRequest, Mark, Progress, Source
from optral.resources.model import ResourceFilter
from optral.terms.errors import Invalid

TEXT = "text/plain"
MAX_CURSOR = 6000
ContainerName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Label = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9._/-]+:[A-Za-z0-9._-]*$")]


class LogShape(Shape):
    container: str
    previous: bool = Field(description="Of the run before the container's last restart")
    text: str = Field(description="The last lines of the log, redacted by the agent in the cluster")
    lines: int
    truncated: bool = Field(description="The log is longer; only its end is returned")


async def resource_logs(
    call: Call,
    resource_id: str,
    container: Annotated[
        ContainerName | None, Query(description="Container name; defaults to the pod's default container, or its first")
    ] = None,
    previous: Annotated[bool, Query(description="The log of the previous run, before the last restart")] = False,
    tail_lines: Annotated[int, Query(alias="tailLines", ge=1, le=2000, description="Number of lines from the end of the log")] = 500,
    since_seconds: Annotated[
        int | None, Query(alias="sinceSeconds", ge=1, le=2592000, description="Only lines newer than this many seconds")
    ] = None,
) -> Response:
    """Get a container's log"""
    check_id(resource_id, "res")
    asked = LogRequest(
        resource_id=resource_id, container=container or "", previous=previous, tail_lines=tail_lines, since_seconds=since_seconds
    )
    log = await logs.read(call.services.store, call.actor, asked)
    if _wants_text(call.headers.get("accept", "")):
        return Response(log.text, 200, media_type=f"{TEXT}; charset=utf-8")
    return json_response(
        {"container": log.container, "previous": log.previous, "text": log.text, "lines": log.lines, "truncated": log.truncated}
    )


class LogSourceShape(Shape):
    resource_id: str = Field(description="The pod")
    pod: str
    namespace: str | None = None
    cluster: str | None = None
    container: str
    state: Literal["read", "waiting", "gone", "failed"] = Field(
        description="`waiting`: the container has not started; `gone`: the pod no longer exists; `failed`: see `reason`"
    )
    reason: str | None = None
    has_earlier: bool = Field(
        description="Earlier lines of this container are left out. In a request with a cursor: lines between the last response and this one"
    )
    restarted: bool = Field(description="The container has restarted since the last response")
    is_new: bool = Field(description="Not in the last response")


class LogLineShape(Shape):
    time: str | None = Field(None, description="When the container runtime received the line", examples=["2026-01-02T03:04:05.678901234Z"])
    source: int = Field(description="Index in `sources`")
    text: str


class LogLines(Shape):
    """Lines in the order of their times"""

    lines: list[LogLineShape]
    sources: list[LogSourceShape] = Field(description="The containers, also those that have no new lines or cannot be read")
    left_out: int = Field(
        description=f"Pods and containers that are not read: at most {pod_logs.MAX_PODS} pods, {pod_logs.MAX_SOURCES} containers"
    )
    cursor: str = Field(description="Send it to get only the lines that follow")
    read_at: datetime


async def read_logs(
    call: Call,
    resource: Annotated[
        list[str] | None, Query(description="Ids of pods, or of objects that own pods, such as a Deployment; at most 20")
    ] = None,
    cluster: Annotated[Name | None, Query(description="Cluster id or name; requires `namespace` and `label`")] = None,
    namespace: Annotated[Name | None, Query(description="Namespace of the pods with `label`")] = None,
    label: Annotated[list[Label] | None, Query(description="One or more labels of pods as `name:value`; matches all of them")] = None,
    container: Annotated[
        list[ContainerName] | None, Query(description="Container names; defaults to the default container of each pod")
    ] = None,
    all_containers: Annotated[
        bool, Query(alias="allContainers", description="All containers of each pod, init containers included")
    ] = False,
    previous: Annotated[bool, Query(description="The logs of the previous runs, before the last restarts")] = False,
    tail_lines: Annotated[int, Query(alias="tailLines", ge=1, le=2000, description="Number of lines from the end of each log")] = 200,
    since_seconds: Annotated[
        int | None, Query(alias="sinceSeconds", ge=1, le=2592000, description="Only lines newer than this many seconds")
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=MAX_CURSOR, pattern=r"^[A-Za-z0-9_-]+$", description="`cursor` of the last response")
    ] = None,
    wait: Annotated[int, Query(ge=0, le=10, description="With a cursor: wait up to this many seconds for new lines")] = 0,
) -> Response:
    """Get the logs of many containers, merged by time

    To follow them, send the `cursor` of each response with the next request. Pods that are created in the meantime are included.
    """
    asked = LogsRequest(
        resource_ids=_resource_ids(resource, label),
        fits=await _filter(call, cluster, namespace, label),
        containers=tuple(container or ()),
        all_containers=all_containers,
        previous=previous,
        tail_lines=tail_lines,
        since_seconds=since_seconds,
    )
    bound = _binding(call)
    known = None if cursor is None else _progress(cursors.unseal(cursor, key=call.services.cursor_key, binding=bound))
    services = call.services
    found = await pod_logs.read(services.store, call.actor, asked, known, wait_s=0 if known is None else wait, stopping=services.stopping)
    return json_response(
        {
            "lines": [present(time=line.time or None, source=line.source, text=line.text) for line in found.lines],
            "sources": [_source(one, found) for one in found.sources],
            "leftOut": found.left_out,
            "cursor": _cursor(call, found.progress, bound),
            "readAt": services.clock.now(),
        }
    )


def _resource_ids(given: list[str] | None, label: list[str] | None) -> tuple[str, ...]:
    if bool(given) == bool(label):
        raise Invalid("invalid_logs_request", say="send either resource, or cluster, namespace and label")
    if len(given or ()) > pod_logs.MAX_PODS:
        raise Invalid("invalid_logs_request", say=f"send at most {pod_logs.MAX_PODS} resources")
    return tuple(check_id(one, "res") for one in given or ())


async def _filter(call: Call, cluster: str | None, namespace: str | None, label: list[str] | None) -> ResourceFilter | None:
    if label is None and cluster is None and namespace is None:
        return None
    if label is None or cluster is None or namespace is None:
        raise Invalid("invalid_logs_request", say="cluster, namespace and label belong together; send all three")
    cluster_id = await call.read(lambda tx: clusters.resolve(tx, cluster))
    labels = dict(pair.split(":", 1) for pair in label)
    return ResourceFilter(
        clusters=frozenset({cluster_id or "-"}), kinds=frozenset({"Pod"}), namespaces=frozenset({namespace}), labels=labels
    )


def _source(one: Source, found: Logs) -> dict[str, Any]:
    cluster = found.clusters.get(one.cluster_id)
    return present(
        resourceId=one.resource_id,
        pod=one.pod,
        namespace=one.namespace or None,
        cluster=None if cluster is None else cluster.name,
        container=one.container,
        state=one.outcome,
        reason=one.reason or None,
        hasEarlier=one.has_earlier,
        restarted=one.has_restarted,
        isNew=one.is_new,
    )


def _binding(call: Call) -> bytes:
    """What a cursor belongs to. How much to read may differ from request to request."""
    return binding(call, ignored=("tailLines", "wait"))


def _cursor(call: Call, progress: Progress, bound: bytes) -> str:
    sealed = _sealed(call, progress, bound)
    if len(sealed) > MAX_CURSOR:  # of pods with very long names: the names of those that go are then not repeated
        sealed = _sealed(call, Progress(progress.audited_at, tuple(mark._replace(pod="") for mark in progress.marks)), bound)
    return sealed


def _sealed(call: Call, progress: Progress, bound: bytes) -> str:
    rows = [[mark.resource_id.removeprefix("res_"), *mark[1:]] for mark in progress.marks]
    packed = zlib.compress(as_json([progress.audited_at, rows]), 6)
    return cursors.seal(packed, key=call.services.cursor_key, binding=bound)


def _progress(packed: bytes) -> Progress:
    audited_at, rows = msgspec.json.decode(zlib.decompress(packed), type=tuple[datetime, list[Mark]])
    return Progress(audited_at, tuple(row._replace(resource_id=f"res_{row.resource_id}") for row in rows))


def _wants_text(accept: str) -> bool:
    return TEXT in accept and "application/json" not in accept


def add(app: FastAPI) -> None:
    Routes(app, "resources").add("GET", "/v1/logs", read_logs, scope="logs:read", gives=LogLines, errors=(404, 409, 422, 503))
    Routes(app, "resources").add(
        "GET",
        "/v1/resources/{resource_id}/logs",
        resource_logs,
        scope="logs:read",
        gives=LogShape,
        errors=(404, 409, 422, 503),
        media={TEXT: {"schema": {"type": "string"}}},
    )

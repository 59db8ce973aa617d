"""What was captured when an issue opened, over HTTP: the last lines of its containers, and what was around it.

It takes the scopes of both an issue and a log, and whoever is given the words of a container is on record, as with the log itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.access.model import require
from optral.analysis.model import CapturedLog
from optral.api.http.routing import Call, Routes, Shape, check_id, present, single
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.api.resources.resources import DiffEntry, KubernetesEventShape, kubernetes_event
from optral.clusters import service as clusters
from optral.flows.analysis import read_capture
from optral.flows.analysis.read_capture import Captured
from optral.resources.model import KubernetesEvent
from optral.store.transaction import Transaction


class CapturedLogShape(Shape):
    namespace: str
    pod: str
    container: str
    previous: bool = Field(description="Of the run before the container's last restart")
    state: Literal["wanted", "captured", "failed", "dropped"] = Field(
        description="`wanted`: not fetched yet; `failed`: the log could not be fetched; `dropped`: the log was not requested"
    )
    reason: str | None = Field(None, description="Why the log is missing or delayed", examples=["there was no earlier run"])
    captured_at: datetime = Field(description="When the log arrived or its state last changed")
    bytes: int = Field(description="Size of the text in UTF-8; at most 65,536")
    truncated: bool = Field(description="The log is longer; only its end was captured")
    text: str = Field(
        description="The log text, redacted by the agent in the cluster and again before it was stored; empty with `text=false`"
    )


class CapturedEventShape(KubernetesEventShape):
    kind: str = Field(description="Kind of the object that the Event is about", examples=["Pod"])
    namespace: str
    name: str


class CapturedChangeShape(Shape):
    kind: str = Field(examples=["Deployment"])
    namespace: str | None = None
    name: str
    at: datetime
    manager: str | None = Field(None, description="The field manager that made the change", examples=["kubectl-client-side-apply"])
    diff: list[DiffEntry] = Field(description="The first 40 changed fields")


class CapturedShape(Shape):
    """At most 20 logs, 50 Events and 10 changes, kept for 14 days"""

    logs: list[CapturedLogShape] = Field(
        description="Grouped by pod, most recently seen first; the previous run of a container comes first"
    )
    events: list[CapturedEventShape] = Field(description="Kubernetes Events of the affected objects and their owners, newest first")
    changes: list[CapturedChangeShape] = Field(description="The last changes to these objects, newest first")
    surroundings_at: datetime | None = Field(None, description="When Events and changes were captured")
    stale: Stale
    stale_since: StaleSince = None


async def captured_of_issue(
    call: Call,
    issue_id: str,
    text: Annotated[
        Literal["true", "false"],
        Query(description="`false` returns the state of each log without its text, and is not recorded in the audit log"),
    ] = "true",
) -> Response:
    """Get the logs, Kubernetes Events and changes captured when an issue opened"""
    require(call.actor, "issues:read")
    check_id(issue_id, "iss")

    def look(tx: Transaction) -> tuple[Captured, dict[str, Any]]:
        found = read_capture.find(tx, issue_id)
        return found, members(clusters.standing(tx, found.cluster_id))

    found, freshness = await call.read(look)
    has_text = text == "true"
    response = single(call, lambda: _shape(found, has_text=has_text) | freshness, found.version, freshness)
    if response.status_code == 200 and has_text and found.has_words:
        await call.services.store.write(call.actor, lambda tx: read_capture.note_reading(tx, found))
    return response


def _shape(found: Captured, *, has_text: bool) -> dict[str, Any]:
    return {
        "logs": [_log(log) | ({} if has_text else {"text": ""}) for log in found.logs],
        "events": [_event(event) for event in found.events],
        "changes": [_change(change) for change in found.changes],
        **present(surroundingsAt=found.around_at),
    }


def _log(one: CapturedLog) -> dict[str, Any]:
    return present(
        namespace=one.namespace,
        pod=one.pod,
        container=one.container,
        previous=one.previous,
        state=one.state.value,
        reason=one.failure,
        capturedAt=one.captured_at,
        bytes=len(one.text.encode()),
        truncated=one.truncated,
        text=one.text,
    )


def _event(one: KubernetesEvent) -> dict[str, Any]:
    about = {"kind": one.kind.partition(".")[0], "namespace": one.namespace, "name": one.name}
    return about | kubernetes_event(one)


def _change(one: Mapping[str, Any]) -> dict[str, Any]:
    return present(
        kind=str(one["kind"]).partition(".")[0],
        namespace=one["namespace"],
        name=one["name"],
        at=datetime.fromisoformat(one["at"]),
        manager=one["manager"],
        diff=one["diff"],
    )


def add(app: FastAPI) -> None:
    Routes(app, "issues").add(
        "GET",
        "/v1/issues/{issue_id}/captured",
        captured_of_issue,
        scope="logs:read",
        gives=CapturedShape,
        errors=(404,),
        headers={"ETag": 1},
    )

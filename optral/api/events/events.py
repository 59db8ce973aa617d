"""Events over HTTP: their history as a list, their stream (stream.py), and one-use tickets for clients that cannot send a header."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import NAME_PATTERN, resolve_all
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import Call, Routes, Shape, json_answer, present
from optral.api.http.stream import EventStream, Subscription, Timing
from optral.api.http.times import Moment
from optral.events import service as events
from optral.events.model import TYPES, Event, EventFilter, EventType
from optral.kit.paging import PageCursor
from optral.store.transaction import Transaction
from optral.terms.errors import Unauthenticated

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Sort = Literal["id", "-id"]


class EventShape(Shape):
    id: int = Field(description="Increases within the organization; the `id` in the stream")
    type: str = Field(examples=["issue.created"])
    at: datetime
    cluster_id: str | None = None
    subject_id: str = Field(description="Id of the object that the event is about")
    data: dict[str, Any] = Field(description="The `data` of the stream; contracts/events.json has the schema of each type")


EventList = list_of("EventList", "events", EventShape, capped=True)


class Ticket(Shape):
    ticket: str = Field(description="One-time ticket for `/v1/events/stream?ticket=…`")
    expires_at: datetime


def event_shape(event: Event) -> dict[str, Any]:
    return present(
        id=event.seq, type=event.type, at=event.at, clusterId=event.cluster_id, subjectId=event.subject_id, data=dict(event.data)
    )


async def list_events(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    types: Annotated[list[EventType] | None, Query(description="One or more values; matches any of them")] = None,
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names")] = None,
    since: Annotated[Moment | None, Query(description="Start of the time range, inclusive")] = None,
    until: Annotated[Moment | None, Query(description="End of the time range, exclusive")] = None,
    sort: Annotated[Sort, Query()] = "-id",
) -> Response:
    """List past events"""
    order = "-seq" if sort.startswith("-") else "seq"
    page = page_request(call, wanted, order)

    def look(tx: Transaction) -> tuple[list[Event], int]:
        chosen = resolve_all(tx, cluster)
        if chosen is not None and not chosen:
            return [], 0
        fits = EventFilter(types=frozenset(types) if types else None, clusters=chosen, since=since, until=until)
        return events.find(tx, fits, page), events.count(tx, fits)

    found, total = await call.read(look)
    return list_response(
        call, wanted, order, found, total, plural="events", place=lambda one: PageCursor(one.seq, str(one.seq)), shape=event_shape
    )


async def stream_events(
    call: Call,
    types: Annotated[list[EventType] | None, Query(description="One or more values; matches any of them")] = None,
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names")] = None,
    last_event_id: Annotated[
        str | None,
        Query(
            alias="lastEventId",
            max_length=64,
            pattern=TEXT_PATTERN,
            description="Same as `Last-Event-ID`, for clients that cannot send headers",
        ),
    ] = None,
    ticket: Annotated[  # noqa: ARG001 - the gate has checked it
        str | None, Query(max_length=400, pattern=TEXT_PATTERN, description="A one-time ticket that replaces the API key")
    ] = None,
    last_event_id_header: Annotated[
        str | None,
        Header(alias="Last-Event-ID", max_length=64, description="Replay the events after this one, then continue with new events"),
    ] = None,
) -> Response:
    """Follow events as they happen

    Server-sent events, also available at `/api/events`: `id`, `event` and one line of JSON as `data`, with a comment every 15 seconds.
    If the requested position is too old or unknown, the first event is `stream.reset`: read the lists again.
    """
    chosen = await call.read(lambda tx: resolve_all(tx, cluster)) if cluster else None
    services = call.services
    stream: Any = EventStream(
        store=services.store,
        clock=services.clock,
        actor=call.actor,
        wanted=Subscription(frozenset(types) if types else None, chosen, last_event_id_header or last_event_id),
        timing=Timing(services.heartbeat_s, services.stream_max_age_s, services.polls_events),
        still_allowed=lambda: _still_allowed(call),
        limits=services.streams,
        stopping=services.stopping,
        cut=call.cut,
    )
    return _Prepared(stream)


class _Prepared(Response):
    """A response the framework passes on untouched."""

    def __init__(self, stream: EventStream) -> None:
        super().__init__()
        self._stream = stream

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._stream(scope, receive, send)


async def _still_allowed(call: Call) -> bool:
    try:
        return await call.services.authenticator.is_valid(call.actor)
    except Unauthenticated:
        return False


async def create_ticket(call: Call) -> Response:
    """Create a ticket for one event stream

    For browsers, whose EventSource cannot send headers. The ticket opens one stream within 60 seconds, with the rights of the caller.
    """

    def job(_tx: Transaction) -> tuple[str, datetime]:
        return call.services.tickets.issue(call.actor)

    def render(made: tuple[str, datetime]) -> Any:
        return json_answer({"ticket": made[0], "expiresAt": made[1]}, status=201, headers={"Cache-Control": "no-store"})

    return await call.change(job, render)


_STREAM_EXAMPLE = (
    "retry: 3641\n\nid: 8812\nevent: issue.created\n"
    'data: {"id":"iss_01jd3q4m6ve5jt8cmykq3rzm0a","type":"OOMKilled","severity":"critical"}\n\n'
)


_STREAM_EVENT = {
    "type": "object",
    "description": "One event of the stream; contracts/events.json has the schema of each type's data",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "Increases within the organization"},
        "event": {"type": "string", "enum": list(TYPES)},
        "data": {"type": "string", "description": "One line of JSON"},
    },
}


def add(app: FastAPI) -> None:
    routes = Routes(app, "events")
    media = {"text/event-stream": {"schema": _STREAM_EVENT, "example": _STREAM_EXAMPLE}}
    routes.add("GET", "/v1/events", list_events, scope="events:read", gives=EventList)
    routes.add("GET", "/v1/events/stream", stream_events, scope="events:read", media=media)
    routes.add("GET", "/api/events", stream_events, scope="events:read", media=media, hidden=True)
    routes.add("POST", "/v1/events/tickets", create_ticket, scope="events:read", gives=Ticket, status=201)

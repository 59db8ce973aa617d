"""Saved views over HTTP: queries of the issue list under a name, for one person or shared, with the number of open issues of each."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, get_args

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.lists import list_of, whole
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, etag, json_answer, json_response
from optral.api.http.shapes import change_of, renderer_in
from optral.api.issues import issues as listed
from optral.api.issues.issues import GroupBy, Sort
from optral.flows.issues import views as flow
from optral.issues.lists import query
from optral.issues.model import Status, View, ViewSettings
from optral.kit.records import build, changing
from optral.kit.search_terms import MAX_LENGTH, Malformed
from optral.store.transaction import Transaction

Column = Literal["severity", "status", "lastSeen", "count", "since", "detected", "assignee", "team", "namespace", "cluster", "action"]
NEEDS_WORK = frozenset({Status.OPEN, Status.ACKNOWLEDGED})
ViewName = Annotated[str, Field(min_length=1, max_length=100, pattern=LINE_PATTERN, examples=["Critical in shop"])]
ViewQuery = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_LENGTH,
        pattern=LINE_PATTERN,
        description="A query as the parameter `q` of `GET /v1/issues` takes it",
        examples=["severity:critical ns:shop"],
    ),
]
SortText = Annotated[str, Field(pattern=f"^({'|'.join(get_args(Sort))})$", description="An order of `GET /v1/issues`")]
"""A `Sort` that can also be null, which an enum of OpenAPI 3.0 cannot; the same below."""
GroupText = Annotated[str, Field(pattern=f"^({'|'.join(get_args(GroupBy))})$")]
DensityText = Annotated[str, Field(pattern="^(comfortable|compact)$")]
_SHARED = "Whether everybody in the organization sees it; requires `issues:write`"


class Display(Input):
    """How a view shows the list; what is absent is as the person has it"""

    group: GroupText | None = Field(None, description="What the issues are grouped by", examples=["workload"])
    columns: Annotated[list[Column], Field(max_length=len(get_args(Column)))] | None = Field(
        None, description="Columns beside the title, shown where there is room"
    )
    density: DensityText | None = Field(None, description="Height of the rows", examples=["compact"])


class ViewShape(Shape):
    id: str = Field(examples=["viw_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str = Field(examples=["Critical in shop"])
    query: str = Field(examples=["severity:critical ns:shop"])
    sort: Sort
    display: Display
    shared: bool = Field(description="Whether everybody in the organization sees it")
    is_own: bool = Field(description="Whether the caller owns it")
    owner_id: str = Field(description="Id of the member who created it")
    open_issues: int = Field(description="Open and acknowledged issues that match; 10,001 stands for more than 10,000")
    created_at: datetime
    updated_at: datetime
    version: int


ViewList = list_of("ViewList", "views", ViewShape, paged=False)


class NewView(Input):
    name: ViewName
    query: ViewQuery
    sort: Sort = "-severity"
    display: Display = Display()
    shared: bool = Field(False, description=_SHARED)


@change_of(NewView)
class ViewUpdate(Input):
    sort: SortText | None = None
    display: Display | None = Field(None, description="Replaces all of it; `{}` shows the list as the person has it")
    shared: bool | None = Field(None, description=_SHARED)


class _Context(NamedTuple):
    """What a view is shown with."""

    call: Call
    tx: Transaction


_render = renderer_in(
    ViewShape,
    View,
    _Context,
    shared="is_shared",
    is_own=lambda one, context: one.owner_id == flow.owner(context.tx),
    open_issues=lambda one, context: _open_issues(context.call, context.tx, one.query),
)


def _shape(call: Call, tx: Transaction, one: View) -> dict[str, Any]:
    return _render(one, _Context(call, tx))


def _given(body: NewView | ViewUpdate) -> dict[str, Any]:
    given = body.model_dump(exclude_none=True)
    if "shared" in given:
        given["is_shared"] = given.pop("shared")
    return given


def _open_issues(call: Call, tx: Transaction, text: str) -> int:
    """How many issues of the query need work: only those are looked at, so that a count does not read the history."""
    try:
        wanted = listed.filter_of(tx, query.read(text))
    except Malformed:  # the language of an earlier version
        return 0
    statuses = (wanted.statuses or NEEDS_WORK) & NEEDS_WORK
    return listed.total(call, tx, replace(wanted, statuses=statuses)) if statuses else 0


async def list_views(call: Call) -> Response:
    """List saved views

    Your own views, then the shared ones, each by name. An API key sees the views of the person who created it.
    """
    found = await call.read(lambda tx: [_shape(call, tx, one) for one in flow.find(tx)])
    return json_response(whole("views", found))


async def create_view(call: Call, body: NewView) -> Response:
    """Create a saved view

    Names are unique among your own views and among the shared views. A person can have 50 views, an organization 50 shared ones.
    """
    listed.read_query(body.query, field="query")

    settings = build(ViewSettings, _given(body))

    def job(tx: Transaction) -> dict[str, Any]:
        return _shape(call, tx, flow.create(tx, settings))

    return await call.change(job, lambda made: json_answer(made, status=201, headers={"ETag": etag(made["version"])}))


async def update_view(call: Call, view_id: str, body: ViewUpdate) -> Response:
    """Update a saved view's name, query, sort or sharing

    Shared views can be changed by everybody with `issues:write`; only the owner can stop sharing one.
    """
    check_id(view_id, "viw")
    version = call.expected_version()
    given = _given(body)
    if "query" in given:
        listed.read_query(given["query"], field="query")
    wanted = changing(View, given)

    def job(tx: Transaction) -> dict[str, Any]:
        return _shape(call, tx, flow.change(tx, view_id, wanted, if_version=version))

    return await call.change(job, lambda shown: json_answer(shown, headers={"ETag": etag(shown["version"])}))


async def delete_view(call: Call, view_id: str) -> Response:
    """Delete a saved view"""
    check_id(view_id, "viw")
    version = call.expected_version()

    def job(tx: Transaction) -> dict[str, Any]:
        return _shape(call, tx, flow.delete(tx, view_id, if_version=version))

    return await call.change(job, json_answer)


def add(app: FastAPI) -> None:
    routes = Routes(app, "views")
    path, one, read = "/v1/views", "/v1/views/{view_id}", "issues:read"
    routes.add("GET", path, list_views, scope=read, gives=ViewList)
    routes.add("POST", path, create_view, scope=read, gives=ViewShape, status=201, errors=(409,), headers={"ETag": 1})
    routes.add("PATCH", one, update_view, scope=read, gives=ViewShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_view, scope=read, gives=ViewShape, errors=(404, 412))

"""Runbooks over HTTP: those that come with Optral and the organization's own, and the start of an execution.

An address takes a runbook's id or its slug. A definition is sent as an object, or as YAML text in `source`; it is answered as an object.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Path, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import CREATED, LOCATION, Call, Input, Routes, Shape, etag, json_answer, json_response, present, single
from optral.api.issues.issue_shapes import Name
from optral.api.runbooks import executions, track_records
from optral.api.runbooks.execution_shapes import ExecutionShape, Risk
from optral.api.runbooks.track_records import TrackRecordShape
from optral.clusters import service as clusters
from optral.detectors import DETECTORS
from optral.flows.executions import runbook_changes as flow
from optral.flows.executions.start import Request, start
from optral.kit.paging import PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.language.definition import Definition
from optral.runbooks.model import ExecutionFilter, Runbook, RunbookFilter, Version
from optral.runbooks.track import TrackRecord
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Invalid, NotFound

Sort = Literal["name", "-name", "slug", "-slug"]
RECENT = 10
MAX_VERSION = 2**31 - 1
_DRIFT = (
    "Also change objects that Argo CD, Flux, Helm, an operator or an autoscaler manages. "
    "What Argo CD or Flux applies will be reverted at the next sync"
)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class ParameterShape(Shape):
    name: str = Field(examples=["limit"])
    type: Literal["string", "integer", "boolean", "enum", "quantity", "resource"]
    required: bool
    default: Any = Field(None, description="A value, or `${target.X}` for a property of the issue's target")
    enum: list[str] | None = None
    pattern: str | None = Field(None, description="RE2 expression that the whole value must match")
    minimum: Any = Field(None, description="An integer, or a quantity as text")
    maximum: Any = None
    description: str | None = None


class BoundShape(Shape):
    path: str = Field(description="Suffix of a path in the diff", examples=["limits.memory"])
    only_raise: bool
    max_factor: float | None = None
    up_to: str | None = Field(None, description="A quantity that the factor does not limit", examples=["64Mi"])


class StepDefinition(Shape):
    name: str
    action: str = Field(description="The command to run", examples=["setResources"])
    with_: dict[str, Any] = Field(alias="with", description="Values of the command: a literal, `${parameters.X}` or `${target.X}`")
    bounds: list[BoundShape] | None = None
    optional: bool | None = None


class RunbookMatch(Shape):
    issue_types: list[str]


class ScopeShape(Shape):
    clusters: list[str] = Field(description="Cluster ids or names; empty for all clusters")
    namespaces: list[str] = Field(description="Empty for all namespaces")


class ApprovalRule(Shape):
    required: Literal["never", "byRisk", "always"]
    expires_after_seconds: int


class VerifyShape(Shape):
    stable_seconds: int
    timeout_seconds: int


class RunbookShape(Shape):
    id: str = Field(examples=["rbk_6bdxyv4bwrndvfby568mwy517d"])
    slug: str = Field(examples=["raise-memory-limit"])
    name: str
    description: str
    version: int = Field(description="Version of the definition; an execution keeps the version that it started with")
    revision: int = Field(description="Moves with each change, also of `enabled`; the number in the ETag")
    built_in: bool = Field(description="Included in Optral and read-only")
    enabled: bool
    risk: Risk
    needs_approval: bool
    match: RunbookMatch
    scope: ScopeShape
    parameters: list[ParameterShape]
    steps: list[StepDefinition]
    approval: ApprovalRule
    cooldown_seconds: int
    concurrency: Literal["perTarget", "perRunbook"]
    verify: VerifyShape
    created_by: str
    drafted_by: str | None = Field(None, description="The language model that wrote the first version", examples=["ollama/qwen3"])
    created_at: datetime | None = None
    updated_at: datetime | None = None
    track_record: TrackRecordShape | None = Field(None, description="How often it helped; only in responses to GET")
    source: str | None = Field(None, description="The definition as YAML text; only in the response for a single runbook")
    recent_executions: list[ExecutionShape] | None = Field(None, description="The ten latest; only in the response for a single runbook")


class VersionEntry(Shape):
    version: int
    created_by: str
    created_at: datetime | None = Field(None, description="Absent for a built-in runbook")
    current: bool = Field(description="Whether new executions use this version")


class VersionList(Shape):
    versions: list[VersionEntry] = Field(description="The newest first, at most 100; only the present one of a built-in runbook")


class VersionShape(VersionEntry):
    source: str = Field(description="The definition as it was written, or as YAML if it was sent as an object")


RunbookList = list_of("RunbookList", "runbooks", RunbookShape)


class NewRunbook(Input):
    definition: dict[str, Any] | None = Field(None, description="The definition as an object; mutually exclusive with `source`")
    source: str | None = Field(None, min_length=1, description="The definition as YAML or JSON text; errors include line numbers")


class MistakeShape(Shape):
    line: int | None = Field(None, description="Line of `source`, from 1; absent if the mistake belongs to no line")
    field: str = Field(examples=["steps[0].action"])
    code: str
    message: str


class ValidationShape(Shape):
    valid: bool
    errors: list[MistakeShape]
    needs_approval: bool | None = Field(None, description="Whether its executions need an approval; absent if it is invalid")


class RunbookChange(NewRunbook):
    enabled: bool | None = None
    restore_version: int | None = Field(
        None, ge=1, le=MAX_VERSION, description="Makes a new version of this earlier one; excludes the other members"
    )


class ExecuteInput(Input):
    cluster_id: str | None = Field(None, min_length=1, max_length=253, description="Cluster id or name; optional with `issueId`")
    issue_id: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        description="The issue to execute the runbook for; provides the values of parameters that default to `${target.X}`",
    )
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=64)
    dry_run: bool = Field(False, description="Only plan; `plan.diff` in the response shows what would change")
    allow_drift: bool = Field(False, description=_DRIFT)
    reason: str = Field("", max_length=500)
    break_glass: str = Field(
        "",
        max_length=500,
        description="Reason, at least 10 characters, to execute during a freeze; recorded in the audit log and in the events",
    )


class PlanInput(Input):
    cluster_id: str | None = Field(None, min_length=1, max_length=253, description="Cluster id or name; optional with `issueId`")
    issue_id: str | None = Field(None, min_length=1, max_length=40, description="The issue to plan the runbook for")
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=64)
    reason: str = Field("", max_length=500)


def shape(
    one: Runbook, recent: list[dict[str, Any]] | None = None, record: dict[str, Any] | None = None, source: str | None = None
) -> dict[str, Any]:
    return present(
        id=one.id,
        version=one.version,
        revision=one.revision,
        builtIn=one.is_builtin,
        enabled=one.is_enabled,
        needsApproval=one.definition.needs_approval and one.definition.writes,
        createdBy=one.created_by,
        draftedBy=one.drafted_by,
        createdAt=one.created_at,
        updatedAt=one.updated_at,
        trackRecord=record,
        source=source,
        recentExecutions=recent,
        **{"description": "", **runbooks.as_json(one.definition)},
    )


def named(text: str) -> str:
    """The id or slug in an address, if it can be one."""
    if ids.is_id(text, "rbk") or _SLUG.fullmatch(text):
        return text
    raise NotFound("runbook_not_found", say="no runbook has this id or slug")


async def list_runbooks(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    match: Annotated[list[Name] | None, Query(description="Issue types; lists runbooks that apply to any of them")] = None,
    risk: Annotated[list[Risk] | None, Query(description="One or more values; matches any of them")] = None,
    built_in: Annotated[bool | None, Query(alias="builtIn", description="`true`: only built-in runbooks; `false`: only your own")] = None,
    q: Annotated[
        str | None, Query(min_length=1, max_length=100, pattern=TEXT_PATTERN, description="Substring of the slug, name or description")
    ] = None,
    sort: Annotated[Sort, Query()] = "name",
) -> Response:
    """List runbooks"""
    page = page_request(call, wanted, sort)
    fits = RunbookFilter(issue_types=frozenset(match or ()), risks=frozenset(risk or ()), is_builtin=built_in, q=q)

    def look(tx: Transaction) -> tuple[list[Runbook], int, dict[str, TrackRecord]]:
        visible = replace(fits, among=clusters.visible_names(tx))
        found = runbooks.find(tx, visible, page)
        return found, runbooks.count(tx, visible), runbooks.track_records(tx)

    found, total, records = await call.read(look)
    return list_response(
        call,
        wanted,
        sort,
        found,
        total,
        plural="runbooks",
        place=lambda one: runbooks.place(one, sort.lstrip("-")),
        shape=lambda one: shape(one, record=track_records.shape(records.get(one.id))),
    )


async def get_runbook(call: Call, runbook_id: str) -> Response:
    """Get a runbook with its latest executions"""
    named(runbook_id)

    def look(tx: Transaction) -> tuple[Runbook, list[dict[str, Any]], dict[str, Any], str]:
        among = clusters.visible_names(tx)
        one = runbooks.narrowed(runbooks.get(tx, runbook_id, among=among), among)
        recent = runbooks.find_executions(tx, ExecutionFilter(runbook_ids=frozenset({one.id})), PageRequest(size=RECENT, sort="createdAt"))
        record = track_records.shape(runbooks.track_records(tx).get(one.id))
        return one, executions.list_shapes(tx, recent), record, runbooks.text_of(tx, one)

    one, recent, record, source = await call.read(look)
    if recent:  # they move without the runbook's version
        return json_response(shape(one, recent, record, source), headers={"ETag": etag(one.revision)})
    return single(call, lambda: shape(one, recent, record, source), one.revision)


async def list_runbook_versions(call: Call, runbook_id: str) -> Response:
    """List the versions of a runbook"""
    named(runbook_id)
    one, versions = await call.read(lambda tx: runbooks.versions(tx, runbook_id))
    return json_response({"versions": [_version(one, each) for each in versions]})


async def get_runbook_version(call: Call, runbook_id: str, version: Annotated[int, Path(ge=1, le=MAX_VERSION)]) -> Response:
    """Get a version of a runbook"""
    named(runbook_id)
    one, kept = await call.read(lambda tx: runbooks.version(tx, runbook_id, version))
    return json_response(_version(one, kept) | {"source": runbooks.version_text(kept)})


def _version(one: Runbook, kept: Version) -> dict[str, Any]:
    return present(version=kept.version, createdBy=kept.created_by, createdAt=kept.created_at, current=kept.version == one.version)


def _definition(body: NewRunbook) -> Any:
    """The definition sent; None when there is none."""
    if body.source is not None and body.definition is not None:
        errors = [{"field": "source", "code": "one_of", "message": "give either definition or source, not both"}]
        raise Invalid("invalid_runbook", say="give either definition or source, not both", errors=errors)
    if body.source is not None:
        return runbooks.read(body.source)
    return None if body.definition is None else runbooks.read_value(body.definition)


async def get_runbook_schema(_call: Call) -> Response:
    """Get the JSON Schema of a definition

    For editors: keys, actions, enumerations and limits. `POST /v1/runbooks/validate` checks more.
    """
    return json_response(schema())


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a definition; contracts/runbook.schema.json is the same."""
    return runbooks.schema(sorted(detector.type for detector in DETECTORS))


async def validate_runbook(_call: Call, body: NewRunbook) -> Response:
    """Check a runbook without storing it"""
    try:
        made = _required_definition(body)
    except Invalid as invalid:
        return json_response({"valid": False, "errors": [_mistake(error) for error in invalid.errors]})
    return json_response({"valid": True, "errors": [], "needsApproval": made.needs_approval and made.writes})


def _mistake(error: Mapping[str, str]) -> dict[str, Any]:
    line, _, message = error["message"].removeprefix("line ").partition(": ")
    is_placed = error["message"].startswith("line ") and line.isdecimal()
    return present(
        line=int(line) if is_placed else None, field=error["field"], code=error["code"], message=message if is_placed else error["message"]
    )


def _required_definition(body: NewRunbook) -> Definition:
    made: Definition | None = _definition(body)
    if made is None:
        errors = [{"field": "definition", "code": "missing", "message": "definition or source is required"}]
        raise Invalid("invalid_runbook", say="definition or source is required", errors=errors)
    return made


async def create_runbook(call: Call, body: NewRunbook) -> Response:
    """Create a runbook"""
    made = _required_definition(body)

    def render(one: Runbook) -> Any:
        return json_answer(shape(one), status=201, headers={"Location": f"/v1/runbooks/{one.id}", "ETag": etag(one.revision)})

    return await call.change(lambda tx: flow.create(tx, made, source=body.source), render)


async def update_runbook(call: Call, runbook_id: str, body: RunbookChange) -> Response:
    """Update a runbook, restore an earlier version, or enable or disable it"""
    named(runbook_id)
    version, made = call.expected_version(), _definition(body)
    if body.restore_version is not None and (made is not None or body.enabled is not None):
        say = "restoreVersion excludes definition, source and enabled"
        raise Invalid("invalid_runbook", say=say, errors=[{"field": "restoreVersion", "code": "one_of", "message": say}])

    def job(tx: Transaction) -> Runbook:
        if body.restore_version is not None:
            return flow.restore(tx, runbook_id, body.restore_version, if_version=version)
        return flow.update(tx, runbook_id, made=made, source=body.source, is_enabled=body.enabled, if_version=version)

    return await call.change(job, lambda one: json_answer(shape(one), headers={"ETag": etag(one.revision)}))


async def delete_runbook(call: Call, runbook_id: str) -> Response:
    """Delete a runbook

    Its executions are kept.
    """
    named(runbook_id)
    version = call.expected_version()
    return await call.change(lambda tx: flow.delete(tx, runbook_id, if_version=version), lambda one: json_answer(shape(one)))


async def execute_runbook(
    call: Call,
    runbook_id: str,
    body: ExecuteInput,
    wait: Annotated[
        int, Query(ge=0, le=executions.MAX_WAIT_S, description="Seconds to wait for the execution to finish or to need approval")
    ] = 0,
) -> Response:
    """Execute a runbook

    With `dryRun` the execution is only planned.
    """
    named(runbook_id)
    request = Request(
        runbook=runbook_id,
        cluster=body.cluster_id,
        issue_id=body.issue_id,
        parameters=body.parameters,
        dry_run=body.dry_run,
        allow_drift=body.allow_drift,
        reason=body.reason,
        break_glass=body.break_glass,
    )

    def job(tx: Transaction) -> executions.Found:
        return executions.with_steps(tx, start(tx, request))

    return await executions.start_response(call, job, wait_s=wait)


async def plan_runbook(
    call: Call,
    runbook_id: str,
    body: PlanInput,
    wait: Annotated[int, Query(ge=0, le=executions.MAX_WAIT_S, description="Seconds to wait for the plan")] = 0,
) -> Response:
    """Plan a runbook for another person to approve

    The execution waits for the approval of another member, whatever its risk: the requester cannot approve it, also as the only member
    or by break-glass. One member can have 5 such plans waiting.
    """
    named(runbook_id)
    request = Request(
        runbook=runbook_id,
        cluster=body.cluster_id,
        issue_id=body.issue_id,
        parameters=body.parameters,
        reason=body.reason,
        needs_another_person=True,
    )
    return await executions.start_response(call, lambda tx: executions.with_steps(tx, start(tx, request)), wait_s=wait)


def add(app: FastAPI) -> None:
    routes = Routes(app, "runbooks")
    one, read, write = "/v1/runbooks/{runbook_id}", "runbooks:read", "runbooks:write"
    routes.add("GET", "/v1/runbooks", list_runbooks, scope=read, gives=RunbookList)
    routes.add("POST", "/v1/runbooks", create_runbook, scope=write, gives=RunbookShape, status=201, errors=(409,), headers=CREATED)
    routes.add("GET", "/v1/runbooks/schema", get_runbook_schema, scope=read, gives=dict[str, Any])
    routes.add("POST", "/v1/runbooks/validate", validate_runbook, scope=write, gives=ValidationShape, is_pure=True)
    routes.add("GET", one, get_runbook, scope=read, gives=RunbookShape, errors=(404,), headers={"ETag": 1})
    routes.add(
        "POST", one + "/plan", plan_runbook, scope="runbooks:plan", gives=ExecutionShape, status=202, errors=(404, 409), headers=LOCATION
    )
    routes.add("GET", one + "/versions", list_runbook_versions, scope=read, gives=VersionList, errors=(404,))
    routes.add("GET", one + "/versions/{version}", get_runbook_version, scope=read, gives=VersionShape, errors=(404,))
    routes.add("PATCH", one, update_runbook, scope=write, gives=RunbookShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_runbook, scope=write, gives=RunbookShape, errors=(404, 409, 412))
    routes.add(
        "POST",
        one + "/execute",
        execute_runbook,
        scope="runbooks:execute",
        gives=ExecutionShape,
        status=202,
        errors=(404, 409),
        headers=LOCATION,
    )

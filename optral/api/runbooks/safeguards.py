"""Safeguards over HTTP: hourly limits, the risk that may run without a person, freezes and maintenance windows."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import NAME_PATTERN, resolve_all
from optral.api.http.lists import list_of, whole
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import CREATED, Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.api.http.shapes import change_of, renderer_in
from optral.api.http.times import Moment
from optral.flows.executions import guarding as flow
from optral.flows.executions.start import principal
from optral.kit.mappings import without_none
from optral.kit.records import build, changing
from optral.safeguards import model, service as safeguards
from optral.safeguards.model import ApprovalRule, Limit, Safeguards, Window, WindowKind, WindowSettings
from optral.store.transaction import Transaction
from optral.terms.actor import Actor, Role
from optral.terms.errors import Invalid

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Risk = Literal["none", "low", "high"]
RiskText = Annotated[str, Field(pattern="^(none|low|high)$")]
"""A `Risk` that can also be null, which an enum of OpenAPI 3.0 cannot."""
_RISK = "Up to which risk a trigger runs a runbook without approval, unless the runbook always requires one"
_SCHEDULE = "Cron expression of the beginnings, five fields"
_ZONE = "IANA time zone of the schedule"
_APPROVERS = "Whose approvals count, of those who may approve; absent with `members` absent: everyone"
_BREAK_GLASS = "Roles that may skip missing approvals with a reason"
ApprovalRisk = Literal["low", "high", "destructive"]
ApproverRole = Literal["owner", "admin"]
Schedule = Annotated[str, Field(min_length=9, max_length=100, description=_SCHEDULE, examples=["0 22 * * 5"])]
Zone = Annotated[str, Field(min_length=1, max_length=64, description=_ZONE, examples=["Europe/Berlin"])]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class LimitShape(Shape):
    cluster_id: str | None = Field(None, description="Absent: the organization, or with `namespace` each cluster")
    namespace: str | None = None
    changes_per_hour: int


class LimitInput(Input):
    cluster: Name | None = Field(None, description="Cluster id or name; absent: the organization, or with `namespace` each cluster")
    namespace: Name | None = None
    changes_per_hour: int = Field(ge=1, le=model.MAX_PER_HOUR)


class ApprovalRuleShape(Shape):
    risk: ApprovalRisk
    cluster_id: str | None = Field(None, description="Absent: the organization, or with `namespace` each cluster")
    namespace: str | None = None
    approvals: int = Field(description="Members who must approve, other than the one who requested the execution")
    roles: list[ApproverRole] | None = Field(None, description=_APPROVERS)
    members: list[str] | None = Field(None, description="Ids of members who count as well")


class ApprovalRuleInput(Input):
    risk: ApprovalRisk
    cluster: Name | None = Field(None, description="Cluster id or name; absent: the organization, or with `namespace` each cluster")
    namespace: Name | None = None
    approvals: int = Field(ge=1, le=model.MAX_APPROVALS)
    roles: list[ApproverRole] = Field([], max_length=len(model.APPROVER_ROLES), description=_APPROVERS)
    members: list[Annotated[str, Field(max_length=40, pattern="^usr_[0-9a-z]{26}$")]] = Field(
        [], max_length=20, description="Ids of members who count as well"
    )


class SafeguardsShape(Shape):
    unattended_risk: Risk = Field(description=_RISK)
    limits: list[LimitShape] = Field(description="Changes of all runbooks within an hour")
    default_changes_per_hour: int = Field(description="For each cluster without a limit of its own")
    approvals: list[ApprovalRuleShape] = Field(
        description="Approvals that plans need, by risk and place; the nearest place applies. Without a rule, the runbook decides"
    )
    break_glass_roles: list[ApproverRole] = Field(description=_BREAK_GLASS)
    updated_by: str | None = None
    updated_at: datetime | None = None
    version: int


class SafeguardsChange(Input):
    unattended_risk: RiskText | None = Field(None, description=_RISK + ". Raising it requires a sign-in session and your password")
    limits: list[LimitInput] | None = Field(None, max_length=model.MAX_LIMITS, description="Replaces all limits")
    approvals: list[ApprovalRuleInput] | None = Field(
        None, max_length=model.MAX_RULES, description="Replaces all rules. Requires a sign-in session and your password"
    )
    break_glass_roles: list[ApproverRole] | None = Field(
        None, max_length=len(model.APPROVER_ROLES), description=_BREAK_GLASS + ". Requires a sign-in session and your password"
    )
    password: str | None = Field(
        None,
        min_length=1,
        max_length=1024,
        description="Your own password; required to raise `unattendedRisk` and to change `approvals` and `breakGlassRoles`",
    )


class WindowShape(Shape):
    id: str = Field(examples=["win_01jd3q4m6ve5jt8cmykq3rzm0a"])
    kind: WindowKind = Field(description="`freeze`: nothing changes; `maintenance`: triggers change something only in one")
    name: str
    reason: str
    cluster_id: str | None = Field(None, description="Absent: every cluster")
    namespace: str | None = Field(None, description="Absent: every namespace")
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    schedule: str | None = Field(None, description=_SCHEDULE)
    time_zone: str
    duration_minutes: int | None = None
    active_until: datetime | None = Field(None, description="Present while it is in force")
    next_start_at: datetime | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


WindowList = list_of("WindowList", "windows", WindowShape, paged=False)


class NewWindow(Input):
    kind: Literal["freeze", "maintenance"]
    name: str = Field(min_length=1, max_length=100, pattern=LINE_PATTERN, examples=["Black Friday"])
    reason: str = Field("", max_length=500)
    cluster: Name | None = Field(None, description="Cluster id or name; absent: every cluster")
    namespace: Name | None = Field(None, description="Absent: every namespace")
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    schedule: Schedule | None = None
    time_zone: Zone = "UTC"
    duration_minutes: Minutes | None = None


@change_of(NewWindow, but=["kind", "cluster", "namespace"])
class WindowChange(Input):
    pass


def _shape(one: Safeguards, actor: Actor) -> dict[str, Any]:
    limits = [
        present(clusterId=row.cluster_id or None, namespace=row.namespace or None, changesPerHour=row.per_hour)
        for row in one.limits
        if not row.cluster_id or actor.may_see_cluster(row.cluster_id)
    ]
    return present(
        unattendedRisk=one.unattended_risk,
        limits=limits,
        defaultChangesPerHour=model.OF_A_CLUSTER,
        approvals=[_rule_shape(rule) for rule in one.approval_rules if not rule.cluster_id or actor.may_see_cluster(rule.cluster_id)],
        breakGlassRoles=list(one.break_glass_roles),
        updatedBy=one.updated_by,
        updatedAt=one.updated_at,
        version=one.version,
    )


def _rule_shape(rule: ApprovalRule) -> dict[str, Any]:
    return present(
        risk=rule.risk,
        clusterId=rule.cluster_id or None,
        namespace=rule.namespace or None,
        approvals=rule.approvals,
        roles=list(rule.roles) or None,
        members=list(rule.members) or None,
    )


_window_shape = renderer_in(
    WindowShape,
    Window,
    datetime,
    duration_minutes=lambda one, _: None if one.duration_s is None else one.duration_s // 60,
    active_until=lambda one, now: one.end_at(now),
    next_start_at=lambda one, now: one.next_start(now),
)


def cluster_of(tx: Transaction, name: str | None, *, field: str) -> str | None:
    """The id of a cluster by its id or name; None for None. Raises `Invalid("unknown_cluster")`."""
    if name is None:
        return None
    found = resolve_all(tx, [name])
    if not found:
        errors = [{"field": field, "code": "unknown_value", "message": "give the id or name of a cluster"}]
        raise Invalid("unknown_cluster", say=f"there is no cluster {name}", errors=errors)
    return next(iter(found))


async def get_safeguards(call: Call) -> Response:
    """Get the limits of executions"""
    one = await call.read(safeguards.settings)
    return single(call, lambda: _shape(one, call.actor), one.version)


async def update_safeguards(call: Call, body: SafeguardsChange) -> Response:
    """Update the limits of executions

    Raising `unattendedRisk` and changing `approvals` or `breakGlassRoles` require a sign-in session of an owner or admin, and their
    password.
    """
    version = call.expected_version()
    sessions, password = call.services.sessions, body.password
    is_shown = password is not None or await sessions.is_fresh_at_provider(call.actor)
    proof = await sessions.prove(call.actor, Role.ADMIN, password=password) if is_shown else None

    def job(tx: Transaction) -> Safeguards:
        given = {
            "unattended_risk": body.unattended_risk,
            "limits": None if body.limits is None else [_limit(tx, limit) for limit in body.limits],
            "approval_rules": None if body.approvals is None else [_rule(tx, approval) for approval in body.approvals],
            "break_glass_roles": body.break_glass_roles,
        }
        wanted = changing(Safeguards, without_none(given))
        return flow.change_settings(tx, wanted, by=principal(tx), proof=proof, if_version=version)

    return await call.change(job, lambda one: json_answer(_shape(one, call.actor), headers={"ETag": etag(one.version)}))


def _limit(tx: Transaction, given: LimitInput) -> Limit:
    return Limit(cluster_of(tx, given.cluster, field="limits.cluster") or "", given.namespace or "", given.changes_per_hour)


def _rule(tx: Transaction, given: ApprovalRuleInput) -> ApprovalRule:
    cluster_id = cluster_of(tx, given.cluster, field="approvals.cluster") or ""
    return ApprovalRule(given.risk, cluster_id, given.namespace or "", given.approvals, tuple(given.roles), tuple(given.members))


def _in_seconds(body: NewWindow | WindowChange) -> dict[str, Any]:
    given = body.model_dump(exclude_none=True, exclude={"cluster"})
    if (minutes := given.pop("duration_minutes", None)) is not None:
        given["duration_s"] = minutes * 60
    return given


async def list_change_windows(call: Call) -> Response:
    """List freezes and maintenance windows"""

    def look(tx: Transaction) -> dict[str, Any]:
        return whole("windows", [_window_shape(window, tx.now) for window in safeguards.windows(tx)])

    return json_response(await call.read(look))


async def create_change_window(call: Call, body: NewWindow) -> Response:
    """Create a freeze or a maintenance window

    Either `startsAt` and `endsAt`, or `schedule` and `durationMinutes`.
    """

    def job(tx: Transaction) -> tuple[Window, datetime]:
        given = _in_seconds(body) | {"cluster_id": cluster_of(tx, body.cluster, field="cluster")}
        return flow.add_window(tx, build(WindowSettings, given), by=principal(tx)), tx.now

    def render(made: tuple[Window, datetime]) -> Any:
        headers = {"Location": f"/v1/change-windows/{made[0].id}", "ETag": etag(made[0].version)}
        return json_answer(_window_shape(*made), status=201, headers=headers)

    return await call.change(job, render)


async def get_change_window(call: Call, window_id: str) -> Response:
    """Get a freeze or a maintenance window"""
    check_id(window_id, "win")
    one, now = await call.read(lambda tx: (safeguards.window(tx, window_id), tx.now))
    return single(call, lambda: _window_shape(one, now), one.version)


async def update_change_window(call: Call, window_id: str, body: WindowChange) -> Response:
    """Update a freeze or a maintenance window

    Its kind, cluster and namespace stay.
    """
    check_id(window_id, "win")
    version = call.expected_version()
    wanted = changing(Window, _in_seconds(body))

    def job(tx: Transaction) -> tuple[Window, datetime]:
        return flow.change_window(tx, window_id, wanted, if_version=version), tx.now

    return await call.change(job, lambda made: json_answer(_window_shape(*made), headers={"ETag": etag(made[0].version)}))


async def delete_change_window(call: Call, window_id: str) -> Response:
    """Delete a freeze or a maintenance window"""
    check_id(window_id, "win")
    version = call.expected_version()

    def job(tx: Transaction) -> tuple[Window, datetime]:
        return flow.delete_window(tx, window_id, if_version=version), tx.now

    return await call.change(job, lambda gone: json_answer(_window_shape(*gone)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "executions")
    read, write = "runbooks:read", "runbooks:write"
    every, one = "/v1/change-windows", "/v1/change-windows/{window_id}"
    routes.add("GET", "/v1/safeguards", get_safeguards, scope=read, gives=SafeguardsShape, headers={"ETag": 1})
    routes.add("PATCH", "/v1/safeguards", update_safeguards, scope=write, gives=SafeguardsShape, errors=(412,), headers={"ETag": 1})
    routes.add("GET", every, list_change_windows, scope=read, gives=WindowList)
    routes.add("POST", every, create_change_window, scope=write, gives=WindowShape, status=201, errors=(409,), headers=CREATED)
    routes.add("GET", one, get_change_window, scope=read, gives=WindowShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_change_window, scope=write, gives=WindowShape, errors=(404, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_change_window, scope=write, gives=WindowShape, errors=(404, 412))

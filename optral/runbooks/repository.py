"""All SQL of runbooks and executions. Every statement on a tenant table names its organization, but the one that asks what is due."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.kit.paging import PageRequest
from optral.runbooks.executions.approvals import ApprovalDecision, Verdict
from optral.runbooks.model import Approval, Execution, ExecutionFilter, ExecutionStatus, LogEntry, Phase, Step, StepState, Switch
from optral.runbooks.tables import approval_decisions, approvals, execution_logs, execution_steps, executions, runbook_switches
from optral.runbooks.track import Attempt, LastChange
from optral.store import areas
from optral.store.dialects import by_dialect
from optral.store.lists import FEW, counted, paged, place_of, unindexed
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

_FINAL = tuple(status.value for status in ExecutionStatus if status.is_final)
_EXECUTION = tuple(f.name for f in fields(Execution))
_STEP = tuple(f.name for f in fields(Step))
_APPROVAL = tuple(f.name for f in fields(Approval))
_GIVEN = tuple(f.name for f in fields(ApprovalDecision))

# --- runbooks


# --- executions

_execution = sa.select(*(executions.c[name] for name in _EXECUTION))
_ONE = _execution.where(executions.c.org_id == b("org"), executions.c.id == b("the_id"))
_LOCKED = _ONE.with_for_update()
_INSERT = sa.insert(executions)
_UPDATE = (
    sa.update(executions)
    .where(executions.c.org_id == b("org"), executions.c.id == b("the_id"))
    .values({name: b("p_" + name, type_=executions.c[name].type) for name in _EXECUTION if name not in ("id", "org_id")})
)
_DUE = (
    sa.select(executions.c.org_id, executions.c.id)
    .where(executions.c.due_at <= b("now", type_=executions.c.due_at.type))
    .order_by(executions.c.due_at)
    .limit(b("limit"))
)
_NEXT_DUE = sa.select(sa.func.min(executions.c.due_at)).where(executions.c.due_at.is_not(None))
_APPLYING = (
    sa.select(executions.c.cluster_id, sa.func.count().label("many"))
    .where(
        executions.c.org_id == b("org"), executions.c.phase == Phase.APPLYING.value, executions.c.status == ExecutionStatus.RUNNING.value
    )
    .group_by(executions.c.cluster_id)
)
_CHANGES = (
    sa.select(executions.c.applied_at, executions.c.cluster_id, sa.func.coalesce(execution_steps.c.namespace, "").label("namespace"))
    .select_from(executions.join(execution_steps, execution_steps.c.execution_id == executions.c.id))
    .where(
        executions.c.org_id == b("org"),
        execution_steps.c.org_id == b("org"),
        executions.c.applied_at.between(b("since", type_=executions.c.applied_at.type), b("until", type_=executions.c.applied_at.type)),
        execution_steps.c.is_write,
        execution_steps.c.state.in_([StepState.SUCCEEDED.value, StepState.UNKNOWN.value]),
    )
    .order_by(executions.c.applied_at.desc())
    .limit(b("limit", type_=sa.Integer))
)
_COMING = (
    sa.select(executions.c.applied_at, executions.c.cluster_id, sa.func.coalesce(execution_steps.c.namespace, "").label("namespace"))
    .select_from(executions.join(execution_steps, execution_steps.c.execution_id == executions.c.id))
    .where(
        executions.c.org_id == b("org"),
        execution_steps.c.org_id == b("org"),
        executions.c.phase == Phase.APPLYING.value,
        executions.c.status == ExecutionStatus.RUNNING.value,
        execution_steps.c.is_write,
        execution_steps.c.state.in_([StepState.PENDING.value, StepState.CHECKING.value, StepState.RUNNING.value]),
    )
    .limit(b("limit", type_=sa.Integer))
)
_TRIGGERED = (
    sa.select(executions.c.id, executions.c.trigger_id, executions.c.applied_at)
    .select_from(executions.join(execution_steps, execution_steps.c.execution_id == executions.c.id))
    .where(
        executions.c.org_id == b("org"),
        execution_steps.c.org_id == b("org"),
        executions.c.cluster_id == b("cluster"),
        executions.c.applied_at >= b("since", type_=executions.c.applied_at.type),
        executions.c.trigger_id.is_not(None),
        execution_steps.c.is_write,
        execution_steps.c.kind == b("kind"),
        sa.func.coalesce(execution_steps.c.namespace, "") == b("namespace"),
        execution_steps.c.object_name == b("name"),
    )
    .order_by(executions.c.applied_at.desc())
    .limit(1)
)
_LAST_APPLIED = (
    sa.select(sa.func.max(executions.c.finished_at))
    .select_from(executions.join(execution_steps, execution_steps.c.execution_id == executions.c.id))
    .where(
        executions.c.org_id == b("org"),
        execution_steps.c.org_id == b("org"),
        executions.c.runbook_id == b("runbook"),
        executions.c.cluster_id == b("cluster"),
        executions.c.applied_at.is_not(None),
        execution_steps.c.is_write,
        execution_steps.c.kind == b("kind"),
        sa.func.coalesce(execution_steps.c.namespace, "") == b("namespace"),
        execution_steps.c.object_name == b("name"),
    )
)
_OLD = (
    sa.select(executions.c.org_id, executions.c.id)
    .where(executions.c.finished_at < b("before", type_=executions.c.finished_at.type))
    .order_by(executions.c.finished_at)
    .limit(b("limit"))
)
_ATTEMPTS = (
    sa.select(
        executions.c.runbook_id,
        executions.c.cause,
        executions.c.status,
        executions.c.verification,
        executions.c.started_at,
        executions.c.finished_at,
        executions.c.cluster_id,
        executions.c.namespace,
    )
    .where(
        executions.c.org_id == b("org"),
        executions.c.created_at >= b("since", type_=executions.c.created_at.type),
        executions.c.applied_at.is_not(None),
        executions.c.undo_of.is_(None),
    )
    .order_by(executions.c.created_at.desc())
    .limit(b("limit"))
)
_LAST_CHANGES = sa.select(
    executions.c.id,
    executions.c.issue_id,
    executions.c.runbook_name,
    executions.c.requested_by,
    executions.c.finished_at,
    executions.c.status,
    executions.c.verification,
    executions.c.undo_of,
    executions.c.cluster_id,
    executions.c.namespace,
    sa.func.row_number()
    .over(partition_by=executions.c.issue_id, order_by=(executions.c.finished_at.desc(), executions.c.id.desc()))
    .label("place"),
).where(
    executions.c.org_id == b("org"),
    executions.c.issue_id.in_(b("issues", expanding=True)),
    unindexed(executions.c.applied_at) > sa.literal_column("0"),
    unindexed(executions.c.finished_at) >= b("since", type_=executions.c.finished_at.type),
)
_NEWEST_CHANGES = sa.select(changed := _LAST_CHANGES.subquery()).where(changed.c.place == 1)
_UNDO = sa.select(executions.c.id).where(
    executions.c.org_id == b("org"), executions.c.undo_of == b("the_id"), executions.c.status == ExecutionStatus.SUCCEEDED.value
)
_STOPPABLE = sa.select(executions.c.id).where(
    executions.c.org_id == b("org"),
    executions.c.status.in_([ExecutionStatus.RUNNING.value, ExecutionStatus.QUEUED.value, ExecutionStatus.PENDING_APPROVAL.value]),
    executions.c.cancel_requested_by.is_(None),
)
_STOP_FIRST = _STOPPABLE.order_by(executions.c.status.desc(), executions.c.id).limit(
    b("limit", type_=sa.Integer)
)  # running, queued, pending
_COUNT_STOPPABLE = sa.select(sa.func.count()).select_from(_STOPPABLE.subquery())
_OF_CLUSTER = _execution.where(executions.c.org_id == b("org"), executions.c.cluster_id == b("cluster"), executions.c.status.not_in(_FINAL))


def _as_execution(row: Any) -> Execution:
    values = dict(row._mapping)
    return Execution(**values | {"status": ExecutionStatus(values["status"]), "phase": Phase(values["phase"])})


def _execution_row(made: Execution) -> dict[str, Any]:
    return {name: _plain(getattr(made, name)) for name in _EXECUTION}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, (ExecutionStatus, Phase, StepState)) else value


def execution(tx: Transaction, execution_id: str, *, lock: bool = False) -> Execution | None:
    row = tx.execute(_LOCKED if lock else _ONE, {"org": tx.org_id, "the_id": execution_id}).first()
    return None if row is None else _as_execution(row)


def insert_execution(tx: Transaction, made: Execution) -> None:
    tx.execute(_INSERT, _execution_row(made))


def update_execution(tx: Transaction, made: Execution) -> None:
    values = {"p_" + name: value for name, value in _execution_row(made).items() if name not in ("id", "org_id")}
    tx.execute(_UPDATE, {"org": tx.org_id, "the_id": made.id, **values})


def due(tx: Transaction, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organization, execution) of what is due, over all organizations; for the driver."""
    return [(row.org_id, row.id) for row in tx.execute(_DUE, {"now": now, "limit": limit})]


def next_due(tx: Transaction) -> datetime | None:
    """When the next execution is due, over all organizations; for the driver."""
    found: datetime | None = tx.execute(_NEXT_DUE).scalar_one()
    return found


def applying(tx: Transaction) -> dict[str, int]:
    """How many executions change something now, by cluster."""
    return {row.cluster_id: row.many for row in tx.execute(_APPLYING, {"org": tx.org_id})}


def last_applied(tx: Transaction, *, runbook_id: str, cluster_id: str, kind: str, namespace: str | None, name: str) -> datetime | None:
    given = {"org": tx.org_id, "runbook": runbook_id, "cluster": cluster_id, "kind": kind, "namespace": namespace or "", "name": name}
    found: datetime | None = tx.execute(_LAST_APPLIED, given).scalar_one()
    return found


def changes_between(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[tuple[datetime, str, str]]:
    rows = tx.execute(_CHANGES, {"org": tx.org_id, "since": since, "until": until, "limit": limit})
    return [(row.applied_at, row.cluster_id, row.namespace) for row in rows]


def coming(tx: Transaction, limit: int) -> list[tuple[datetime | None, str, str]]:
    """(time of the first change of its execution, cluster, namespace) of the steps that executions which have begun will still do."""
    return [(row.applied_at, row.cluster_id, row.namespace) for row in tx.execute(_COMING, {"org": tx.org_id, "limit": limit})]


def triggered(tx: Transaction, cluster_id: str, ref: ObjectRef, since: datetime) -> tuple[str, str, datetime] | None:
    given = {
        "org": tx.org_id,
        "cluster": cluster_id,
        "since": since,
        "kind": ref.short_kind,
        "namespace": ref.namespace or "",
        "name": ref.name,
    }
    row = tx.execute(_TRIGGERED, given).first()
    return None if row is None else (row.id, row.trigger_id, row.applied_at)


def attempts(tx: Transaction, *, since: datetime, limit: int) -> list[Attempt]:
    """Those of the newest executions that changed something which have finished, in the clusters that the actor may see."""
    rows = tx.execute(_ATTEMPTS, {"org": tx.org_id, "since": since, "limit": limit})
    return [
        Attempt(
            row.runbook_id,
            row.cause,
            ExecutionStatus(row.status),
            (row.verification or {}).get("status"),
            (row.finished_at - row.started_at).total_seconds() if row.started_at is not None else 0.0,
        )
        for row in rows
        if row.finished_at is not None and tx.actor.may_see(row.cluster_id, row.namespace)
    ]


def last_changes(tx: Transaction, issue_ids: Sequence[str], *, since: datetime) -> list[LastChange]:
    """Of each issue, the newest execution that changed something; one query."""
    if not issue_ids:
        return []
    rows = tx.execute(_NEWEST_CHANGES, {"org": tx.org_id, "issues": list(issue_ids), "since": since})
    return [
        LastChange(
            row.id,
            row.issue_id,
            row.runbook_name,
            row.requested_by,
            row.finished_at,
            ExecutionStatus(row.status),
            (row.verification or {}).get("status"),
            row.undo_of is not None,
        )
        for row in rows
        if tx.actor.may_see(row.cluster_id, row.namespace)
    ]


def finished_undo(tx: Transaction, execution_id: str) -> str | None:
    """The execution that has undone this one; a failed attempt does not count."""
    found: str | None = tx.execute(_UNDO, {"org": tx.org_id, "the_id": execution_id}).scalar()
    return found


def live_of_cluster(tx: Transaction, cluster_id: str) -> list[Execution]:
    return [_as_execution(row) for row in tx.execute(_OF_CLUSTER, {"org": tx.org_id, "cluster": cluster_id})]


def stoppable(tx: Transaction, limit: int) -> list[str]:
    return list(tx.execute(_STOP_FIRST, {"org": tx.org_id, "limit": limit}).scalars())


def count_stoppable(tx: Transaction) -> int:
    return int(tx.execute(_COUNT_STOPPABLE, {"org": tx.org_id}).scalar_one())


def old(tx: Transaction, before: datetime, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_OLD, {"before": before, "limit": limit})]


_DELETE = tuple(
    sa.delete(table).where(table.c.org_id == b("org"), table.c[column] == b("the_id"))
    for table, column in (
        (execution_logs, "execution_id"),
        (approval_decisions, "execution_id"),
        (approvals, "execution_id"),
        (execution_steps, "execution_id"),
        (executions, "id"),
    )
)


def delete(tx: Transaction, org_id: str, execution_id: str) -> None:
    for statement in _DELETE:
        tx.execute(statement, {"org": org_id, "the_id": execution_id})


SORT = {"createdAt": executions.c.created_at, "status": executions.c.status}
_IN = {"clusters": executions.c.cluster_id, "statuses": executions.c.status, "runbook_ids": executions.c.runbook_id}


Shape = tuple[str | areas.Pattern, ...]


def _filtered(statement: sa.Select[Any], shape: Shape, *, by_time: bool = True) -> sa.Select[Any]:
    statement = statement.where(executions.c.org_id == b("org"))
    created_at = executions.c.created_at if by_time else unindexed(executions.c.created_at)
    for name in shape:
        if not isinstance(name, str):
            statement = statement.where(*areas.inside(name, executions.c.cluster_id, executions.c.namespace))
        elif name in _IN:
            statement = statement.where(_IN[name].in_(b(name, expanding=True)))
        elif name == "issue_id":
            statement = statement.where(executions.c.issue_id == b(name))
        elif name == "dry_run":
            statement = statement.where(executions.c.dry_run == b(name, type_=sa.Boolean))
        elif name == "since":
            statement = statement.where(created_at >= b(name, type_=executions.c.created_at.type))
        else:
            statement = statement.where(created_at < b(name, type_=executions.c.created_at.type))
    return statement


def _shape(wanted: ExecutionFilter) -> tuple[Shape, dict[str, Any]]:
    values: dict[str, Any] = {name: sorted(getattr(wanted, name)) for name in _IN if getattr(wanted, name)}
    values |= {name: getattr(wanted, name) for name in ("issue_id", "dry_run", "since", "until") if getattr(wanted, name) is not None}
    if wanted.areas is None:
        return tuple(values), values
    return (*values, areas.pattern_of(wanted.areas)), values | areas.values_of(wanted.areas)


@lru_cache(maxsize=512)
def _find(shape: Shape, sort: str, descending: bool, after: bool, *, is_few: bool) -> sa.Select[Any]:
    column: sa.ColumnElement[Any] = SORT[sort]
    statement = _filtered(_execution, shape, by_time=is_few or sort == "createdAt")
    if is_few and shape:
        column = unindexed(column)
    return paged(statement, column, executions.c.id, descending=descending, after=after)


@lru_cache(maxsize=512)
def _count(shape: Shape, dialect: str) -> sa.Select[Any]:
    """Without an order, PostgreSQL may first collect every row of the organization in a bitmap, from whichever index is smallest.

    With one, stopping early is cheaper than sorting. SQLite, which has no statistics, would then read the order in place of the filter.
    """
    rows = _filtered(sa.select(executions.c.id), shape)
    return counted(rows if dialect == "sqlite" else rows.order_by(executions.c.created_at.desc(), executions.c.id.desc()))


def find(tx: Transaction, wanted: ExecutionFilter, page: PageRequest) -> list[Execution]:
    shape, values = _shape(wanted)
    values |= {"org": tx.org_id, **place_of(page)}
    statement = _find(shape, page.sort or "createdAt", page.descending, page.after is not None, is_few=count(tx, wanted) <= FEW)
    return [_as_execution(row) for row in tx.execute(statement, values)]


def count(tx: Transaction, wanted: ExecutionFilter) -> int:
    shape, values = _shape(wanted)
    return int(tx.execute(_count(shape, tx.dialect), {"org": tx.org_id, **values}).scalar_one())


# --- steps

_steps = sa.select(*(execution_steps.c[name] for name in _STEP)).where(execution_steps.c.org_id == b("org"))
_STEPS = _steps.where(execution_steps.c.execution_id == b("execution")).order_by(execution_steps.c.position)
_STEPS_OF = _steps.where(execution_steps.c.execution_id.in_(b("ids", expanding=True))).order_by(execution_steps.c.position)
_HOLDERS = sa.select(execution_steps.c.execution_id).where(
    execution_steps.c.org_id == b("org"), execution_steps.c.lock.in_(b("locks", expanding=True))
)
_HOLDER = sa.select(executions.c.id).where(executions.c.org_id == b("org"), executions.c.lock == b("lock"))
_UPDATE_STEP = (
    sa.update(execution_steps)
    .where(execution_steps.c.org_id == b("org"), execution_steps.c.id == b("the_id"))
    .values({name: b("p_" + name, type_=execution_steps.c[name].type) for name in _STEP if name != "id"})
)
_RELEASE = (
    sa.update(execution_steps)
    .where(execution_steps.c.org_id == b("org"), execution_steps.c.execution_id == b("execution"))
    .values(lock=None)
)


def _as_step(row: Any) -> Step:
    values = dict(row._mapping)
    return Step(**values | {"state": StepState(values["state"])})


def _step_row(made: Step) -> dict[str, Any]:
    return {name: _plain(getattr(made, name)) for name in _STEP}


def steps(tx: Transaction, execution_id: str) -> list[Step]:
    return [_as_step(row) for row in tx.execute(_STEPS, {"org": tx.org_id, "execution": execution_id})]


def steps_of(tx: Transaction, execution_ids: Sequence[str]) -> dict[str, list[Step]]:
    """The steps of several executions, in one query."""
    found: dict[str, list[Step]] = {one: [] for one in execution_ids}
    if execution_ids:
        for row in tx.execute(_STEPS_OF, {"org": tx.org_id, "ids": list(execution_ids)}):
            found[row.execution_id].append(_as_step(row))
    return found


def insert_steps(tx: Transaction, made: Sequence[Step]) -> None:
    tx.execute(sa.insert(execution_steps), [_step_row(one) | {"org_id": tx.org_id} for one in made])


def update_step(tx: Transaction, made: Step) -> None:
    values = {"p_" + name: value for name, value in _step_row(made).items() if name != "id"}
    tx.execute(_UPDATE_STEP, {"org": tx.org_id, "the_id": made.id, **values})


def release(tx: Transaction, execution_id: str) -> None:
    """Give up every object an execution kept to itself."""
    tx.execute(_RELEASE, {"org": tx.org_id, "execution": execution_id})


def holders(tx: Transaction, locks: Sequence[str], own: str | None) -> list[str]:
    """Ids of the executions that hold one of these."""
    found = [row[0] for row in tx.execute(_HOLDERS, {"org": tx.org_id, "locks": list(locks)})] if locks else []
    if own is not None:
        found += [row[0] for row in tx.execute(_HOLDER, {"org": tx.org_id, "lock": own})]
    return list(dict.fromkeys(found))


# --- log

_INSERT_LOG = sa.insert(execution_logs)
_LOG = (
    sa.select(execution_logs)
    .where(execution_logs.c.org_id == b("org"), execution_logs.c.execution_id == b("execution"), execution_logs.c.offset >= b("first"))
    .order_by(execution_logs.c.offset)
    .limit(b("limit"))
)


def insert_log(tx: Transaction, execution_id: str, entries: Sequence[LogEntry]) -> None:
    names = [f.name for f in fields(LogEntry)]
    rows = [{name: getattr(entry, name) for name in names} | {"org_id": tx.org_id, "execution_id": execution_id} for entry in entries]
    if rows:
        tx.execute(_INSERT_LOG, rows)


def log(tx: Transaction, execution_id: str, first: int, limit: int) -> list[LogEntry]:
    rows = tx.execute(_LOG, {"org": tx.org_id, "execution": execution_id, "first": first, "limit": limit})
    return [LogEntry(offset=row.offset, at=row.at, step=row.step, level=row.level, message=row.message) for row in rows]


# --- approvals

_APPROVALS = (
    sa.select(*(approvals.c[name] for name in _APPROVAL))
    .where(approvals.c.org_id == b("org"), approvals.c.execution_id.in_(b("executions", expanding=True)))
    .order_by(approvals.c.requested_at, approvals.c.id)
)
_DECISIONS = (
    sa.select(*(approval_decisions.c[name] for name in _GIVEN), approval_decisions.c.execution_id)
    .where(approval_decisions.c.org_id == b("org"), approval_decisions.c.execution_id.in_(b("executions", expanding=True)))
    .order_by(approval_decisions.c.at, approval_decisions.c.id)
)
_MOVE = (
    sa.update(approval_decisions)
    .where(approval_decisions.c.org_id == b("org"), approval_decisions.c.id.in_(b("ids", expanding=True)))
    .values(approval_id=b("the_approval"))
)
_DECIDE = (
    sa.update(approvals)
    .where(approvals.c.org_id == b("org"), approvals.c.id == b("the_id"), approvals.c.decision.is_(None))
    .values(
        decision=b("decided"),
        decided_by=b("by"),
        decided_via=b("via"),
        decided_at=b("now", type_=approvals.c.decided_at.type),
        message=b("said"),
    )
)


def newest_approvals(tx: Transaction, execution_ids: Sequence[str]) -> dict[str, Approval]:
    """The newest requested approval of each of these executions that has one, in one query."""
    if not execution_ids:
        return {}
    rows = tx.execute(_APPROVALS, {"org": tx.org_id, "executions": list(execution_ids)})
    return {row.execution_id: Approval(**row._mapping) for row in rows}


def decisions_of(tx: Transaction, execution_ids: Sequence[str]) -> dict[str, list[ApprovalDecision]]:
    """What people decided on these executions, oldest first, in one query."""
    found: dict[str, list[ApprovalDecision]] = {one: [] for one in execution_ids}
    for row in tx.execute(_DECISIONS, {"org": tx.org_id, "executions": list(execution_ids)}) if execution_ids else ():
        values = {name: getattr(row, name) for name in _GIVEN}
        found[row.execution_id].append(ApprovalDecision(**values | {"verdict": Verdict(row.verdict)}))
    return found


def insert_decision(tx: Transaction, execution_id: str, made: ApprovalDecision) -> None:
    """Write down what a person decided on a requested approval."""
    values = {name: getattr(made, name) for name in _GIVEN} | {"verdict": made.verdict.value}
    tx.execute(sa.insert(approval_decisions), values | {"org_id": tx.org_id, "execution_id": execution_id})


def move_decisions(tx: Transaction, ids: Sequence[str], approval_id: str) -> None:
    """Let these decisions belong to another request of the same plan."""
    if ids:
        tx.execute(_MOVE, {"org": tx.org_id, "ids": list(ids), "the_approval": approval_id})


def insert_approval(tx: Transaction, made: Approval) -> None:
    tx.execute(sa.insert(approvals), {name: getattr(made, name) for name in _APPROVAL} | {"org_id": tx.org_id})


def decide(tx: Transaction, approval_id: str, *, decision: str, by: str, via: str, message: str | None) -> None:
    tx.execute(
        _DECIDE, {"org": tx.org_id, "the_id": approval_id, "decided": decision, "by": by, "via": via, "now": tx.now, "said": message}
    )


# --- the switch

_SWITCH = sa.select(runbook_switches).where(runbook_switches.c.org_id == b("org"))


def switch(tx: Transaction) -> Switch:
    """Whether executions are paused in this organization."""
    row = tx.execute(_SWITCH, {"org": tx.org_id}).first()
    return Switch() if row is None else Switch(is_paused=row.is_paused, by=row.by, at=row.at, reason=row.reason)


def _save_switch(dialect: str) -> Any:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(runbook_switches)
    rest = {name: statement.excluded[name] for name in ("is_paused", "by", "at", "reason")}
    return statement.on_conflict_do_update(index_elements=["org_id"], set_=rest)


_SAVE_SWITCH = by_dialect(_save_switch)


def save_switch(tx: Transaction, made: Switch) -> None:
    tx.execute(
        _SAVE_SWITCH[tx.dialect], {"org_id": tx.org_id, "is_paused": made.is_paused, "by": made.by, "at": made.at, "reason": made.reason}
    )

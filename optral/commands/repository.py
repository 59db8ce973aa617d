"""All SQL of commands. Every statement on a tenant table names its organization, but for those the system asks across all."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.commands.model import Command, Precondition, State
from optral.commands.tables import command_outputs as outputs, commands
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef
from optral.terms.verbs import READS

LOGS = "logs"
_OPEN = commands.c.finished_at.is_(None)
_one = sa.and_(commands.c.org_id == b("org"), commands.c.id == b("the_id"))
_of_cluster = sa.and_(commands.c.org_id == b("org"), commands.c.cluster_id == b("cluster"), _OPEN)
_at = {name: b(name, type_=commands.c.finished_at.type) for name in ("now", "before", "reads_before", "writes_before")}
_sent_states = [State.SENT.value, State.RECEIVED.value, State.RUNNING.value]

_INSERT = {
    "sqlite": sqlite.insert(commands).on_conflict_do_nothing(index_elements=["id"]),
    "postgresql": postgresql.insert(commands).on_conflict_do_nothing(index_elements=["id"]),
}
_GET = sa.select(commands).where(_one)
_LOCK = _GET.with_for_update()
_is_log_read = commands.c.verb == LOGS
_QUEUED = (
    sa.select(commands)
    .where(
        _of_cluster,
        commands.c.state == State.QUEUED.value,
        _is_log_read == b("log_reads", type_=sa.Boolean),
        sa.or_(commands.c.attempt > 0, commands.c.expires_at > _at["now"]),
    )
    .order_by(commands.c.created_at, commands.c.id)
    .limit(b("limit", type_=sa.Integer))
    .with_for_update(skip_locked=True)
)
_IN_FLIGHT = sa.select(commands.c.verb).where(_of_cluster, commands.c.state != State.QUEUED.value)
_SEND = (
    sa.update(commands)
    .where(_one)
    .values(state=State.SENT.value, fence=b("new_fence"), attempt=commands.c.attempt + 1, sent_at=_at["now"])
    .returning(commands)
)
_HELD_BEFORE = sa.select(commands.c.id).where(_of_cluster, commands.c.state.in_(_sent_states), commands.c.fence < b("new_fence"))
_KEEP = sa.update(commands).where(_one).values(fence=b("new_fence"))
_REQUEUE = sa.update(commands).where(_one).values(state=State.QUEUED.value)
_MOVE = (
    sa.update(commands)
    .where(_one, _OPEN)
    .values(
        state=b("new_state"),
        code=b("new_code"),
        message=b("new_message"),
        result=b("new_result"),
        received_at=b("new_received", type_=commands.c.received_at.type),
        started_at=b("new_started", type_=commands.c.started_at.type),
        finished_at=b("new_finished", type_=commands.c.finished_at.type),
    )
    .returning(commands)
)
_CANCEL = sa.update(commands).where(_one, _OPEN, commands.c.cancel_reason.is_(None)).values(cancel_reason=b("reason"))
_CANCELS = sa.select(commands.c.id, commands.c.cancel_reason).where(
    _of_cluster, commands.c.cancel_reason.is_not(None), commands.c.state.in_(_sent_states), commands.c.cancel_fence < b("new_fence")
)
_CANCEL_TOLD = sa.update(commands).where(_one).values(cancel_fence=b("new_fence"))
_OPEN_OF = sa.select(commands).where(_of_cluster).with_for_update()
_DUE = (
    sa.select(commands)
    .where(
        _OPEN,
        sa.or_(
            commands.c.deadline_at <= _at["now"],
            sa.and_(commands.c.state == State.QUEUED.value, commands.c.attempt == 0, commands.c.expires_at <= _at["now"]),
        ),
    )
    .order_by(commands.c.created_at)
    .limit(b("limit", type_=sa.Integer))
    .with_for_update(skip_locked=True)
)
_WAITING = (
    sa.select(commands.c.cluster_id)
    .where(
        _OPEN,
        commands.c.cluster_id.in_(b("clusters", expanding=True)),
        sa.or_(
            commands.c.state == State.QUEUED.value,
            sa.and_(commands.c.cancel_reason.is_not(None), commands.c.cancel_fence < commands.c.fence),
        ),
    )
    .distinct()
)
_is_read = sa.or_(commands.c.verb.in_(sorted(READS)), commands.c.dry_run)
_OLD = (
    sa.select(commands.c.id)
    .where(
        commands.c.finished_at < _at["reads_before"],  # for the index: writes are kept longer than reads
        commands.c.finished_at < sa.case((_is_read, _at["reads_before"]), else_=_at["writes_before"]),
    )
    .order_by(commands.c.finished_at)
    .limit(b("limit", type_=sa.Integer))
)
_OF_CLUSTER_ANY = (
    sa.select(commands.c.id).where(commands.c.org_id == b("org"), commands.c.cluster_id == b("cluster")).limit(b("limit", type_=sa.Integer))
)
_DELETE_ANY = sa.delete(commands).where(commands.c.id.in_(b("ids", expanding=True)))
_DELETE_OUTPUTS_ANY = sa.delete(outputs).where(outputs.c.command_id.in_(b("ids", expanding=True)))
_DELETE_SOME = sa.delete(commands).where(commands.c.org_id == b("org"), commands.c.id.in_(b("ids", expanding=True)))
_DELETE_OUTPUTS = sa.delete(outputs).where(outputs.c.org_id == b("org"), outputs.c.command_id.in_(b("ids", expanding=True)))

_output = sa.and_(outputs.c.org_id == b("org"), outputs.c.command_id == b("the_id"))
_PUT_OUTPUT = {
    name: made.on_conflict_do_update(index_elements=["command_id"], set_={"text": made.excluded.text, "at": made.excluded.at})
    for name, made in (("sqlite", sqlite.insert(outputs)), ("postgresql", postgresql.insert(outputs)))
}
_GET_OUTPUT = sa.select(outputs.c.text).where(_output)


class CommandTransition(NamedTuple):
    """What a command becomes."""

    state: State
    code: str | None
    message: str | None
    result: Mapping[str, Any] | None


def insert(tx: Transaction, command: Command) -> None:
    """Write a new command; one of the same id stays as it is."""
    tx.execute(
        _INSERT[tx.dialect],
        {
            "id": command.id,
            "org_id": tx.org_id,
            "cluster_id": command.cluster_id,
            "verb": command.verb,
            "params": dict(command.params),
            "target_kind": command.target.kind,
            "target_namespace": command.target.namespace,
            "target_name": command.target.name,
            "uid": command.precondition.uid,
            "resource_version": command.precondition.resource_version,
            "dry_run": command.dry_run,
            "state": command.state.value,
            "fence": 0,
            "attempt": 0,
            "requested_by": command.requested_by,
            "origin": command.origin,
            "created_at": command.created_at,
            "expires_at": command.expires_at,
            "timeout_s": command.timeout_s,
            "deadline_at": command.deadline_at,
            "cancel_fence": 0,
        },
    )


def get(tx: Transaction, command_id: str, *, lock: bool = False) -> Command | None:
    row = tx.execute(_LOCK if lock else _GET, {"org": tx.org_id, "the_id": command_id}).one_or_none()
    return None if row is None else _command(row)


def in_flight(tx: Transaction, cluster_id: str) -> Counter[bool]:
    """How many commands are out: log reads under True, all others under False."""
    return Counter(verb == LOGS for verb in tx.execute(_IN_FLIGHT, {"org": tx.org_id, "cluster": cluster_id}).scalars())


def send(tx: Transaction, cluster_id: str, *, fence: int, limit: int, log_reads: bool) -> list[Command]:
    """Take up to `limit` queued log reads, or other commands, oldest first, for this session; each with the fence of the session that had
    it before."""
    given = {"org": tx.org_id, "cluster": cluster_id, "now": tx.now, "limit": limit, "log_reads": log_reads}
    rows = tx.execute(_QUEUED, given).all()
    return [
        replace(
            _command(tx.execute(_SEND, {"org": tx.org_id, "the_id": row.id, "new_fence": fence, "now": tx.now}).one()),
            previous_fence=row.fence,
        )
        for row in rows
    ]


def held_before(tx: Transaction, cluster_id: str, *, fence: int) -> list[str]:
    """Commands that an older session of the cluster was sent."""
    return list(tx.execute(_HELD_BEFORE, {"org": tx.org_id, "cluster": cluster_id, "new_fence": fence}).scalars())


def keep(tx: Transaction, ids: Collection[str], *, fence: int) -> None:
    """They go on under the new session."""
    if ids:
        tx.execute(_KEEP, [{"org": tx.org_id, "the_id": id_, "new_fence": fence} for id_ in ids])


def requeue(tx: Transaction, ids: Collection[str]) -> None:
    """They wait to be sent again."""
    if ids:
        tx.execute(_REQUEUE, [{"org": tx.org_id, "the_id": id_} for id_ in ids])


def move(tx: Transaction, before: Command, after: CommandTransition) -> Command | None:
    """Give an open command this state; None when it ended meanwhile."""
    state = after.state
    started = before.started_at or (tx.now if state is State.RUNNING else None)
    received = before.received_at or (tx.now if state in (State.RECEIVED, State.RUNNING) else None)
    is_final = state not in (State.QUEUED, State.SENT, State.RECEIVED, State.RUNNING)
    row = tx.execute(
        _MOVE,
        {
            "org": tx.org_id,
            "the_id": before.id,
            "new_state": state.value,
            "new_code": after.code,
            "new_message": after.message,
            "new_result": None if after.result is None else dict(after.result),
            "new_received": received,
            "new_started": started,
            "new_finished": tx.now if is_final else None,
        },
    ).one_or_none()
    return None if row is None else _command(row)


def ask_to_cancel(tx: Transaction, command_id: str, *, reason: str) -> None:
    tx.execute(_CANCEL, {"org": tx.org_id, "the_id": command_id, "reason": reason})


def take_cancels(tx: Transaction, cluster_id: str, *, fence: int) -> list[tuple[str, str]]:
    """Sent commands to be canceled that this session was not told of yet, as (id, reason); now it is."""
    rows = tx.execute(_CANCELS, {"org": tx.org_id, "cluster": cluster_id, "new_fence": fence}).all()
    if rows:
        tx.execute(_CANCEL_TOLD, [{"org": tx.org_id, "the_id": row.id, "new_fence": fence} for row in rows])
    return [(row.id, row.cancel_reason) for row in rows]


def open_of(tx: Transaction, cluster_id: str) -> list[Command]:
    return [_command(row) for row in tx.execute(_OPEN_OF, {"org": tx.org_id, "cluster": cluster_id})]


def due(tx: Transaction, *, limit: int) -> list[Command]:
    """Expired open commands of all organizations."""
    return [_command(row) for row in tx.execute(_DUE, {"now": tx.now, "limit": limit})]


def waiting(tx: Transaction, cluster_ids: Collection[str]) -> set[str]:
    """Which of these clusters, of all organizations, have something to be fetched."""
    return set(tx.execute(_WAITING, {"clusters": list(cluster_ids)}).scalars()) if cluster_ids else set()


def put_output(tx: Transaction, command_id: str, text: str) -> None:
    tx.execute(_PUT_OUTPUT[tx.dialect], {"command_id": command_id, "org_id": tx.org_id, "text": text, "at": tx.now})


def take_output(tx: Transaction, command_id: str) -> str | None:
    """The output that came before; it is gone afterwards."""
    text: str | None = tx.execute(_GET_OUTPUT, {"org": tx.org_id, "the_id": command_id}).scalar_one_or_none()
    if text is not None:
        tx.execute(_DELETE_OUTPUTS, {"org": tx.org_id, "ids": [command_id]})
    return text


def delete_old(tx: Transaction, *, reads_before: datetime, writes_before: datetime, limit: int) -> int:
    """Remove finished reads (and dry runs) and writes that ended before these times, of all organizations; how many."""
    ids = list(tx.execute(_OLD, {"reads_before": reads_before, "writes_before": writes_before, "limit": limit}).scalars())
    return _delete(tx, ids, _DELETE_ANY, _DELETE_OUTPUTS_ANY, {})


def delete(tx: Transaction, command_id: str) -> None:
    _delete(tx, [command_id], _DELETE_SOME, _DELETE_OUTPUTS, {"org": tx.org_id})


def purge(tx: Transaction, cluster_id: str, *, limit: int) -> int:
    ids = list(tx.execute(_OF_CLUSTER_ANY, {"org": tx.org_id, "cluster": cluster_id, "limit": limit}).scalars())
    return _delete(tx, ids, _DELETE_SOME, _DELETE_OUTPUTS, {"org": tx.org_id})


def _delete(tx: Transaction, ids: Sequence[str], statement: sa.Delete, of_outputs: sa.Delete, more: dict[str, Any]) -> int:
    if ids:
        tx.execute(of_outputs, {"ids": ids, **more})
        tx.execute(statement, {"ids": ids, **more})
    return len(ids)


def _command(row: sa.Row[Any]) -> Command:
    return Command(
        id=row.id,
        org_id=row.org_id,
        cluster_id=row.cluster_id,
        verb=row.verb,
        params=row.params,
        target=ObjectRef(row.target_kind, row.target_namespace, row.target_name, row.uid),
        precondition=Precondition(row.uid, row.resource_version),
        dry_run=row.dry_run,
        state=State(row.state),
        code=row.code,
        message=row.message,
        result=row.result,
        fence=row.fence,
        attempt=row.attempt,
        requested_by=row.requested_by,
        origin=row.origin,
        created_at=row.created_at,
        expires_at=row.expires_at,
        timeout_s=row.timeout_s,
        deadline_at=row.deadline_at,
        sent_at=row.sent_at,
        received_at=row.received_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        cancel_reason=row.cancel_reason,
    )

"""The service of commands. Functions take the transaction first; `flows/commands.py` checks who may ask and audits it.

A claim must be made under the session's fence, which the flow checks in the same transaction (`clusters.state`). `QUEUED` wakes the
session that holds a cluster's tunnel, which then claims; `FINISHED` wakes those who wait for one command. A notification between replicas
can be lost, so followers also look without being woken.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from optral.commands import model, repository
from optral.commands.model import IN_FLIGHT, Command, NewCommand, Report, State
from optral.commands.repository import CommandTransition, delete_old as delete_old, waiting as waiting
from optral.kit.hub import Topic
from optral.store.transaction import Transaction
from optral.terms import ids, verbs
from optral.terms.errors import NotFound, Refused
from optral.terms.ids import ClusterId, CommandId
from optral.terms.refs import ObjectRef

QUEUED: Topic[ClusterId] = Topic("commands")
"""Clusters for which a command, or the cancellation of one, waits to be fetched."""

FINISHED: Topic[CommandId] = Topic("ended commands")
"""Commands that reached their final state."""

MAX_EXPIRED = 200  # of one transaction
MAX_MESSAGE = 2000


def enqueue(tx: Transaction, new: NewCommand) -> Command:
    """Write the command and wake whoever holds its cluster's tunnel. The same id again returns what is there.

    Raises `Invalid` for parameters that do not fit, `Refused("command_id_taken")` for an id of another command.
    """
    verb = verbs.find(new.verb)
    params = verbs.check(verb, new.params)
    model.check_times(new)
    kind, namespace, name = params.target
    precondition = new.precondition
    if new.target is not None and new.target.uid and not precondition.uid:
        precondition = replace(precondition, uid=new.target.uid)
    command = Command(
        id=new.id or ids.new("cmd"),
        org_id=tx.org_id,
        cluster_id=new.cluster_id,
        verb=verb.name,
        params=verbs.plain(params),
        target=ObjectRef(kind, namespace or None, name, precondition.uid),
        precondition=precondition,
        dry_run=new.dry_run and verb.is_write,
        state=State.QUEUED,
        code=None,
        message=None,
        result=None,
        fence=0,
        attempt=0,
        requested_by=(new.requested_by or tx.actor.id)[:64],
        origin=new.origin[:100],
        created_at=tx.now,
        expires_at=tx.now + timedelta(seconds=new.expires_in_s),
        timeout_s=new.timeout_s,
        deadline_at=model.deadline_of(new, tx.now),
    )
    repository.insert(tx, command)
    kept = get(tx, command.id)
    if _what(kept) != _what(command):
        raise Refused("command_id_taken", say=f"{command.id} is another command")
    tx.publish(QUEUED, ClusterId(command.cluster_id))
    return kept


def get(tx: Transaction, command_id: str) -> Command:
    """The command. Raises `NotFound` for none, and for one of a cluster the actor may not see. No route takes ids of commands."""
    command = repository.get(tx, command_id)
    if command is None or not tx.actor.may_see_cluster(command.cluster_id):
        raise NotFound("command_not_found", say=f"there is no command {command_id[:64]}")
    return command


def claim(tx: Transaction, cluster_id: str, fence: int, limit: int = IN_FLIGHT) -> list[Command]:
    """Commands for this session to send, oldest first; at most `limit` log reads and `limit` others of a cluster are out at once.

    One that was sent before and is sent again after its expiry must not be begun: the agent only says how it stands.
    """
    out = repository.in_flight(tx, cluster_id)
    found: list[Command] = []
    for is_log_read in (False, True):
        if (room := limit - out[is_log_read]) > 0:
            found += repository.send(tx, cluster_id, fence=fence, limit=room, log_reads=is_log_read)
    return found


def cancels(tx: Transaction, cluster_id: str, fence: int) -> list[tuple[str, str]]:
    """Commands this session must tell the agent to cancel, as (id, reason); each once per session."""
    return repository.take_cancels(tx, cluster_id, fence=fence)


def reconcile(tx: Transaction, cluster_id: str, fence: int, running: Collection[str]) -> None:
    """A new session began: what its agent knows of goes on, everything else that an older session was sent is sent again.

    That is safe for a running write too, even when the older session belongs to another agent that is still making the change: the agent
    learns from `attempt` and `previous_fence` that it cannot know what was done, and looks at the object before it does or says anything.
    """
    held = repository.held_before(tx, cluster_id, fence=fence)
    known = set(running)
    repository.keep(tx, [id_ for id_ in held if id_ in known], fence=fence)
    repository.requeue(tx, [id_ for id_ in held if id_ not in known])


def record(tx: Transaction, cluster_id: str, report: Report) -> Command | None:
    """Take an agent's report; the command as it is now, or None when the report changed nothing (unknown, another cluster's, ended)."""
    before = repository.get(tx, report.command_id, lock=True)
    if before is None or before.cluster_id != cluster_id or not model.moves(before, report):
        return None
    result = report.result
    if report.state in model.FINAL and (text := repository.take_output(tx, before.id)) is not None and result is not None:
        result = {**result, "text": text}
    return _move(tx, before, CommandTransition(report.state, report.code[:64] or None, report.message[:MAX_MESSAGE] or None, result))


def keep_output(tx: Transaction, cluster_id: str, command_id: str, text: str) -> bool:
    """Keep a long output until the command's end, when it becomes its result's `text`. False when nobody waits for it."""
    command = repository.get(tx, command_id)
    if command is None or command.cluster_id != cluster_id or command.is_final:
        return False
    repository.put_output(tx, command_id, text)
    return True


def forget(tx: Transaction, command_id: str) -> None:
    """Remove a read that has ended, with its result. Anything else stays."""
    command = repository.get(tx, command_id)
    if command is not None and command.is_final and not command.is_write:
        repository.delete(tx, command_id)


def cancel(tx: Transaction, command_id: str, *, reason: str = "canceled") -> Command:
    """Cancel what was not sent; ask the agent to cancel what was. A finished command stays as it is. Raises `NotFound`."""
    command = get(tx, command_id)
    if command.is_final:
        return command
    if command.state is State.QUEUED and command.attempt == 0:
        return _move(tx, command, CommandTransition(State.CANCELED, "CANCELED", reason[:200], None)) or get(tx, command_id)
    repository.ask_to_cancel(tx, command_id, reason=reason[:200])
    tx.publish(QUEUED, ClusterId(command.cluster_id))
    return get(tx, command_id)


def expire(tx: Transaction) -> int:
    """End what nobody fetched or answered in time, of all organizations; how many. Call again while it returns `MAX_EXPIRED`."""
    due = repository.due(tx, limit=MAX_EXPIRED)
    for command in due:
        state, code, message = model.given_up(command)
        _move(tx.acting_for(ids.OrgId(command.org_id)), command, CommandTransition(state, code, message, None))
    return len(due)


def abandon(tx: Transaction, cluster_id: str) -> None:
    """The cluster is being deleted: nothing of it will ever be answered."""
    for command in repository.open_of(tx, cluster_id):
        state, code, _ = model.given_up(command)
        _move(
            tx,
            command,
            CommandTransition(state if code != "EXPIRED" else State.CANCELED, "CLUSTER_DELETED", "the cluster was deleted", None),
        )


def disown(tx: Transaction, cluster_id: str) -> int:
    """End the open commands of a cluster in a restored database: since the backup each may have been executed. Returns how many."""
    found = repository.open_of(tx, cluster_id)
    for command in found:
        state = State.UNKNOWN if command.is_write else State.CANCELED
        _move(tx, command, CommandTransition(state, "RESTORED", "the database was restored from a backup; the outcome is not known", None))
    return len(found)


def purge(tx: Transaction, cluster_id: str, limit: int) -> bool:
    """Remove a batch of a deleted cluster's commands; True while more may be left."""
    return repository.purge(tx, cluster_id, limit=limit) == limit


def _move(tx: Transaction, before: Command, after: CommandTransition) -> Command | None:
    moved = repository.move(tx, before, after)
    if moved is not None and moved.is_final:
        tx.publish(FINISHED, CommandId(moved.id))
        tx.publish(QUEUED, ClusterId(moved.cluster_id))  # there is room for the next
    return moved


def _what(command: Command) -> tuple[object, ...]:
    return (command.cluster_id, command.verb, dict(command.params), command.precondition, command.dry_run)

"""Commands on their way to an agent and back: requested, audited, fetched by whoever holds the tunnel, reported, awaited.

`ask` is the whole way for one command. `Dispatch` is the gateway's side of it, under the session's fence: a session that was overtaken
fetches nothing and ends nothing. Results were redacted in the agent; they are looked at once more before they are kept.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgspec
import structlog

from optral.access import service as access
from optral.clusters import service as clusters
from optral.clusters.model import Cluster, SessionRef
from optral.commands import service as commands
from optral.commands.model import Command, NewCommand, Report
from optral.kube import logs, redact
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors, ids
from optral.terms.actor import Actor, ActorKind
from optral.terms.errors import OptralError, Refused, Unavailable
from optral.terms.ids import ClusterId, CommandId, OrgId
from optral.terms.verbs import MAX_LOG_BYTES, MAX_RESULT_BYTES, VERBS

LOOK_EVERY_S = 1.0
"""Another replica's end of a command is not announced here; the row is looked at this often as well."""
EXPIRE_EVERY_S = 2.0
CAPABILITY = "commands.v1"
_log = structlog.get_logger(__name__)


def enqueue(tx: Transaction, new: NewCommand, *, is_audited: bool = False) -> Command:
    """Ask a present agent for something, and write into the audit who did. The same id again returns the command as it stands.

    `is_audited`: a read that goes on with one in the audit.

    Raises `NotFound`, `Invalid`, `Refused`: cluster_offline, agent_too_old, command_id_taken.
    """
    check_present(clusters.get(tx, new.cluster_id))
    command = commands.enqueue(tx, new)
    is_asked = tx.actor.kind in (ActorKind.KEY, ActorKind.PERSON) and not is_audited
    if command.attempt == 0 and (command.is_write or is_asked):
        _audit(tx, command)
    return command


def check_present(cluster: Cluster) -> None:
    """Raises `Refused` when nobody would fetch a command of this cluster."""
    if not cluster.status.is_connected:
        raise Refused("cluster_offline", say=f"the agent of {cluster.name} is not connected ({cluster.status}); try again when it is back")
    if CAPABILITY not in cluster.agent_capabilities:
        raise Refused("agent_too_old", say=f"the agent of {cluster.name} does not accept commands; upgrade it")


async def ask(store: Store, actor: Actor, new: NewCommand, *, wait_s: float, is_audited: bool = False) -> Command:
    """Enqueue and wait at most `wait_s` seconds for the end; the command as it then stands, final or not. Raises as `enqueue`."""
    named = replace(new, id=new.id or ids.new("cmd"))
    assert named.id is not None
    with store.hubs[commands.FINISHED].follow(CommandId(named.id)):  # a follower from before the row exists misses nothing
        command = await store.write(actor, lambda tx: enqueue(tx, named, is_audited=is_audited))
        return command if command.is_final else await wait(store, actor, command.id, wait_s=wait_s)


async def wait(store: Store, actor: Actor, command_id: str, *, wait_s: float) -> Command:
    """Wait at most `wait_s` seconds for a command to end; returns it as it then stands. Raises `NotFound`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    with store.hubs[commands.FINISHED].follow(CommandId(command_id)) as follower:
        while True:
            command = await store.read(actor, lambda tx: commands.get(tx, command_id))
            left_s = until - loop.time()
            if command.is_final or left_s <= 0:
                return command
            await follower.wait(min(left_s, LOOK_EVERY_S))


def refusal(command: Command, *, missing: str) -> OptralError:
    """The error of a read that ended without a result. `missing` says what was not received, such as "no log was received"."""
    say = command.message or "the agent did not answer in time"
    match command.code:
        case "NOT_STARTED":
            return Refused("container_not_started", say=say)
        case "POLICY_DENIED" | "RBAC_DENIED" | "UNSUPPORTED":
            return Refused("agent_refuses", say=say)
    return Unavailable("agent_slow", say=f"{missing}: {say}", retry_after_s=5, log=f"{command.id} {command.state} {command.code}")


def cancel(tx: Transaction, command_id: str, *, reason: str) -> Command:
    """Cancel a command, or ask its agent to. Raises `NotFound`."""
    return commands.cancel(tx, command_id, reason=reason)


class Order(NamedTuple):
    """A command to be sent now. Times are relative, since no two clocks agree: ms until it must have begun, ms since it was requested."""

    command: Command
    expires_in_ms: int
    age_ms: int


@dataclass(frozen=True, slots=True)
class Orders:
    """What a session must send to its agent: commands to perform, and commands to cancel as (id, reason)."""

    send: Sequence[Order] = ()
    cancel: Sequence[tuple[str, str]] = ()


class RawReport(NamedTuple):
    """An agent's report with its result still as JSON bytes; empty: none."""

    report: Report
    raw: bytes


class Dispatch:
    """What the gateway needs. All raise `Refused("superseded")` for a session that no longer counts, and `Unavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, ref: SessionRef, running: Collection[str]) -> None:
        """A session begins; its agent is at these commands."""

        def job(tx: Transaction) -> None:
            clusters.state(tx, ref.cluster_id, ref.fence)
            commands.reconcile(tx, ref.cluster_id, ref.fence, running)

        await self._store.write(_agent(ref), job)

    async def fetch(self, ref: SessionRef) -> Orders:
        """What to send now; it counts as sent once this returns, and is sent again by the next session if it was not confirmed."""

        def job(tx: Transaction) -> Orders:
            clusters.state(tx, ref.cluster_id, ref.fence)
            send = [_order(tx, command) for command in commands.claim(tx, ref.cluster_id, ref.fence)]
            return Orders(send, commands.cancels(tx, ref.cluster_id, ref.fence))

        return await self._store.write(_agent(ref), job)

    async def record(self, ref: SessionRef, reports: Sequence[RawReport]) -> None:
        """Store the reports of the agent."""

        def job(tx: Transaction) -> None:
            clusters.state(tx, ref.cluster_id, ref.fence)
            for report, raw in reports:
                commands.record(tx, ref.cluster_id, _with_result(report, raw))

        await self._store.write(_agent(ref), job)

    async def keep_output(self, ref: SessionRef, command_id: str, text: str) -> bool:
        """Keep a long output until its command ends. False when nobody wants it any more."""

        def job(tx: Transaction) -> bool:
            clusters.state(tx, ref.cluster_id, ref.fence)
            return commands.keep_output(tx, ref.cluster_id, command_id, _clean_text(text[:MAX_LOG_BYTES]))

        return await self._store.write(_agent(ref), job)

    async def waiting(self, cluster_ids: Collection[str]) -> None:
        """Wake the sessions of those clusters for which something waits: the backstop for what was announced in another process."""
        if not cluster_ids:
            return
        for cluster_id in await self._store.read(actors.system(), lambda tx: commands.waiting(tx, cluster_ids)):
            self._store.hubs[commands.QUEUED].deliver(ClusterId(cluster_id))

    async def run(self) -> None:
        """End what nobody fetched or answered in time, for ever. Own it as a task."""
        while True:
            try:
                while await self._store.write(actors.system(), commands.expire) == commands.MAX_EXPIRED:
                    continue
            except OptralError:
                _log.exception("commands could not be expired")
            await asyncio.sleep(EXPIRE_EVERY_S)


def _agent(ref: SessionRef) -> Actor:
    return actors.agent(OrgId(ref.org_id), ClusterId(ref.cluster_id))


def _order(tx: Transaction, command: Command) -> Order:
    expires_in_ms = max(0, int((command.expires_at - tx.now).total_seconds() * 1000))
    return Order(command, expires_in_ms, max(0, int((tx.now - command.created_at).total_seconds() * 1000)))


def _audit(tx: Transaction, command: Command) -> None:
    detail = {
        "command": command.id,
        "cluster": command.cluster_id,
        "object": str(command.target),
        "dryRun": command.dry_run,
        "origin": command.origin,
        "requestedBy": command.requested_by,
    }
    if VERBS[command.verb].is_write:
        detail["params"] = dict(command.params)
    if sources := command.params.get("sources"):
        detail["sources"] = [f"{source['pod']}/{source.get('container', '')}".rstrip("/") for source in sources]
    access.audit(tx, action=f"command.{command.verb}", target=command.id, detail=detail, cluster_id=command.cluster_id)


def _with_result(report: Report, raw: bytes) -> Report:
    message = _clean_text(report.message)
    if not raw:
        return replace(report, message=message)
    result = _read_result(raw)
    if result is None:
        return replace(report, message=(message + " (the agent's result cannot be read)").strip())
    return replace(report, message=message, result=result)


def _read_result(raw: bytes) -> dict[str, Any] | None:
    if len(raw) > 2 * MAX_RESULT_BYTES:
        return None
    raw = raw.replace(b"\\u0000", b"\\ufffd")  # PostgreSQL has no NUL in text
    if redact.scan(raw):
        _log.warning("a command's result held what looks like a secret")
        raw = redact.scrub(raw)
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _clean_text(text: str) -> str:
    return logs.redact_again(text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode())

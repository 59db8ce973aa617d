"""A command and its report as messages of the tunnel: reads one with every bound checked, writes the other."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec

from optral.agent.commands import journal as journals
from optral.agent.commands.commands_common import Cancel, Order, rejected
from optral.terms import verbs
from optral.terms.errors import Invalid
from optral.terms.verbs import MAX_RESULT_BYTES
from optral.wire.agent.v1 import tunnel_pb2 as pb

REPORT_S = 5.0  # before the command itself times out
LATER_S = 20.0  # the control plane waits longer than this after expiry and timeout
FINAL = frozenset(
    {
        pb.CommandState.REJECTED,
        pb.CommandState.SUCCEEDED,
        pb.CommandState.FAILED,
        pb.CommandState.CANCELED,
        pb.CommandState.TIMED_OUT,
        pb.CommandState.UNKNOWN_OUTCOME,
    }
)


@dataclass(slots=True)
class Work:
    """A command at hand. `may_be_applied`: an earlier attempt may have made the change, here or in another agent."""

    order: Order
    attempt: int
    target: tuple[str, str, str]
    digest: str
    timeout_s: float
    has_started: bool = False
    is_changing: bool = False
    may_be_applied: bool = False
    cancel: Cancel = field(default_factory=Cancel)
    task: "asyncio.Task[None] | None" = None


def read_order(command: pb.Command) -> Order:
    """The order, every bound checked. Raises `Failure`."""
    verb = verbs.VERBS.get(command.verb)
    if verb is None:
        raise rejected("UNSUPPORTED", f"this agent does not know {command.verb[:40]!r}")
    if len(command.uid) > 64 or len(command.resource_version) > 64:
        raise rejected("INVALID", "a precondition is too long")
    try:
        params = verbs.read(verb, command.params_json)
    except Invalid as error:
        raise rejected("INVALID", error.say) from error
    return Order(
        id=command.command_id,
        verb=verb,
        params=params,
        dry_run=command.dry_run and verb.is_write,
        uid=command.uid,
        resource_version=command.resource_version,
        time_left_s=min(command.timeout_s - REPORT_S, command.timeout_s + LATER_S - command.age_ms / 1000),
    )


def digest_of(order: Order) -> str:
    return journals.digest_of(order.verb.name, verbs.plain(order.params), uid=order.uid, resource_version=order.resource_version)


def command_state(
    command_id: str, attempt: int, state: str, *, code: str = "", message: str = "", result: dict[str, Any] | None = None
) -> pb.CommandState:
    raw = b"" if result is None else msgspec.json.encode(result)
    if len(raw) > MAX_RESULT_BYTES:
        raw = msgspec.json.encode({"tooLarge": True, "bytes": len(raw)})
    sent = int((result or {}).get("outputBytes", 0))
    return pb.CommandState(
        command_id=command_id,
        attempt=attempt,
        state=state,
        code=code,
        message=message,
        result_json=raw,
        output_bytes=sent,
    )

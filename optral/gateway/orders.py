"""Between the tunnel's command messages and plain values."""

import msgspec

from optral.commands.model import Report, State
from optral.flows.commands import Order, RawReport
from optral.kube.changes import BadFrame
from optral.terms import ids, verbs
from optral.wire.agent.v1 import tunnel_pb2 as pb

_STATES = {
    pb.CommandState.RECEIVED: State.RECEIVED,
    pb.CommandState.REJECTED: State.REJECTED,
    pb.CommandState.RUNNING: State.RUNNING,
    pb.CommandState.SUCCEEDED: State.SUCCEEDED,
    pb.CommandState.FAILED: State.FAILED,
    pb.CommandState.CANCELED: State.CANCELED,
    pb.CommandState.TIMED_OUT: State.TIMED_OUT,
    pb.CommandState.UNKNOWN_OUTCOME: State.UNKNOWN,
}
MAX_CODE = 64
MAX_MESSAGE = 4000
MAX_RUNNING = 256
"""Ids in a Hello; a conforming agent is at 8 and remembers the ends of a few more."""


def pack(order: Order, *, fence: int) -> pb.Command:
    """The message of a command."""
    command = order.command
    return pb.Command(
        command_id=command.id,
        attempt=command.attempt,
        fence=fence,
        verb=command.verb,
        params_json=msgspec.json.encode(command.params),
        expires_in_ms=order.expires_in_ms,
        timeout_s=command.timeout_s,
        dry_run=command.dry_run,
        uid=command.precondition.uid,
        resource_version=command.precondition.resource_version,
        age_ms=order.age_ms,
        requested_by=command.requested_by,
        previous_fence=command.previous_fence,
    )


def unpack(message: pb.CommandState) -> RawReport:
    """The plain report. Raises `BadFrame` when sizes, state or id are not what they should be."""
    if (state := _STATES.get(message.state)) is None:
        raise BadFrame(f"unknown command state {message.state}")
    if not ids.is_id(message.command_id, "cmd"):
        raise BadFrame("a report names no command")
    if len(message.result_json) > verbs.MAX_RESULT_BYTES or len(message.code) > MAX_CODE or len(message.message) > MAX_MESSAGE:
        raise BadFrame("a report is too large")
    report = Report(
        command_id=message.command_id,
        attempt=message.attempt,
        state=state,
        code=message.code.replace("\x00", ""),
        message=message.message,
        output_bytes=min(message.output_bytes, verbs.MAX_LOG_BYTES),
        replayed=message.replayed,
    )
    return RawReport(report, message.result_json)


def running(hello: pb.Hello) -> frozenset[str]:
    """The commands that an agent reports as running."""
    return frozenset(id_ for id_ in hello.running_command_ids[:MAX_RUNNING] if ids.is_id(id_, "cmd"))

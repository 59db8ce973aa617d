"""What a command is, its states, and which report may move it.

Delivery is at least once: a new session sends again what nobody has confirmed. The effect is at most once: the agent keeps a journal and
answers a command it knows from there. What cannot be determined ends `unknown` (a write) and is never called anything better later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from optral.terms.errors import Invalid
from optral.terms.refs import ObjectRef
from optral.terms.verbs import VERBS

IN_FLIGHT = 8
"""Commands of one cluster at the agent at once: four running there, four queued behind them. As many log reads beside all others, so that
those who follow logs hold up nobody."""
MAX_EXPIRES_S = 600
MAX_TIMEOUT_S = 300
GRACE_S = 30.0
"""After expiry and timeout together: an agent that reconnects has this long to say how it ended."""


class State(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    RECEIVED = "received"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELED = "canceled"
    TIMED_OUT = "timedOut"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


_ORDER = {State.QUEUED: 0, State.SENT: 1, State.RECEIVED: 2, State.RUNNING: 3}
OPEN = frozenset(_ORDER)
FINAL = frozenset(State) - OPEN
NOTHING_DONE = frozenset({State.FAILED, State.REJECTED, State.CANCELED, State.TIMED_OUT})
"""Ends that say that the cluster was not changed."""


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must still be so of the target; empty: not looked at."""

    uid: str = ""
    resource_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommand:
    """What is asked of an agent. The same `id` again is the same command; None draws one.

    `target` None is what the parameters name. `origin` says what for: `execution:exe_…`, `logs`, `analysis:iss_…`; `requested_by` is a
    usr_, key_ id or `system`, empty: the actor. Not sent after `expires_in_s`; the agent stops after `timeout_s`.
    """

    cluster_id: str
    verb: str
    params: Mapping[str, Any]
    id: str | None = None
    target: ObjectRef | None = None
    precondition: Precondition = field(default_factory=Precondition)
    dry_run: bool = False
    expires_in_s: float = 60.0
    timeout_s: int = 30
    requested_by: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command as it stands. `result` is JSON: what a read found, or `before`, `after`, `diff` of a write. Times are the server's."""

    id: str
    org_id: str
    cluster_id: str
    verb: str
    params: Mapping[str, Any]
    target: ObjectRef
    precondition: Precondition
    dry_run: bool
    state: State
    code: str | None
    message: str | None
    result: Mapping[str, Any] | None
    fence: int
    attempt: int
    requested_by: str
    origin: str
    created_at: datetime
    expires_at: datetime
    timeout_s: int
    deadline_at: datetime
    sent_at: datetime | None = None
    received_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_reason: str | None = None
    previous_fence: int = 0
    """Of the session that was sent the attempt before this one; only `service.claim` fills it in."""

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_write(self) -> bool:
        """Whether it may change the cluster: a write verb that is no dry run."""
        return VERBS[self.verb].is_write and not self.dry_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an agent says of a command. `result` is what it found, already read as JSON; `output_bytes` came on a stream of its own."""

    command_id: str
    attempt: int
    state: State
    code: str = ""
    message: str = ""
    result: Mapping[str, Any] | None = None
    output_bytes: int = 0
    replayed: bool = False


def check_times(new: NewCommand) -> None:
    """Raises `Invalid` for an expiry beyond 10 minutes or a timeout beyond 5."""
    if not 0 < new.expires_in_s <= MAX_EXPIRES_S or not 0 < new.timeout_s <= MAX_TIMEOUT_S:
        raise Invalid("invalid_times", say=f"a command expires within {MAX_EXPIRES_S} s and times out within {MAX_TIMEOUT_S} s")


def deadline_of(new: NewCommand, now: datetime) -> datetime:
    """When a command that nobody has answered for is given up."""
    return now + timedelta(seconds=new.expires_in_s + new.timeout_s + GRACE_S)


def moves(before: Command, report: Report) -> bool:
    """Whether the report moves the command. Final states stay; progress of an older attempt is no progress.

    An end counts whichever attempt reports it, except "nothing was done" for a write that was sent again since: whoever received the
    later attempt may have made the change.
    """
    if before.is_final:
        return False
    if report.state in FINAL:
        return not (before.is_write and report.state in NOTHING_DONE and report.attempt < before.attempt)
    return report.attempt == before.attempt and _ORDER[report.state] > _ORDER[before.state]


def given_up(command: Command) -> tuple[State, str, str]:
    """How a command ends that has expired: (state, code, message)."""
    if command.state is State.QUEUED and command.attempt == 0:
        return State.EXPIRED, "EXPIRED", "the agent did not fetch it in time; nothing was done"
    if command.is_write:
        return State.UNKNOWN, "UNKNOWN_OUTCOME", "the agent took it and never said how it ended; look at the object before trying again"
    return State.TIMED_OUT, "TIMED_OUT", "the agent did not answer in time"

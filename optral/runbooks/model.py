"""Runbooks and their executions as values.

An execution is planned first (a server-side dry run of every step that writes), then approved if its definition requires it, then applied
step by step, then verified. Its status is what people see; its phase is where the driver stands. What moves it: `decisions.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from optral.runbooks.executions import approvals
from optral.runbooks.executions.approvals import Requirement
from optral.runbooks.language import definition
from optral.runbooks.language.definition import Definition
from optral.terms.reach import Areas
from optral.terms.refs import ObjectRef

PROTECTED_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
MAX_RUNBOOKS = 500  # of an organization's own
MAX_VERSIONS = 100  # of one runbook; an execution keeps its own copy
MAX_CHANGES = 5000  # read at once to compare them with the hourly limits, which go up to 1000
MAX_LOG_ENTRIES = 2000
MAX_LOG_BYTES = 2000  # of one entry
MAX_ATTEMPTS = 5  # a precondition that no longer holds: nothing was applied, so it may be tried again
CLOCK_SKEW = timedelta(minutes=1)  # a time further ahead than this was written before the clock was set back
SORTS = frozenset({"createdAt", "status"})


class ExecutionStatus(StrEnum):
    PENDING_APPROVAL = "pendingApproval"
    QUEUED = "queued"
    RUNNING = "running"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timedOut"
    CANCELED = "canceled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    LOST = "lost"

    @property
    def is_final(self) -> bool:
        return self not in _LIVE


_LIVE = frozenset({ExecutionStatus.PENDING_APPROVAL, ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.VERIFYING})


class Phase(StrEnum):
    """Where the driver stands."""

    PLANNING = "planning"
    APPROVAL = "approval"
    APPLYING = "applying"
    PROPOSED = "proposed"
    """A pull request carries the change; the execution waits for its merge and its sync."""
    VERIFYING = "verifying"
    DONE = "done"


class StepState(StrEnum):
    PENDING = "pending"
    CHECKING = "checking"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self not in (StepState.PENDING, StepState.CHECKING, StepState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """A runbook at one of its versions. `is_builtin`: code, the same for every organization, read-only."""

    id: str
    version: int
    definition: Definition
    is_builtin: bool = False
    is_enabled: bool = True
    created_by: str = "system"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 1
    """Moves with every change of the row, also of `is_enabled`; the ETag."""
    drafted_by: str | None = None
    """The language model that wrote the first version, as provider/model."""

    @property
    def slug(self) -> str:
        return self.definition.slug

    @property
    def name(self) -> str:
        return self.definition.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a runbook, as it was saved. `source`: the text it was written as; None for one that was sent as an object."""

    version: int
    definition: Definition
    source: str | None
    created_by: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookFilter:
    """Empty sets and None do not filter. `issue_types`: fits one of them; `q`: part of slug, name or description.

    `among`: ids and names of clusters; leaves out what is for other clusters alone.
    """

    issue_types: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    q: str | None = None
    is_builtin: bool | None = None
    among: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an execution. `values` hold no references any more; `lock` is set while it keeps its object to itself."""

    id: str
    execution_id: str
    position: int
    name: str
    verb: str
    values: Mapping[str, Any]
    is_write: bool
    is_optional: bool
    kind: str
    namespace: str | None
    object_name: str
    uid: str
    state: StepState = StepState.PENDING
    attempt: int = 0
    command_id: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    code: str | None = None
    message: str | None = None
    result: Mapping[str, Any] | None = None
    pre_image: Mapping[str, Any] | None = None
    lock: str | None = None

    @property
    def object(self) -> ObjectRef:
        """What it looks at or changes; `kind` is the short one."""
        return ObjectRef(self.kind, self.namespace, self.object_name, self.uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One run of a runbook. `requested_by` and `approved_by` are people (a key acts for its maker); `requested_via` is what asked."""

    id: str
    org_id: str
    runbook_id: str
    runbook_slug: str
    runbook_name: str
    runbook_version: int
    definition: Mapping[str, Any]
    cluster_id: str
    issue_id: str | None
    status: ExecutionStatus
    phase: Phase
    parameters: Mapping[str, Any]
    dry_run: bool
    allow_drift: bool
    by_pull_request: bool = False
    """The change is proposed to the repository that Argo CD or Flux applies, and not made in the cluster."""
    needs_another_person: bool = False
    """Only planned by whoever requested it, such as an assistant: another person approves it, whatever its risk."""
    reason: str
    target: Mapping[str, Any]
    plan: Mapping[str, Any] | None = None
    plan_hash: str | None = None
    requested_by: str
    requested_via: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    expires_at: datetime | None = None
    created_at: datetime
    started_at: datetime | None = None
    applied_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime
    due_at: datetime | None = None
    cancel_requested_by: str | None = None
    verification: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None
    retry_of: str | None = None
    undo_of: str | None = None
    cause: str | None = None
    """What the analysis of the issue said when it was started; an id of docs/causes.md."""
    lock: str | None = None
    trigger_id: str | None = None
    """The trigger that started it, for the person in `requested_by`."""
    break_glass: str | None = None
    """The reason for a change during a freeze, as a person typed it."""
    namespace: str | None = None
    """Of all of its objects; None if they are in several or in none. Whoever sees only namespaces sees the executions in them."""
    log_count: int = 0
    version: int = 1

    @property
    def read_definition(self) -> Definition:
        """The definition it was started with."""
        return definition.of_json(self.definition)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionFilter:
    """Empty sets and None do not filter. `since` is included, `until` not, both on `created_at`."""

    clusters: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    runbook_ids: frozenset[str] = frozenset()
    issue_id: str | None = None
    dry_run: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    areas: Areas = None
    """What the actor may see, if that is not all; the package sets it."""


class LogLine(NamedTuple):
    """A line to be added to an execution's log."""

    level: str
    step: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of an execution's log. `offset` counts from 0 without gaps."""

    offset: int
    at: datetime
    step: str | None
    level: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A requested approval and its decision, bound to one plan."""

    id: str
    execution_id: str
    plan_hash: str
    requested_at: datetime
    expires_at: datetime
    decision: str | None = None
    decided_by: str | None = None
    decided_via: str | None = None
    decided_at: datetime | None = None
    message: str | None = None
    needed: int = 1
    groups: Sequence[Mapping[str, Any]] | None = None
    """None: no rule of the organization was in force when it was requested."""

    @property
    def requirement(self) -> Requirement:
        return Requirement(approvals=self.needed, groups=approvals.of_json(self.groups or ()), is_set=self.groups is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The organization's stop for all executions."""

    is_paused: bool = False
    by: str | None = None
    at: datetime | None = None
    reason: str = ""


def due_cooldown(finished_at: datetime | None, cooldown_s: int, now: datetime) -> float:
    """Seconds until the same runbook may change the same object again; 0 when it may.

    A `finished_at` in the future was written by a clock that ran ahead; nobody waits until that time.
    """
    if finished_at is None or cooldown_s == 0 or finished_at > now + CLOCK_SKEW:
        return 0.0
    return max(0.0, (finished_at + timedelta(seconds=cooldown_s) - now).total_seconds())


def clipped(message: str) -> str:
    """A log message of bounded size, without what PostgreSQL refuses."""
    return message.replace("\x00", "")[:MAX_LOG_BYTES]

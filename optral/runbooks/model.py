"""Runbooks and their executions as values, and the rules that need no database: parameters, plans, bounds, verdicts.

An execution is planned first (a server-side dry run of every step that writes), then approved where it must be, then applied step by
step, then verified. Its status is what people see; its phase is where the driver stands.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from optral.kube.quantities import BadQuantity, to_milli
from optral.runbooks import actions, definition
from optral.runbooks.definition import REFERENCE, Action, Definition
from optral.terms.errors import Invalid
from optral.terms.refs import ObjectRef

PROTECTED_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
MAX_RUNBOOKS = 500  # of an organisation's own
MAX_LOG_ENTRIES = 2000
MAX_LOG_BYTES = 2000  # of one entry
MAX_ATTEMPTS = 5  # a precondition that no longer holds: nothing was applied, so it may be tried again
CLOCK_SKEW = timedelta(minutes=1)  # a time further ahead than this was written before the clock was set back
SORTS = frozenset({"createdAt", "status"})


class Status(StrEnum):
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


_LIVE = frozenset({Status.PENDING_APPROVAL, Status.QUEUED, Status.RUNNING, Status.VERIFYING})


class Phase(StrEnum):
    """Where the driver stands."""

    PLANNING = "planning"
    APPROVAL = "approval"
    APPLYING = "applying"
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
    """A runbook at one of its versions. `is_builtin`: code, the same for every organisation, read-only."""

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

    @property
    def slug(self) -> str:
        return self.definition.slug

    @property
    def name(self) -> str:
        return self.definition.name


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
    status: Status
    phase: Phase
    parameters: Mapping[str, Any]
    dry_run: bool
    allow_drift: bool
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
    lock: str | None = None
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
    """What was asked and what was decided; bound to the plan it was asked for."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The organisation's stop for all executions."""

    is_paused: bool = False
    by: str | None = None
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A step with its values filled in, and the object it is about."""

    action: Action
    values: Mapping[str, Any] = field(default_factory=dict)
    object: ObjectRef


# --- parameters


def checked_parameters(made: Definition, given: Mapping[str, Any], target: Mapping[str, str | None]) -> dict[str, Any]:
    """The values an execution runs with: those given, else defaults, else what the target says. Raises `Invalid` naming every mistake."""
    known = {one.name: one for one in made.parameters}
    errors = [
        _error(name, "unknown_parameter", f"{made.slug} takes no such parameter; it takes {', '.join(known) or 'none'}")
        for name in given
        if name not in known
    ]
    values: dict[str, Any] = {}
    for name, one in known.items():
        value = given.get(name)
        if value is None:
            value = _default(one.default, target)
        if value is None:
            if one.required:
                errors.append(_error(name, "missing_parameter", f"{name} is needed: {one.description or one.type}"))
        elif (why := definition.misfit(one, value)) is not None:
            errors.append(_error(name, "bad_parameter", f"{name} {why}"))
        else:
            values[name] = value
    if errors:
        raise Invalid("invalid_parameters", say="; ".join(one["message"] for one in errors[:5]), errors=errors)
    return values


def _default(default: Any, target: Mapping[str, str | None]) -> Any:
    found = REFERENCE.fullmatch(default) if isinstance(default, str) else None
    return default if found is None else target.get(found[2])


def _error(name: str, code: str, message: str) -> dict[str, str]:
    return {"field": f"parameters.{name[:100]}", "code": code, "message": message[:500]}


def bind(made: Definition, values: Mapping[str, Any], target: Mapping[str, str | None]) -> list[Binding]:
    """The steps with their references filled in. A reference to what was not given leaves its value out where the verb can do without."""
    bound = []
    for step in made.steps:
        filled = {name: _filled(value, values, target) for name, value in step.values.items()}
        present = {name: value for name, value in filled.items() if value is not None}
        lacking = [name for name, is_needed in actions.fields_of(step.verb).items() if is_needed and name not in present]
        if lacking:
            say = f"step {step.name!r} has no value for {', '.join(lacking)}; give the parameter it comes from"
            raise Invalid("invalid_parameters", say=say, errors=[_error(name, "missing_parameter", say) for name in lacking])
        bound.append(Binding(action=step, values=present, object=ObjectRef(*actions.checked(step.verb, present))))
    return bound


def _filled(value: Any, values: Mapping[str, Any], target: Mapping[str, str | None]) -> Any:
    if isinstance(value, Mapping):
        inner = {name: _filled(one, values, target) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one is not None} or None
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    if found[1] == "target":
        return target.get(found[2])
    given = values.get(found[2])
    if found[3] and isinstance(given, str):
        return (definition.split_resource(given) or {}).get(found[3])
    return given


def lock_of(cluster_id: str, ref: ObjectRef) -> str:
    """The name under which one object of one cluster has one writer."""
    return f"{cluster_id}/{ref.short_kind}/{ref.namespace or ''}/{ref.name}"


# --- plans


class Planned(NamedTuple):
    """What the dry run of a step gave."""

    step: Step
    result: Mapping[str, Any]


def out_of_bounds(action: Action, diff: Sequence[Mapping[str, Any]]) -> str | None:
    """Why what a step would do goes too far; None when it does not. A bound on a path whose old value is unknown cannot be kept."""
    for bound in action.bounds:
        for change in diff:
            if not _is_about(str(change.get("path", "")), bound.path):
                continue
            before, after = _amount(change.get("from")), _amount(change.get("to"))
            if after is None:
                return f"{bound.path}: {change.get('to')!r} is no quantity"
            if before is None:
                if bound.only_raise:
                    return f"{bound.path} has no value now, so there is nothing to raise"
                continue
            if bound.only_raise and after <= before:
                return f"{bound.path} is {change.get('from')} now; it may only be raised"
            if bound.max_factor is not None and after > before * bound.max_factor:
                return f"{bound.path} is {change.get('from')} now; at most {bound.max_factor:g} times that is allowed"
    return None


def _is_about(path: str, bound: str) -> bool:
    """Whether a path of the diff (`spec.template.spec.containers[api].resources.limits.memory`) ends in the bound's (`limits.memory`)."""
    return path == bound or path.endswith("." + bound)


def _amount(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        return to_milli(value)
    except BadQuantity:
        return None


def plan_of(execution: Execution, planned: Sequence[Planned], managers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What would happen: the steps, the server's diff of each, who else manages what is touched, and the hash of it all."""
    results = {one.step.id: one.result for one in planned}
    steps = [
        {
            "name": one.step.name,
            "verb": one.step.verb,
            "object": _object(one.step),
            "values": dict(one.step.values),
            "isWrite": one.step.is_write,
        }
        for one in planned
    ]
    diff = [{"step": one.step.name, **_change(change)} for one in planned for change in (results[one.step.id].get("diff") or [])]
    made: dict[str, Any] = {"steps": steps, "diff": diff, "managers": [dict(one) for one in managers]}
    return made | {"hash": plan_hash(execution, made)}


def _object(step: Step) -> dict[str, Any]:
    return {"kind": step.kind, "namespace": step.namespace, "name": step.object_name, "uid": step.uid}


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    return {"path": str(change.get("path", "")), "from": change.get("from"), "to": change.get("to")}


def plan_hash(execution: Execution, plan: Mapping[str, Any]) -> str:
    """What an approval is bound to: runbook and version, cluster, steps with values and uids, and the diff."""
    said = [
        execution.runbook_id,
        execution.runbook_version,
        execution.cluster_id,
        plan["steps"],
        [_started_from(one) for one in plan["diff"]],
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _started_from(change: Mapping[str, Any]) -> list[Any]:
    """A change without what differs each time it is planned: the moment a restart writes into its annotation."""
    is_moment = str(change["path"]).endswith("restartedAt") or "restartedAt" in str(change["path"])
    return [change["step"], change["path"], change["from"], None if is_moment else change["to"]]


def drift(plan: Mapping[str, Any], step: Step, diff: Sequence[Mapping[str, Any]]) -> str | None:
    """What changed in the cluster between the plan and now, as far as this step cares; None when nothing did.

    What earlier steps of the same execution wrote is no drift.
    """
    own = {one["name"] for one in plan["steps"][: step.position] if one["isWrite"] and one["object"] == _object(step)}
    written = {change["path"] for change in plan["diff"] if change["step"] in own}
    planned = {change["path"]: _started_from(change) for change in plan["diff"] if change["step"] == step.name}
    now = {str(change.get("path", "")): _started_from({"step": step.name, **_change(change)}) for change in diff}
    for path in sorted(planned.keys() | now.keys()):
        if path not in written and planned.get(path) != now.get(path):
            was, is_now = planned.get(path), now.get(path)
            return f"{path} would have gone from {_from(was)} when it was planned, and would go from {_from(is_now)} now"
    return None


def _from(change: Sequence[Any] | None) -> str:
    return "no change" if change is None else repr(change[2])


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

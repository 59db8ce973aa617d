"""Every state of an execution × everything that can be observed or requested: each pair has a decision, written down here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from optral.commands.model import FINAL
from optral.runbooks.executions import decisions, requests, verification, waiting
from optral.runbooks.executions.approvals import ApprovalDecision, Group, Panel, Requirement, Verdict
from optral.runbooks.executions.effects import (
    Announce,
    CommandReport,
    Decision,
    EnqueueApply,
    Observation,
    Outcome,
    Progress,
    ProposalSeen,
    Write,
    apply_id,
    check_id,
    plan_id,
)
from optral.runbooks.executions.requests import Person
from optral.runbooks.executions.verification import Check
from optral.runbooks.language import definition, definition_reader, document
from optral.runbooks.language.conditions import Facts
from optral.runbooks.model import MAX_ATTEMPTS, Execution, ExecutionStatus, Phase, Step, StepState
from optral.terms.errors import Forbidden, OptralError

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(hours=1)

WRITES = """
slug: restart
name: Restart
risk: low
steps:
  - name: Restart
    action: restart
    with: {kind: Deployment, namespace: shop, name: web}
"""
READS = """
slug: read
name: Read
risk: readOnly
steps:
  - name: Read
    action: get
    with: {kind: Deployment, namespace: shop, name: web}
"""


MANY = """
slug: many
name: Many steps
risk: low
steps:
  - name: Scale
    action: scale
    with: {kind: Deployment, namespace: shop, name: web, replicas: 2}
  - name: Restart
    action: restart
    with: {kind: Deployment, namespace: shop, name: web}
"""


def _with(text: str) -> str:
    """Two steps that write, the second one with these keys."""
    return f"{MANY}{text}"


def _control(action: str, values: str = "{}") -> str:
    return f"{MANY}  - {{name: Control, action: {action}, with: {values}}}\n"


UNTIL = "{until: {field: object.status.availableReplicas, is: atLeast, value: 2}}"


def _execution(status: ExecutionStatus, phase: Phase, *, reads: bool = False, text: str = "", **more: Any) -> Execution:
    kept = definition.as_json(definition_reader.read(document.read(text or (READS if reads else WRITES))))
    fields: dict[str, Any] = {
        "id": "exe_1",
        "org_id": "org_1",
        "runbook_id": "rbk_1",
        "runbook_slug": "restart",
        "runbook_name": "Restart",
        "runbook_version": 1,
        "definition": kept,
        "cluster_id": "cls_1",
        "issue_id": None,
        "status": status,
        "phase": phase,
        "parameters": {},
        "dry_run": False,
        "allow_drift": False,
        "reason": "",
        "target": {"kind": "Deployment", "namespace": "shop", "name": "web"},
        "requested_by": "usr_1",
        "requested_via": "usr_1",
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "due_at": NOON,
    }
    return Execution(**fields | more)


def _step(state: StepState = StepState.PENDING, *, reads: bool = False, **more: Any) -> Step:
    fields: dict[str, Any] = {
        "id": "stp_1",
        "execution_id": "exe_1",
        "position": 0,
        "name": "Read" if reads else "Restart",
        "verb": "get" if reads else "restart",
        "values": {"kind": "Deployment", "namespace": "shop", "name": "web"},
        "is_write": not reads,
        "is_optional": False,
        "kind": "Deployment",
        "namespace": "shop",
        "object_name": "web",
        "uid": "uid-web",
        "state": state,
    }
    return Step(**fields | more)


def _many(
    state: StepState, text: str, *, status: ExecutionStatus = ExecutionStatus.RUNNING, phase: Phase = Phase.APPLYING, **more: Any
) -> Progress:
    """An execution whose first step has changed something, and whose second one is in this state."""
    known = {name: more.pop(name) for name in ("expires_at", "due_at") if name in more}
    first = _step(StepState.SUCCEEDED, id="stp_0", name="Scale", verb="scale", attempt=1, command_id="cmd_0", result=SCALED, pre_image=ONE)
    return Progress(
        _execution(status, phase, text=text, applied_at=LONG_AGO, **_STARTED, **known), [first, _step(state, position=1, **more)]
    )


def _third(state: StepState, text: str, *, verb: str, values: Mapping[str, Any] | None = None, **more: Any) -> Progress:
    """As `_many`, with a control as the third step."""
    before = _many(StepState.SUCCEEDED, text, **{name: more.pop(name) for name in ("status", "phase", "expires_at") if name in more})
    third = _step(state, id="stp_2", name="Control", position=2, verb=verb, values=values or {}, is_write=False, **more)
    return Progress(before.execution, [*before.steps, third])


ONE = {"spec.replicas": 1}
SCALED = {"after": {"spec.replicas": 2}, "diff": [{"path": "spec.replicas", "from": 1, "to": 2}]}
WAIT_UNTIL = {"until": {"field": "object.status.availableReplicas", "is": "atLeast", "value": 2}}
WHEN = {"when": WAIT_UNTIL["until"]}
PLAN = {"steps": [], "diff": [], "managers": [], "hash": "sha256:plan"}
_PLANNED = {"plan": PLAN, "plan_hash": "sha256:plan"}
_STARTED = {**_PLANNED, "started_at": LONG_AGO}
_CHECKING = _step(StepState.CHECKING, attempt=1, command_id="cmd_1")
_RUNNING = _step(StepState.RUNNING, attempt=1, command_id="cmd_1")
_READING = _step(StepState.RUNNING, reads=True, attempt=1, command_id="cmd_1")
_DONE = _step(StepState.SUCCEEDED, attempt=1, command_id="cmd_1")

STATES: Mapping[str, Progress] = {
    "plan, approval needed": Progress(_execution(ExecutionStatus.PENDING_APPROVAL, Phase.PLANNING), [_step()]),
    "plan": Progress(_execution(ExecutionStatus.QUEUED, Phase.PLANNING), [_step()]),
    "plan, dry run": Progress(_execution(ExecutionStatus.QUEUED, Phase.PLANNING, dry_run=True), [_step()]),
    "plan, pull request": Progress(_execution(ExecutionStatus.QUEUED, Phase.PLANNING, by_pull_request=True), [_step()]),
    "proposed": Progress(_execution(ExecutionStatus.RUNNING, Phase.PROPOSED, by_pull_request=True, **_STARTED), [_step()]),
    "approval": Progress(
        _execution(ExecutionStatus.PENDING_APPROVAL, Phase.APPROVAL, expires_at=NOON + timedelta(minutes=5), **_PLANNED), [_step()]
    ),
    "approval expired": Progress(_execution(ExecutionStatus.PENDING_APPROVAL, Phase.APPROVAL, expires_at=NOON, **_PLANNED), [_step()]),
    "queued": Progress(_execution(ExecutionStatus.QUEUED, Phase.APPLYING, **_PLANNED), [_step()]),
    "queued, reads": Progress(_execution(ExecutionStatus.QUEUED, Phase.APPLYING, reads=True, **_PLANNED), [_step(reads=True)]),
    "step pending": Progress(_execution(ExecutionStatus.RUNNING, Phase.APPLYING, **_STARTED), [_step()]),
    "step pending, cancel requested": Progress(
        _execution(ExecutionStatus.RUNNING, Phase.APPLYING, cancel_requested_by="usr_1", **_STARTED), [_step()]
    ),
    "checking": Progress(_execution(ExecutionStatus.RUNNING, Phase.APPLYING, **_STARTED), [_CHECKING]),
    "checking, last attempt": Progress(
        _execution(ExecutionStatus.RUNNING, Phase.APPLYING, **_STARTED), [replace(_CHECKING, attempt=MAX_ATTEMPTS)]
    ),
    "checking, cancel requested": Progress(
        _execution(ExecutionStatus.RUNNING, Phase.APPLYING, cancel_requested_by="usr_1", **_STARTED), [_CHECKING]
    ),
    "writing": Progress(_execution(ExecutionStatus.RUNNING, Phase.APPLYING, **_STARTED), [_RUNNING]),
    "writing, optional": Progress(_execution(ExecutionStatus.RUNNING, Phase.APPLYING, **_STARTED), [replace(_RUNNING, is_optional=True)]),
    "writing, cancel requested": Progress(
        _execution(ExecutionStatus.RUNNING, Phase.APPLYING, cancel_requested_by="usr_1", **_STARTED), [_RUNNING]
    ),
    "reading": Progress(_execution(ExecutionStatus.RUNNING, Phase.APPLYING, reads=True, **_STARTED), [_READING]),
    "all done": Progress(_execution(ExecutionStatus.RUNNING, Phase.APPLYING, applied_at=LONG_AGO, **_STARTED), [_DONE]),
    "all done, nothing changed": Progress(
        _execution(ExecutionStatus.RUNNING, Phase.APPLYING, reads=True, **_STARTED), [_step(StepState.SUCCEEDED, reads=True)]
    ),
    "verifying": Progress(
        _execution(
            ExecutionStatus.VERIFYING,
            Phase.VERIFYING,
            applied_at=LONG_AGO,
            verification={"checks": [], "until": (NOON + timedelta(minutes=1)).isoformat()},
            **_STARTED,
        ),
        [_DONE],
    ),
    "verifying, stable": Progress(
        _execution(
            ExecutionStatus.VERIFYING,
            Phase.VERIFYING,
            applied_at=LONG_AGO,
            verification={"checks": [], "until": (NOON + timedelta(minutes=1)).isoformat(), "since": LONG_AGO.isoformat()},
            **_STARTED,
        ),
        [_DONE],
    ),
    "verifying, time over": Progress(
        _execution(
            ExecutionStatus.VERIFYING,
            Phase.VERIFYING,
            applied_at=LONG_AGO,
            verification={"checks": [], "until": NOON.isoformat()},
            **_STARTED,
        ),
        [_DONE],
    ),
    **{
        status.value: Progress(_execution(status, Phase.DONE, finished_at=LONG_AGO, **_STARTED), [_step(StepState.FAILED)])
        for status in ExecutionStatus
        if status.is_final and status is not ExecutionStatus.LOST
    },
    "lost": Progress(_execution(ExecutionStatus.LOST, Phase.DONE, finished_at=LONG_AGO, **_STARTED), [_step(StepState.UNKNOWN)]),
    "if": _many(StepState.PENDING, _with("    if: {field: object.status.availableReplicas, is: atLeast, value: 2}\n")),
    "if, not known for long": _many(
        StepState.PENDING, _with("    if: {field: object.status.availableReplicas, is: atLeast, value: 2}\n"), started_at=LONG_AGO
    ),
    "checking, retry": _many(StepState.CHECKING, _with("    retry: {times: 1, backoffSeconds: 10}\n"), attempt=1, command_id="cmd_1"),
    "checking, retried": _many(StepState.CHECKING, _with("    retry: {times: 1, backoffSeconds: 10}\n"), attempt=2, command_id="cmd_1"),
    "writing, retry": _many(StepState.RUNNING, _with("    retry: {times: 1, backoffSeconds: 10}\n"), attempt=1, command_id="cmd_1"),
    "pause before a retry": _many(
        StepState.PENDING, _with("    retry: {times: 1, backoffSeconds: 10}\n"), attempt=1, due_at=NOON + timedelta(seconds=5)
    ),
    "writing, rollback": _many(StepState.RUNNING, _with("    onError: rollback\n"), attempt=1, command_id="cmd_1"),
    "wait": _third(StepState.PENDING, _control("wait", "{seconds: 60}"), verb="wait", values={"seconds": 60}),
    "waiting": _third(
        StepState.RUNNING, _control("wait", "{seconds: 60}"), verb="wait", values={"seconds": 60}, started_at=NOON - timedelta(seconds=59)
    ),
    "waited": _third(
        StepState.RUNNING, _control("wait", "{seconds: 60}"), verb="wait", values={"seconds": 60}, started_at=NOON - timedelta(seconds=60)
    ),
    "waiting until": _third(StepState.RUNNING, _control("wait", UNTIL), verb="wait", values=WAIT_UNTIL, started_at=NOON),
    "waiting until, time over": _third(StepState.RUNNING, _control("wait", UNTIL), verb="wait", values=WAIT_UNTIL, started_at=LONG_AGO),
    "condition, stop": _third(StepState.PENDING, _control("condition", UNTIL.replace("until", "when")), verb="condition", values=WHEN),
    "condition, not known for long": _third(
        StepState.PENDING, _control("condition", UNTIL.replace("until", "when")), verb="condition", values=WHEN, started_at=LONG_AGO
    ),
    "condition, skip": _third(
        StepState.PENDING,
        _control("condition", UNTIL.replace("until", "otherwise: skip, when")),
        verb="condition",
        values={**WHEN, "otherwise": "skip"},
    ),
    "notify": _third(StepState.PENDING, _control("notify", "{message: Scaled}"), verb="notify", values={"message": "Scaled"}),
    "approval in the middle": _third(StepState.PENDING, _control("approval"), verb="approval"),
    "approval in the middle, asked": _third(
        StepState.RUNNING,
        _control("approval"),
        verb="approval",
        status=ExecutionStatus.PENDING_APPROVAL,
        phase=Phase.APPROVAL,
        expires_at=NOON + timedelta(minutes=5),
    ),
    "approval in the middle, expired": _third(
        StepState.RUNNING,
        _control("approval"),
        verb="approval",
        status=ExecutionStatus.PENDING_APPROVAL,
        phase=Phase.APPROVAL,
        expires_at=NOON,
    ),
    "approval in the middle, rollback": _third(
        StepState.RUNNING,
        f"{MANY}  - {{name: Control, action: approval, onError: rollback}}\n",
        verb="approval",
        status=ExecutionStatus.PENDING_APPROVAL,
        phase=Phase.APPROVAL,
        expires_at=NOON,
    ),
    "approved in the middle": _third(StepState.SUCCEEDED, _control("approval"), verb="approval", status=ExecutionStatus.QUEUED),
    "lost, not idempotent": Progress(
        _execution(ExecutionStatus.LOST, Phase.DONE, finished_at=LONG_AGO, **_STARTED), [_step(StepState.UNKNOWN, verb="rollback")]
    ),
}
"""Every status and phase that a stored execution can have, with every state of its step that the driver meets."""

_LOOK = Observation(now=NOON)
_FACTS = Facts({"status": {"availableReplicas": 1}}, {}, {})
_SEEN: Mapping[str, Observation] = {
    **{outcome.value: _LOOK for outcome in Outcome},
    "conflict": _LOOK,
    "paused": replace(_LOOK, is_paused=True),
    "cluster busy": replace(_LOOK, applying={"cls_1": 1}),
    "organization busy": replace(_LOOK, applying={f"cls_{number}": 1 for number in range(2, 7)}),
    **{
        f"pull request {state}": replace(_LOOK, proposal=ProposalSeen(state, NOON + timedelta(days=1), "https://git.example.com/1"))
        for state in ("opening", "open", "merged", "synced", "closed", "failed")
    },
    "pull request late": replace(_LOOK, proposal=ProposalSeen("open", NOON)),
    "condition holds": replace(_LOOK, facts=_FACTS._replace(object={"status": {"availableReplicas": 2}})),
    "condition fails": replace(_LOOK, facts=_FACTS),
    "checks pass": replace(_LOOK, checks=[Check("available", verification.PASSED, "1 of 1")]),
    "checks fail": replace(_LOOK, checks=[Check("available", verification.FAILED, "0 of 1")]),
    "checks inconclusive": replace(_LOOK, checks=[Check("available", verification.INCONCLUSIVE, "offline")]),
}
_REPORTS = {
    **{outcome.value: CommandReport(outcome=outcome, code=outcome.value, message="ended", result={"diff": []}) for outcome in Outcome},
    "conflict": CommandReport(outcome=Outcome.FAILED, code="PRECONDITION", message="the object changed"),
}
ALONE, OF_TWO = Panel(is_only_member=True), Panel(Requirement(approvals=2, is_set=True))
OTHER, SELF = Person("usr_2", "usr_2", "it leaks"), Person("usr_1", "key_1", "it leaks")
URGENT = SELF._replace(reason="checkout is down")

_REQUESTS: Mapping[str, Callable[[Progress], Decision | None]] = {
    "approve": lambda one: requests.approve(one, OTHER, confirm="", plan_hash=None, now=NOON),
    "approve another plan": lambda one: requests.approve(one, OTHER, confirm="", plan_hash="sha256:other", now=NOON),
    "approve one's own": lambda one: requests.approve(one, SELF, confirm="web", plan_hash=None, now=NOON),
    "approve alone": lambda one: requests.approve(one, SELF, confirm="web", plan_hash=None, panel=ALONE, now=NOON),
    "approve alone, unconfirmed": lambda one: requests.approve(one, SELF, confirm="", plan_hash=None, panel=ALONE, now=NOON),
    "approve first of two": lambda one: requests.approve(one, OTHER, confirm="", plan_hash=None, panel=OF_TWO, now=NOON),
    "break the glass": lambda one: requests.break_glass(
        one, SELF._replace(reason="checkout is down"), plan_hash=None, panel=OF_TWO, now=NOON
    ),
    "reject": lambda one: requests.reject(one, OTHER, now=NOON),
    "cancel": lambda one: requests.cancel(one, OTHER, now=NOON),
    "retry": requests.require_retryable,  # type: ignore[dict-item]
}
INPUTS = [*_SEEN, *_REQUESTS]


def _decide(state: str, given: str) -> Decision | None:
    progress = STATES[state]
    if given in _REQUESTS:
        return _REQUESTS[given](progress)
    report = _REPORTS.get(given, _REPORTS["succeeded"])
    reports = dict.fromkeys(decisions.awaited_commands(progress), report)
    return decisions.advance(progress, replace(_SEEN[given], reports=reports))


def _show(state: str, given: str) -> str:
    """The decision in one line: status/phase, the step's state, effects; `wait` (only a new due time), `nothing`, or an error's code."""
    try:
        decision = _decide(state, given)
    except OptralError as error:
        return error.code
    if decision is None:
        return "allowed"
    if decision.write is not Write.VERSION:
        return "nothing" if decision.write is Write.NOTHING else "wait"
    after = decision.execution
    step = next((step.state.value for step in decision.steps), "-")
    names = [type(effect).__name__ for effect in decision.effects if not isinstance(effect, Announce)]
    kinds = [kind for effect in decision.effects if isinstance(effect, Announce) for kind in effect.kinds if kind != "execution.updated"]
    ended = [name for name in (*names, *kinds) if name not in ("NoteOnIssue", "runbook.completed")]
    status = after.status.value if after.status.is_final else f"{after.status.value}/{after.phase.value}"
    return " ".join([status, step, *ended])


def _row(default: str, **columns: str) -> dict[str, str]:
    """A row of the table: `default` for all that is observed, except these; `_` stands for a blank in a column's name."""
    named = {name.replace("__", ", ").replace("_", " "): value for name, value in columns.items()}
    named = {{"timed out": "timedOut", "approve ones own": "approve one's own"}.get(name, name): value for name, value in named.items()}
    return dict.fromkeys(_SEEN, default) | named


def _not_pending(**columns: str) -> dict[str, str]:
    refused = dict.fromkeys((name for name in _REQUESTS if name.startswith(("approve", "reject", "break"))), "not_pending")
    return {**refused, **columns}


def _approvals(code: str) -> dict[str, str]:
    return dict.fromkeys((name for name in _REQUESTS if name.startswith(("approve", "break"))), code)


LIVE = _not_pending(retry="not_retryable")
_ENDED = _not_pending(cancel="execution_finished", retry="allowed")
_PLAN_FAILS = {
    "failed": "failed failed", "rejected": "failed failed", "canceled": "failed failed", "timed_out": "timedOut failed",
    "expired": "failed failed", "unknown": "failed failed", "conflict": "failed failed", "pending": "wait",
}  # fmt: skip
_STEP_FAILS = {"failed": "failed failed", "rejected": "failed failed", "expired": "failed failed", "pending": "wait"}
_AGAIN = "running/applying pending"
_APPLY = "running/applying running EnqueueApply"
_DONE_THEN_ON = "running/applying succeeded"
_ASKED = "pendingApproval/approval running RequestApproval approval.requested"
_CANCELED_LATER = "running/applying -"
_CANCELED_NOW = "canceled skipped"

TABLE: Mapping[str, dict[str, str]] = {
    "plan, approval needed": _row("pendingApproval/approval - RequestApproval approval.requested", **_PLAN_FAILS)
    | _approvals("plan_not_ready")
    | {
        "reject": "rejected skipped CloseApproval RecordDecision CancelCommand approval.rejected",
        "cancel": "canceled skipped CancelCommand",
    }
    | {"retry": "not_retryable"},
    "plan": _row("queued/applying -", **_PLAN_FAILS) | LIVE | {"cancel": "canceled skipped CancelCommand"},
    "plan, dry run": _row("succeeded skipped", **_PLAN_FAILS) | LIVE | {"cancel": "canceled skipped CancelCommand"},
    "plan, pull request": _row("running/proposed - OpenProposal", **_PLAN_FAILS) | LIVE | {"cancel": "canceled skipped CancelCommand"},
    "proposed": _row(
        "failed skipped",
        pull_request_opening="wait",
        pull_request_open="wait",
        pull_request_merged="wait",
        pull_request_synced="verifying/verifying succeeded",
        pull_request_closed="rejected skipped",
        pull_request_late="timedOut skipped CloseProposal",
    )
    | LIVE
    | {"cancel": "canceled skipped CloseProposal"},
    "approval": _row("wait")
    | {
        "approve": "queued/applying - RecordDecision CloseApproval approval.approved",
        "approve another plan": "plan_changed",
        "approve one's own": "own_request",
        "approve alone": "queued/applying - RecordDecision CloseApproval approval.approved",
        "approve alone, unconfirmed": "confirmation_needed",
        "approve first of two": "pendingApproval/approval - RecordDecision",
        "break the glass": "queued/applying - RecordDecision CloseApproval execution.breakGlass approval.approved",
        "reject": "rejected skipped CloseApproval RecordDecision approval.rejected",
        "cancel": "canceled skipped CloseApproval",
        "retry": "not_retryable",
    },
    "approval expired": _row("expired skipped CloseApproval approval.expired")
    | _approvals("approval_expired")
    | {"approve another plan": "plan_changed", "reject": "rejected skipped CloseApproval RecordDecision approval.rejected"}
    | {"cancel": "canceled skipped CloseApproval", "retry": "not_retryable"},
    "queued": _row("running/applying -", paused="wait", cluster_busy="wait", organization_busy="wait") | LIVE | {"cancel": _CANCELED_NOW},
    "queued, reads": _row("running/applying -") | LIVE | {"cancel": _CANCELED_NOW},
    "step pending": _row("running/applying checking EnqueueCheck", paused="wait") | LIVE | {"cancel": _CANCELED_LATER},
    "step pending, cancel requested": _row(_CANCELED_NOW) | LIVE | {"cancel": "nothing"},
    "checking": _row(_APPLY, **_STEP_FAILS, canceled="failed failed", timed_out="timedOut failed", unknown="failed failed", conflict=_AGAIN)
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "checking, last attempt": _row(
        _APPLY, **_STEP_FAILS, canceled="failed failed", timed_out="timedOut failed", unknown="failed failed", conflict="failed failed"
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "checking, cancel requested": _row(_CANCELED_NOW, pending="wait") | LIVE | {"cancel": "nothing"},
    "writing": _row(
        "running/applying succeeded",
        **_STEP_FAILS,
        canceled="canceled canceled",
        timed_out="lost unknown",
        unknown="lost unknown",
        conflict=_AGAIN,
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "writing, optional": _row(
        "running/applying succeeded",
        pending="wait",
        failed="running/applying failed",
        rejected="running/applying failed",
        expired="running/applying failed",
        canceled="canceled canceled",
        timed_out="lost unknown",
        unknown="lost unknown",
        conflict=_AGAIN,
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "writing, cancel requested": _row(
        "running/applying succeeded",
        **_STEP_FAILS,
        canceled="canceled canceled",
        timed_out="lost unknown",
        unknown="lost unknown",
        conflict=_AGAIN,
    )
    | LIVE
    | {"cancel": "nothing"},
    "reading": _row(
        "running/applying succeeded",
        **_STEP_FAILS,
        canceled="canceled canceled",
        timed_out="timedOut failed",
        unknown="lost unknown",
        conflict="failed failed",
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "all done": _row("verifying/verifying -") | LIVE | {"cancel": _CANCELED_LATER},
    "all done, nothing changed": _row("succeeded -") | LIVE | {"cancel": _CANCELED_LATER},
    "verifying": _row("wait", checks_fail="verifying/verifying -", checks_inconclusive="verifying/verifying -")
    | {"checks pass": "verifying/verifying -"}
    | LIVE
    | {"cancel": "canceled -"},
    "verifying, stable": _row("succeeded -", checks_fail="verifying/verifying -", checks_inconclusive="verifying/verifying -")
    | LIVE
    | {"cancel": "canceled -"},
    "verifying, time over": _row("succeeded -", checks_fail="failed -") | LIVE | {"cancel": "canceled -"},
    "if": _row(_AGAIN, condition_holds="running/applying checking EnqueueCheck", condition_fails="running/applying skipped")
    | LIVE
    | {"cancel": _CANCELED_LATER},
    "if, not known for long": _row(
        "failed failed", condition_holds="running/applying checking EnqueueCheck", condition_fails="running/applying skipped"
    )
    | LIVE
    | {"cancel": _CANCELED_LATER},
    "checking, retry": _row(
        _APPLY,
        pending="wait",
        canceled="failed failed",
        **dict.fromkeys(("failed", "rejected", "timed_out", "expired", "unknown", "conflict"), _AGAIN),
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "checking, retried": _row(
        _APPLY, **_STEP_FAILS, canceled="failed failed", timed_out="timedOut failed", unknown="failed failed", conflict=_AGAIN
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "writing, retry": _row(
        _DONE_THEN_ON,
        pending="wait",
        canceled="canceled canceled",
        timed_out="lost unknown",
        unknown="lost unknown",
        **dict.fromkeys(("failed", "rejected", "expired", "conflict"), _AGAIN),
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "pause before a retry": _row("wait") | LIVE | {"cancel": _CANCELED_LATER},
    "writing, rollback": _row(
        _DONE_THEN_ON,
        pending="wait",
        canceled="canceled canceled",
        timed_out="lost unknown",
        unknown="lost unknown",
        conflict=_AGAIN,
        **dict.fromkeys(("failed", "rejected", "expired"), "failed failed StartUndo"),
    )
    | LIVE
    | {"cancel": f"{_CANCELED_LATER} CancelCommand"},
    "wait": _row("running/applying running") | LIVE | {"cancel": _CANCELED_LATER},
    "waiting": _row("wait") | LIVE | {"cancel": _CANCELED_LATER},
    "waited": _row(_DONE_THEN_ON) | LIVE | {"cancel": _CANCELED_LATER},
    "waiting until": _row("wait", condition_holds=_DONE_THEN_ON) | LIVE | {"cancel": _CANCELED_LATER},
    "waiting until, time over": _row("failed failed", condition_holds=_DONE_THEN_ON) | LIVE | {"cancel": _CANCELED_LATER},
    "condition, stop": _row(_AGAIN, condition_holds=_DONE_THEN_ON, condition_fails="failed failed") | LIVE | {"cancel": _CANCELED_LATER},
    "condition, not known for long": _row("failed failed", condition_holds=_DONE_THEN_ON) | LIVE | {"cancel": _CANCELED_LATER},
    "condition, skip": _row(_AGAIN, condition_holds=_DONE_THEN_ON, condition_fails=_DONE_THEN_ON) | LIVE | {"cancel": _CANCELED_LATER},
    "notify": _row(f"{_DONE_THEN_ON} Send") | LIVE | {"cancel": _CANCELED_LATER},
    "approval in the middle": _row(_ASKED) | LIVE | {"cancel": _CANCELED_LATER},
    "approval in the middle, asked": _row("wait")
    | _approvals("queued/applying succeeded RecordDecision CloseApproval approval.approved")
    | {"approve first of two": "pendingApproval/approval - RecordDecision"}
    | {"break the glass": "queued/applying succeeded RecordDecision CloseApproval execution.breakGlass approval.approved"}
    | {"approve another plan": "plan_changed", "reject": "rejected failed CloseApproval RecordDecision approval.rejected"}
    | {"cancel": "canceled skipped CloseApproval", "retry": "not_retryable"},
    "approval in the middle, expired": _row("expired failed CloseApproval approval.expired")
    | _approvals("approval_expired")
    | {"approve another plan": "plan_changed", "reject": "rejected failed CloseApproval RecordDecision approval.rejected"}
    | {"cancel": "canceled skipped CloseApproval", "retry": "not_retryable"},
    "approval in the middle, rollback": _row("expired failed CloseApproval StartUndo approval.expired")
    | _approvals("approval_expired")
    | {"approve another plan": "plan_changed", "reject": "rejected failed CloseApproval RecordDecision StartUndo approval.rejected"}
    | {"cancel": "canceled skipped CloseApproval", "retry": "not_retryable"},
    "approved in the middle": _row("running/applying -", paused="wait", cluster_busy="wait", organization_busy="wait")
    | LIVE
    | {"cancel": "queued/applying -"},
    **{status.value: _row("nothing") | _ENDED for status in ExecutionStatus if status.is_final},
    "succeeded": _row("nothing") | _ENDED | {"retry": "not_retryable"},
    "lost, not idempotent": _row("nothing") | _ENDED | {"retry": "not_retryable"},
}


def test_every_status_phase_and_live_step_is_in_the_table() -> None:
    assert set(TABLE) == set(STATES)
    assert {one.execution.status for one in STATES.values()} == set(ExecutionStatus)
    assert {one.execution.phase for one in STATES.values()} == set(Phase)
    steps = {step.state for one in STATES.values() for step in one.steps}
    assert {state for state in StepState if not state.is_final} <= steps


def test_every_end_of_a_command_is_an_outcome() -> None:
    assert {state.value for state in FINAL} == {outcome.value for outcome in Outcome} - {"pending"}


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_a_decision_for_everything(state: str) -> None:
    row = TABLE[state]
    assert set(row) == set(INPUTS), "a pair without a decision"
    assert {given: _show(state, given) for given in INPUTS} == row


def _decisions() -> list[tuple[str, str, Decision]]:
    found = []
    for state in STATES:
        for given in INPUTS:
            try:
                decision = _decide(state, given)
            except OptralError:
                continue
            if decision is not None:
                found.append((state, given, decision))
    return found


def test_what_has_ended_never_moves_again_and_no_change_is_forgotten() -> None:
    for state, given, decision in _decisions():
        before = STATES[state].execution
        if before.status.is_final:
            assert (decision.write, decision.effects) == (Write.NOTHING, ()), (state, given)
        if before.applied_at is not None:
            assert decision.execution.applied_at is not None, (state, given)


def test_an_execution_that_ends_leaves_no_step_open_and_says_so_once() -> None:
    for state, given, decision in _decisions():
        if not decision.execution.status.is_final or decision.write is not Write.VERSION:
            continue
        changed = {step.id: step for step in decision.steps}
        assert all(changed.get(step.id, step).state.is_final for step in STATES[state].steps), (state, given)
        kinds = [kind for effect in decision.effects if isinstance(effect, Announce) for kind in effect.kinds]
        assert kinds.count("runbook.completed") == (0 if decision.execution.dry_run else 1), (state, given)
        assert not decision.again, (state, given)


def test_a_change_is_sent_only_after_its_check_succeeded() -> None:
    sent = [
        (state, given)
        for state, given, decision in _decisions()
        if any(isinstance(effect, EnqueueApply) and effect.step.is_write for effect in decision.effects)
    ]
    assert {state for state, _ in sent} == {state for state in STATES if state.startswith("checking") and "cancel" not in state}
    assert {_REPORTS.get(given, _REPORTS["succeeded"]).outcome for _, given in sent} == {Outcome.SUCCEEDED}


def test_what_waits_for_commands_names_them_and_a_repeat_names_the_same() -> None:
    for state, given, decision in _decisions():
        again = _decide(state, given)
        assert again == decision, (state, given)
    step = _step()
    execution = STATES["plan"].execution
    assert len({plan_id(execution, step), check_id(execution, step), apply_id(execution, step)}) == 3
    assert check_id(execution, step) != check_id(execution, replace(step, attempt=step.attempt + 1))


def test_a_check_that_finds_another_change_than_planned_stops_it() -> None:
    progress = STATES["checking"]
    moved = CommandReport(outcome=Outcome.SUCCEEDED, result={"diff": [{"path": "spec.replicas", "from": 1, "to": 2}]})
    decision = decisions.advance(progress, replace(_LOOK, reports={"cmd_1": moved}))
    assert decision.execution.failure is not None
    assert (decision.execution.status, decision.execution.failure["code"]) == (ExecutionStatus.FAILED, "plan_drifted")
    assert not any(isinstance(effect, EnqueueApply) for effect in decision.effects)


def test_the_requester_approves_in_the_middle_only_where_the_risk_asks_for_nobody_else() -> None:
    asked = STATES["approval in the middle, asked"]
    assert _show("approval in the middle, asked", "approve one's own").startswith("queued/applying")
    risky = replace(asked.execution, definition={**asked.execution.definition, "risk": "high"})
    with pytest.raises(Forbidden):
        requests.approve(asked._replace(execution=risky), SELF, confirm="web", plan_hash=None, now=NOON)


def _given(by: str, member: str | None = None) -> ApprovalDecision:
    return ApprovalDecision(id=by, approval_id="aud_1", verdict=Verdict.APPROVED, member_id=member or by, by=by, via=by, at=NOON)


@pytest.mark.parametrize(
    ("by", "given", "panel", "code"),
    [
        pytest.param(Person("usr_2", "usr_2"), ["usr_2"], Panel(), "already_approved", id="twice"),
        pytest.param(Person("usr_3", "usr_3", "", "usr_2"), ["usr_2"], Panel(), "already_approved", id="on behalf of who approved"),
        pytest.param(Person("usr_2", "usr_2", "", "usr_3"), ["usr_2"], Panel(), "already_approved", id="again, on behalf of another"),
        pytest.param(Person("usr_2", "usr_2", "", "usr_1"), [], Panel(), "own_request", id="on behalf of the requester"),
        pytest.param(Person("usr_1", "usr_1", "", "usr_2"), [], Panel(), "own_request", id="the requester on behalf of another"),
        pytest.param(SELF, [], Panel(is_only_member=True), "own_request", id="alone, with a rule"),
        pytest.param(Person("usr_2", "usr_2"), ["usr_3"], Panel(is_fit=False), "not_an_approver", id="not in the group"),
    ],
)
def test_an_approval_that_does_not_count_is_refused(by: Person, given: list[str], panel: Panel, code: str) -> None:
    asked = panel._replace(requirement=Requirement(approvals=2, is_set=True), given=[_given(one) for one in given])
    with pytest.raises(OptralError) as refused:
        requests.approve(STATES["approval"], by, confirm="web", plan_hash=None, panel=asked, now=NOON)
    assert refused.value.code == code


def test_the_last_approval_lets_the_plan_go_on() -> None:
    panel = OF_TWO._replace(given=[_given("usr_3")])
    decision = requests.approve(STATES["approval"], OTHER, confirm="", plan_hash=None, panel=panel, now=NOON)
    assert decision.execution.status is ExecutionStatus.QUEUED
    assert decision.log[0].message == "Approved by usr_2: it leaks (2 of 2)"


@pytest.mark.parametrize(
    ("group", "member", "roles", "is_in"),
    [
        pytest.param(Group(), "usr_1", [], True, id="everyone"),
        pytest.param(Group(("owner",)), "usr_1", ["owner"], True, id="role"),
        pytest.param(Group(("owner",)), "usr_1", ["admin"], False, id="another role"),
        pytest.param(Group(("owner",), ("usr_1",)), "usr_1", ["admin"], True, id="member beside the role"),
        pytest.param(Group((), ("usr_2",)), "usr_1", ["owner"], False, id="owner who is not named"),
    ],
)
def test_a_group_has_its_roles_and_its_members(group: Group, member: str, roles: list[str], *, is_in: bool) -> None:
    assert Requirement(groups=(group,)).lets(member, roles) is is_in


def test_a_rollback_names_what_it_takes_back_and_what_it_cannot() -> None:
    before = STATES["writing, rollback"]
    restarted = _step(StepState.SUCCEEDED, id="stp_9", position=0, result={"after": {"spec.x": 1}}, name="Earlier")
    progress = before._replace(steps=[restarted, *before.steps])
    failed = CommandReport(outcome=Outcome.FAILED, code="X", message="no")
    failure = decisions.advance(progress, replace(_LOOK, reports={"cmd_1": failed})).execution.failure
    assert failure is not None
    assert failure["rollback"] == {"restores": ["Scale"], "notUndone": [{"step": "Earlier", "reason": "a restart has no opposite"}]}


@pytest.mark.parametrize("state", [state for state, one in STATES.items() if not one.execution.status.is_final])
def test_an_execution_that_has_not_ended_names_what_it_waits_for_or_moves_on(state: str) -> None:
    found = waiting.of(STATES[state])
    if found is None:
        assert all(step.state.is_final for step in STATES[state].steps)
    else:
        assert found.kind in waiting.KINDS


@pytest.mark.parametrize(
    ("state", "kind", "until"),
    [
        ("plan", "plan", None),
        ("approval", "approval", NOON + timedelta(minutes=5)),
        ("queued", "turn", None),
        ("checking", "agent", None),
        ("pause before a retry", "retry", NOON + timedelta(seconds=5)),
        ("waiting", "time", NOON + timedelta(seconds=1)),
        ("waiting until", "condition", NOON + timedelta(minutes=10)),
        ("if, not known for long", "condition", LONG_AGO + timedelta(minutes=1)),
        ("approval in the middle, asked", "approval", NOON + timedelta(minutes=5)),
        ("verifying", "verification", NOON + timedelta(minutes=1)),
    ],
)
def test_says_until_when_it_waits(state: str, kind: str, until: datetime | None) -> None:
    found = waiting.of(STATES[state])
    assert found is not None
    assert (found.kind, found.until) == (kind, until)


def test_what_holds_an_execution_takes_the_place_of_its_turn() -> None:
    freeze = waiting.Waiting("freeze", until=NOON, what="the end of a freeze")
    assert waiting.of(STATES["queued"], freeze) == freeze
    assert waiting.of(STATES["approval"], freeze) == waiting.of(STATES["approval"])
    assert waiting.of(STATES["checking"], freeze) == waiting.of(STATES["checking"])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(None, "True", "x: unset → True", id="a field that was not set"),
        pytest.param(None, True, "x: unset → true", id="a boolean"),
        pytest.param("192Mi", "384Mi", "x: 192Mi → 384Mi", id="text"),
        pytest.param(1, 3, "x: 1 → 3", id="numbers"),
        pytest.param({"a": 1}, None, 'x: {"a": 1} → unset', id="an object"),
    ],
)
def test_a_change_is_logged_with_values_as_in_yaml(before: object, after: object, said: str) -> None:
    assert decisions.change_text({"path": "x", "from": before, "to": after}) == said

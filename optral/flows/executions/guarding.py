"""What may be changed now: freezes, maintenance windows and hourly limits, at every start and before the first change.

Also changes their settings, with their audit records.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import cached_property

from optral.access import people_service, service as access
from optral.access.people import Proof
from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.events import service as events
from optral.events.model import NewEvent
from optral.kit.records import Change
from optral.kit.times import rfc3339
from optral.runbooks import service as runbooks
from optral.runbooks.executions.effects import Progress
from optral.runbooks.executions.requests import check_break_glass
from optral.runbooks.executions.waiting import Waiting, of
from optral.runbooks.language.definition import Definition
from optral.runbooks.language.parameters import Binding
from optral.runbooks.model import Execution, Phase, Step
from optral.safeguards import model, service as safeguards
from optral.safeguards.model import RISKS, ApprovalRule, Change as Changed, Hold, Safeguards, Window, WindowSettings
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Forbidden, Invalid, NotFound, Refused

FROZEN = "frozen"
_KINDS = {"outside_window": "window", "too_many_changes": "limit"}


def require_allowed(tx: Transaction, cluster: Cluster, bindings: Sequence[Binding], *, break_glass: str, is_unattended: bool) -> None:
    """Raises `Refused`: "frozen", "outside_window", "too_many_changes", each with `nextAllowedAt`; `Invalid("reason_needed")`."""
    if break_glass:
        check_break_glass(break_glass)
    namespaces = {binding.object.namespace for binding in bindings if binding.action.is_write}
    hold = _Guard(tx).hold(cluster.id, namespaces, name=cluster.name, is_unattended=is_unattended, ignores_freeze=bool(break_glass))
    if hold is not None:
        raise refusal(hold)


def refusal(hold: Hold) -> Refused:
    """The error of something that is held."""
    if hold.until is None:
        return Refused(hold.code, say=hold.say)
    until = rfc3339(hold.until)
    return Refused(hold.code, say=f"{hold.say}; possible again at {until}", nextAllowedAt=until)


def held_now(tx: Transaction, execution: Execution, steps: Sequence[Step]) -> Hold | None:
    """Why an execution that was planned, and perhaps approved, may not begin to change anything now."""
    if not any(step.is_write for step in steps):
        return None
    return _Guard(tx).hold_of(execution, steps, name=clusters.names(tx, [execution.cluster_id]).get(execution.cluster_id))


def waits(tx: Transaction, found: Sequence[tuple[Execution, Sequence[Step]]], names: Mapping[str, str]) -> dict[str, Waiting]:
    """What holds those of these executions that wait for their turn, by execution. `names`: of the clusters.

    What decides is read once for all of them, and not at all when none waits.
    """
    waiting = [one for one in found if (now := of(Progress(*one))) is not None and now.kind == "turn"]
    if not waiting:
        return {}
    switch, guard = runbooks.switch(tx), _Guard(tx)
    if switch.is_paused:
        return {execution.id: Waiting("resume") for execution, _ in waiting}
    holds = [(one.id, guard.hold_of(one, steps, name=names.get(one.cluster_id))) for one, steps in waiting if one.started_at is None]
    return {execution_id: _waiting(hold) for execution_id, hold in holds if hold is not None}


def _waiting(hold: Hold) -> Waiting:
    if hold.window is None:
        return Waiting(_KINDS[hold.code], until=hold.until)
    return Waiting("freeze", until=hold.until, what=f'the end of the freeze "{hold.window.name}"', window_id=hold.window.id)


class _Guard:
    """What decides whether something may change, each part read at most once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._windows, self._settings = safeguards.in_force(tx)

    @cached_property
    def _changes(self) -> list[Changed]:
        return [Changed(*change) for change in runbooks.changes(self._tx, since=self._tx.now - timedelta(hours=1))]

    def hold_of(self, execution: Execution, steps: Sequence[Step], *, name: str | None) -> Hold | None:
        """Why this execution may not begin to change anything."""
        namespaces = {step.namespace for step in steps if step.is_write}
        if not namespaces or _is_covered(execution):
            return None
        is_unattended, ignores = execution.trigger_id is not None and execution.approved_by is None, bool(execution.break_glass)
        name = name or execution.cluster_id
        return self.hold(execution.cluster_id, namespaces, name=name, is_unattended=is_unattended, ignores_freeze=ignores)

    def hold(
        self, cluster_id: str, namespaces: Collection[str | None], *, name: str, is_unattended: bool, ignores_freeze: bool
    ) -> Hold | None:
        hold = model.held_by_window(
            self._windows, cluster_id=cluster_id, namespaces=namespaces, is_unattended=is_unattended, now=self._tx.now
        )
        if hold is not None and not (ignores_freeze and hold.code == FROZEN):
            return hold
        places = {namespace or "" for namespace in namespaces}
        return model.held_by_limit(self._settings, self._changes, cluster_id=cluster_id, namespaces=places, name=name)


def needs_approval(
    tx: Transaction,
    definition: Definition,
    risk: str,
    cluster_id: str,
    namespaces: Collection[str | None],
    *,
    is_unattended: bool,
    is_covered: bool,
) -> bool:
    """Whether a person must approve the plan: by a rule of the organization, or else by the runbook. `risk`: of the steps as they are sent.

    For a trigger, the organization's setting decides which risk needs an approval.
    """
    if is_covered:
        return False
    if safeguards.settings(tx).approval_rules_of(risk, cluster_id, namespaces):
        return True
    if not is_unattended:
        return definition.needs_approval_at(risk)
    return definition.approval == "always" or not safeguards.settings(tx).lets_run_unattended(risk)


def lacks_approval(tx: Transaction, execution: Execution, steps: Sequence[Step]) -> bool:
    """Whether an execution that waits for its first change, and asked nobody, needs an approval by what the organization has set since."""
    if execution.phase is not Phase.APPLYING or execution.started_at is not None or execution.approved_by is not None:
        return False
    return needs_approval(
        tx,
        execution.read_definition,
        Progress(execution, steps).risk,
        execution.cluster_id,
        {step.namespace for step in steps if step.is_write},
        is_unattended=execution.trigger_id is not None,
        is_covered=_is_covered(execution),
    )


def _is_covered(execution: Execution) -> bool:
    """Whether it is the automatic undo of an execution that has begun."""
    return execution.undo_of is not None and execution.requested_via == actor.system().id


# --- settings


def change_settings(tx: Transaction, wanted: Change[Safeguards], *, by: str, proof: Proof | None, if_version: int | None) -> Safeguards:
    """Change the settings. A higher unattended risk, and other approval rules, need the proof that a member typed the password.

    Raises `Forbidden("password_required")`, `Invalid`, `Stale`.
    """
    present = safeguards.settings(tx)
    asked = wanted(present)
    if (what := _needs_proof(present, asked)) is not None:
        if not tx.actor.session_id:
            raise Forbidden("session_required", say=f"{what} requires a sign-in session; an API key has none")
        people_service.require_admin_proof(tx, proof, what=what)
    if asked.approval_rules != present.approval_rules:
        _check_members(tx, asked.approval_rules)
    before, after = safeguards.save(tx, wanted, by=by, if_version=if_version)
    if after != before:
        detail = {
            "unattendedRisk": _moved(before.unattended_risk, after.unattended_risk),
            "limits": [limit._asdict() for limit in after.limits],
            "approvals": [rule._asdict() for rule in after.approval_rules],
            "breakGlassRoles": list(after.break_glass_roles),
        }
        announce(tx, "limits")
        access.audit(tx, action="safeguards.update", target=tx.org_id, detail=detail)
    return after


def _needs_proof(present: Safeguards, wanted: Safeguards) -> str | None:
    """What of the change needs the password."""
    if RISKS.index(wanted.unattended_risk) > RISKS.index(present.unattended_risk):
        return "raising unattendedRisk"
    if set(wanted.approval_rules) != set(present.approval_rules):
        return "changing approvals"
    if set(wanted.break_glass_roles) != set(present.break_glass_roles):
        return "changing breakGlassRoles"
    return None


def _check_members(tx: Transaction, rules: Sequence[ApprovalRule]) -> None:
    """Raise `Invalid("unknown_member")` for a rule with somebody who is no member."""
    for member_id in {member for rule in rules for member in rule.members}:
        try:
            people_service.member(tx, member_id)
        except NotFound:
            errors = [{"field": "approvals.members", "code": "unknown_value", "message": "give the id of a member"}]
            raise Invalid("unknown_member", say=f"there is no member {member_id}", errors=errors) from None


def _moved(before: str, after: str) -> str | dict[str, str]:
    return after if before == after else {"from": before, "to": after}


def add_window(tx: Transaction, given: WindowSettings, *, by: str) -> Window:
    """Raises as `safeguards.add_window`."""
    added = safeguards.add_window(tx, given, by=by)
    _audit(tx, "create", added)
    return added


def change_window(tx: Transaction, window_id: str, wanted: Change[Window], *, if_version: int | None) -> Window:
    """Raises `NotFound`, `Invalid`, `Stale`."""
    before = safeguards.window(tx, window_id)
    after = safeguards.change_window(tx, before, wanted(before), if_version=if_version)
    if after != before:
        _audit(tx, "update", after)
    return after


def delete_window(tx: Transaction, window_id: str, *, if_version: int | None) -> Window:
    """Raises `NotFound`, `Stale`."""
    gone = safeguards.delete_window(tx, window_id, if_version=if_version)
    _audit(tx, "delete", gone)
    return gone


def announce(tx: Transaction, changed: str, *, window: Window | None = None) -> None:
    """Write the event of a change of the safeguards: of "executions" (stopped, paused or resumed), "limits" or a "window"."""
    place, namespace = (None, None) if window is None else (window.cluster_id, window.namespace)
    subject_id = tx.org_id if window is None else window.id
    switch = runbooks.switch(tx)
    data = {"id": subject_id, "changed": changed, "paused": switch.is_paused}
    if changed == "executions":
        data |= {"by": switch.by, "reason": switch.reason}
    events.append(tx, [NewEvent("safeguards.updated", place, subject_id, data, namespace)])


def _audit(tx: Transaction, verb: str, window: Window) -> None:
    announce(tx, "window", window=window)
    detail = {
        "kind": window.kind.value,
        "name": window.name,
        "cluster": window.cluster_id,
        "namespace": window.namespace,
        "schedule": window.schedule,
        "startsAt": None if window.starts_at is None else rfc3339(window.starts_at),
        "endsAt": None if window.ends_at is None else rfc3339(window.ends_at),
    }
    access.audit(tx, action=f"change_window.{verb}", target=window.id, detail=detail, cluster_id=window.cluster_id)

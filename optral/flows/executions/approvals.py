"""Which approvals an execution needs, and whose count now.

The rules are settings of the organization (`safeguards`). A request keeps the rule that was in force when it was made. Whose approval
counts is asked again each time: at every decision, when the execution is shown, and before its first change.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from optral.access import delegations_service, rights, service as access
from optral.clusters import service as clusters
from optral.runbooks import service as runbooks
from optral.runbooks.executions.approvals import ApprovalDecision, Group, Panel, Requirement, Verdict, distinct
from optral.runbooks.executions.effects import Progress, RecordDecision
from optral.runbooks.executions.requests import Person
from optral.runbooks.model import Approval, Execution, Phase, Step
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Forbidden
from optral.triggers import service as triggers

APPROVE = "runbooks:approve"


def requirement_of(tx: Transaction, execution: Execution, steps: Sequence[Step]) -> Requirement:
    """What the rules of the organization ask for now."""
    namespaces = {step.namespace for step in steps if step.is_write}
    return requirement(tx, Progress(execution, steps).risk, execution.cluster_id, namespaces)


def requirement(tx: Transaction, risk: str, cluster_id: str, namespaces: Collection[str | None]) -> Requirement:
    """What the rules ask for a change of this risk: of each namespace the rule of the nearest place, of several namespaces the most."""
    rules = safeguards.settings(tx).approval_rules_of(risk, cluster_id, namespaces)
    if not rules:
        return Requirement()
    return Requirement(approvals=max(rule.approvals for rule in rules), groups=_groups(rules), is_set=True)


def _groups(rules: Iterable[ApprovalRule]) -> tuple[Group, ...]:
    return tuple(dict.fromkeys(Group(rule.roles, rule.members) for rule in rules if rule.roles or rule.members))


def given(tx: Transaction, requested: Approval, made: RecordDecision) -> ApprovalDecision:
    """The record of a decision."""
    return ApprovalDecision(
        id=ids.new("aud"),
        approval_id=requested.id,
        verdict=made.verdict,
        member_id=made.member_id,
        by=made.by,
        via=made.via,
        at=tx.now,
        reason=None if made.reason is None else made.reason[:500],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalState:
    """The newest request of an execution, what people decided on it, and the ids of the decisions that count."""

    requested: Approval
    decisions: Sequence[ApprovalDecision]
    counting: frozenset[str]

    @property
    def panel(self) -> Panel:
        return Panel(self.requested.requirement, [decision for decision in self.decisions if decision.id in self.counting])


def states(tx: Transaction, executions: Sequence[Execution]) -> Mapping[str, ApprovalState]:
    """How the approvals of these executions stand, of those that have requested one."""
    asked = [execution for execution in executions if execution.expires_at is not None]
    requested = runbooks.approvals_of(tx, [one.id for one in asked])
    decisions = runbooks.decisions_of(tx, list(requested))
    return {one.id: _state(tx, one, requested[one.id], decisions[one.id]) for one in asked if one.id in requested}


def state(tx: Transaction, execution: Execution) -> ApprovalState | None:
    """How the approvals of an execution stand; None if it has requested none."""
    return states(tx, [execution]).get(execution.id)


def _state(tx: Transaction, execution: Execution, requested: Approval, decisions: Sequence[ApprovalDecision]) -> ApprovalState:
    mine = [decision for decision in decisions if decision.approval_id == requested.id]
    is_open = execution.phase is Phase.APPROVAL or (execution.phase is Phase.APPLYING and execution.started_at is None)
    counting = distinct(one for one in mine if not is_open or _counts(tx, execution, one, requested.requirement))
    return ApprovalState(requested=requested, decisions=mine, counting=frozenset(one.id for one in counting))


def _counts(tx: Transaction, execution: Execution, one: ApprovalDecision, requirement: Requirement) -> bool:
    """Whether the decision still counts: the right, the group and the person are as they must be."""
    if one.verdict is Verdict.BREAK_GLASS:
        return _may_break_glass(tx, execution, one.member_id)
    person = Person(one.by, one.via, on_behalf_of=one.member_id if one.member_id != one.by else None)
    return _may_act(tx, execution, person) and _is_fit(tx, execution, one.member_id, requirement)


def _may_act(tx: Transaction, execution: Execution, by: Person) -> bool:
    """Whether the person may use this right now: their own, or one that was delegated to them and concerns what they see."""
    if by.on_behalf_of is None:
        return True
    sees = rights.roles_with(tx, by.id, "runbooks:read", execution.cluster_id, execution.namespace, labelled=clusters.labelled)
    return bool(sees) and delegations_service.in_force(tx, member_id=by.on_behalf_of, delegate_id=by.id)


def require_delegation(tx: Transaction, execution: Execution, by: Person, *, member: str) -> None:
    """Raise `Forbidden` unless a sign-in session acts with a right that was delegated to the person and that the delegator has.

    `member`: the delegator as the request names it. An error says no more, so that nobody learns who is a member.
    """
    if not tx.actor.session_id:
        raise Forbidden("session_required", say="approving on behalf of a member requires a sign-in session; an API key has none")
    if not _may_act(tx, execution, by):
        raise Forbidden("not_delegated", say=f"{member} has not delegated approvals to you, or the delegation has ended")
    if not _roles(tx, execution, by.member_id):
        raise Forbidden("delegator_may_not_approve", say=f"{member} may not approve this execution, so nobody may on their behalf")


def _is_fit(tx: Transaction, execution: Execution, member_id: str, requirement: Requirement) -> bool:
    roles = _roles(tx, execution, member_id)
    return requirement.lets(member_id, roles or ()) and (roles is None or bool(roles))


def _may_break_glass(tx: Transaction, execution: Execution, member_id: str) -> bool:
    return not (_roles(tx, execution, member_id) or frozenset()).isdisjoint(safeguards.settings(tx).break_glass_roles)


def _roles(tx: Transaction, execution: Execution, member_id: str) -> frozenset[str] | None:
    return rights.roles_with(tx, member_id, APPROVE, execution.cluster_id, execution.namespace, labelled=clusters.labelled)


def panel(tx: Transaction, execution: Execution, by: Person) -> Panel:
    """What is known when this person decides."""
    found = state(tx, execution)
    known = Panel() if found is None else found.panel
    holder = None if execution.trigger_id is None else triggers.secret_holder(tx, execution.trigger_id)
    return known._replace(
        is_fit=_is_fit(tx, execution, by.member_id, known.requirement),
        is_only_member=access.count_members(tx) <= 1,
        requesters=frozenset({holder} if holder is not None else ()),
    )


def require_break_glass(tx: Transaction, execution: Execution, member_id: str) -> None:
    """Raise `Forbidden` unless this member, signed in, may skip missing approvals."""
    if not tx.actor.session_id:
        raise Forbidden("session_required", say="skipping approvals requires a sign-in session; an API key has none")
    if not _may_break_glass(tx, execution, member_id):
        roles = " or ".join(safeguards.settings(tx).break_glass_roles)
        who = f"only the role {roles}" if roles else "nobody"
        raise Forbidden("break_glass_not_allowed", say=f"{who} may skip missing approvals; ask for the approvals instead")


class Lost(NamedTuple):
    """The people whose approval no longer counts, the ids of the decisions that do, and whether one of the lost ones was break-glass."""

    people: list[str]
    kept: list[str]
    has_break_glass: bool


def lost(tx: Transaction, execution: Execution) -> Lost | None:
    """What no longer counts, if what is left is not enough before the first change."""
    if execution.approved_by is None or execution.phase is not Phase.APPLYING or execution.started_at is not None:
        return None
    found = state(tx, execution)
    if found is None or found.panel.is_enough:
        return None
    gone = [decision for decision in found.decisions if decision.id not in found.counting and decision.verdict is not Verdict.REJECTED]
    has_break_glass = any(one.verdict is Verdict.BREAK_GLASS for one in gone)
    return Lost(list(dict.fromkeys(one.by for one in gone)), sorted(found.counting), has_break_glass)

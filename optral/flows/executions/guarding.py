"""What may be changed now: freezes, maintenance windows and hourly limits, at every start and before the first change.

Also changes their settings, with their audit records.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from optral.access import people_service, service as access
from optral.access.people import Proof
from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.kit.times import rfc3339
from optral.runbooks import service as runbooks
from optral.runbooks.definition import Definition
from optral.runbooks.model import Execution, Step
from optral.runbooks.parameters import Binding
from optral.safeguards import service as safeguards
from optral.safeguards.model import RISKS, Change, Hold, Limit, Safeguards, Window
from optral.store.transaction import Transaction
from optral.terms.errors import Forbidden, Invalid, Refused

MIN_BREAK_GLASS = 10
"""Characters of the reason that somebody types to change something during a freeze."""
FROZEN = "frozen"


def require_allowed(tx: Transaction, cluster: Cluster, bindings: Sequence[Binding], *, break_glass: str, is_unattended: bool) -> None:
    """Raises `Refused`: "frozen", "outside_window", "too_many_changes", each with `nextAllowedAt`; `Invalid("reason_needed")`."""
    if break_glass and len(break_glass.strip()) < MIN_BREAK_GLASS:
        say = f"give the reason for a change during a freeze, at least {MIN_BREAK_GLASS} characters"
        raise Invalid("reason_needed", say=say, errors=[{"field": "breakGlass", "code": "reason_needed", "message": say}])
    namespaces = {one.object.namespace for one in bindings if one.action.is_write}
    hold = _held(tx, cluster.id, namespaces, name=cluster.name, is_unattended=is_unattended, ignores_freeze=bool(break_glass))
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
    namespaces = {step.namespace for step in steps if step.is_write}
    if not namespaces:
        return None
    name = clusters.names(tx, [execution.cluster_id]).get(execution.cluster_id, execution.cluster_id)
    is_unattended, ignores = execution.trigger_id is not None and execution.approved_by is None, bool(execution.break_glass)
    return _held(tx, execution.cluster_id, namespaces, name=name, is_unattended=is_unattended, ignores_freeze=ignores)


def _held(
    tx: Transaction, cluster_id: str, namespaces: Collection[str | None], *, name: str, is_unattended: bool, ignores_freeze: bool
) -> Hold | None:
    hold = safeguards.held_by_window(tx, cluster_id=cluster_id, namespaces=namespaces, is_unattended=is_unattended)
    if hold is not None and not (ignores_freeze and hold.code == FROZEN):
        return hold
    changes = [Change(*one) for one in runbooks.changes(tx, since=tx.now - timedelta(hours=1))]
    return safeguards.held_by_limit(tx, changes, cluster_id=cluster_id, namespaces={one or "" for one in namespaces}, name=name)


def needs_approval(tx: Transaction, definition: Definition, *, is_unattended: bool) -> bool:
    """Whether a person must approve the plan. For a trigger, the organisation's setting takes the place of the risk."""
    if not is_unattended:
        return definition.needs_approval
    return definition.approval == "always" or not safeguards.settings(tx).lets_run_unattended(definition.risk)


# --- settings


def change_settings(
    tx: Transaction, *, unattended_risk: str | None, limits: Sequence[Limit] | None, by: str, proof: Proof | None, if_version: int | None
) -> Safeguards:
    """Change the settings. A higher unattended risk needs the proof that its member typed the password.

    Raises `Forbidden("password_required")`, `Invalid`, `Stale`.
    """
    present = safeguards.settings(tx).unattended_risk
    if unattended_risk is not None and RISKS.index(unattended_risk) > RISKS.index(present):
        if not tx.actor.session_id:
            raise Forbidden("session_required", say="raising unattendedRisk requires a sign-in session; an API key has none")
        people_service.require_admin_proof(tx, proof)
    before, after = safeguards.save(tx, unattended_risk=unattended_risk, limits=limits, by=by, if_version=if_version)
    if after != before:
        detail = {
            "unattendedRisk": _moved(before.unattended_risk, after.unattended_risk),
            "limits": [one._asdict() for one in after.limits],
        }
        access.audit(tx, action="safeguards.update", target=tx.org_id, detail=detail)
    return after


def _moved(before: str, after: str) -> str | dict[str, str]:
    return after if before == after else {"from": before, "to": after}


def add_window(tx: Transaction, made: Window) -> Window:
    """Raises as `safeguards.add_window`."""
    added = safeguards.add_window(tx, made)
    _audit(tx, "create", added)
    return added


def change_window(tx: Transaction, window_id: str, changes: Mapping[str, Any], *, if_version: int | None) -> Window:
    """Raises `NotFound`, `Invalid`, `Stale`."""
    before = safeguards.window(tx, window_id)
    after = safeguards.change_window(tx, before, replace(before, **changes), if_version=if_version)
    if after != before:
        _audit(tx, "update", after)
    return after


def delete_window(tx: Transaction, window_id: str, *, if_version: int | None) -> Window:
    """Raises `NotFound`, `Stale`."""
    gone = safeguards.delete_window(tx, window_id, if_version=if_version)
    _audit(tx, "delete", gone)
    return gone


def _audit(tx: Transaction, verb: str, window: Window) -> None:
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

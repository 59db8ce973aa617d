"""Entries of the history of an issue: what happened, and who caused it: a person, an API key, a rule, or the agent that reported it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optral.issues.model import Activity, Issue, SwitchedOff
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import ActorKind

RULE = "rule"
_KINDS = {"usr": ActorKind.PERSON, "key": ActorKind.KEY}


def line(tx: Transaction, issue: Issue, action: str, detail: Mapping[str, Any], *, rule: str | None = None) -> Activity:
    """An entry by the actor of the transaction, or by a mute rule."""
    return Activity(
        id=ids.new("aud"),
        issue_id=issue.id,
        at=tx.now,
        actor_kind=tx.actor.kind.value if rule is None else RULE,
        actor_id=tx.actor.id if rule is None else rule,
        action=action,
        detail=detail,
    )


def switched_off(tx: Transaction, issue: Issue, off: SwitchedOff, resolution: str) -> Activity:
    """The entry for an issue that resolved because its type was switched off, by the person who did that if known."""
    found = line(tx, issue, "resolved", {"resolution": resolution, **off.where})
    kind = _KINDS.get((off.by or "").partition("_")[0])
    return found if kind is None or off.by is None else replace(found, actor_kind=kind.value, actor_id=off.by)


def muted(tx: Transaction, issue: Issue, by: str | None) -> Activity | None:
    """The entry for an issue that rule `by` mutes from now on, or that no rule (None) mutes any more; None if nothing changes."""
    if by == issue.mute_rule_id:
        return None
    action, rule = ("unmuted", issue.mute_rule_id) if by is None else ("muted", by)
    return line(tx, issue, action, {"rule": rule}, rule=rule)

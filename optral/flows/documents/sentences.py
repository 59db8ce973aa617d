"""What documents say of entries of an issue's history, of changes and of executions, in sentences. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from optral.flows.documents.document import name
from optral.issues.model import Activity
from optral.kit.words import counted
from optral.runbooks.model import Execution
from optral.terms.actor import ActorKind

Names = Mapping[str, str]
"""Email addresses of members and names of API keys by id."""
_DONE = {
    "opened": "opened the issue",
    "acknowledged": "acknowledged it",
    "unacknowledged": "removed the acknowledgement",
    "unassigned": "removed the assignee",
    "unsnoozed": "ended the snooze",
    "woke": "ended the snooze",
    "snoozed": "snoozed it",
    "muted": "muted it",
    "unmuted": "no longer mutes it",
    "attached": "attached it to its root issue",
    "promoted": "detached it from its root issue",
    "commented": "commented",
    "comment_edited": "edited a comment",
    "comment_deleted": "deleted a comment",
    "labelled": "changed the labels",
    "on_call_resolved": "resolved its alert; the failure still stands",
    "on_call_reassigned": "reassigned its alert",
    "runbook_started": "started a runbook",
    "runbook_completed": "completed a runbook",
}
_PROGRAMS = {ActorKind.AGENT.value: "The detector", "rule": "A mute rule"}


def by(actor_id: str | None, names: Names) -> str:
    """A person or an API key by name; Optral itself for the rest."""
    known = actor_id is not None and actor_id.startswith(("usr_", "key_"))
    return name(names.get(actor_id or "", actor_id)) if known else "Optral"


def of_activity(one: Activity, names: Names, comments: Mapping[str, str]) -> str:
    """Who did what to the issue, with the text of a comment that still exists."""
    who = _PROGRAMS.get(one.actor_kind) or by(one.actor_id, names)
    if "through" in one.detail:
        who = f"{name(one.detail.get('by'))} in {one.detail['through']}"
    body = comments.get(str(one.detail.get("comment", "")))
    return f"{who} {_done(one, names)}" + (f": {body}" if one.action == "commented" and body else ".")


def _done(one: Activity, names: Names) -> str:
    detail = one.detail
    if one.action == "assigned":
        return f"assigned it to {by(_after(detail.get('assignee')), names)}"
    if one.action == "reopened":
        return "reopened it" if one.actor_id.startswith(("usr_", "key_")) else "detected it again"
    if one.action == "resolved":
        return f"resolved it: {words(_after(detail.get('resolution')) or 'by hand')}"
    if one.action in ("severity_set", "severity_reset"):
        return f"set the severity to {_after(detail.get('severity'))}"
    if one.action == "updated":
        changed = [f"{words(field)} to {name(_after(pair))}" for field, pair in detail.items() if _is_plain(_after(pair))]
        return f"changed {', '.join(changed)}" if changed else "changed it"
    return _DONE.get(one.action) or words(one.action)


def _after(pair: Any) -> Any:
    return pair[1] if isinstance(pair, list) and len(pair) == 2 else pair


def _is_plain(value: Any) -> bool:
    return value is not None and not isinstance(value, dict | list)


def words(word: str) -> str:
    """`pendingApproval` and `resource_deleted` as words."""
    return re.sub(r"([a-z])([A-Z])", r"\1 \2", word).replace("_", " ").lower()


def of_field(one: Mapping[str, Any]) -> str:
    """One field before and after."""
    before, after = ("nothing" if one.get(side) is None else name(one[side]) for side in ("from", "to"))
    return f"{name(one['path'])} from {before} to {after}"


def of_ref(ref: Mapping[str, Any]) -> str:
    """An object by kind, namespace and name."""
    return name(" ".join((str(ref.get("kind") or ""), "/".join(str(ref[part]) for part in ("namespace", "name") if ref.get(part)))))


def of_execution(one: Execution, cluster: str) -> str:
    """What an execution was for, and how it stands."""
    verified = (one.verification or {}).get("status")
    checked = f"; verification {verified}" if verified else "; not verified" if one.status.is_final and not one.dry_run else ""
    kind = "Dry run of the runbook" if one.dry_run else "Runbook"
    says = f"{kind} {name(one.runbook_slug)} version {one.runbook_version} on {of_ref(one.target)} in {name(cluster)}: {words(one.status)}"
    return f"{says}{checked}."


def of_impact(shown: Mapping[str, Any]) -> str:
    """The counts of an impact."""
    numbers = [counted(shown[f"{noun}s"], noun) for noun in ("workload", "pod", "namespace", "caller")]
    return ", ".join(numbers) + "."

"""Events as messages for people, in the form that Slack and what speaks like it take: a line that says it all, and two with detail.

What comes from a cluster is text of strangers: `&`, `<` and `>` are escaped, so that a pod's name mentions nobody and links nowhere, and
a line of theirs begins none of ours.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from optral.terms import impacts

MAX_TEXT = 2900  # Slack takes 3,000 characters a section, and refuses a message with more
MAX_TITLE = 1500
_MARKS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "⚪"}
_HEADS = {
    "issue.created": "New issue",
    "issue.updated": "Issue changed",
    "issue.resolved": "Issue resolved",
    "analysis.ready": "Cause",
    "cluster.online": "Cluster online",
    "cluster.offline": "Cluster offline",
    "runbook.started": "Runbook started",
    "runbook.completed": "Runbook completed",
    "runbook.notification": "Runbook",
    "approval.requested": "Approval wanted",
    "execution.breakGlass": "Break-glass",
    "audit.anchor": "Audit log",
    "webhook.test": "Test",
}


def message(event: str, data: Mapping[str, Any], *, cluster: str) -> dict[str, Any]:
    """`text` for notifications, `blocks` for the channel."""
    title = _plain(str(_title(data) or cluster or event))[:MAX_TITLE]
    mark = "✅" if event == "issue.resolved" else _MARKS.get(str(data.get("severity")), "ℹ️")
    text = f"{mark} {_HEADS.get(event, event)}: {title}"
    linked = f"<{data['url']}|{title}>" if data.get("url") else title
    lines = [f"{mark} *{_HEADS.get(event, event)}*: {linked}"]
    if fix := data.get("fix") or ((data.get("changes") or {}).get("fix") or {}).get("to"):
        lines.append(_outlook(fix))
    if details := _details(event, data, cluster):
        lines.append(details)
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)[:MAX_TEXT]}}]}


def _title(data: Mapping[str, Any]) -> object:
    named = data.get("title") or data.get("summary") or data.get("message") or data.get("name")
    return named or data.get("head") or _execution(data)


def _execution(data: Mapping[str, Any]) -> str | None:
    """`Roll back a workload: Deployment shop/web`."""
    runbook, target = data.get("runbook") or {}, data.get("target") or {}
    if not runbook or not target:
        return None
    return f"{runbook['name']}: {target['kind']} {'/'.join(part for part in (target.get('namespace'), target['name']) if part)}"


def _outlook(fix: Mapping[str, Any]) -> str:
    """When the issue of a verified fix resolves."""
    if not fix.get("resolvesAt"):
        return "Fixed; the issue resolves once no object shows the failure."
    return f"Fixed; the issue resolves at {datetime.fromisoformat(fix['resolvesAt']):%H:%M} UTC if it stays healthy."


def _details(event: str, data: Mapping[str, Any], cluster: str) -> str:
    known = {
        "type": data.get("type") if event.startswith("issue.") else None,
        "severity": data.get("severity"),
        "cluster": cluster or data.get("cluster"),
        "namespace": data.get("namespace"),
        "resource": data.get("resource"),
        "affects": impacts.in_words(data.get("impact")),
        "resolution": data.get("resolution"),
        "status": data.get("status") if event.startswith("runbook.") else None,
        "cause": data.get("rootCause") if event == "analysis.ready" else None,
        "confidence": data.get("confidence") if event == "analysis.ready" else None,
    }
    return " · ".join(f"{name} {_plain(str(value))}" for name, value in known.items() if value not in (None, ""))


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

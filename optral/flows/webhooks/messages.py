"""Events as messages for people: a line that says it all, and some with detail, as Slack and what speaks like it take them, and as an
Adaptive Card for Microsoft Teams, and as e-mail.

What comes from a cluster is text of strangers. For Slack `&`, `<` and `>` are escaped, so that a pod's name mentions nobody and links
nowhere; a card has it in text runs, which know no markup. A line of theirs begins none of ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from optral.flows.documents.sentences import words
from optral.flows.webhooks.slack_blocks import MAX_SECTION, escaped, section
from optral.kit import durations
from optral.kit.words import counted
from optral.mail import letters
from optral.terms import impacts
from optral.terms.severity import Severity
from optral.webhooks.model import DIGEST, TEST, Form

MAX_TITLE = 1500
MAX_LINE = 600
SHOWN_OF_DIGEST = 10
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
    DIGEST: "New issues",
}
_SHOWN_CHANGES = frozenset({"severity", "team", "labels", "title"})


class Message(NamedTuple):
    """What a person reads: `mark` and `head` ("New issue"), the title with its address or "", and lines below it."""

    mark: str
    head: str
    title: str
    url: str
    lines: Sequence[str] = ()


def message(event: str, data: Mapping[str, Any], *, cluster: str, escalated_min: int = 0) -> Message:
    """`data` of an event; for people also its `url`, the names of those who did it (`by`), `cause` and `action` of an issue.
    `escalated_min`: nobody acknowledged the issue in that time."""
    title = _line(str(_title(data) or cluster or event))[:MAX_TITLE]
    mark = "✅" if event == "issue.resolved" else _mark(data.get("severity"))
    is_escalated = bool(escalated_min) and event == "issue.created"
    fix = data.get("fix") or _to(data, "fix")
    lines = [
        "This is a test. No action is needed." if event == TEST else "",
        f"Nobody has acknowledged it within {counted(escalated_min, 'minute')}." if is_escalated else "",
        outlook(fix) if fix else "",
        _changed(data),
        *((_lasted(data),) if event == "issue.resolved" else advice(event, {**data, "action": None} if fix else data)),
        _details(event, data, cluster),
    ]
    head = "Not acknowledged" if is_escalated else _head(event, data)
    return Message(mark, head, title, str(data.get("url") or ""), [_cut(line) for line in lines if line])


def is_minor(data: Mapping[str, Any]) -> bool:
    """Whether a change of an issue is only of numbers, which move all the time."""
    changes = data.get("changes") or {}
    return bool(changes) and changes.keys() <= {"count", "impact", "commentCount"}


def _head(event: str, data: Mapping[str, Any]) -> str:
    """What happened, in two or three words."""
    if event == "runbook.started" and data.get("status") == "pendingApproval":
        return "Runbook requested"
    if event == "runbook.completed" and data.get("status"):
        return f"Runbook {words(data['status'])}"
    if event == "analysis.ready" and not data.get("rootCause"):
        return "No cause found"
    is_change = event in ("issue.created", "issue.updated") and data.get("changes")
    return (_change(data) if is_change else None) or _HEADS.get(event, event)


def _change(data: Mapping[str, Any]) -> str | None:
    """The same for a change of an issue."""
    status, severity = data["changes"].get("status") or {}, data["changes"].get("severity")
    if status.get("from") == "resolved":
        return "Issue returned"
    if status.get("to") == "acknowledged":
        return f"Acknowledged by {_line(data['by'])[:100]}" if data.get("by") else "Acknowledged"
    if status.get("from") == "acknowledged":
        return "No longer acknowledged"
    if (before := (data["changes"].get("substatus") or {}).get("from")) in ("snoozed", "muted"):
        return f"No longer {before}"
    if severity:
        is_worse = Severity(severity["to"]).rank > Severity(severity["from"]).rank
        return f"Severity {'raised' if is_worse else 'lowered'} to {severity['to']}"
    return "Fix verified" if _to(data, "fix") else None


def _to(data: Mapping[str, Any], name: str) -> Any:
    return ((data.get("changes") or {}).get(name) or {}).get("to")


def _changed(data: Mapping[str, Any]) -> str:
    """What changed, with the value before."""
    changes = {name: pair for name, pair in (data.get("changes") or {}).items() if name in _SHOWN_CHANGES}
    parts = [
        f"{name} before: {_value(pair.get('from'))}" if name == "title" else f"{name} {_value(pair.get('from'))} → {_value(pair.get('to'))}"
        for name, pair in changes.items()
    ]
    parts += [f"assignee {_line(str(data.get('assignee') or 'nobody'))}"] if "assignee" in (data.get("changes") or {}) else []
    return f"Changed: {' · '.join(parts)}" if parts else ""


def _lasted(data: Mapping[str, Any]) -> str:
    """How long an issue that has ended was open."""
    began, ended = data.get("detectedAt"), data.get("resolvedAt")
    if not began or not ended:
        return ""
    return f"Open for {durations.in_words((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds())}."


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={one}" for name, one in value.items()) or "none"
    return "none" if value in (None, "") else _line(str(value))


def advice(event: str, data: Mapping[str, Any]) -> list[str]:
    """The cause of an issue, and what to do first. Without the marks of code, which only some services know."""
    cause, action = data.get("cause") or {}, data.get("action") or {}
    why = (
        str(data.get("summary") or "")
        if event == "analysis.ready"
        else ". ".join(filter(None, (cause.get("title"), cause.get("explanation"))))
    )
    lines = [f"Cause: {why}" if data.get("rootCause") or cause else why, f"What to do: {action['title']}" if action else ""]
    return [_line(line.replace("`", "")) for line in lines]


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"


def digest(titles: Sequence[tuple[str, str]], *, more: int, url: str) -> Message:
    """Of issues by severity and title, the most severe first; `more` are not among them."""
    total = len(titles) + more
    lines = [f"{_mark(severity)} {_line(title)}" for severity, title in titles[:SHOWN_OF_DIGEST]]
    if (left := total - len(lines)) > 0:
        lines.append(f"and {left} more")
    mark = _mark(titles[0][0]) if titles else _mark(None)
    return Message(mark, _HEADS[DIGEST], counted(total, "more issue"), url, lines)


def encoded(said: Message, form: Form) -> dict[str, Any]:
    """The body that a service takes."""
    match form:
        case Form.TEAMS:
            return _card(said)
        case Form.EMAIL:
            return _mail(said)
    return _slack(said)


def _mail(said: Message) -> dict[str, Any]:
    """The content of an e-mail."""
    shown = [letters.Button("Open in Optral", said.url)] if said.url else []
    footer = "You receive this message because a webhook of your organization names this address. An administrator can remove it."
    return asdict(letters.content(f"{said.head}: {said.title}", [*said.lines, *shown], footer=footer))


def _slack(said: Message) -> dict[str, Any]:
    """`text` for notifications, `blocks` for the channel."""
    title = escaped(said.title, most=MAX_TITLE)
    linked = f"<{said.url}|{title}>" if said.url else title
    lines = [f"{said.mark} *{said.head}*: {linked}", *(escaped(line, most=MAX_SECTION) for line in said.lines)]
    return {"text": f"{said.mark} {said.head}: {title}", "blocks": [section("\n".join(lines))]}


def _card(said: Message) -> dict[str, Any]:
    """A message with one Adaptive Card, as the workflows and incoming webhooks of Microsoft Teams take it."""
    head = {"type": "TextRun", "text": f"{said.mark} {said.head}: ", "weight": "bolder"}
    body: list[dict[str, Any]] = [{"type": "RichTextBlock", "inlines": [head, {"type": "TextRun", "text": said.title}]}]
    body += [
        {"type": "RichTextBlock", "spacing": "small", "inlines": [{"type": "TextRun", "text": line, "isSubtle": True, "size": "small"}]}
        for line in said.lines
    ]
    actions = [{"type": "Action.OpenUrl", "title": "Open in Optral", "url": said.url}] if said.url else []
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": f"{said.head}: {said.title}",
        "body": body,
        "actions": actions,
        "msteams": {"width": "Full"},
    }
    return {"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]}


def _mark(severity: object) -> str:
    return _MARKS.get(str(severity), "ℹ️")


def _title(data: Mapping[str, Any]) -> object:
    named = data.get("title") or data.get("summary") or data.get("message") or data.get("name")
    return named or data.get("head") or _execution(data)


def _execution(data: Mapping[str, Any]) -> str | None:
    """`Roll back a workload: Deployment shop/web`."""
    runbook, target = data.get("runbook") or {}, data.get("target") or {}
    if not runbook or not target:
        return None
    return f"{runbook['name']}: {target['kind']} {'/'.join(part for part in (target.get('namespace'), target['name']) if part)}"


def outlook(fix: Mapping[str, Any]) -> str:
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
        "team": data.get("team"),
        "affects": impacts.in_words(data.get("impact")),
        "symptoms": data.get("symptoms") or None,
        "resolution": data.get("resolution"),
        "status": _status(event, data),
        "requested by": data.get("by") if event.startswith(("runbook.", "approval.", "execution.")) else None,
        "reason": data.get("breakGlass"),
        "confidence": (data.get("cause") or {}).get("confidenceLabel") if event != "issue.resolved" else None,
    }
    return " · ".join(f"{name} {_line(str(value))}" for name, value in known.items() if value not in (None, ""))


def _status(event: str, data: Mapping[str, Any]) -> str | None:
    status = data.get("status")
    is_shown = event.startswith("runbook.") or (event == "issue.created" and status == "acknowledged")
    return words(status) if is_shown and status else None


def _line(text: str) -> str:
    return " ".join(text.split())

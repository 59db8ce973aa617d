"""What the app writes, as Block Kit. Pure.

What comes from a cluster is text of strangers: `&`, `<` and `>` are escaped, so that it mentions nobody and links nowhere, and what is not
printable is a space. Slack refuses a message with a section of more than 3,000 characters or with more than 50 blocks.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optral.issues.model import Issue, Status, Substatus
from optral.kit.printable import one_line
from optral.terms import impacts

MAX_SECTION = 2900
MAX_BLOCKS = 40
MAX_LINE = 400
MAX_TITLE = 1000
ACKNOWLEDGE, SNOOZE, FIX, ASK, APPROVE, REJECT = (f"optral_{name}" for name in ("ack", "snooze", "fix", "ask", "approve", "reject"))
SNOOZES = {"1": "1 hour", "8": "8 hours", "24": "1 day"}
"""Hours, as values of the menu."""
_HALF = re.compile(r"&[a-z]*$")
_MARKS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "⚪"}
_ENDS = {Substatus.SNOOZED: "Snoozed", Substatus.MUTED: "Muted", Substatus.PREEXISTING: "Known before the cluster was connected"}


def escaped(text: object, *, most: int = MAX_LINE) -> str:
    """One line that Slack shows as it is; `most` characters after escaping."""
    return cut(one_line(text, most=most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), most)


def cut(text: str, most: int) -> str:
    """Escaped text of at most so many characters, which does not end within an entity."""
    return text if len(text) <= most else _HALF.sub("", text[: most - 1]) + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a message shows of an issue beside the issue itself. `by`: who acknowledged it; `fix`: what a verified fix has come to."""

    cluster: str
    cause: str | None = None
    by: str | None = None
    fix: str | None = None
    symptoms: int = 0
    fires: bool = True
    link: str = ""
    has_buttons: bool = False


def root(issue: Issue, shown: Shown) -> dict[str, Any]:
    """The message of an issue as it is now."""
    fires, link = shown.fires, shown.link
    head = _head(issue, fires=fires, by=shown.by)
    mark = _MARKS[issue.severity.value] if fires else "✅" if issue.status is Status.RESOLVED else "⏸️"
    title = escaped(issue.title, most=MAX_TITLE)
    linked = f"<{link}/issues/{issue.id}|{title}>" if link else title
    facts = {
        "severity": issue.severity.value,
        "cluster": shown.cluster,
        "namespace": issue.namespace,
        "object": f"{issue.owner_kind} {issue.owner_name}",
        "type": issue.type,
        "team": issue.team,
        "affects": impacts.in_words(issue.shown_impact),
        "symptoms": shown.symptoms,
    }
    details = " · ".join(f"{name} {escaped(value)}" for name, value in facts.items() if value)
    blocks = [section(f"{mark} *{head}*: {linked}"), context(details)]
    blocks += [section(f"*{name}*: {escaped(text, most=MAX_TITLE)}") for name, text in (("Cause", shown.cause), ("Fix", shown.fix)) if text]
    blocks += [_buttons(issue)] if fires and shown.has_buttons else []
    return {"text": f"{mark} {head}: {title}", "blocks": blocks}


def _head(issue: Issue, *, fires: bool, by: str | None) -> str:
    if issue.status is Status.RESOLVED:
        return "Resolved"
    if not fires:
        return "Symptom of another issue" if issue.parent_issue_id else _ENDS.get(issue.shown_as, "No longer reported here")
    if issue.status is Status.ACKNOWLEDGED:
        return f"Acknowledged by {escaped(by)}" if by else "Acknowledged"
    return "Returned" if issue.reopened else "Open"


def _buttons(issue: Issue) -> dict[str, Any]:
    is_open = issue.status is Status.OPEN
    options = [{"text": _plain(name), "value": f"{issue.id}:{hours}"} for hours, name in SNOOZES.items()]
    menu = {"type": "static_select", "action_id": SNOOZE, "placeholder": _plain("Snooze"), "options": options}
    return _actions(
        *([button("Acknowledge", ACKNOWLEDGE, issue.id)] if is_open else ()),
        menu,
        button("Preview the fix", FIX, issue.id),
        button("Ask", ASK, issue.id),
    )


def decision(execution_id: str, plan_hash: str) -> dict[str, Any]:
    """The buttons below a plan that waits. They hold the hash of the plan that is shown."""
    value = f"{execution_id}:{plan_hash}"
    return _actions(button("Approve", APPROVE, value, style="primary"), button("Reject", REJECT, value, style="danger"))


def message(lines: Iterable[str], *more: Mapping[str, Any], code: Sequence[str] = ()) -> dict[str, Any]:
    """A message of lines, which are escaped here, of a block of code, and of further blocks."""
    shown = [escaped(line) for line in lines]
    blocks: list[Mapping[str, Any]] = [section(part) for part in _parts(shown)[: MAX_BLOCKS - 10]]
    blocks += [section(f"```{part}```") for part in _parts([escaped(line).replace("```", "'''") for line in code])[:5]]
    return {"text": shown[0] if shown else "", "blocks": [*blocks, *more]}


def _parts(lines: Sequence[str]) -> list[str]:
    """The lines in as few texts as fit into sections."""
    parts: list[str] = []
    for line in lines:
        if parts and len(parts[-1]) + len(line) < MAX_SECTION - 10:
            parts[-1] += "\n" + line
        else:
            parts.append(line)
    return parts


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _markdown(text)}


def context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_markdown(text or " ")]}


def button(text: str, action: str, value: str, **more: str) -> dict[str, Any]:
    return {"type": "button", "text": _plain(text), "action_id": action, "value": value, **more}


def question(issue_id: str, channel: str, thread: str) -> dict[str, Any]:
    """The dialog that asks for a question about an issue."""
    entry = {"type": "plain_text_input", "action_id": ASK, "max_length": 300, "placeholder": _plain("What changed?")}
    return {
        "type": "modal",
        "callback_id": ASK,
        "private_metadata": f"{issue_id}:{channel}:{thread}",
        "title": _plain("Ask about this issue"),
        "submit": _plain("Ask"),
        "blocks": [{"type": "input", "block_id": ASK, "label": _plain("Question"), "element": entry}],
    }


def _actions(*elements: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def _markdown(text: str) -> dict[str, Any]:
    """`verbatim`: addresses and names in it become no links and no mentions."""
    return {"type": "mrkdwn", "text": cut(text, MAX_SECTION), "verbatim": True}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}

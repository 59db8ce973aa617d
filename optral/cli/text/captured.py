"""What was captured when an issue opened, on a terminal: each log under a line that says whose it is, then Events and changes.

Everything shown comes from a cluster, so it is cleaned like all other output.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from optral.cli.base.output import clean, clean_text, stale_notice

MAX_VALUE = 200


def render(answer: dict[str, Any]) -> None:
    """Print the API's answer."""
    sys.stdout.write("\n".join(_lines(answer)) + "\n")


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    parts = [[notice]] if (notice := stale_notice(answer)) else []
    parts += [_log(log) for log in answer.get("logs") or []]
    if events := answer.get("events"):
        parts.append(["EVENTS", *(_event(event) for event in events)])
    if changes := answer.get("changes"):
        parts.append(["CHANGES", *(line for change in changes for line in _change(change))])
    if len(parts) == bool(notice):
        parts.append(["Nothing was captured when this issue opened, or the capture expired after 14 days."])
    for index, part in enumerate(parts):
        yield from [""] if index else []
        yield from part


def _log(log: dict[str, Any]) -> list[str]:
    run = "previous run" if log.get("previous") else "current run"
    head = (
        f"LOG  {clean(log.get('namespace'))}/{clean(log.get('pod'))}  {clean(log.get('container'))}  {run}  {clean(log.get('capturedAt'))}"
    )
    state, reason = clean(log.get("state")), clean(log.get("reason"))
    if state != "captured":
        said = {"wanted": "not fetched yet", "failed": "could not be fetched", "dropped": "not requested"}.get(state, state)
        return [head, f"  {said}{': ' + reason if reason else ''}"]
    lines = clean_text(str(log.get("text") or "")).splitlines() or ["(the container wrote nothing)"]
    return [head, *(["  (only the last lines were captured)"] if log.get("truncated") else []), *(f"  {line}".rstrip() for line in lines)]


def _event(event: dict[str, Any]) -> str:
    count = f" x{event['count']}" if event.get("count", 1) > 1 else ""
    said = f"{clean(event.get('type'))} {clean(event.get('reason'))}{count}  {_ref(event)}  {clean(event.get('message'))}"
    return f"  {clean(event.get('lastAt'))}  {said}"


def _change(change: dict[str, Any]) -> list[str]:
    by = f"  by {clean(change['manager'])}" if change.get("manager") else ""
    return [f"  {clean(change.get('at'))}  {_ref(change)}{by}", *field_lines(change.get("diff") or [])]


def field_lines(diff: list[dict[str, Any]]) -> list[str]:
    """The changed fields of an object, each with its value before and after."""
    return [f"    {clean(one.get('path'))}: {_value(one.get('from'))} -> {_value(one.get('to'))}" for one in diff]


def _ref(of: dict[str, Any]) -> str:
    return "/".join(clean(of[name]) for name in ("kind", "namespace", "name") if of.get(name))


def _value(value: object) -> str:
    if value is None:
        return "(unset)"
    return clean(value if isinstance(value, str) else json.dumps(value))[:MAX_VALUE]

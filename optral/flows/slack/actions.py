"""What a button, a dialog or a command asks: requests to the REST API as the member, and the answer as lines.

No right is decided here: the routes of the API check scopes, bindings and the second person as for everybody.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from optral.flows.webhooks import slack_blocks as blocks
from optral.kit.times import rfc3339
from optral.mcp import calls
from optral.mcp.rest import Params, Refusal
from optral.mcp.tools import Asking, GetIssue, ListIssues, Search, Tool

WAIT_S = 8
USAGE = "Use `/optral status`, `/optral search WORDS` or `/optral issue ID`."
REASON = "Requested in Slack"
MAX_ROWS = 20


class Rest(Protocol):
    """One request to the REST API as a member; `key` is its Idempotency-Key. Raises `Refusal`."""

    async def __call__(
        self, method: str, path: str, *, params: Params | None = None, body: object = None, key: str | None = None
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: to the person alone, or in the thread of the issue."""

    message: Mapping[str, Any]
    is_public: bool = False


async def press(rest: Rest, action: str, value: str, *, now: datetime, key: str) -> Response:
    """A button. `key` is drawn by Slack for each press."""
    subject, _, rest_of = value.partition(":")
    match action:
        case blocks.ACKNOWLEDGE:
            await rest("PATCH", f"/v1/issues/{subject}", body={"status": "acknowledged"})
            return _alone("Acknowledged.")
        case blocks.SNOOZE:
            until = now + timedelta(hours=int(rest_of) if rest_of in blocks.SNOOZES else 1)
            await rest("PATCH", f"/v1/issues/{subject}", body={"snooze": {"until": rfc3339(until)}})
            return _alone(f"Snoozed until {until:%Y-%m-%d %H:%M} UTC.")
        case blocks.FIX:
            return await _plan(rest, subject, key)
        case blocks.APPROVE:
            body = {"planHash": rest_of, "reason": "Approved in Slack"}
            one = await rest("POST", f"/v1/executions/{subject}/approve", body=body, key=key)
            return _alone(f"Approved. The execution is {one['status']}.")
        case blocks.REJECT:
            await rest("POST", f"/v1/executions/{subject}/reject", body={"reason": "Rejected in Slack"}, key=key)
            return _alone("Rejected.")
    return _alone("This button is of an older version of Optral.")


async def ask(rest: Rest, issue_id: str, question: str) -> Response:
    answer = await rest("POST", f"/v1/issues/{issue_id}/questions", body={"question": question})
    lines = [*(one["text"] for one in answer["sentences"]), *answer["notes"]]
    return Response(blocks.message([question, *lines], code=[answer["query"]] if answer.get("query") else ()))


async def command(rest: Rest, text: str, *, now: datetime) -> Response:
    """`/optral TEXT`, with what the answer rests on: what was looked at, and what was not."""
    verb, _, given = text.strip().partition(" ")
    given = given.strip()
    tool: Tool | None = None
    match verb:
        case "status":
            tool = ListIssues()
        case "search" if given:
            tool = Search(text=given[:100])
        case "issue" if given:
            tool = calls.checked(GetIssue, {"issue": given})
    if tool is None:
        return _alone(USAGE)
    answer = await tool.run(Asking(rest, now))
    left = max(0, len(answer.rows) - MAX_ROWS) + answer.more
    more = [f"{left} more exist."] if left else []
    covered = await calls.coverage(rest, answer.clusters, now)
    return Response(blocks.message([*(answer.rows or [answer.if_empty])[:MAX_ROWS], *more, *covered]))


async def _plan(rest: Rest, issue_id: str, key: str) -> Response:
    """Plan the first fix that needs no decision; another member approves it."""
    issue = await rest("GET", f"/v1/issues/{issue_id}")
    actions = [one for one in (issue.get("analysis") or {}).get("recommendedActions") or () if one.get("runbook")]
    ready = next((one for one in actions if not one.get("toDecide")), None)
    if ready is None:
        return _alone("No fix can be planned without a decision; open the issue in Optral.")
    body = {"parameters": ready.get("parameters") or {}, "issueId": issue_id, "reason": REASON}
    one = await rest("POST", f"/v1/runbooks/{ready['runbook']}/plan", params={"wait": WAIT_S}, body=body, key=key)
    return _planned(ready["title"], one)


def _planned(title: str, one: Mapping[str, Any]) -> Response:
    """The plan with its diff, and the buttons that decide on it while it waits."""
    plan, target = one.get("plan") or {}, one["target"]
    place = "/".join(str(target[part]) for part in ("namespace", "name") if target.get(part))
    lines = [f"Plan: {title} on {target['kind']} {place} in {one['cluster']}", f"Status {one['status']}, risk {one['risk']}."]
    lines += [f"{failure['code']}: {failure['message']}"] if (failure := one.get("failure")) else []
    code = [f"{diff['path']}: {json.dumps(diff.get('from'))} → {json.dumps(diff.get('to'))}" for diff in plan.get("diff") or ()]
    if one["status"] != "pendingApproval" or not plan.get("hash"):
        return Response(blocks.message(lines, code=code), is_public=True)
    lines.append("Nothing has been changed. Another member approves it.")
    return Response(blocks.message(lines, blocks.decision(one["id"], plan["hash"]), code=code), is_public=True)


def refused(error: Refusal) -> Response:
    return Response(blocks.message([error.say, *error.rows]))


def _alone(text: str) -> Response:
    return Response(blocks.message([text]))

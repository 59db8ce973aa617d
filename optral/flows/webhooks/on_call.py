"""The alert of an issue in PagerDuty (Events API v2) and in Jira Service Management (alert API).

Both know an alert by a key that the sender chooses, here the id of the issue, so a delivery that is repeated changes nothing. A body is the
request without its key of the integration, which is added when it is sent (`requested`).
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from optral.issues.model import Issue, Status
from optral.kit.printable import one_line
from optral.kit.times import rfc3339
from optral.terms import impacts
from optral.terms.severity import Severity
from optral.webhooks.model import Form, Target

MAX_SUMMARY = 1024  # characters, of PagerDuty
MAX_MESSAGE = 130  # characters, of Jira Service Management
MAX_ADVICE = 1500
_PAGERDUTY = {Severity.CRITICAL: "critical", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "info"}
_PRIORITIES = {Severity.CRITICAL: "P1", Severity.HIGH: "P2", Severity.MEDIUM: "P3", Severity.LOW: "P5"}
_CLOSES = "resolve"
_SOURCE = "Optral"
_body = msgspec.json.Decoder(dict[str, Any])


class Request(NamedTuple):
    url: str
    headers: Mapping[str, str]
    body: bytes


def action(issue: Issue, *, fires: bool) -> str:
    """`trigger`, `acknowledge` or `resolve`: what an alert should be now."""
    if not fires:
        return _CLOSES
    return "acknowledge" if issue.status is Status.ACKNOWLEDGED else "trigger"


def body(form: Form, issue: Issue, wanted: str, *, cluster: str, link: str, advice: Sequence[str] = ()) -> dict[str, Any]:
    """`advice`: sentences about the cause and about what to do first."""
    url = f"{link}/issues/{issue.id}" if link else ""
    details = {
        "type": issue.type,
        "severity": issue.severity.value,
        "cluster": cluster,
        "namespace": issue.namespace or "",
        "object": f"{issue.owner_kind} {issue.owner_name}",
        "team": issue.team or "",
        "affects": impacts.in_words(issue.shown_impact) or "",
        "analysis": _cut(" ".join(filter(None, advice)), MAX_ADVICE),
        "url": url,
    }
    details = {name: value for name, value in details.items() if value}
    return _pagerduty(issue, wanted, details, url) if form is Form.PAGERDUTY else _jsm(issue, wanted, details)


def _end(issue: Issue) -> str:
    """Why an alert ends."""
    if issue.status is Status.RESOLVED or issue.parent_issue_id is None:
        return (Status.RESOLVED if issue.status is Status.RESOLVED else issue.shown_as).value
    return "a symptom of another issue"


def _cut(text: str, most: int) -> str:
    """At a word if one ends in the second half, and never between a letter and its accent."""
    line = one_line(text)
    if len(line) <= most:
        return line
    end = most - 1
    while unicodedata.combining(line[end]):
        end -= 1
    words = line[: end + 1].rpartition(" ")[0].rstrip()
    return (words if len(words) > most // 2 else line[:end]) + "…"


def test(form: Form) -> dict[str, Any]:
    """Ends an alert that does not exist: services accept it if the key is valid, and page nobody."""
    if form is Form.PAGERDUTY:
        return {"event_action": _CLOSES, "dedup_key": "optral-test"}
    return {"action": "close", "alias": "optral-test", "source": _SOURCE, "note": "Test"}


def requested(form: Form, target: Target, given: bytes) -> Request:
    """What is sent for a stored body: for Jira Service Management, the action is part of the address."""
    wanted = _body.decode(given)
    if form is Form.PAGERDUTY:
        return Request(target.url, {}, msgspec.json.encode({"routing_key": target.credentials.token, **wanted}))
    headers = {"authorization": f"GenieKey {target.credentials.token}"}
    if (doing := wanted.pop("action", None)) is None:
        return Request(target.url, headers, msgspec.json.encode(wanted))
    alert = f"{target.url}/{quote(wanted.pop('alias'), safe='')}/{doing}?identifierType=alias"
    return Request(alert, headers, msgspec.json.encode(wanted))


def _pagerduty(issue: Issue, wanted: str, details: dict[str, Any], url: str) -> dict[str, Any]:
    said: dict[str, Any] = {"event_action": wanted, "dedup_key": issue.id}
    if wanted != "trigger":
        return said
    payload = {
        "summary": _cut(issue.title, MAX_SUMMARY),
        "source": "/".join(part for part in (details.get("cluster"), issue.namespace, issue.owner_name) if part) or issue.cluster_id,
        "severity": _PAGERDUTY[issue.severity],
        "timestamp": rfc3339(issue.first_seen_at),
        "component": issue.owner_name,
        "group": issue.namespace or "",
        "class": issue.type,
        "custom_details": details,
    }
    linked = {"links": [{"href": url, "text": "Open in Optral"}], "client_url": url} if url else {}
    return {**said, "payload": payload, "client": _SOURCE, **linked}


def _jsm(issue: Issue, wanted: str, details: dict[str, Any]) -> dict[str, Any]:
    if wanted == _CLOSES:
        return {"action": "close", "alias": issue.id, "source": _SOURCE, "note": f"The issue is {_end(issue)}"}
    if wanted == "acknowledge":
        return {"action": "acknowledge", "alias": issue.id, "source": _SOURCE, "note": "Acknowledged in Optral"}
    return {
        "message": _cut(issue.title, MAX_MESSAGE),
        "alias": issue.id,
        "description": "\n".join((issue.title, *(f"{name}: {value}" for name, value in details.items()))),
        "priority": _PRIORITIES[issue.severity],
        "entity": issue.owner_name,
        "tags": [issue.type, issue.severity.value],
        "details": details,
        "source": _SOURCE,
    }

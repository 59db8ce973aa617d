"""Issues as alerts for the API of Alertmanager (`POST /api/v2/alerts`).

Alertmanager knows an alert by its labels, and the severity, by which people route, is one of them. So a body has one alert for each
severity, of which the present one fires while the issue is open and not silent: whatever was sent before ends with it, and a delivery that
is repeated changes nothing. An alert that fires ends by itself unless it is sent again (`refresh.py`), so it cannot outlive what sends it.
One that a later one about the issue has replaced is not sent (`webhooks.claim`). `ISSUE_LABEL` has the id of the issue, so that a receiver
of Optral recognizes what Optral sent.
"""

from datetime import datetime, timedelta
from typing import Any

from optral.alerts.payloads import ISSUE_LABEL
from optral.events.model import Event
from optral.flows.issues.ripeness import is_silent
from optral.flows.webhooks import routing
from optral.issues.model import Issue, Status
from optral.kit.times import rfc3339
from optral.terms.severity import Severity
from optral.webhooks.model import Filters

FIRES_FOR = timedelta(minutes=5)  # as Prometheus: its alerts end when four repetitions are missing
MAX_TITLE = 1000
_ENDS = frozenset({"substatus", "parentIssueId", "severity"})
"""Changes of an issue with which its alert may end."""


def fires(issue: Issue, wanted: Filters) -> bool:
    """Whether an issue has an alert at a destination with these filters. The events of the filters do not matter."""
    return issue.status is not Status.RESOLVED and not is_silent(issue) and routing.covers(wanted, issue)


def concerns(issue: Issue, event: Event, wanted: Filters) -> bool:
    """Whether the alert of an issue fires, or may end with this event. That of a silent issue ended when it became silent."""
    if event.type == "issue.resolved":
        return not is_silent(issue) and routing.covers(wanted, issue)
    return fires(issue, wanted) or (event.type == "issue.updated" and not _ENDS.isdisjoint(event.data.get("changes", {})))


def labels(issue: Issue, *, cluster: str) -> dict[str, str]:
    """The labels of its alert but the severity."""
    named = {
        "alertname": issue.type,
        "cluster": cluster,
        "namespace": issue.namespace or "",
        "kind": issue.owner_kind,
        "name": issue.owner_name,
        "container": issue.container or "",
        "team": issue.team or "",
        ISSUE_LABEL: issue.id,
    }
    return {name: value for name, value in named.items() if value}


def body(issue: Issue, wanted: Filters, *, cluster: str, link: str, now: datetime) -> list[dict[str, Any]]:
    """The alerts of an issue, of which at most one fires; `link` is the address people open, or empty."""
    is_firing, ended = fires(issue, wanted), min(issue.resolved_at or now, now)
    return [
        _alert(issue, severity, cluster=cluster, link=link, ends_at=now + FIRES_FOR if is_firing and severity is issue.severity else ended)
        for severity in Severity
    ]


def firing(issue: Issue, *, cluster: str, link: str, now: datetime) -> dict[str, Any]:
    """The alert of an issue that fires."""
    return _alert(issue, issue.severity, cluster=cluster, link=link, ends_at=now + FIRES_FOR)


def _alert(issue: Issue, severity: Severity, *, cluster: str, link: str, ends_at: datetime) -> dict[str, Any]:
    return {
        "labels": labels(issue, cluster=cluster) | {"severity": severity.value},
        "annotations": {"summary": issue.title[:MAX_TITLE]},
        "startsAt": rfc3339(issue.first_seen_at),
        "endsAt": rfc3339(ends_at),
        **({"generatorURL": f"{link}/issues/{issue.id}"} if link else {}),
    }

"""Events about issues as alerts for the API of Alertmanager (`POST /api/v2/alerts`).

Alertmanager knows an alert by its labels, and the severity, by which people route, is one of them. So a body has one alert for each
severity, of which the present one fires until the issue resolves: whatever was sent before ends with it, and a delivery that is repeated
changes nothing. One that a later one about the issue has replaced is not sent (`webhooks.claim`). `ISSUE_LABEL` has the id of the issue, so
that a receiver of Optral recognizes what Optral sent.
"""

from datetime import datetime, timedelta
from typing import Any

from optral.alerts.payloads import ISSUE_LABEL
from optral.issues.model import Issue, Status
from optral.kit.times import rfc3339
from optral.terms.severity import Severity

FIRES_FOR = timedelta(days=7)  # without a further event; Alertmanager would drop an alert without an end after five minutes
MAX_TITLE = 1000


def body(issue: Issue, *, cluster: str, link: str, now: datetime) -> list[dict[str, Any]]:
    """The alerts of an issue; `link` is the address people open, or empty."""
    labels = {
        "alertname": issue.type,
        "cluster": cluster,
        "namespace": issue.namespace or "",
        "kind": issue.owner_kind,
        "name": issue.owner_name,
        "container": issue.container or "",
        ISSUE_LABEL: issue.id,
    }
    named = {name: value for name, value in labels.items() if value}
    is_open = issue.status is not Status.RESOLVED
    return [
        {
            "labels": named | {"severity": severity.value},
            "annotations": {"summary": issue.title[:MAX_TITLE]},
            "startsAt": rfc3339(issue.first_seen_at),
            "endsAt": rfc3339(now + FIRES_FOR if is_open and severity is issue.severity else issue.resolved_at or now),
            **({"generatorURL": f"{link}/issues/{issue.id}"} if link else {}),
        }
        for severity in Severity
    ]

"""What is sent: the body of a delivery in the form of its webhook."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from optral.access import people_service as people
from optral.analysis import brief, service as analyses
from optral.clusters import service as clusters
from optral.events.model import Event
from optral.flows.webhooks import alert_bodies, messages, on_call, slack_app, tickets
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import Issue
from optral.kit.times import rfc3339
from optral.store.transaction import Transaction
from optral.webhooks import model
from optral.webhooks.model import Delivery, Form, Webhook

MAX_VERDICT = 100
_PAGES = {"approval": "executions", "execution": "executions", "runbook": "executions", "cluster": "clusters"}
"""Of the dashboard, by the first word of an event."""


def of_event(tx: Transaction, form: Form, event: Event, *, name: str, issue: Issue | None, link: str, escalated_min: int = 0) -> str:
    """The event with the issue's title and address, or a message for people. `escalated_min` as of `messages.message`."""
    data = dict(event.data)
    if issue is not None:
        data["title"] = issue.title
        if link:
            data["url"] = f"{link}/issues/{issue.id}"
    if form.is_read:
        shown = data | _for_people(tx, event, issue, link)
        said = messages.message(name, shown, cluster=_cluster(tx, event.cluster_id), escalated_min=escalated_min)
        return _encoded(messages.encoded(said, form))
    return envelope(name, event.at, data)


def verdict(tx: Transaction, event: Event, issue: Issue | None) -> str | None:
    """What a message for people says of the cause: its id, or the status of an analysis without one."""
    if event.type == "analysis.ready":
        return str(event.data.get("rootCause") or event.data.get("status"))[:MAX_VERDICT]
    cause = None if issue is None or event.type == "issue.resolved" else _brief(tx, issue).get("cause")
    return None if cause is None else str(cause["id"])[:MAX_VERDICT]


def _for_people(tx: Transaction, event: Event, issue: Issue | None, link: str) -> dict[str, Any]:
    """What people need beside the event: names, the address of what it is about, and of an issue how it is now."""
    if issue is None:
        page, who = _PAGES.get(event.type.partition(".")[0]), event.data.get("requestedBy")
        url = {"url": f"{link}/{page}/{event.subject_id}"} if page and link else {}
        return url | ({"by": people.names(tx, [who]).get(who, who)} if who else {})
    return {
        "severity": issue.severity.value,
        "status": issue.status.value,
        "impact": issue.shown_impact,
        "team": issue.team,
        "symptoms": grouping.symptom_counts(tx, [issue.id]).get(issue.id, 0),
        "by": slack_app.acknowledged_by(tx, issue),
        "assignee": people.names(tx, [issue.assignee]).get(issue.assignee) if issue.assignee else None,
        **_brief(tx, issue),
    }


def of_issue(tx: Transaction, webhook: Webhook, issue: Issue, *, link: str) -> str:
    """The alert of an issue as of now, in a form that follows issues."""
    if webhook.form is Form.SLACK_APP:
        return slack_app.body(tx, webhook, issue, link=link)
    cluster = _cluster(tx, issue.cluster_id)
    if webhook.form is Form.TICKET:
        return tickets.body(webhook, issue, cluster=cluster, cause=_cause(tx, issue), link=link)
    if webhook.form is Form.ALERTS:
        return _encoded(alert_bodies.body(issue, webhook.filters, cluster=cluster, link=link, now=tx.now))
    wanted = on_call.action(issue, fires=alert_bodies.fires(issue, model.any_issue(webhook.filters)))
    advice = messages.advice("", _brief(tx, issue))
    return _encoded(on_call.body(webhook.form, issue, wanted, cluster=cluster, link=link, advice=advice))


class Digest(msgspec.Struct):
    """The body of a digest until it is sent: issues, and how many more there are."""

    issues: list[str] = []
    more: int = 0

    @classmethod
    def of(cls, delivery: Delivery) -> "Digest":
        return _digest.decode(delivery.body)

    def and_more(self, ids: Sequence[str]) -> "Digest":
        whole = [*self.issues, *ids]
        return Digest(whole[: model.MAX_DIGEST], self.more + len(whole[model.MAX_DIGEST :]))

    def body(self) -> str:
        return _encoded(self)


_digest = msgspec.json.Decoder(Digest)


def of_digest(tx: Transaction, form: Form, digest: Digest, *, link: str) -> str:
    """A message about many issues, the most severe first."""
    found = sorted(issues.find_all(tx, digest.issues), key=lambda issue: (-issue.severity.rank, issue.detected_at))
    names = clusters.names(tx, (issue.cluster_id for issue in found))
    titles = [(issue.severity.value, f"{issue.title[:200]} · cluster {names.get(issue.cluster_id, issue.cluster_id)}") for issue in found]
    said = messages.digest(titles, more=digest.more + len(digest.issues) - len(titles), url=f"{link}/issues" if link else "")
    message = messages.encoded(said, form)
    return slack_app.plain(message) if form is Form.SLACK_APP else _encoded(message)


def of_test(webhook: Webhook, now: datetime) -> str:
    data: dict[str, object] = {"id": webhook.id, "title": f"notifications of the webhook {webhook.name} arrive here"}
    match webhook.form:
        case Form.ALERTS:
            return "[]"  # no alert: Alertmanager accepts it if it can be reached
        case Form.SLACK_APP:
            return slack_app.test(webhook)
        case Form.TICKET:
            return tickets.test()
        case Form.PAGERDUTY | Form.JSM:
            return _encoded(on_call.test(webhook.form))
        case Form.SLACK | Form.TEAMS | Form.EMAIL:
            return _encoded(messages.encoded(messages.message(model.TEST, data, cluster=""), webhook.form))
    return envelope(model.TEST, now, data)


def envelope(name: str, at: datetime, data: dict[str, object]) -> str:
    """The body as Standard Webhooks has it: type, timestamp, data."""
    body = msgspec.json.encode({"type": name, "timestamp": rfc3339(at, timespec="milliseconds"), "data": data})
    if len(body) > model.MAX_BODY_BYTES:
        kept: dict[str, object] = {key: data[key] for key in ("id", "clusterId", "url") if key in data}
        return envelope(name, at, kept | {"isShortened": True})
    return body.decode()


def _cluster(tx: Transaction, cluster_id: str | None) -> str:
    return clusters.names(tx, [cluster_id]).get(cluster_id, "") if cluster_id else ""


def _cause(tx: Transaction, issue: Issue) -> str:
    """The cause that the latest analysis found."""
    cause = analyses.shown_result(tx, issue.id).get("rootCause")
    return "" if cause is None else str(cause["title"])


def _brief(tx: Transaction, issue: Issue) -> dict[str, Any]:
    known = analyses.shown(tx, issue.id)
    return {} if known is None else brief.of(known)


def _encoded(body: Any) -> str:
    return msgspec.json.encode(body).decode()

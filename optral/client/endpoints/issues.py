"""The endpoints of issues, their analyses, and what people set up around them."""

from collections.abc import Mapping, Sequence
from typing import Any

from optral.client import models
from optral.client.endpoints.base import Endpoints, camel, quote
from optral.client.http import Answer
from optral.kit.mappings import without_none


class Issues(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Issues]:
        """Filters: cluster, severity, status, type, namespace, since, until, q, sort, page, page_size, cursor.

        Also category, substatus, kind, container, assignee, team, label, parent, snoozed and muted ("true" or "false").
        """
        return self._http.get("/v1/issues", models.Issues, params=camel(filters))

    def get(self, issue_id: str) -> Answer[models.Issue]:
        return self._http.get(f"/v1/issues/{quote(issue_id)}", models.Issue)

    def analyze(self, issue_id: str, *, force: bool = False, wait_s: int = 0) -> Answer[dict[str, Any]]:
        """Analyze the issue; returns the analysis after at most `wait_s` seconds (0 to 25), finished or not."""
        path = f"/v1/issues/{quote(issue_id)}/analyze"
        return self._http.call("POST", path, dict[str, Any], params={"wait": str(wait_s)}, body={"force": force})

    def analyses(self, issue_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """The analyses of the issue, newest first. Filters: page, page_size, cursor."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/analyses", dict[str, Any], params=camel(filters))

    def topology(self, issue_id: str) -> Answer[dict[str, Any]]:
        """Objects related to an issue: {nodes, edges, leftOut, notPermitted}."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/topology", dict[str, Any])

    def tickets(self, issue_id: str) -> Answer[dict[str, Any]]:
        """Tickets of an issue, and the webhooks that can create one: {tickets, webhooks}."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/tickets", dict[str, Any])

    def create_ticket(self, issue_id: str, webhook: str) -> Answer[dict[str, Any]]:
        """Create a ticket of an issue through a webhook (id or name)."""
        return self._http.call("POST", f"/v1/issues/{quote(issue_id)}/tickets", dict[str, Any], body={"webhookId": webhook})

    def captured(self, issue_id: str) -> Answer[dict[str, Any]]:
        """What was captured when it opened: {logs, events, changes, surroundingsAt}."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/captured", dict[str, Any])

    def post_mortem(self, issue_id: str) -> Answer[dict[str, Any]]:
        """The post-mortem of an issue: {title, sections, markdown}."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/post-mortem", dict[str, Any])

    def set_status(self, issue_id: str, status: str, *, if_match: str | None = None) -> Answer[models.Issue]:
        """`status` is acknowledged, resolved or open."""
        return self.change(issue_id, {"status": status}, if_match=if_match)

    def change(self, issue_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[models.Issue]:
        """`change`: any of status, assignee, labels, snooze; None removes an assignee, a label or a snooze."""
        return self._http.call("PATCH", f"/v1/issues/{quote(issue_id)}", models.Issue, body=change, if_match=if_match)

    def change_many(self, issue_ids: Sequence[str], change: dict[str, Any]) -> Answer[dict[str, Any]]:
        """Make the same change to up to 500 issues; returns the outcome of each."""
        return self._http.call("POST", "/v1/issues/bulk", dict[str, Any], body={"ids": list(issue_ids), "change": change})

    def change_matching(
        self, query: str, change: dict[str, Any], *, expected: int | None = None, cursor: str | None = None
    ) -> Answer[dict[str, Any]]:
        """Change the next 500 issues that match: {results, changed, unchanged, refused, matching, nextCursor}."""
        body = {"query": query, "change": change} | without_none({"expected": expected, "cursor": cursor})
        return self._http.call("POST", "/v1/issues/bulk", dict[str, Any], body=body)

    def snooze(
        self, issue_id: str, *, until: str | None = None, occurrences: int | None = None, severity_rises: bool = False
    ) -> Answer[models.Issue]:
        """Pause notifications until the first of these conditions is met."""
        wish: dict[str, Any] = {"until": until, "occurrences": occurrences, "severityRises": severity_rises or None}
        return self.change(issue_id, {"snooze": without_none(wish)})

    def unsnooze(self, issue_id: str) -> Answer[models.Issue]:
        return self.change(issue_id, {"snooze": None})

    def assign(self, issue_id: str, to: str | None) -> Answer[models.Issue]:
        """`to`: a member's id, `me`, or None to unassign."""
        return self.change(issue_id, {"assignee": to})

    def trends(self, **filters: str | None) -> Answer[dict[str, Any]]:
        """Issues opened and resolved over time. Filters: range (24h, 7d or 30d), cluster."""
        return self._http.get("/v1/issues/trends", dict[str, Any], params=camel(dict(filters)))

    def groups(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Number of issues of each workload, type, cluster or namespace (`by`)."""
        return self._http.get("/v1/issues/groups", dict[str, Any], params=camel(filters))

    def facets(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Counts by facet; the filters are those of `list`."""
        return self._http.get("/v1/issues/facets", dict[str, Any], params=camel(filters))

    def activity(self, issue_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """The activity of the issue. Filters: sort (at, -at), page, page_size, cursor."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/activity", dict[str, Any], params=camel(filters))

    def similar(self, issue_id: str) -> Answer[dict[str, Any]]:
        """How often the issue opened lately, and similar issues with what ended them."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/similar", dict[str, Any])

    def ask(self, about: str, question: str) -> Answer[dict[str, Any]]:
        """About an issue, or a cluster by id or name: {intent, sentences, notes, query}; no `intent`: the question is not known."""
        kind = "issues" if about.startswith("iss_") else "clusters"
        return self._http.call("POST", f"/v1/{kind}/{quote(about)}/questions", dict[str, Any], body={"question": question})

    def comments(self, issue_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort (at, -at), page, page_size, cursor."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/comments", dict[str, Any], params=camel(filters))

    def comment(self, issue_id: str, body: str) -> Answer[dict[str, Any]]:
        return self._http.call("POST", f"/v1/issues/{quote(issue_id)}/comments", dict[str, Any], body={"body": body})

    def edit_comment(self, issue_id: str, comment_id: str, body: str) -> Answer[dict[str, Any]]:
        path = f"/v1/issues/{quote(issue_id)}/comments/{quote(comment_id)}"
        return self._http.call("PATCH", path, dict[str, Any], body={"body": body})

    def delete_comment(self, issue_id: str, comment_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/issues/{quote(issue_id)}/comments/{quote(comment_id)}", dict[str, Any])


class Owners(Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/owners", dict[str, Any])

    def rules(self) -> Answer[dict[str, Any]]:
        """How teams are found: {order, labels, rules, version}."""
        return self._http.get("/v1/owners/rules", dict[str, Any])

    def update_rules(self, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: any of order, labels and rules; each replaces all of it."""
        return self._http.call("PATCH", "/v1/owners/rules", dict[str, Any], body=change, if_match=if_match)


class Analyses(Endpoints):
    def get(self, analysis_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/analyses/{quote(analysis_id)}", dict[str, Any])

    def automatic(self) -> Answer[dict[str, Any]]:
        """Whether severe issues are analyzed when they open: {enabled}."""
        return self._http.get("/v1/automatic-analysis", dict[str, Any])

    def switch_automatic(self, on: bool) -> Answer[dict[str, Any]]:
        return self._http.call("PATCH", "/v1/automatic-analysis", dict[str, Any], body={"enabled": on})

    def log_capture(self) -> Answer[dict[str, Any]]:
        """Whether container logs are captured when an issue opens: {enabled}."""
        return self._http.get("/v1/log-capture", dict[str, Any])

    def switch_log_capture(self, on: bool) -> Answer[dict[str, Any]]:
        return self._http.call("PATCH", "/v1/log-capture", dict[str, Any], body={"enabled": on})

    def put_feedback(self, analysis_id: str, said: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`said`: helpful, and any of reason, cause and comment. It replaces your earlier feedback."""
        return self._http.call("PUT", f"/v1/analyses/{quote(analysis_id)}/feedback", dict[str, Any], body=said)

    def withdraw_feedback(self, analysis_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/analyses/{quote(analysis_id)}/feedback", dict[str, Any])

    def feedback(self, analysis_id: str) -> Answer[dict[str, Any]]:
        """What people said about one analysis, newest first."""
        return self._http.get(f"/v1/analyses/{quote(analysis_id)}/feedback", dict[str, Any])

    def count_feedback(self, **filters: str | None) -> Answer[dict[str, Any]]:
        """Feedback by issue type and cause, and over time. Filters: range (24h, 7d or 30d), cluster."""
        return self._http.get("/v1/analyses/feedback", dict[str, Any], params=camel(dict(filters)))


class MuteRules(Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        """Active rules, oldest first."""
        return self._http.get("/v1/mute-rules", dict[str, Any])

    def get(self, rule_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/mute-rules/{quote(rule_id)}", dict[str, Any])

    def create(self, match: dict[str, Any], *, reason: str, expires_at: str) -> Answer[dict[str, Any]]:
        """`match`: any of types, clusters, namespaces, kinds, names, containers (lists) and labels."""
        return self._http.call("POST", "/v1/mute-rules", dict[str, Any], body={"match": match, "reason": reason, "expiresAt": expires_at})

    def update(
        self, rule_id: str, *, reason: str | None = None, expires_at: str | None = None, if_match: str | None = None
    ) -> Answer[dict[str, Any]]:
        body = without_none({"reason": reason, "expiresAt": expires_at})
        return self._http.call("PATCH", f"/v1/mute-rules/{quote(rule_id)}", dict[str, Any], body=body, if_match=if_match)

    def delete(self, rule_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """End the rule; issues that it muted send notifications again."""
        return self._http.call("DELETE", f"/v1/mute-rules/{quote(rule_id)}", dict[str, Any], if_match=if_match)


class Views(Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        """Your own views, then the shared ones, each by name."""
        return self._http.get("/v1/views", dict[str, Any])

    def create(
        self, name: str, query: str, *, sort: str = "-severity", shared: bool = False, display: Mapping[str, Any] | None = None
    ) -> Answer[dict[str, Any]]:
        body = {"name": name, "query": query, "sort": sort, "shared": shared, "display": dict(display or {})}
        return self._http.call("POST", "/v1/views", dict[str, Any], body=body)

    def update(self, view_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: any of name, query, sort, display and shared."""
        return self._http.call("PATCH", f"/v1/views/{quote(view_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, view_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/views/{quote(view_id)}", dict[str, Any], if_match=if_match)


class Ai(Endpoints):
    def get(self) -> Answer[dict[str, Any]]:
        """The language model's settings and today's usage."""
        return self._http.get("/v1/ai", dict[str, Any])

    def usage(self, month: str | None = None) -> Answer[dict[str, Any]]:
        """What questions used in a month (2026-11), by member or key."""
        return self._http.get("/v1/ai/usage", dict[str, Any], params=without_none({"month": month}))

    def switch(self, on: bool, *, destination: str | None = None) -> Answer[dict[str, Any]]:
        """Enable or disable the model. Consent applies to one destination: pass the `destination` from `get`."""
        body = without_none({"enabled": on, "destination": destination})
        return self._http.call("PATCH", "/v1/ai", dict[str, Any], body=body)

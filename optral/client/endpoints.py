"""The endpoints of the API by resource: `Issues.list(status="open")`. Every method returns an `Answer` or raises `ClientError`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from optral.client import models, stream
from optral.client.errors import ClientError
from optral.client.http import Answer, Http, Params

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")


class _Endpoints:
    def __init__(self, http: Http) -> None:
        self._http = http


class Clusters(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Clusters]:
        """Filters: status, q, sort, page, page_size, cursor."""
        return self._http.get("/v1/clusters", models.Clusters, params=_camel(filters))

    def get(self, cluster_id: str) -> Answer[models.Cluster]:
        return self._http.get(f"/v1/clusters/{_quote(cluster_id)}", models.Cluster)

    def create(self, name: str, *, labels: dict[str, str] | None = None) -> Answer[models.CreatedCluster]:
        """Create a cluster; the response contains the agent's enrollment token."""
        body: dict[str, Any] = {"name": name} | ({"labels": labels} if labels else {})
        return self._http.call("POST", "/v1/clusters", models.CreatedCluster, body=body)

    def kinds(self, cluster_id: str) -> Answer[dict[str, Any]]:
        """The kinds that the agent reports, with the reason for each that it cannot read: {kinds, total}."""
        return self._http.get(f"/v1/clusters/{_quote(cluster_id)}/kinds", dict[str, Any])

    def map(self, cluster_id: str) -> Answer[dict[str, Any]]:
        """The nodes with their capacity, requests, usage and pods: {nodes, unscheduled, nodesLeftOut, podsLeftOut}."""
        return self._http.get(f"/v1/clusters/{_quote(cluster_id)}/map", dict[str, Any])

    def install(self, cluster_id: str, *, method: str = "kubectl") -> Answer[models.Install]:
        return self._http.get(f"/v1/clusters/{_quote(cluster_id)}/install", models.Install, params={"method": method})

    def fleet_tokens(self, **filters: int) -> Answer[dict[str, Any]]:
        """Fleet tokens, newest first. Filters: page, page_size, cursor."""
        return self._http.get("/v1/fleet-tokens", dict[str, Any], params=_camel(dict(filters)))

    def create_fleet_token(self, wish: dict[str, Any]) -> Answer[dict[str, Any]]:
        """The response contains the token, which is shown only once."""
        return self._http.call("POST", "/v1/fleet-tokens", dict[str, Any], body=wish)

    def fleet_token(self, token_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/fleet-tokens/{_quote(token_id)}", dict[str, Any])

    def revoke_fleet_token(self, token_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/fleet-tokens/{_quote(token_id)}", dict[str, Any])

    def waiting(self) -> Answer[dict[str, Any]]:
        """Agents that wait for approval."""
        return self._http.get("/v1/fleet-tokens/waiting", dict[str, Any])

    def decide(self, cluster_id: str, *, is_approved: bool, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """Approve the agent that waits under the cluster, or reject it and delete the cluster."""
        verb = "approve" if is_approved else "reject"
        return self._http.call("POST", f"/v1/clusters/{_quote(cluster_id)}/{verb}", dict[str, Any], body={}, if_match=if_match)

    def connection(self, cluster_id: str) -> Answer[models.Connection]:
        """How far the connection of the cluster has come, and what holds it back."""
        return self._http.get(f"/v1/clusters/{_quote(cluster_id)}/connection", models.Connection)

    def enrollment_token(self, cluster_id: str) -> Answer[models.Enrollment]:
        """Create a new enrollment token for an existing cluster."""
        return self._http.call("POST", f"/v1/clusters/{_quote(cluster_id)}/enrollment-tokens", models.Enrollment, body={})

    def revoke_credentials(self, cluster_id: str) -> Answer[models.RevokedCredentials]:
        """End the agent session and revoke its certificates; a new enrollment token connects the cluster again."""
        return self._http.call("POST", f"/v1/clusters/{_quote(cluster_id)}/revoke-credentials", models.RevokedCredentials, body={})

    def delete(self, cluster_id: str) -> Answer[models.DeletedCluster]:
        return self._http.call("DELETE", f"/v1/clusters/{_quote(cluster_id)}", models.DeletedCluster)


class Issues(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Issues]:
        """Filters: cluster, severity, status, type, namespace, since, until, q, sort, page, page_size, cursor.

        Also category, substatus, kind, container, assignee, label, parent, snoozed and muted ("true" or "false").
        """
        return self._http.get("/v1/issues", models.Issues, params=_camel(filters))

    def get(self, issue_id: str) -> Answer[models.Issue]:
        return self._http.get(f"/v1/issues/{_quote(issue_id)}", models.Issue)

    def analyze(self, issue_id: str, *, force: bool = False, wait_s: int = 0) -> Answer[dict[str, Any]]:
        """Analyze the issue; returns the analysis after at most `wait_s` seconds (0 to 25), finished or not."""
        path = f"/v1/issues/{_quote(issue_id)}/analyze"
        return self._http.call("POST", path, dict[str, Any], params={"wait": str(wait_s)}, body={"force": force})

    def analyses(self, issue_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """The analyses of the issue, newest first. Filters: page, page_size, cursor."""
        return self._http.get(f"/v1/issues/{_quote(issue_id)}/analyses", dict[str, Any], params=_camel(filters))

    def topology(self, issue_id: str) -> Answer[dict[str, Any]]:
        """The objects around an issue: {nodes, edges, leftOut, notPermitted}."""
        return self._http.get(f"/v1/issues/{_quote(issue_id)}/topology", dict[str, Any])

    def captured(self, issue_id: str) -> Answer[dict[str, Any]]:
        """What was captured when it opened: {logs, events, changes, surroundingsAt}."""
        return self._http.get(f"/v1/issues/{_quote(issue_id)}/captured", dict[str, Any])

    def set_status(self, issue_id: str, status: str, *, if_match: str | None = None) -> Answer[models.Issue]:
        """`status` is acknowledged, resolved or open."""
        return self.change(issue_id, {"status": status}, if_match=if_match)

    def change(self, issue_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[models.Issue]:
        """`change`: any of status, assignee, labels, snooze; None removes an assignee, a label or a snooze."""
        return self._http.call("PATCH", f"/v1/issues/{_quote(issue_id)}", models.Issue, body=change, if_match=if_match)

    def change_many(self, issue_ids: Sequence[str], change: dict[str, Any]) -> Answer[dict[str, Any]]:
        """Make the same change to up to 500 issues; returns the outcome of each."""
        return self._http.call("POST", "/v1/issues/bulk", dict[str, Any], body={"ids": list(issue_ids), "change": change})

    def change_matching(
        self, query: str, change: dict[str, Any], *, expected: int | None = None, cursor: str | None = None
    ) -> Answer[dict[str, Any]]:
        """Change the next 500 issues that match: {results, changed, unchanged, refused, matching, nextCursor}."""
        body = {"query": query, "change": change} | {
            name: value for name, value in (("expected", expected), ("cursor", cursor)) if value is not None
        }
        return self._http.call("POST", "/v1/issues/bulk", dict[str, Any], body=body)

    def snooze(
        self, issue_id: str, *, until: str | None = None, occurrences: int | None = None, severity_rises: bool = False
    ) -> Answer[models.Issue]:
        """Pause notifications until the first of these conditions is met."""
        wish: dict[str, Any] = {"until": until, "occurrences": occurrences, "severityRises": severity_rises or None}
        return self.change(issue_id, {"snooze": {name: value for name, value in wish.items() if value is not None}})

    def unsnooze(self, issue_id: str) -> Answer[models.Issue]:
        return self.change(issue_id, {"snooze": None})

    def assign(self, issue_id: str, to: str | None) -> Answer[models.Issue]:
        """`to`: a member's id, `me`, or None to unassign."""
        return self.change(issue_id, {"assignee": to})

    def trends(self, **filters: str | None) -> Answer[dict[str, Any]]:
        """Issues opened and resolved over time. Filters: range (24h, 7d or 30d), cluster."""
        return self._http.get("/v1/issues/trends", dict[str, Any], params=_camel(dict(filters)))

    def groups(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Number of issues of each workload, type, cluster or namespace (`by`)."""
        return self._http.get("/v1/issues/groups", dict[str, Any], params=_camel(filters))

    def facets(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Counts by facet; the filters are those of `list`."""
        return self._http.get("/v1/issues/facets", dict[str, Any], params=_camel(filters))

    def activity(self, issue_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """The activity of the issue. Filters: sort (at, -at), page, page_size, cursor."""
        return self._http.get(f"/v1/issues/{_quote(issue_id)}/activity", dict[str, Any], params=_camel(filters))

    def similar(self, issue_id: str) -> Answer[dict[str, Any]]:
        """How often the issue opened lately, and similar issues with what ended them."""
        return self._http.get(f"/v1/issues/{_quote(issue_id)}/similar", dict[str, Any])

    def comments(self, issue_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort (at, -at), page, page_size, cursor."""
        return self._http.get(f"/v1/issues/{_quote(issue_id)}/comments", dict[str, Any], params=_camel(filters))

    def comment(self, issue_id: str, body: str) -> Answer[dict[str, Any]]:
        return self._http.call("POST", f"/v1/issues/{_quote(issue_id)}/comments", dict[str, Any], body={"body": body})

    def edit_comment(self, issue_id: str, comment_id: str, body: str) -> Answer[dict[str, Any]]:
        path = f"/v1/issues/{_quote(issue_id)}/comments/{_quote(comment_id)}"
        return self._http.call("PATCH", path, dict[str, Any], body={"body": body})

    def delete_comment(self, issue_id: str, comment_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/issues/{_quote(issue_id)}/comments/{_quote(comment_id)}", dict[str, Any])


class Analyses(_Endpoints):
    def put_feedback(self, analysis_id: str, said: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`said`: helpful, and any of reason, cause and comment. It replaces your earlier feedback."""
        return self._http.call("PUT", f"/v1/analyses/{_quote(analysis_id)}/feedback", dict[str, Any], body=said)

    def withdraw_feedback(self, analysis_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/analyses/{_quote(analysis_id)}/feedback", dict[str, Any])

    def feedback(self, analysis_id: str) -> Answer[dict[str, Any]]:
        """What people said about one analysis, newest first."""
        return self._http.get(f"/v1/analyses/{_quote(analysis_id)}/feedback", dict[str, Any])

    def count_feedback(self, **filters: str | None) -> Answer[dict[str, Any]]:
        """Feedback by issue type and cause, and over time. Filters: range (24h, 7d or 30d), cluster."""
        return self._http.get("/v1/analyses/feedback", dict[str, Any], params=_camel(dict(filters)))


class MuteRules(_Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        """Active rules, oldest first."""
        return self._http.get("/v1/mute-rules", dict[str, Any])

    def get(self, rule_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/mute-rules/{_quote(rule_id)}", dict[str, Any])

    def create(self, match: dict[str, Any], *, reason: str, expires_at: str) -> Answer[dict[str, Any]]:
        """`match`: any of types, clusters, namespaces, kinds, names, containers (lists) and labels."""
        return self._http.call("POST", "/v1/mute-rules", dict[str, Any], body={"match": match, "reason": reason, "expiresAt": expires_at})

    def update(
        self, rule_id: str, *, reason: str | None = None, expires_at: str | None = None, if_match: str | None = None
    ) -> Answer[dict[str, Any]]:
        given = {"reason": reason, "expiresAt": expires_at}
        body = {name: value for name, value in given.items() if value is not None}
        return self._http.call("PATCH", f"/v1/mute-rules/{_quote(rule_id)}", dict[str, Any], body=body, if_match=if_match)

    def delete(self, rule_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """End the rule; issues that it muted send notifications again."""
        return self._http.call("DELETE", f"/v1/mute-rules/{_quote(rule_id)}", dict[str, Any], if_match=if_match)


class Views(_Endpoints):
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
        return self._http.call("PATCH", f"/v1/views/{_quote(view_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, view_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/views/{_quote(view_id)}", dict[str, Any], if_match=if_match)


class Ai(_Endpoints):
    def get(self) -> Answer[dict[str, Any]]:
        """The language model's settings and today's usage."""
        return self._http.get("/v1/ai", dict[str, Any])

    def switch(self, on: bool, *, destination: str | None = None) -> Answer[dict[str, Any]]:
        """Enable or disable the model. Consent applies to one destination: pass the `destination` from `get`."""
        body = {"enabled": on} if destination is None else {"enabled": on, "destination": destination}
        return self._http.call("PATCH", "/v1/ai", dict[str, Any], body=body)


class Detectors(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """All detectors; filters: cluster and namespace (the settings in effect there), tier, category, q."""
        return self._http.get("/v1/detectors", dict[str, Any], params=_camel(filters))

    def get(self, issue_type: str, **place: str | int | None) -> Answer[dict[str, Any]]:
        """One detector, with its settings in effect in a cluster, a namespace or both."""
        return self._http.get(f"/v1/detectors/{_quote(issue_type)}", dict[str, Any], params=_camel(place))

    def update(self, issue_type: str, change: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`change`: cluster and namespace (the scope), enabled, openAfterSeconds, resolveAfterSeconds, severity; None resets a setting."""
        return self._http.call("PATCH", f"/v1/detectors/{_quote(issue_type)}", dict[str, Any], body=change)

    def switch_risks(self, on: bool) -> Answer[dict[str, Any]]:
        """Enable or disable risk checks."""
        return self._http.call("PATCH", "/v1/detectors", dict[str, Any], body={"riskChecks": on})

    def test(
        self, objects: Any, *, at: str | None = None, cluster: str | None = None, include_risk: bool = False
    ) -> Answer[dict[str, Any]]:
        """Run the detectors on objects (JSON or YAML text, an object, or a list). Nothing is stored."""
        given = {"at": at, "cluster": cluster, "includeRisk": include_risk}
        body = {"objects": objects} | {name: value for name, value in given.items() if value is not None}
        return self._http.call("POST", "/v1/detectors/test", dict[str, Any], body=body)


class Resources(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Resources]:
        """Filters: cluster, kind, group, namespace, q, sort, page, page_size, cursor."""
        return self._http.get("/v1/resources", models.Resources, params=_camel(filters))

    def get(self, resource_id: str) -> Answer[models.ResourceWithManifest]:
        """One resource with its manifest as YAML."""
        return self._http.get(f"/v1/resources/{_quote(resource_id)}", models.ResourceWithManifest)

    def logs(
        self,
        resource_id: str,
        *,
        container: str | None = None,
        previous: bool = False,
        tail_lines: int | None = None,
        since_seconds: int | None = None,
    ) -> Answer[dict[str, Any]]:
        """The end of a container's log, fetched from the cluster: {container, previous, text, lines, truncated}."""
        params: Params = {
            "container": container,
            "previous": "true" if previous else None,
            "tailLines": tail_lines,
            "sinceSeconds": since_seconds,
        }
        return self._http.get(f"/v1/resources/{_quote(resource_id)}/logs", dict[str, Any], params=params)

    def compare(self, left: str, *, with_status: bool = False, **other: str | int | None) -> Answer[dict[str, Any]]:
        """{left, right, differences, ignored, truncated, incomplete}. `other`: right, cluster, leftRevision, rightRevision."""
        params: Params = {"left": left, "withStatus": "true" if with_status else None, **other}
        return self._http.get("/v1/resources/compare", dict[str, Any], params=params)

    def events(self, resource_id: str) -> Answer[dict[str, Any]]:
        """The Kubernetes Events about one resource."""
        return self._http.get(f"/v1/resources/{_quote(resource_id)}/events", dict[str, Any])

    def history(self, resource_id: str) -> Answer[dict[str, Any]]:
        """The recorded changes of one resource, newest first."""
        return self._http.get(f"/v1/resources/{_quote(resource_id)}/history", dict[str, Any])

    def usage(self, resource_id: str) -> Answer[dict[str, Any]]:
        """CPU, memory and volumes of a pod or node, from the last report of its agent."""
        return self._http.get(f"/v1/resources/{_quote(resource_id)}/usage", dict[str, Any])

    def probe(self, resource_id: str, *, check: str, port: int | None = None, host: str | None = None) -> Answer[dict[str, Any]]:
        """Whether a Service or pod can be reached from the agent's pod, checked now; `check` is dns, tcp, tls or http."""
        body = {"check": check, "port": port, "host": host}
        given = {name: value for name, value in body.items() if value is not None}
        return self._http.call("POST", f"/v1/resources/{_quote(resource_id)}/probe", dict[str, Any], body=given)

    def counts(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/resources/counts", dict[str, Any], params=_camel(filters))


class Device(_Endpoints):
    """Login of a command line; `start` and `token` need no key (`Client.as_stranger`)."""

    def start(self, name: str) -> Answer[dict[str, Any]]:
        """Codes for a login: {deviceCode, userCode, verificationUri, expiresAt, intervalSeconds}. `name` becomes the name of the key."""
        return self._http.call("POST", "/v1/device/code", dict[str, Any], body={"name": name})

    def token(self, device_code: str) -> Answer[dict[str, Any]]:
        """{key, apiKey, email, organisation} of an approved login, or {intervalSeconds} while it waits."""
        return self._http.call("POST", "/v1/device/token", dict[str, Any], body={"deviceCode": device_code})

    def revoke(self) -> Answer[dict[str, Any]]:
        """End the key of this client."""
        return self._http.call("DELETE", "/v1/me/key", dict[str, Any])


class Keys(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.ApiKeys]:
        return self._http.get("/v1/api-keys", models.ApiKeys, params=_camel(filters))

    def create(
        self, name: str, *, scopes: Sequence[str] | None = None, clusters: Sequence[str] | None = None, expires_at: str | None = None
    ) -> Answer[models.CreatedKey]:
        """Requires a sign-in session: with an API key it raises `ClientError("keys_cannot_make_keys")`."""
        body = {"name": name, "scopes": scopes, "clusters": clusters, "expiresAt": expires_at}
        return self._http.call("POST", "/v1/api-keys", models.CreatedKey, body={k: v for k, v in body.items() if v is not None})

    def revoke(self, key_id: str) -> Answer[models.ApiKey]:
        return self._http.call("DELETE", f"/v1/api-keys/{_quote(key_id)}", models.ApiKey)


class Audit(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: actor, action, group, target, cluster, since, until, sort, page, page_size, cursor."""
        return self._http.get("/v1/audit", dict[str, Any], params=_camel(filters))

    def export(self, format: str, **filters: str | None) -> bytes:
        """All matching records, at most 50,000, oldest first, as `csv` or `jsonl`."""
        media_type = "text/csv" if format == "csv" else "application/x-ndjson"
        return self._http.text("/v1/audit/export", media_type, params={"format": format, **filters})


class Runbooks(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: match, risk, q, sort, page, page_size, cursor."""
        return self._http.get("/v1/runbooks", dict[str, Any], params=_camel(filters))

    def get(self, runbook: str) -> Answer[dict[str, Any]]:
        """By id or slug; with its latest executions."""
        return self._http.get(f"/v1/runbooks/{_quote(runbook)}", dict[str, Any])

    def create(self, source: str) -> Answer[dict[str, Any]]:
        """`source`: the definition as YAML or JSON text."""
        return self._http.call("POST", "/v1/runbooks", dict[str, Any], body={"source": source})

    def update(self, runbook: str, source: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """Make a new version with this text. `if_match`: the ETag of what it is based on; another one is refused with 412."""
        return self._http.call("PATCH", f"/v1/runbooks/{_quote(runbook)}", dict[str, Any], body={"source": source}, if_match=if_match)

    def suggestions(self, runbook: str) -> Answer[dict[str, Any]]:
        """Causes, issue types and open issues for which it is suggested."""
        return self._http.get(f"/v1/runbooks/{_quote(runbook)}/suggestions", dict[str, Any])

    def validate(self, source: str) -> Answer[dict[str, Any]]:
        """What is wrong with a definition; nothing is stored."""
        return self._http.call("POST", "/v1/runbooks/validate", dict[str, Any], body={"source": source})

    def versions(self, runbook: str) -> Answer[dict[str, Any]]:
        """The versions that are kept, the newest first."""
        return self._http.get(f"/v1/runbooks/{_quote(runbook)}/versions", dict[str, Any])

    def version(self, runbook: str, number: int) -> Answer[dict[str, Any]]:
        """One version with its text."""
        return self._http.get(f"/v1/runbooks/{_quote(runbook)}/versions/{number}", dict[str, Any])

    def restore(self, runbook: str, number: int) -> Answer[dict[str, Any]]:
        """Make a new version of an earlier one."""
        return self._http.call("PATCH", f"/v1/runbooks/{_quote(runbook)}", dict[str, Any], body={"restoreVersion": number})

    def schema(self) -> Answer[dict[str, Any]]:
        """The JSON Schema of a definition."""
        return self._http.get("/v1/runbooks/schema", dict[str, Any])

    def execute(
        self,
        runbook: str,
        *,
        cluster: str | None = None,
        issue: str | None = None,
        parameters: dict[str, Any] | None = None,
        dry_run: bool = False,
        allow_drift: bool = False,
        reason: str = "",
        break_glass: str | None = None,
        wait: int = 0,
    ) -> Answer[dict[str, Any]]:
        """Start an execution; returns it after at most `wait` seconds."""
        given = {"clusterId": cluster, "issueId": issue, "parameters": parameters or {}, "dryRun": dry_run}
        given |= {"allowDrift": allow_drift, "reason": reason, "breakGlass": break_glass}
        body = {name: value for name, value in given.items() if value is not None}
        return self._http.call("POST", f"/v1/runbooks/{_quote(runbook)}/execute", dict[str, Any], params={"wait": wait}, body=body)


class Executions(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: cluster, status, runbook, issue, since, until, sort, page, page_size, cursor."""
        return self._http.get("/v1/executions", dict[str, Any], params=_camel(filters))

    def get(self, execution_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/executions/{_quote(execution_id)}", dict[str, Any])

    def logs(self, execution_id: str, *, offset: int = 0, wait: int = 0) -> Answer[dict[str, Any]]:
        """The log from `offset`; waits at most `wait` seconds for new entries."""
        return self._http.get(f"/v1/executions/{_quote(execution_id)}/logs", dict[str, Any], params={"offset": offset, "wait": wait})

    def approve(
        self, execution_id: str, *, reason: str = "", confirm: str = "", plan_hash: str | None = None, break_glass: str | None = None
    ) -> Answer[dict[str, Any]]:
        given = {"reason": reason, "confirm": confirm, "planHash": plan_hash, "breakGlass": break_glass}
        body = {name: value for name, value in given.items() if value is not None}
        return self._http.call("POST", f"/v1/executions/{_quote(execution_id)}/approve", dict[str, Any], body=body)

    def approve_on_behalf(
        self, execution_id: str, member: str, *, reason: str = "", plan_hash: str | None = None
    ) -> Answer[dict[str, Any]]:
        """Requires a sign-in session. `member`: id or email address of who delegated approvals."""
        body = {"member": member, "reason": reason} | ({"planHash": plan_hash} if plan_hash else {})
        return self._http.call("POST", f"/v1/executions/{_quote(execution_id)}/approve-on-behalf", dict[str, Any], body=body)

    def decide(self, execution_id: str, word: str, *, reason: str = "", break_glass: str | None = None) -> Answer[dict[str, Any]]:
        """`word` is reject, cancel, retry, undo or again; the last three take `break_glass`."""
        body = {"reason": reason} | ({"breakGlass": break_glass} if break_glass else {})
        return self._http.call("POST", f"/v1/executions/{_quote(execution_id)}/{word}", dict[str, Any], body=body)

    def cancel(self, execution_id: str, *, reason: str = "", leave_open: bool = False) -> Answer[dict[str, Any]]:
        """Its pull request is closed, unless it is left open."""
        body = {"reason": reason, "leavePullRequestOpen": leave_open}
        return self._http.call("POST", f"/v1/executions/{_quote(execution_id)}/cancel", dict[str, Any], body=body)

    def switch(self, word: str, *, reason: str = "") -> Answer[dict[str, Any]]:
        """All executions of the organization. `word` is pause, resume or stop."""
        return self._http.call("POST", f"/v1/executions/{word}", dict[str, Any], body={"reason": reason})


class Triggers(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get("/v1/triggers", dict[str, Any], params=_camel(filters))

    def get(self, trigger_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/triggers/{_quote(trigger_id)}", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {name, source, runbook, cluster, parameters, match | schedule, timeZone | accepts}; a secret is in this response only."""
        return self._http.call("POST", "/v1/triggers", dict[str, Any], body=body)

    def update(self, trigger_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("PATCH", f"/v1/triggers/{_quote(trigger_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, trigger_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/triggers/{_quote(trigger_id)}", dict[str, Any], if_match=if_match)

    def unblock(self, trigger_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("POST", f"/v1/triggers/{_quote(trigger_id)}/unblock", dict[str, Any], body={})

    def roll(self, trigger_id: str) -> Answer[dict[str, Any]]:
        """Rotate the secret; it is in this response only. Both secrets sign for 24 hours."""
        return self._http.call("POST", f"/v1/triggers/{_quote(trigger_id)}/roll", dict[str, Any], body={})

    def firings(self, trigger_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: state, sort, page, page_size, cursor."""
        return self._http.get(f"/v1/triggers/{_quote(trigger_id)}/firings", dict[str, Any], params=_camel(filters))


class SafeguardSettings(_Endpoints):
    def get(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/safeguards", dict[str, Any])

    def update(self, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: any of limits (all of them), unattendedRisk, password (to raise the risk, in a sign-in session)."""
        return self._http.call("PATCH", "/v1/safeguards", dict[str, Any], body=change, if_match=if_match)


class ChangeWindows(_Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/change-windows", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {kind, name, startsAt, endsAt | schedule, durationMinutes, timeZone, cluster, namespace, reason}."""
        return self._http.call("POST", "/v1/change-windows", dict[str, Any], body=body)

    def delete(self, window_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/change-windows/{_quote(window_id)}", dict[str, Any], if_match=if_match)


class Delegations(_Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/delegations", dict[str, Any])

    def create(self, delegate: str, ends_at: str, *, reason: str = "") -> Answer[dict[str, Any]]:
        """Requires a sign-in session, as `end` does. `delegate`: id or email address."""
        body = {"delegate": delegate, "endsAt": ends_at, "reason": reason}
        return self._http.call("POST", "/v1/delegations", dict[str, Any], body=body)

    def end(self, delegation_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/delegations/{_quote(delegation_id)}", dict[str, Any])


class Logs(_Endpoints):
    def read(self, *, all_containers: bool = False, previous: bool = False, **wanted: str | int | None) -> Answer[dict[str, Any]]:
        """Lines of many containers, merged by time: {lines, sources, leftOut, cursor, readAt}.

        `wanted`: resource (ids), or cluster, namespace and label; container, tailLines, sinceSeconds, cursor, wait.
        """
        flags: Params = {"allContainers": "true" if all_containers else None, "previous": "true" if previous else None}
        return self._http.get("/v1/logs", dict[str, Any], params={**wanted, **flags})


class Members(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Members]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get("/v1/members", models.Members, params=_camel(filters))

    def invite(self, role: str, *, email: str | None = None, password: str | None = None) -> Answer[models.CreatedInvite]:
        """Create an invitation; its link is in this response only. Requires a sign-in session, and `password` for admin and owner."""
        body = {"role": role, "email": email, "password": password}
        return self._http.call("POST", "/v1/invites", models.CreatedInvite, body={k: v for k, v in body.items() if v is not None})

    def invites(self) -> Answer[models.Invites]:
        return self._http.get("/v1/invites", models.Invites)

    def withdraw(self, invite_id: str) -> Answer[models.Invite]:
        return self._http.call("DELETE", f"/v1/invites/{_quote(invite_id)}", models.Invite)

    def set_role(self, member_id: str, role: str, *, password: str | None = None) -> Answer[models.Member]:
        """Requires a sign-in session, and your own `password` for the roles admin and owner."""
        body = {"role": role} | ({} if password is None else {"password": password})
        return self._http.call("PATCH", f"/v1/members/{_quote(member_id)}", models.Member, body=body)

    def bindings(self, member_id: str) -> Answer[dict[str, Any]]:
        """The bindings of a member, also those that ended in the last 30 days."""
        return self._http.get(f"/v1/members/{_quote(member_id)}/bindings", dict[str, Any])

    def bind(self, member_id: str, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {role, clusters, namespaces, clusterLabels, endsAt, password}. Requires a sign-in session, and `password` for admin."""
        return self._http.call("POST", f"/v1/members/{_quote(member_id)}/bindings", dict[str, Any], body=body)

    def unbind(self, member_id: str, binding_id: str) -> Answer[dict[str, Any]]:
        """The member stays limited; `set_limited` lifts that."""
        return self._http.call("DELETE", f"/v1/members/{_quote(member_id)}/bindings/{_quote(binding_id)}", dict[str, Any])

    def set_limited(self, member_id: str, *, limited: bool, password: str | None = None) -> Answer[models.Member]:
        """Limit a member to its bindings, or lift the limit, which removes them. Lifting that of an admin requires your `password`."""
        body = {"limited": limited} | ({} if password is None else {"password": password})
        return self._http.call("PATCH", f"/v1/members/{_quote(member_id)}", models.Member, body=body)

    def remove(self, member_id: str) -> Answer[models.Member]:
        return self._http.call("DELETE", f"/v1/members/{_quote(member_id)}", models.Member)


class Forges(_Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/forges", dict[str, Any])

    def get(self, forge_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/forges/{_quote(forge_id)}", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {name, kind, url, token, repositories, branchPrefix}."""
        return self._http.call("POST", "/v1/forges", dict[str, Any], body=body)

    def update(self, forge_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: any of name, url, token, repositories (all of them), branchPrefix."""
        return self._http.call("PATCH", f"/v1/forges/{_quote(forge_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, forge_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/forges/{_quote(forge_id)}", dict[str, Any], if_match=if_match)

    def roll(self, forge_id: str) -> Answer[dict[str, Any]]:
        """A new secret for the webhook of the forge; it is in this response only."""
        return self._http.call("POST", f"/v1/forges/{_quote(forge_id)}/roll", dict[str, Any], body={})

    def test(self, forge_id: str) -> Answer[dict[str, Any]]:
        """Ask the forge whether the token and its rights suffice; writes nothing."""
        return self._http.call("POST", f"/v1/forges/{_quote(forge_id)}/test", dict[str, Any], body={})


class Webhooks(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get("/v1/webhooks", dict[str, Any], params=_camel(filters))

    def get(self, webhook_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/webhooks/{_quote(webhook_id)}", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {name, url, form, filters}; the secret is in this response only."""
        return self._http.call("POST", "/v1/webhooks", dict[str, Any], body=body)

    def update(self, webhook_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: any of name, url, filters (all of them), enabled."""
        return self._http.call("PATCH", f"/v1/webhooks/{_quote(webhook_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, webhook_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/webhooks/{_quote(webhook_id)}", dict[str, Any], if_match=if_match)

    def roll(self, webhook_id: str) -> Answer[dict[str, Any]]:
        """Rotate the secret; it is in this response only. Both secrets sign for 24 hours."""
        return self._http.call("POST", f"/v1/webhooks/{_quote(webhook_id)}/roll", dict[str, Any], body={})

    def test(self, webhook_id: str) -> Answer[dict[str, Any]]:
        """Send a test notification; returns its delivery, still pending."""
        return self._http.call("POST", f"/v1/webhooks/{_quote(webhook_id)}/test", dict[str, Any], body={})

    def deliveries(self, webhook_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: status, sort, page, page_size, cursor."""
        return self._http.get(f"/v1/webhooks/{_quote(webhook_id)}/deliveries", dict[str, Any], params=_camel(filters))

    def delivery(self, webhook_id: str, delivery_id: str) -> Answer[dict[str, Any]]:
        """One delivery with its body."""
        return self._http.get(f"/v1/webhooks/{_quote(webhook_id)}/deliveries/{_quote(delivery_id)}", dict[str, Any])

    def redeliver(self, webhook_id: str, delivery_id: str) -> Answer[dict[str, Any]]:
        """Redeliver a notification with the same id."""
        path = f"/v1/webhooks/{_quote(webhook_id)}/deliveries/{_quote(delivery_id)}/redeliver"
        return self._http.call("POST", path, dict[str, Any], body={})


class Events(_Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Events]:
        """Past events; filters: types, cluster, since, until, page, page_size, cursor."""
        return self._http.get("/v1/events", models.Events, params=_camel(filters))

    def follow(self, *, types: str = "", cluster: str = "", after: str = "") -> Iterator[stream.Event]:
        """Events as they happen, without end; reconnects automatically."""
        return stream.follow(self._http, types=types, cluster=cluster, after=after)


def _camel(filters: dict[str, str | int | None]) -> Params:
    named = {"page_size": "pageSize"}
    return {named.get(name, name): value for name, value in filters.items()}


def _quote(segment: str) -> str:
    """A path segment. Raises `ClientError("bad_id")` for text that cannot be an id or a name."""
    if not _SEGMENT.fullmatch(segment):
        shown = segment if len(segment) <= 60 else segment[:60] + "…"
        raise ClientError("bad_id", say=f"{shown!r} is not a valid id; use the `list` command to find ids")
    return segment

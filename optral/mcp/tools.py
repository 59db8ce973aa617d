"""The tools that read. Their arguments are the fields of a struct, from which the schema that an assistant sees is made.

A tool returns rows of data; `answers.py` bounds and fences them. A new tool needs a row in the table of `tests/mcp/decisions.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from optral.mcp import lookup
from optral.mcp.answers import Answer
from optral.mcp.rest import Refusal, Rest

MAX_LISTED = 20
LINES_A_PAGE = 60
TAIL_LINES = 200  # of the log of each container
Short = Annotated[str, Meta(min_length=1, max_length=253)]
IssueId = Annotated[str, Meta(pattern=r"^iss_[0-9a-z]{26}$", description="Id of an issue, iss_…")]
ExecutionId = Annotated[str, Meta(pattern=r"^exe_[0-9a-z]{26}$", description="Id of an execution, exe_…")]
ObjectId = Annotated[str, Meta(pattern=r"^res_[0-9a-z]{26}$", description="Id of an object, res_…; alone, or kind and name instead")]
ClusterName = Annotated[str, Meta(min_length=1, max_length=253, description="Id or exact name of a cluster")]
Query = Annotated[str, Meta(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when."""

    rest: Rest
    now: datetime


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call of a tool. The docstring of each is what the assistant reads."""

    name: ClassVar[str]
    reads_only: ClassVar[bool] = True

    async def run(self, asking: Asking) -> Answer:
        raise NotImplementedError


class _OfObject(Tool, frozen=True, kw_only=True):
    """Tools about one object: by its id, or by kind and name."""

    object: ObjectId | None = None
    kind: Annotated[Short, Meta(description="Kind, such as Pod or Deployment")] | None = None
    name_: Annotated[Short, Meta(description="Exact name of the object")] | None = msgspec.field(default=None, name="name")
    namespace: Short | None = None
    cluster: ClusterName | None = None

    async def find(self, asking: Asking) -> dict[str, Any]:
        """The object. Raises `Refusal`, with the near ones for a wrong name."""
        if self.object is not None:
            found: dict[str, Any] = await asking.rest("GET", f"/v1/resources/{self.object}")
            return found
        if self.kind is None or self.name_ is None:
            raise Refusal("invalid_arguments", say="name the object by its id (object), or by kind and name")
        where = None if self.cluster is None else (await lookup.cluster(asking.rest, self.cluster))["id"]
        return await lookup.resource(asking.rest, kind=self.kind, name=self.name_, namespace=self.namespace, cluster_id=where)


class ListIssues(Tool, frozen=True, kw_only=True):
    """List what is broken: root issues, the most severe first. The query is that of the issue list, such as
    `severity:critical ns:shop -type:Node*`; words without a key are text in title, resource or owner. Open and acknowledged issues,
    unless the query contains `status:`."""

    name = "list_issues"
    query: Query | None = None
    cluster: ClusterName | None = None
    page: Annotated[int, Meta(ge=1, le=500)] = 1

    async def run(self, asking: Asking) -> Answer:
        where = None if self.cluster is None else (await lookup.cluster(asking.rest, self.cluster))["id"]
        query = self.query or ""
        query = query if "status:" in query else f"{query} status:open,acknowledged".strip()
        params = {"q": query, "cluster": where, "sort": "-severity", "pageSize": MAX_LISTED, "page": self.page}
        found = await asking.rest("GET", "/v1/issues", params=params)
        return Answer(
            rows=[_issue_row(one) for one in found["issues"]],
            clusters=() if where is None else [where],
            notes=["get_issue explains one; page continues the list"] if found["issues"] else (),
            more=max(0, found["total"] - self.page * MAX_LISTED),
            if_empty="no issue matches; the coverage above says what was looked at",
        )


class GetIssue(Tool, frozen=True, kw_only=True):
    """Explain one issue: its cause with the evidence for each sentence, what else it may be, what to do, and its symptoms."""

    name = "get_issue"
    issue: IssueId

    async def run(self, asking: Asking) -> Answer:
        one = await asking.rest("GET", f"/v1/issues/{self.issue}")
        analysis = one.get("analysis") or {}
        rows = [_issue_row(one), *_cause_rows(one, analysis)]
        rows += [
            f"action: {action['title']} (risk {action['risk']}{_runbook(action)})" for action in analysis.get("recommendedActions", ())
        ]
        rows += [f"symptom: {_issue_row(symptom)}" for symptom in one.get("symptoms", ())]
        rows += [f"missing evidence: {missing}" for missing in analysis.get("missingEvidence", ())]
        rows += [_evidence_row(evidence) for evidence in analysis.get("evidence", ())]
        note = "get_changes, get_topology and get_similar_incidents take the id of the issue; plan_fix plans an action"
        return Answer(rows=rows, clusters=[one["clusterId"]], notes=[note])


class FindObjects(Tool, frozen=True, kw_only=True):
    """Find Kubernetes objects in the inventory. The query is that of the list of resources, such as `kind:Pod ns:shop state:failing` or
    `label:app=web`; words without a key are text in the name."""

    name = "find_objects"
    query: Query | None = None
    kind: Short | None = None
    namespace: Short | None = None
    cluster: ClusterName | None = None
    page: Annotated[int, Meta(ge=1, le=500)] = 1

    async def run(self, asking: Asking) -> Answer:
        where = None if self.cluster is None else (await lookup.cluster(asking.rest, self.cluster))["id"]
        params = {"q": self.query, "kind": self.kind, "namespace": self.namespace, "cluster": where}
        found = await asking.rest("GET", "/v1/resources", params={**params, "pageSize": MAX_LISTED, "page": self.page})
        return Answer(
            rows=[lookup.described(one) for one in found["resources"]],
            clusters=() if where is None else [where],
            more=max(0, found["total"] - self.page * MAX_LISTED),
            if_empty="no object matches; the coverage above says what was looked at",
        )


class GetObject(_OfObject, frozen=True, kw_only=True):
    """Show one object: status, labels, its Kubernetes Events, and its manifest (redacted in the cluster) line by line."""

    name = "get_object"
    containing: Annotated[str, Meta(max_length=200, description="Only lines of the manifest with this text")] = ""
    from_line: Annotated[int, Meta(ge=1, le=1_000_000, description="First line of the manifest to show")] = 1

    async def run(self, asking: Asking) -> Answer:
        found = await self.find(asking)
        one = await asking.rest("GET", f"/v1/resources/{found['id']}")
        events = (await asking.rest("GET", f"/v1/resources/{found['id']}/events"))["events"] if self.from_line == 1 else []
        manifest = one.get("manifest")
        lines = [
            f"{number}: {line}"
            for number, line in enumerate((manifest or "").splitlines(), 1)
            if number >= self.from_line and self.containing.casefold() in line.casefold()
        ]
        facts = {"uid": one["uid"], "resourceVersion": one["resourceVersion"], **(one.get("columns") or {})}
        rows = [lookup.described(one), *(f"{name}: {value}" for name, value in facts.items())] if self.from_line == 1 else []
        rows += [f"event {event['type']} {event['reason']} ×{event['count']} {event['lastAt']}: {event['message']}" for event in events[:5]]
        note = "from_line and containing read on in the manifest" if manifest else "your key shows no manifest (scope resources:manifest)"
        return Answer(
            rows=[*rows, *lines[:LINES_A_PAGE]], clusters=[one["clusterId"]], notes=[note], more=max(0, len(lines) - LINES_A_PAGE)
        )


class GetTopology(_OfObject, frozen=True, kw_only=True):
    """Show how objects are connected: around an issue, callers, Services, workloads, pods and dependencies, with what is broken between
    them; around an object, its owners and dependents."""

    name = "get_topology"
    issue: IssueId | None = None

    async def run(self, asking: Asking) -> Answer:
        if self.issue is not None:
            return await self._of_issue(asking, self.issue)
        one = await self.find(asking)
        tree = await asking.rest("GET", f"/v1/resources/{one['id']}/tree")
        rows = [f"owner: {lookup.described(owner)}" for owner in tree["owners"]] + [lookup.described(tree["root"])]
        return Answer(rows=[*rows, *(f"dependent: {lookup.described(child)}" for child in tree["children"])], clusters=[one["clusterId"]])

    async def _of_issue(self, asking: Asking, issue: str) -> Answer:
        found = await asking.rest("GET", f"/v1/issues/{issue}/topology")
        place = (await asking.rest("GET", f"/v1/issues/{issue}"))["clusterId"]
        broken = [f"broken: {one['source']} {one['relation']} {one['target']}: {one['problem']}" for one in found["edges"] if one["broken"]]
        nodes = sorted(found["nodes"], key=lambda one: one["state"] == "ok")
        rows = [_node_row(one) for one in nodes]
        edges = [f"{one['source']} {one['relation']} {one['target']}" for one in found["edges"] if not one["broken"]]
        hidden = [f"{found['notPermitted']} objects are left out because your key may not read them"] if found["notPermitted"] else []
        return Answer(rows=[*broken, *rows, *edges], clusters=[place], notes=hidden)


class GetLogs(_OfObject, frozen=True, kw_only=True):
    """Read the logs of a pod or of the pods of a workload from the cluster now, the newest lines last. Secrets are masked."""

    name = "get_logs"
    container: Short | None = None
    previous: Annotated[bool, Meta(description="The run before the last restart")] = False
    containing: Annotated[str, Meta(max_length=200, description="Only lines with this text")] = ""
    since_seconds: Annotated[int, Meta(ge=1, le=86_400)] | None = None

    async def run(self, asking: Asking) -> Answer:
        one = await self.find(asking)
        params = {
            "resource": one["id"],
            "container": self.container,
            "previous": "true" if self.previous else None,
            "tailLines": TAIL_LINES,
        }
        found = await asking.rest("GET", "/v1/logs", params={**params, "sinceSeconds": self.since_seconds})
        sources = found["sources"]
        lines = [
            f"{sources[line['source']]['pod']}/{sources[line['source']]['container']}: {line['text']}"
            for line in found["lines"]
            if self.containing.casefold() in line["text"].casefold()
        ]
        unread = [
            f"not read: {one['pod']}/{one['container']}: {one.get('reason') or one['state']}" for one in sources if one["state"] != "read"
        ]
        shown = lines[-LINES_A_PAGE:]
        newest_first = [*unread, *reversed(shown)]
        notes = [f"newest line first; only the last {TAIL_LINES} lines of each container were read; containing and since_seconds narrow it"]
        more, if_empty = len(lines) - len(shown), "no such line among those that were read"
        return Answer(rows=newest_first, clusters=[one["clusterId"]], notes=notes, more=more, if_empty=if_empty)


class GetChanges(_OfObject, frozen=True, kw_only=True):
    """Show what changed: before an issue began, on what it depends on; or on one object, newest first, with who changed it."""

    name = "get_changes"
    issue: IssueId | None = None

    async def run(self, asking: Asking) -> Answer:
        if self.issue is not None:
            one = await asking.rest("GET", f"/v1/issues/{self.issue}")
            changes = (one.get("analysis") or {}).get("changes", ())
            rows = [
                f"{change.get('at', '')} {change['text']} ({change['evidenceId']}, by {change.get('manager', 'unknown')})"
                for change in changes
            ]
            return Answer(rows=rows, clusters=[one["clusterId"]], if_empty="no change before the issue is known")
        one = await self.find(asking)
        found = (await asking.rest("GET", f"/v1/resources/{one['id']}/history"))["history"]
        return Answer(
            rows=[row for revision in found for row in _revision_rows(revision)],
            clusters=[one["clusterId"]],
            if_empty="no change is recorded",
        )


class GetSimilarIncidents(Tool, frozen=True, kw_only=True):
    """Show how often an issue opened lately, which issues are like it, and what ended them."""

    name = "get_similar_incidents"
    issue: IssueId

    async def run(self, asking: Asking) -> Answer:
        found = await asking.rest("GET", f"/v1/issues/{self.issue}/similar")
        place = (await asking.rest("GET", f"/v1/issues/{self.issue}"))["clusterId"]
        rows = [found["summary"]]
        for one in found["similar"]:
            ended = (one.get("endedBy") or {}).get("text", one["status"])
            rows.append(f"{one['id']} {one['relation']} in {one['cluster']} {one['detectedAt']}: {one['title']}. {ended}")
        return Answer(rows=rows, clusters=[place])


class Search(Tool, frozen=True, kw_only=True):
    """Search issues, objects, clusters, runbooks and executions by part of a name or title, or by an id."""

    name = "search"
    text: Annotated[str, Meta(min_length=1, max_length=100)]

    async def run(self, asking: Asking) -> Answer:
        found = await asking.rest("GET", "/v1/search", params={"q": self.text, "limit": 8})
        rows = [_issue_row(one) for one in found["issues"]]
        rows += [lookup.described(one) for one in found["resources"]]
        rows += [f"{one['id']} cluster {one['name']}: {one['status']}" for one in found["clusters"]]
        rows += [f"runbook {one['slug']} (risk {one['risk']}): {one['name']}" for one in found["runbooks"]]
        rows += [
            f"{one['id']} execution of {one['runbook']} on {one['target']} in {one['cluster']}: {one['status']}"
            for one in found["executions"]
        ]
        return Answer(rows=rows)


class GetCoverage(Tool, frozen=True, kw_only=True):
    """Say what Optral has looked at in a cluster, how old that is, and what it cannot read. Ask before you say that nothing is wrong."""

    name = "get_coverage"
    cluster: ClusterName | None = None

    async def run(self, asking: Asking) -> Answer:
        where = None if self.cluster is None else (await lookup.cluster(asking.rest, self.cluster))["id"]
        record = await asking.rest("GET", "/v1/coverage", params={"cluster": where})
        rows = [record["summary"]]
        rows += [f"{'NEEDED: ' if one['needed'] else ''}{one['message']}. {one.get('fix') or ''}" for one in record["unread"]]
        off = record["rules"]["off"]
        rows.append(
            f"{record['rules']['on']} of {record['rules']['types']} issue types are looked for{', not ' + ', '.join(off) if off else ''}"
        )
        return Answer(rows=rows, clusters=[] if where is None else [where])


def _issue_row(one: Mapping[str, Any]) -> str:
    place = f"{one['namespace']}/" if one.get("namespace") else ""
    about = f"{one['id']} {one['severity']} {one['status']} {one['type']}"
    where = f" {place}{one['resource']}" if one.get("resource") else ""
    seen = f" since {one['detectedAt']}" if one.get("detectedAt") else ""
    cluster = f" in {one['cluster']}" if one.get("cluster") else ""
    return f"{about}{where}{cluster}{seen}: {one['title']}"


def _cause_rows(one: Mapping[str, Any], analysis: Mapping[str, Any]) -> list[str]:
    cause = analysis.get("rootCause")
    if cause is None:
        return [f"cause: not known. {one.get('causeUnknown') or analysis.get('summary', '')}"]
    rows = [f"cause ({analysis.get('confidenceLabel', 'unrated')} confidence): {cause['id']}: {cause['title']}"]
    rows += [f"because: {claim['text']} ({', '.join(claim['evidenceIds'])})" for claim in cause.get("claims", ())]
    rivals = [other for other in analysis.get("hypotheses", ()) if other["id"] != cause["id"]]
    return rows + [f"also considered: {other['id']} ({other['verdict']})" for other in rivals[:3]]


def _runbook(action: Mapping[str, Any]) -> str:
    if action.get("runbook") is None:
        return ""
    return f", runbook {action['runbook']} {json.dumps(action.get('parameters') or {})}"


def _evidence_row(one: Mapping[str, Any]) -> str:
    ref = one["ref"]
    return (
        f"evidence {one['id']} ({one['stance']}): {ref['kind']} {ref.get('namespace') or ''}/{ref['name']} {one['path']}: {one['excerpt']}"
    )


def _node_row(one: Mapping[str, Any]) -> str:
    marks = [mark for name, mark in (("isSubject", "subject"), ("isCause", "cause")) if one.get(name)]
    known = f" {one['resourceId']}" if one.get("resourceId") else ""
    issue = f", issue {one['issue']['id']}" if one.get("issue") else ""
    return f"{one['layer']} {one['id']}{known}: {one['state']} {one.get('status') or ''}{issue} {' '.join(marks)}".strip()


def _revision_rows(one: Mapping[str, Any]) -> list[str]:
    head = f"{one['at']} {one['action']} by {one.get('manager') or 'unknown'}"
    fields = [
        f"{head}: {entry['path']}: {json.dumps(entry.get('from'))} → {json.dumps(entry.get('to'))}" for entry in one.get("diff") or ()
    ]
    return fields or [head]


def freshness(one: Mapping[str, Any], now: datetime) -> str:
    """How current what is known of a cluster is, in a few words of Optral's own."""
    if not one.get("syncedAt"):
        return "never read: nothing can be concluded"
    if not one["stale"]:
        return "current"
    since = one.get("staleSince") or one.get("seenAt")
    age = None if since is None else now - datetime.fromisoformat(since.replace("Z", "+00:00"))
    return "not current" if age is None else f"not current for {_span(age)}: newer failures are not known"


def _span(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


READS: tuple[type[Tool], ...] = (
    ListIssues,
    GetIssue,
    FindObjects,
    GetObject,
    GetTopology,
    GetLogs,
    GetChanges,
    GetSimilarIncidents,
    Search,
    GetCoverage,
)

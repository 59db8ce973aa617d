"""Issues over HTTP: list, count by facet, get, update. The shapes are in `issue_shapes.py`.

The list is the most requested endpoint: one read transaction, plain dictionaries, one encoding; the models only define the contract.
`total` is cached per filter and event number of the organization: as long as the number is the same, so is the count.
"""

import zlib
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.analysis import service as analyses
from optral.api.analyses import analyses as analyses_api
from optral.api.clusters.clusters import resolve_all
from optral.api.http.lists import PageQuery, list_response, numbered_query, page_query, page_request
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import Call, Routes, check_id, etag, json_answer, json_response, present, single
from optral.api.http.times import Moment
from optral.api.issues import listed, tickets
from optral.api.issues.issue_shapes import (
    LIST_EXAMPLE,
    Facets,
    GroupList,
    IssueChange,
    IssueList,
    IssueShape,
    Name,
    Status,
    Team,
    failed_fix,
    group_shape,
    shape,
    symptom_shape,
)
from optral.api.overview import search_terms
from optral.api.resources.freshness import combined
from optral.clusters import search as cluster_search, service as clusters
from optral.clusters.model import ClusterFreshness
from optral.events import service as events
from optral.flows import visible
from optral.flows.executions import fixes, suggestions
from optral.flows.issues import triage
from optral.flows.webhooks import ticketing
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.lists import groups, listing, query, visible as visible_issues
from optral.issues.model import Issue, IssueFilter
from optral.kit.search_terms import MAX_LENGTH, Term, Value
from optral.kube import entity_links
from optral.kube.kinds import id_of_name
from optral.resources import lookup
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

Sort = Literal["detectedAt", "-detectedAt", "lastSeenAt", "-lastSeenAt", "severity", "-severity", "status", "-status"]
Substatus = Literal["new", "ongoing", "escalating", "regressed", "flapping", "preexisting", "snoozed", "muted"]
GroupBy = Literal["workload", "type", "cluster", "namespace"]
ANY = "any"
IssueQuery = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=MAX_LENGTH,
        pattern=TEXT_PATTERN,
        description="A query such as `severity:critical ns:shop -type:Node*`; words without a key are text in the title, resource or owner",
    ),
]


async def filters(
    status: Annotated[list[Status] | None, Query(description="One or more values; matches any of them")] = None,
    severity: Annotated[list[Severity] | None, Query(description="One or more values; matches any of them")] = None,
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
    type: Annotated[list[Name] | None, Query(description="One or more values; matches any of them. New values may be added")] = None,
    namespace: Annotated[list[Name] | None, Query(description="One or more values; matches any of them")] = None,
    category: Annotated[list[Name] | None, Query(description="One or more values; matches any of them. New values may be added")] = None,
    substatus: Annotated[list[Substatus] | None, Query(description="One or more values; matches any of them")] = None,
    kind: Annotated[list[Name] | None, Query(description="Kind of the owner, for example `Deployment`")] = None,
    container: Annotated[list[Name] | None, Query(description="One or more values; matches any of them")] = None,
    assignee: Annotated[list[Name] | None, Query(description="Member ids, `me`, or `none` for unassigned issues")] = None,
    team: Annotated[list[Team] | None, Query(description="Teams that own what fails, or `none` for issues without a team")] = None,
    label: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9._/-]+:[A-Za-z0-9._-]*$")]] | None,
        Query(description="One or more labels as `name:value`; matches all of them"),
    ] = None,
    parent: Annotated[
        list[Name] | None,
        Query(description="Ids of root issues, to list their symptoms; `none` (default) excludes symptoms; `any` lists roots and symptoms"),
    ] = None,
    snoozed: Annotated[bool | None, Query(description="`true`: only snoozed issues; `false`: no snoozed issues")] = None,
    muted: Annotated[bool | None, Query(description="`true`: only muted issues; `false`: no muted issues")] = None,
    since: Annotated[Moment | None, Query(description="Detected at or after this time")] = None,
    until: Annotated[Moment | None, Query(description="Detected before this time")] = None,
    q: IssueQuery = None,
) -> dict[str, Any]:
    terms = read_query(q or "", field="q")
    chosen: dict[str, list[Any] | None] = {
        "statuses": status,
        "severities": severity,
        "types": type,
        "namespaces": namespace,
        "categories": category,
        "substatuses": substatus,
        "owner_kinds": kind,
        "containers": container,
        "assignees": assignee,
        "teams": team,
    }
    return {
        "clusters": cluster,
        "labels": frozenset((name, value) for name, _, value in (pair.partition(":") for pair in label or ())),
        "parents": frozenset() if ANY in (parent or ()) else frozenset(parent or query.default_parents(terms)),
        **{name: frozenset(given or ()) for name, given in chosen.items()},
        "is_snoozed": snoozed,
        "is_muted": muted,
        "since": since,
        "until": until,
        "query": terms,
    }


def read_query(text: str, *, field: str) -> tuple[Term, ...]:
    """The terms of the query in this field. Raises `Problem` 400 with the position of the error."""
    return search_terms.read(query.read, text, field=field)


def filter_of(tx: Transaction, terms: tuple[Term, ...]) -> IssueFilter:
    """The filter of a query alone."""
    return _narrowed(tx, IssueFilter(parents=query.default_parents(terms)), terms)


def _filter(tx: Transaction, given: dict[str, Any]) -> IssueFilter | None:
    """The filter, or None if only unknown clusters are given: nothing matches."""
    chosen = resolve_all(tx, given["clusters"])
    if chosen is not None and not chosen:
        return None
    fields = {name: value for name, value in given.items() if name != "query"}
    fields |= {"clusters": chosen or frozenset(), "assignees": frozenset(_person(tx, assignee) for assignee in given["assignees"])}
    return _narrowed(tx, IssueFilter(**fields), given["query"])


def _narrowed(tx: Transaction, wanted: IssueFilter, terms: tuple[Term, ...]) -> IssueFilter:
    return query.narrowed(wanted, [_resolved(tx, term) for term in terms], now=tx.now)


def _person(tx: Transaction, given: str) -> str:
    """The id of the member; `me` is the caller, or nobody if the caller is no person."""
    return (triage.person(tx, triage.ME) or "nobody") if given == triage.ME else given


def _resolved(tx: Transaction, term: Term) -> Term:
    """The term with ids in place of `me` and of names of clusters."""
    if term.key == "assignee":
        return replace(term, values=tuple(Value(_person(tx, value.text)) for value in term.values))
    return cluster_search.with_ids(tx, term)


def total(call: Call, tx: Transaction, issue_filter: IssueFilter) -> int:
    """How many issues match, counted once for each state of the organization's issues."""
    key = ("issues", tx.org_id, tx.actor.reach, issue_filter)
    return call.services.totals.of(key, events.head(tx), lambda: issues.count(tx, issue_filter))


async def list_issues(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    given: Annotated[dict[str, Any], Depends(filters)],
    sort: Annotated[Sort, Query()] = "-detectedAt",
) -> Response:
    """List issues"""
    page = page_request(call, wanted, sort)

    def read(tx: Transaction) -> tuple[list[Issue], int, dict[str, dict[str, Any]], dict[str, Any]]:
        if (issue_filter := _filter(tx, given)) is None:
            return [], 0, {}, call.services.coverage.brief(tx, within=())
        matching = total(call, tx, issue_filter)
        found = issues.find(tx, issue_filter, page, matching=matching)
        record = call.services.coverage.brief(tx, within=issue_filter.clusters or None, namespaces=issue_filter.namespaces)
        return found, matching, listed.shapes(tx, found), record

    found, matching, shown, record = await call.read(read)
    return list_response(
        call,
        wanted,
        sort,
        found,
        matching,
        plural="issues",
        place=lambda one: issues.place(one, sort.lstrip("-")),
        shape=lambda one: shown[one.id],
        coverage=record,
    )


async def issue_facets(call: Call, given: Annotated[dict[str, Any], Depends(filters)]) -> Response:
    """Count issues by facet"""

    def read(tx: Transaction) -> tuple[dict[str, dict[str, int]], dict[str, ClusterFreshness]]:
        if (issue_filter := _filter(tx, given)) is None:
            return {}, {}
        counted = issues.facets(tx, issue_filter)
        return counted, clusters.standings(tx, counted.get("cluster", {}))

    counted, standings = await call.read(read)
    shown = {facet: counted.get(facet, {}) for facet in listing.FACET_NAMES}
    shown["cluster"] = {clusters.standing_in(standings, one).name: count for one, count in shown["cluster"].items()}
    facets = {facet: [{"value": value, "count": count} for value, count in values.items()] for facet, values in shown.items()}
    return json_response(facets | combined(standings.values()))


async def issue_groups(
    call: Call,
    wanted: Annotated[PageQuery, Depends(numbered_query)],
    given: Annotated[dict[str, Any], Depends(filters)],
    by: Annotated[GroupBy, Query(description="What the issues of a group have in common")] = "workload",
    with_issues: Annotated[
        int, Query(alias="withIssues", ge=0, le=3, description="Groups of at most this many issues have them in `issues`")
    ] = 0,
) -> Response:
    """Count issues by workload, type, cluster or namespace

    Open and acknowledged issues are all counted, up to 100,000; with a filter that resolved issues match, the newest 10,000.
    """

    def read(tx: Transaction) -> tuple[groups.Grouped, dict[str, ClusterFreshness], dict[str, list[dict[str, Any]]]]:
        if (issue_filter := _filter(tx, given)) is None:
            return groups.Grouped(), {}, {}
        found = issues.find_groups(tx, issue_filter, by, limit=wanted.size, offset=(wanted.page - 1) * wanted.size)
        small = [] if found.is_capped else [one for one in found.groups if one.number <= with_issues]
        members = issues.group_members(tx, issue_filter, by, small) if small else {}
        rows = listed.shapes(tx, [one for of in members.values() for one in of])
        return found, clusters.standings(tx, found.clusters), {key: [rows[one.id] for one in of] for key, of in members.items()}

    found, standings, members = await call.read(read)
    shown = [group_shape(group, by, standings, members.get(groups.key_of(group, by))) for group in found.groups]
    counted = {"groups": shown, "total": found.total, "page": wanted.page, "pageSize": wanted.size}
    return json_response(counted | {"issues": found.issues, "issuesCapped": found.is_capped} | combined(standings.values()))


async def get_issue(call: Call, issue_id: str) -> Response:
    """Get an issue"""
    check_id(issue_id, "iss")

    def read(tx: Transaction) -> dict[str, Any]:
        found = issues.get(tx, issue_id)
        symptoms = [symptom_shape(symptom) for symptom in grouping.symptoms_of(tx, found.id)]
        return whole(call, tx, found) | {"symptoms": symptoms, "suggestedRunbooks": _suggested(tx, found)}

    shown = await call.read(read)
    return single(call, lambda: shown, shown["version"], shown, inner=_inner(shown))


def whole(call: Call, tx: Transaction, issue: Issue) -> dict[str, Any]:
    """The JSON of the issue with its newest analysis."""
    known = analyses.shown(tx, issue.id)
    answer = None if known is None else visible.veiled(tx, known)
    more = listed.computed(tx, [issue])[issue.id]
    shown = shape(visible_issues.of(tx, [issue])[0], clusters.standing(tx, issue.cluster_id), answer, **more)
    if (failed := fixes.failed(tx, issue, fix=more["fix"], resolves_at=more["resolves_at"])) is not None:
        shown["failedFix"] = failed_fix(failed)
    if links := _links(tx, issue):
        shown["links"] = links
    if created := ticketing.of(tx, issue.id):
        shown["tickets"] = [tickets.shape(one) for one in created]
    if known is None:
        return shown
    previous = present(previous=analyses_api.previous_shape(tx, known))
    return shown | {"analysis": analyses_api.completed(call, tx, shown["analysis"] | previous)}


def _links(tx: Transaction, issue: Issue) -> list[dict[str, str]]:
    """The links in annotations of what owns the failing object, for those who may read it."""
    if not tx.actor.may("resources:read", issue.cluster_id, issue.namespace):
        return []
    owner = lookup.named(tx, issue.cluster_id, id_of_name(issue.owner_kind), issue.namespace or "", issue.owner_name)
    return [] if owner is None else [link._asdict() for link in entity_links.of_manifest(owner.read())]


def _inner(shown: dict[str, Any]) -> str | int | None:
    """What changes in an issue without its version: the version of its analysis, which feedback moves, when it resolves, its fix, what an
    action waits for, links of its owner, and tickets."""
    version: int | None = shown["analysis"]["version"] if "analysis" in shown else None
    holds = [str(one["hold"]) for one in shown.get("analysis", {}).get("recommendedActions") or [] if "hold" in one]
    holds += [link["url"] + link["title"] for link in shown.get("links", ())]
    holds += [f"{one['webhookId']}{one['status']}{one.get('id')}{one.get('error')}" for one in shown.get("tickets", ())]
    made = [shown[name]["executionId"] for name in ("fix", "failedFix") if name in shown]
    if "resolvesAt" not in shown and not made and not holds:
        return version
    resolves_at = int(shown["resolvesAt"].timestamp()) if "resolvesAt" in shown else ""
    return f"{version or 0}-{resolves_at}{''.join(made)}{zlib.crc32(''.join(holds).encode()) if holds else ''}"


def _suggested(tx: Transaction, issue: Issue) -> list[dict[str, str]]:
    return [{"id": one.id, "slug": one.slug, "name": one.name, "risk": one.definition.risk} for one in suggestions.find(tx, issue)]


async def update_issue(call: Call, issue_id: str, body: IssueChange) -> Response:
    """Update an issue: status, assignee, labels or snooze"""
    check_id(issue_id, "iss")
    version, wanted = call.expected_version(), body.to_change()

    def job(tx: Transaction) -> dict[str, Any]:
        return whole(call, tx, triage.change(tx, issue_id, wanted, if_version=version))

    return await call.change(job, lambda shown: json_answer(shown, headers={"ETag": etag(shown["version"], shown, inner=_inner(shown))}))


def add(app: FastAPI) -> None:
    routes = Routes(app, "issues")
    one = "/v1/issues/{issue_id}"
    routes.add("GET", "/v1/issues", list_issues, scope="issues:read", gives=IssueList, example=LIST_EXAMPLE)
    routes.add("GET", "/v1/issues/facets", issue_facets, scope="issues:read", gives=Facets)
    routes.add("GET", "/v1/issues/groups", issue_groups, scope="issues:read", gives=GroupList)
    routes.add("GET", one, get_issue, scope="issues:read", gives=IssueShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_issue, scope="issues:write", gives=IssueShape, errors=(404, 409, 412), headers={"ETag": 1})

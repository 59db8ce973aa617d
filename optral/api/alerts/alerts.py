"""Alerts over HTTP: what was received, what each is about, and the issue that explains it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.alerts import service as alerts
from optral.alerts.model import Alert
from optral.alerts.service import AlertFilter
from optral.api.clusters.clusters import NAME_PATTERN
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.api.http.shapes import renderer, renderer_in
from optral.api.overview.coverage_shapes import CoverageShape
from optral.api.runbooks.safeguards import cluster_of
from optral.flows.alerts import quality, rule_changes
from optral.forges import service as forges
from optral.forges.connect import api_of
from optral.forges.model import Forge, ForgeError
from optral.gitops import rules
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.lists import of_objects
from optral.issues.model import Issue
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms.errors import Refused, Stale, Unavailable

Sort = Literal["receivedAt", "-receivedAt"]
OutcomeName = Literal["joined", "waiting", "unexplained", "unresolved"]
StatusName = Literal["firing", "resolved"]
Range = Literal["24h", "7d", "30d"]
_RANGES = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MOST_SHOWN = 20


class AlertObject(Shape):
    kind: str
    name: str


class AlertShape(Shape):
    id: str = Field(examples=["alt_01jd3q4m6ve5jt8cmykq3rzm0a"])
    receiver_id: str
    name: str = Field(examples=["KubePodCrashLooping"])
    status: StatusName
    starts_at: datetime
    ends_at: datetime | None = None
    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    expression: str | None = Field(None, description="Expression of the rule, if the sender gave it")
    source_url: str | None = None
    cluster_id: str | None = None
    namespace: str | None = None
    object: AlertObject | None = Field(None, description="Object that the labels name")
    container: str | None = None
    outcome: OutcomeName = Field(
        description="`joined`: `issueId` explains it; `waiting`: for an issue of its object; `unexplained`: no failure was found; "
        "`unresolved`: its labels name no known cluster or object"
    )
    code: str | None = Field(None, description="Why no issue explains it", examples=["no_cluster_label"])
    reason: str | None = None
    issue_id: str | None = Field(None, description="Issue that explains it: the root cause of the issue of its object")
    issue_title: str | None = None
    symptom_id: str | None = Field(None, description="Issue of its object, if that is a symptom of `issueId`")
    joined_at: datetime | None = None
    coverage: CoverageShape | None = Field(None, description="What the answer covers, if no issue explains the alert")
    received_at: datetime
    last_received_at: datetime


AlertList = list_of("AlertList", "alerts", AlertShape, capped=True)


class AlertQualityShape(Shape):
    name: str
    fired: int = Field(description="Alerts of this name that were received")
    flapping: int = Field(description=f"Fingerprints that fired {quality.FLAPS} times or more")
    without_failure: int = Field(description="Alerts for which no failure was found")
    unresolved: int = Field(description="Alerts whose labels name no known cluster or object")
    issues: int = Field(description="Root issues that explain its alerts")
    acted_on: int = Field(description="Those that somebody acknowledged, was assigned to, commented or resolved")
    repeats: str | None = Field(None, description="Another alert that started earlier about each of its issues")


class UnalertedIssue(Shape):
    id: str
    title: str
    type: str
    severity: Literal["critical", "high", "medium", "low"]
    detected_at: datetime


class AlertQualityReport(Shape):
    since: datetime
    is_whole: bool = Field(
        description=f"False: there are more; the newest {quality.MOST_ALERTS:,} alerts and {quality.MOST_ISSUES} issues were examined"
    )
    alerts: list[AlertQualityShape] = Field(description="By name, the one that fired most first")
    failures: int = Field(description="Root issues of medium severity or more that opened")
    failures_without_alert: int
    issues_without_alert: list[UnalertedIssue] = Field(description="The newest of them, at most 20")


@dataclass(frozen=True, slots=True)
class _Explained:
    """Roots by issue, and titles of the roots that the caller may see."""

    roots: Mapping[str, str]
    titles: Mapping[str, str]

    def root_of(self, one: Alert) -> str | None:
        own = one.issue_id or ""
        return next((issue_id for issue_id in (self.roots.get(own), own) if issue_id in self.titles), None)


shape = renderer_in(
    AlertShape,
    Alert,
    _Explained,
    object=lambda one, _: None if one.kind is None else {"kind": one.kind, "name": one.object_name},
    annotations=lambda one, _: dict(one.annotations) or None,
    coverage=lambda one, _: dict(one.coverage) or None,
    issue_id=lambda one, seen: seen.root_of(one),
    issue_title=lambda one, seen: seen.titles.get(seen.root_of(one) or ""),
    symptom_id=lambda one, seen: one.issue_id if one.issue_id in seen.titles and one.issue_id != seen.root_of(one) else None,
)


def _explained(tx: Transaction, found: Sequence[Alert]) -> _Explained:
    roots = of_objects.roots(tx, [one.issue_id for one in found if one.issue_id is not None])
    return _Explained(roots, issues.titles(tx, {*roots.values(), *roots}))


def _family(tx: Transaction, issue_id: str) -> tuple[str, ...]:
    """An issue and the symptoms that it explains."""
    issues.get(tx, issue_id)
    return (issue_id, *(one.issue.id for one in grouping.symptoms_of(tx, issue_id)))


async def _listed(call: Call, wanted: PageQuery, sort: str, filters: Mapping[str, str | None]) -> Response:
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Alert], int, _Explained]:
        return _found(tx, page, filters)

    found, total, seen = await call.read(look)
    return list_response(call, wanted, sort, found, total, plural="alerts", place=alerts.place, shape=lambda one: shape(one, seen))


def _found(tx: Transaction, page: PageRequest, filters: Mapping[str, str | None]) -> tuple[list[Alert], int, _Explained]:
    given: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    if "cluster_id" in given:
        given["cluster_id"] = cluster_of(tx, given["cluster_id"], field="cluster")
    if "issue_id" in given:
        given["issue_ids"] = _family(tx, given.pop("issue_id"))
    wanted = AlertFilter(**given)
    found = alerts.find(tx, wanted, page)
    return found, alerts.count(tx, wanted), _explained(tx, found)


async def list_alerts(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    cluster: Annotated[str | None, Query(max_length=253, pattern=NAME_PATTERN, description="Cluster id or name")] = None,
    status: Annotated[StatusName | None, Query()] = None,
    outcome: Annotated[OutcomeName | None, Query(description="What became of the alert")] = None,
    name: Annotated[str | None, Query(min_length=1, max_length=200, pattern=LINE_PATTERN, description="Name of the alert")] = None,
    sort: Annotated[Sort, Query()] = "-receivedAt",
) -> Response:
    """List alerts

    Alerts are kept for 90 days. Those that name no known cluster are shown to people who see all clusters.
    """
    filters = {"cluster_id": cluster, "status": status, "outcome": outcome, "name": name}
    return await _listed(call, wanted, sort, filters)


async def list_issue_alerts(
    call: Call, issue_id: str, wanted: Annotated[PageQuery, Depends(page_query)], sort: Annotated[Sort, Query()] = "-receivedAt"
) -> Response:
    """List the alerts that an issue explains

    Also those about its symptoms.
    """
    check_id(issue_id, "iss")
    return await _listed(call, wanted, sort, {"issue_id": issue_id})


async def get_alert_quality(call: Call, within: Annotated[Range, Query(alias="range", description="Time range")] = "7d") -> Response:
    """Judge the quality of alerts

    Which alerts flap, repeat another, were never acted on or fired without a failure, and which failures had no alert.
    """
    found = await call.read(lambda tx: quality.of(tx, tx.now - _RANGES[within]))
    return json_response(
        {
            "since": found.since,
            "isWhole": found.is_whole,
            "alerts": [_quality_shape(one) for one in found.alerts],
            "failures": found.failures,
            "failuresWithoutAlert": len(found.without_alert),
            "issuesWithoutAlert": [_unalerted(one) for one in found.without_alert[:MOST_SHOWN]],
        }
    )


_quality_shape = renderer(AlertQualityShape, quality.AlertQuality)
_unalerted = renderer(UnalertedIssue, Issue)


class NewRuleChange(Input):
    alert: str = Field(min_length=1, max_length=200, pattern=LINE_PATTERN, description="Name of the alert", examples=["KubePodNotReady"])
    forge_id: str = Field(min_length=1, max_length=100, description="Id or name of the connection to the Git provider")
    repository: str = Field(min_length=3, max_length=255, description="Repository with the rule", examples=["shop/deploy"])
    range: Range = Field("7d", description="Time range whose alerts are examined")
    digest: str | None = Field(
        None, min_length=32, max_length=32, pattern="^[0-9a-f]{32}$", description="`digest` of the preview: opens the pull request"
    )


class RuleChangeShape(Shape):
    alert: str
    reason: str = Field(description="What the change rests on")
    repository: str
    file: str
    wait_before: str = Field(description="`for` of the rule now", examples=["1m"])
    wait_after: str = Field(description="`for` after the change", examples=["6m"])
    patch: str = Field(description="The change as a diff")
    digest: str = Field(description="Names the change; sent back, it opens the pull request")
    url: str | None = Field(None, description="The pull request, if one was opened")


async def propose_rule_change(call: Call, body: NewRuleChange) -> Response:
    """Propose a change of an alerting rule

    A rule whose alerts fired without a failure can wait longer before it fires (`for`), if the record decides it; 409 says why not
    otherwise. Without `digest`, nothing is written: the response is a preview. With it, a pull request is opened if the change is still
    the same.
    """
    services = call.services

    def prepare(tx: Transaction) -> tuple[rule_changes.Decision, Forge, str]:
        forge = next((one for one in forges.find(tx) if body.forge_id in (one.id, one.name)), None) or forges.get(tx, body.forge_id)
        if not forge.allows(body.repository):
            raise Refused("no_rule_change", say=f"the connection {forge.name} does not name the repository {body.repository}")
        decision = rule_changes.decide(tx, body.alert, tx.now - _RANGES[body.range])
        return decision, forge, forges.token_of(forge, key=services.sealing_key)

    decision, forge, token = await call.read(prepare)
    api = api_of(forge, token, services.forge_caller)
    try:
        change = await rule_changes.propose(decision, api, body.repository)
        if body.digest is None:
            return json_response(_rule_change(change, None))
        if body.digest != change.digest:
            raise Stale(say="the rule or its alerts have changed since the preview; preview the change again")
        opened = await rule_changes.open_request(change, api, prefix=forge.branch_prefix)
    except ForgeError as error:
        raise Unavailable("forge_failed", say=error.say, retry_after_s=error.retry_after_s or 5) from None
    except TimeoutError:
        raise Unavailable("forge_failed", say="the forge did not answer in time", retry_after_s=5) from None
    return await call.change(
        lambda tx: rule_changes.record(tx, forge.id, change, opened), lambda made: json_answer(_rule_change(change, made.url))
    )


def _rule_change(change: rule_changes.RuleChange, url: str | None) -> dict[str, Any]:
    return present(
        alert=change.decision.alert,
        reason=change.decision.why,
        repository=change.repository,
        file=change.file.path,
        waitBefore=rules.duration(change.before_s),
        waitAfter=rules.duration(change.after_s),
        patch=change.patch,
        digest=change.digest,
        url=url,
    )


async def get_alert(call: Call, alert_id: str) -> Response:
    """Get an alert"""
    check_id(alert_id, "alt")

    def look(tx: Transaction) -> dict[str, Any]:
        one = alerts.get_alert(tx, alert_id)
        return shape(one, _explained(tx, [one]))

    return json_response(await call.read(look))


def add(app: FastAPI) -> None:
    routes = Routes(app, "alerts")
    routes.add("GET", "/v1/alerts", list_alerts, scope="issues:read", gives=AlertList, errors=(422,))
    routes.add("GET", "/v1/alerts/quality", get_alert_quality, scope="issues:read", gives=AlertQualityReport)
    change = "/v1/alerts/rule-changes"
    routes.add("POST", change, propose_rule_change, scope="forges:write", gives=RuleChangeShape, errors=(404, 409, 412, 503))
    routes.add("GET", "/v1/alerts/{alert_id}", get_alert, scope="issues:read", gives=AlertShape, errors=(404,))
    routes.add("GET", "/v1/issues/{issue_id}/alerts", list_issue_alerts, scope="issues:read", gives=AlertList, errors=(404,))

"""Analyses over HTTP: requested for an issue, returned on their own or inside their issue. What people say about them: `feedback.py`.

`POST …/analyze` answers 202 with the current state of the analysis; `?wait=` delays the answer until the analysis is final, at most that
long.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, AnalysisFilter
from optral.api.analyses import feedback_shapes, remedies
from optral.api.analyses.feedback_shapes import FeedbackShape
from optral.api.analyses.remedies import HoldShape, ObstacleShape
from optral.api.http import waiting
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.api.overview.coverage_shapes import CoverageShape
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.api.runbooks import track_records
from optral.api.runbooks.track_records import RecordShape
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFreshness
from optral.flows import visible
from optral.flows.analysis import analyze
from optral.flows.idempotency import Answer
from optral.issues import service as issues
from optral.store.transaction import Transaction

MAX_WAIT_S = 25  # below the deadline of a request

Status = Literal["queued", "running", "ready", "inconclusive", "failed"]
AnalysisTrigger = Literal["auto", "manual", "logs", "facts", "probes", "usage"]


class RefShape(Shape):
    kind: str = Field(examples=["Deployment"])
    namespace: str | None = None
    name: str


class ClaimShape(Shape):
    """One sentence and the evidence that supports it. Names, numbers and quotes are in backquotes"""

    text: str
    evidence_ids: list[str]


class FactShape(Shape):
    """Something that the explanation names, checked against its evidence"""

    name: str = Field(description="A name of docs/causes.md", examples=["memory_limit"])
    value: str = Field(examples=["128Mi"])


class RootCauseShape(Shape):
    id: str = Field(description="An id from docs/causes.md", examples=["memory_limit_too_low"])
    title: str
    category: str
    subject: RefShape
    explanation: str
    claims: list[ClaimShape]
    facts: list[FactShape] = Field(default_factory=list, description="Absent in analyses from before this field")
    missing_facts: list[str] = Field(
        default_factory=list, description="Facts that an explanation of this cause names, and that are unknown here"
    )


class HypothesisShape(Shape):
    id: str = Field(description="An id from docs/causes.md")
    title: str
    subject: RefShape
    score: float
    verdict: Literal["accepted", "possible", "rejected"]
    why: str
    evidence_ids: list[str]


class EvidenceShape(Shape):
    id: str = Field(description="Hash of the content and its location", examples=["ev_5f0c2a9d17b3e684"])
    kind: Literal["object", "event", "log", "metric", "change", "relation", "absence", "probe"]
    ref: RefShape
    path: str
    excerpt: str
    observed_at: datetime | None = None
    trust: Literal["kube", "node", "app_text"] = Field(description="Who controls the content: Kubernetes, the node or the application")
    stance: Literal["supports", "contradicts"]


class ChangeShape(Shape):
    ref: RefShape
    path: str
    from_: Any = Field(None, alias="from")
    to: Any = None
    at: datetime | None = None
    manager: str | None = None
    evidence_id: str
    precedes_s: int | None = Field(
        None, description="Seconds from the change to the first sign of the issue; set if it came shortly before and may have caused it"
    )
    relation: Literal["subject", "config", "service", "policy", "autoscaler", "node", "limits", "dependency"] | None = Field(
        None, description="How the object is related to that of the issue: `subject` is the object itself. Set with `precedesS`"
    )
    text: str | None = Field(
        None,
        description="The change in a sentence. Set with `precedesS`",
        examples=["Deployment web changed 2 minutes before: `containers/api/image` from `shop/web:1.4` to `shop/web:1.5`"],
    )


class MomentShape(Shape):
    at: datetime
    text: str
    evidence_id: str | None = None


class EditShape(Shape):
    """The change of one field that an action comes down to, as a command to copy"""

    target: RefShape
    path: str = Field(description="JSON pointer", examples=["/spec/ports/0/targetPort"])
    before: str | int | bool
    after: str | int | bool
    command: str = Field(description="Tests that the value is still `before`, then replaces it")


class ActionShape(Shape):
    """A suggested remedy. With a runbook it can be executed as it is, once `toDecide` is given; without one it is a manual step"""

    title: str
    why: str
    risk: Literal["readOnly", "low", "high", "destructive", "manual"]
    runbook: str | None = Field(None, examples=["raise-memory-limit"])
    parameters: dict[str, Any] | None = None
    to_decide: list[str] | None = Field(
        None, description="Parameters that no evidence gives, and that the runbook needs: a person decides them", examples=[["replicas"]]
    )
    edit: EditShape | None = None
    command: str | None = Field(
        None,
        description="The same change as a command to copy, with kubectl or cmctl; absent if there is none",
        examples=["kubectl -n shop rollout restart deployment/web"],
    )
    obstacle: ObstacleShape | None = Field(None, description="Set if the policy of the cluster's agent does not allow the change")
    hold: HoldShape | None = Field(None, description="Set while the runbook changes the object already, or has changed it just now")
    evidence_ids: list[str]
    track_record: RecordShape | None = Field(None, description="How often the runbook helped: for this cause if it has runs, else in all")


class EngineShape(Shape):
    name: str = Field(description="`rules`, or `rules+model` if a language model ranked and explained the causes", examples=["rules"])
    ruleset: str = Field(description="Hash of the rules' versions")
    provider: str | None = None
    model: str | None = None
    prompt_hash: str | None = Field(None, description="Hash of the model's instructions")


class AttemptShape(Shape):
    """An analysis that has run since, failed or had less evidence, and did not replace this answer"""

    id: str
    status: Status
    trigger: AnalysisTrigger
    finished_at: datetime
    failure: str | None = None
    missing_evidence: list[str] = Field(default_factory=list, description="What it lacked")


class PreviousCause(Shape):
    id: str
    title: str


class PreviousShape(Shape):
    """The explanation that this one replaced"""

    id: str
    replaced_at: datetime
    root_cause: PreviousCause | None = Field(None, description="Absent if it named no cause")
    confidence: float | None = None
    missing_evidence: list[str] = Field(default_factory=list, description="What it lacked, and this one has")


class AnalysisShape(Shape):
    """The cause of an issue. `summary` and the members after it are set once the status is `ready` or `inconclusive`"""

    id: str = Field(examples=["ana_01jd3q4m6ve5jt8cmykq3rzm0a"])
    issue_id: str
    cluster_id: str
    status: Status
    trigger: AnalysisTrigger = Field(
        description="`logs`: log lines arrived since the previous analysis; `facts`: the issue's facts changed since then; "
        "`usage`: the usage of its pods or nodes became known"
    )
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_ms: int | None = None
    failure: str | None = None
    waits_for: list[str] | None = Field(
        None, description="The logs that are being fetched; if the analysis is inconclusive, another one follows when they arrive"
    )
    occurrences: int | None = Field(
        None, description="Occurrences of the issue when its evidence was read; the issue's `count` is higher if it occurred again since"
    )
    summary: str | None = None
    root_cause: RootCauseShape | None = None
    confidence: float | None = None
    confidence_label: Literal["high", "medium", "low"] | None = None
    hypotheses: list[HypothesisShape] | None = None
    evidence: list[EvidenceShape] | None = None
    changes: list[ChangeShape] | None = Field(
        None,
        description="First what changed in the half hour before the issue on its object or on what that depends on, the likeliest trigger "
        "first; then other changes of its workload, newest first",
    )
    timeline: list[MomentShape] | None = None
    affected: list[RefShape] | None = None
    recommended_actions: list[ActionShape] | None = None
    missing_evidence: list[str] | None = None
    coverage: CoverageShape | None = Field(
        None, description="What was looked at in the cluster when its evidence was read; absent in analyses of an earlier version"
    )
    engine: EngineShape | None = None
    usage: dict[str, Any] | None = None
    warnings: list[str] | None = None
    hidden: int | None = Field(
        None,
        description="How much of the evidence is left out, with all that rests on it, because it is about objects that the caller may not "
        "see; absent if nothing is",
    )
    weaker_than: str | None = Field(
        None,
        description="Set if this analysis had less evidence than an earlier one whose facts have not changed. "
        "It is the id of that one, which the issue still shows",
    )
    previous: PreviousShape | None = Field(
        None, description="Set if the cause or its confidence changed; only in the response for a single issue"
    )
    attempt: AttemptShape | None = Field(
        None, description="In an issue: the newest analysis since this answer, if it failed or had less evidence and did not replace it"
    )
    same_as: str | None = Field(None, description="The id of an earlier analysis with the same evidence and therefore the same result")
    feedback: FeedbackShape
    stale: Stale
    stale_since: StaleSince = None
    version: int


AnalysisList = list_of("AnalysisList", "analyses", AnalysisShape)


class AnalyzeRequest(Input):
    force: bool = Field(False, description="Run a new analysis even if the evidence has not changed")


def shape(analysis: Analysis, cluster: ClusterFreshness) -> dict[str, Any]:
    return members(cluster) | present(
        id=analysis.id,
        issueId=analysis.issue_id,
        clusterId=analysis.cluster_id,
        status=analysis.status.value,
        trigger=analysis.trigger.value,
        createdAt=analysis.created_at,
        startedAt=analysis.started_at,
        finishedAt=analysis.finished_at,
        durationMs=analysis.duration_ms,
        failure=analysis.failure if analysis.status.value == "failed" else None,
        waitsFor=list(analysis.waits_for) or None,
        weakerThan=analysis.weaker_than,
        attempt=None if analysis.attempt is None else _attempt_shape(analysis.attempt),
        **analysis.final_result,
        version=analysis.version,
    )


def previous_shape(tx: Transaction, current: Analysis) -> dict[str, Any] | None:
    """What the explanation of an issue was before; None if it is the first one, or said the same."""
    if not current.is_answer or (found := analyses.previous(tx, current)) is None:
        return None
    before, replaced_at = visible.veiled(tx, found[0]), found[1]
    cause = before.result.get("rootCause")
    lacks_now = current.result.get("missingEvidence", ())
    return present(
        id=before.id,
        replacedAt=replaced_at,
        rootCause=None if cause is None else {"id": cause["id"], "title": cause["title"]},
        confidence=before.confidence if cause is not None else None,
        missingEvidence=[one for one in before.result.get("missingEvidence", ()) if one not in lacks_now],
    )


def _attempt_shape(attempt: Analysis) -> dict[str, Any]:
    return present(
        id=attempt.id,
        status=attempt.status.value,
        trigger=attempt.trigger.value,
        finishedAt=attempt.finished_at,
        failure=attempt.failure if attempt.status.value == "failed" else None,
        missingEvidence=list(attempt.result.get("missingEvidence", ())),
    )


async def analyze_issue(
    call: Call,
    issue_id: str,
    body: AnalyzeRequest | None = None,
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait for the analysis to finish")] = 0,
) -> Response:
    """Analyze an issue

    If the new analysis has less evidence than the answer that the issue shows, and no fact which that answer cites has changed, it is
    recorded with `weakerThan`, and the issue still shows that answer.
    """
    check_id(issue_id, "iss")
    force = body.force if body is not None else False
    requested: list[str] = []

    def job(tx: Transaction) -> dict[str, Any]:
        return _shape(call, tx, analyze.ask(tx, issue_id, force=force))

    def render(shown: dict[str, Any]) -> Answer:
        requested.append(shown["id"])
        return json_answer(shown, status=202, headers=_headers(shown))

    response = await call.change(job, render)
    if wait and requested:
        analysis_id = requested[-1]
        analysis = await waiting.until(
            call,
            analyses.FINISHED,
            analysis_id,
            wait_s=wait,
            read=lambda tx: analyses.followed(tx, analysis_id),
            is_enough=lambda current: current.is_settled,
        )
        shown = await call.read(lambda tx: _shape(call, tx, analysis))
        return json_response(shown, status=202, headers=_headers(shown))
    return response


def _shape(call: Call, tx: Transaction, analysis: Analysis) -> dict[str, Any]:
    return completed(call, tx, shape(visible.veiled(tx, analysis), clusters.standing(tx, analysis.cluster_id)))


def completed(call: Call, tx: Transaction, shown: dict[str, Any]) -> dict[str, Any]:
    """The JSON of an analysis with what is not in its row: track records of its runbooks, what stands beside its actions, and feedback."""
    feedback_shapes.add_to(tx, [shown])
    return remedies.at_actions(tx, track_records.at_actions(tx, shown), public_url=call.services.addresses.public_url)


def _headers(shown: dict[str, Any]) -> dict[str, str]:
    return {"Location": f"/v1/analyses/{shown['id']}", "ETag": etag(shown["version"], shown)}


async def list_analyses(call: Call, issue_id: str, wanted: Annotated[PageQuery, Depends(page_query)]) -> Response:
    """List the analyses of an issue, newest first"""
    check_id(issue_id, "iss")
    page = page_request(call, wanted, "-createdAt")
    fits = AnalysisFilter(issues=frozenset({issue_id}))

    def look(tx: Transaction) -> tuple[list[Analysis], int, dict[str, dict[str, Any]]]:
        cluster = clusters.standing(tx, issues.get(tx, issue_id).cluster_id)
        found = [visible.veiled(tx, one) for one in analyses.find(tx, fits, page)]
        shown = {one.id: shape(one, cluster) for one in found}
        feedback_shapes.add_to(tx, shown.values())
        return found, analyses.count(tx, fits), shown

    found, total, shown = await call.read(look)
    return list_response(call, wanted, "-createdAt", found, total, plural="analyses", place=analyses.place, shape=lambda one: shown[one.id])


async def get_analysis(call: Call, analysis_id: str) -> Response:
    """Get an analysis"""
    check_id(analysis_id, "ana")
    shown = await call.read(lambda tx: _shape(call, tx, visible.get(tx, analysis_id)))
    return single(call, lambda: shown, shown["version"], shown)


class AutomaticShape(Shape):
    enabled: bool = Field(description="On by default")


class AutomaticChange(Input):
    enabled: bool


async def get_automatic(call: Call) -> Response:
    """Get whether severe issues are analyzed automatically when they open"""
    return json_response({"enabled": await call.read(analyses.is_automatic)})


async def update_automatic(call: Call, body: AutomaticChange) -> Response:
    """Enable or disable automatic analysis"""
    return await call.change(lambda tx: analyze.switch(tx, is_on=body.enabled), lambda is_on: json_answer({"enabled": is_on}))


def add(app: FastAPI) -> None:
    routes = Routes(app, "analyses")
    issue, one = "/v1/issues/{issue_id}", "/v1/analyses/{analysis_id}"
    routes.add(
        "POST",
        issue + "/analyze",
        analyze_issue,
        scope="issues:analyze",
        gives=AnalysisShape,
        status=202,
        errors=(404,),
        headers={"ETag": 1, "Location": 1},
    )
    routes.add("GET", "/v1/automatic-analysis", get_automatic, scope="issues:read", gives=AutomaticShape)
    routes.add("PATCH", "/v1/automatic-analysis", update_automatic, scope="detectors:write", gives=AutomaticShape)
    routes.add("GET", issue + "/analyses", list_analyses, scope="issues:read", gives=AnalysisList, errors=(404,))
    routes.add("GET", one, get_analysis, scope="issues:read", gives=AnalysisShape, errors=(404,), headers={"ETag": 1})

"""Feedback on analyses over HTTP: what each person said about one, and the counts by type of issue and cause."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.analysis import feedback
from optral.analysis.feedback import Group
from optral.analysis.model import FeedbackInput, Reason, Tally
from optral.api.analyses.feedback_shapes import FeedbackShape, MemberFeedback, add_to, said_shape
from optral.api.clusters.clusters import resolve_all
from optral.api.http.lists import list_of, whole
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response
from optral.api.issues import trends
from optral.api.issues.issue_shapes import Name
from optral.api.issues.trends import Range
from optral.flows import visible
from optral.flows.analysis import feedback as flow
from optral.flows.idempotency import Answer
from optral.store.transaction import Transaction

PATH = "/v1/analyses/{analysis_id}/feedback"


FeedbackList = list_of("FeedbackList", "feedback", MemberFeedback, paged=False)


class FeedbackRequest(Input):
    helpful: bool
    reason: Reason | None = Field(None, description="Why it did not help; only with `helpful: false`")
    cause: str | None = Field(
        None, max_length=64, pattern=r"^[a-z][a-z0-9_]{1,63}$", description="The actual cause: an id from docs/causes.md"
    )
    comment: str | None = Field(None, max_length=feedback.MAX_COMMENT)


class FeedbackReason(Shape):
    reason: str = Field(description="As in the feedback of a person; `none` if no reason was given")
    number: int


class FeedbackGroup(Shape):
    issue_type: str = Field(examples=["OOMKilled"])
    cause: str | None = Field(description="The cause that the analyses named; null if they named none", examples=["memory_limit_too_low"])
    helpful: int
    not_helpful: int
    reasons: list[FeedbackReason] = Field(description="Why they did not help, the most frequent first")


class FeedbackBucket(Shape):
    at: datetime = Field(description="Start of the bucket")
    helpful: int
    not_helpful: int


class FeedbackCounts(Shape):
    """Each person counts once for each analysis, at the time of their last word"""

    range: Range
    since: datetime
    until: datetime
    bucket_seconds: int
    buckets: list[FeedbackBucket] = Field(description="Oldest first, aligned to UTC; the last one is not over yet")
    helpful: int
    not_helpful: int
    groups: list[FeedbackGroup] = Field(description="By type of issue and cause, most rated first; at most 100")
    total_groups: int


async def list_feedback(call: Call, analysis_id: str) -> Response:
    """List what people said about an analysis, newest first"""
    check_id(analysis_id, "ana")

    def look(tx: Transaction) -> list[dict[str, Any]]:
        return [said_shape(one) for one in feedback.of_analysis(tx, visible.get(tx, analysis_id).id)]

    return json_response(whole("feedback", await call.read(look)))


async def put_feedback(call: Call, analysis_id: str, body: FeedbackRequest) -> Response:
    """Say whether an analysis helped

    It replaces what you said about this analysis before.
    """
    check_id(analysis_id, "ana")
    said = FeedbackInput(is_helpful=body.helpful, reason=body.reason, actual_cause=body.cause, comment=body.comment or None)

    def job(tx: Transaction) -> dict[str, Any]:
        return _shown(tx, flow.give(tx, analysis_id, said).id)

    return await call.change(job, _answer)


async def withdraw_feedback(call: Call, analysis_id: str) -> Response:
    """Withdraw your feedback on an analysis"""
    check_id(analysis_id, "ana")
    return await call.change(lambda tx: _shown(tx, flow.withdraw(tx, analysis_id).id), _answer)


def _shown(tx: Transaction, analysis_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": analysis_id}
    add_to(tx, [shown])
    counts: dict[str, Any] = shown["feedback"]
    return counts


def _answer(counts: Mapping[str, Any]) -> Answer:
    return json_answer(counts)


async def count_feedback(
    call: Call,
    range: Annotated[Range, Query(description="24 buckets of an hour, 28 of six hours or 30 of a day")] = "30d",
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
) -> Response:
    """Count feedback on analyses by issue type and cause, and over time"""

    def render(tx: Transaction) -> dict[str, Any]:
        return _counts(tx, range, resolve_all(tx, cluster))

    return await call.answer(render)


def _counts(tx: Transaction, chosen: Range, within: frozenset[str] | None) -> dict[str, Any]:
    of = trends.span_of(chosen, tx.now)
    width_us = of.width // timedelta(microseconds=1)
    buckets = feedback.over_time(tx, of.start, width_us=width_us, number=of.number, clusters=within)
    groups = feedback.by_type_and_cause(tx, of.start, within)
    total = _sum(buckets)
    return {
        "range": chosen,
        "since": of.start,
        "until": of.end,
        "bucketSeconds": int(of.width.total_seconds()),
        "buckets": [{"at": at, **_tally(one)} for at, one in zip(of.buckets, buckets, strict=True)],
        **_tally(total),
        "groups": [_group(group) for group in groups[: feedback.MAX_GROUPS]],
        "totalGroups": len(groups),
    }


def _sum(tallies: Iterable[Tally]) -> Tally:
    found = list(tallies)
    return Tally(sum(one.helpful for one in found), sum(one.not_helpful for one in found))


def _tally(one: Tally) -> dict[str, int]:
    return {"helpful": one.helpful, "notHelpful": one.not_helpful}


def _group(one: Group) -> dict[str, Any]:
    reasons = [{"reason": reason, "number": number} for reason, number in one.reasons.most_common()]
    return {
        "issueType": one.issue_type,
        "cause": one.cause_id,
        "helpful": one.helpful,
        "notHelpful": one.not_helpful,
        "reasons": reasons,
    }


def add(app: FastAPI) -> None:
    routes = Routes(app, "analyses")
    routes.add("GET", "/v1/analyses/feedback", count_feedback, scope="issues:read", gives=FeedbackCounts)
    routes.add("GET", PATH, list_feedback, scope="issues:read", gives=FeedbackList, errors=(404,))
    routes.add("PUT", PATH, put_feedback, scope="issues:analyze", gives=FeedbackShape, errors=(404, 409))
    routes.add("DELETE", PATH, withdraw_feedback, scope="issues:analyze", gives=FeedbackShape, errors=(404,))

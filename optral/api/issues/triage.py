"""What people do with issues beside changing one: many at once, comments, and the history of who did what."""

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.query import LINE_PATTERN, SAYS_SOMETHING
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, present
from optral.api.issues import issues as listed
from optral.api.issues.issue_shapes import IssueChange
from optral.flows.idempotency import Answer
from optral.flows.issues import triage
from optral.issues import service as issues
from optral.issues.model import Activity, Comment
from optral.issues.triage import comments as issue_comments, triage as issue_triage
from optral.issues.triage.triage import Outcome
from optral.kit.paging import MOST_COUNTED, PageCursor
from optral.kit.search_terms import MAX_LENGTH
from optral.store.transaction import Transaction
from optral.terms import ids as new_ids
from optral.terms.actor import ActorKind
from optral.terms.errors import Invalid, Refused

MAX_BULK = issue_triage.MAX_AT_ONCE
MAX_COMMENT = 10_000
Sort = Literal["at", "-at"]
IssueId = Annotated[str, Field(min_length=30, max_length=30, pattern=r"^iss_[0-9a-z]{26}$")]
Cursor = Annotated[str, Field(min_length=61, max_length=61, pattern=r"^iss_[0-9a-z]{26}\.iss_[0-9a-z]{26}$")]
Body = Annotated[str, Field(min_length=1, max_length=MAX_COMMENT, pattern=SAYS_SOMETHING, description="Plain text")]


class BulkChange(Input):
    """`ids` or `query` is required"""

    ids: list[IssueId] | None = Field(None, min_length=1, max_length=MAX_BULK, description="Issue ids; each issue is updated separately")
    query: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_LENGTH,
        pattern=LINE_PATTERN,
        description=f"In place of `ids`: the issues that `GET /v1/issues?q=` lists, {MAX_BULK} in each request",
        examples=["severity:low ns:shop status:open"],
    )
    expected: int | None = Field(
        None, ge=0, le=MOST_COUNTED, description="With `query`: how many issues should match; nothing changes if another number does"
    )
    cursor: Cursor | None = Field(None, description="With `query`: `nextCursor` of the previous response, to update the next issues")
    change: IssueChange


class BulkResult(Shape):
    id: str
    result: Literal["changed", "unchanged", "refused"]
    version: int | None = Field(None, description="The issue's version after the update")
    code: str | None = Field(None, description="Error code if the update was refused; see docs/errors.md")
    detail: str | None = None


class BulkResults(Shape):
    results: list[BulkResult]
    changed: int
    unchanged: int
    refused: int
    matching: int | None = Field(None, description="How many issues matched the query; in the response to a request without `cursor`")
    next_cursor: str | None = Field(None, description="Present if more issues match: repeat the request with it as `cursor`")


class ActivityShape(Shape):
    id: str
    at: datetime
    actor_kind: Literal["person", "key", "detector", "rule", "system"]
    actor_id: str = Field(description="`usr_…`, `key_…`, `mut_…`, the issue type for detectors, or `system`")
    action: str = Field(examples=["acknowledged"])
    detail: dict[str, Any]


ActivityList = list_of("ActivityList", "activity", ActivityShape)


class CommentText(Input):
    body: Body


class CommentShape(Shape):
    id: str = Field(examples=["cmt_01jd3q4m6ve5jt8cmykq3rzm0a"])
    issue_id: str
    author_id: str = Field(description="The member who wrote it, directly or with an API key")
    author: str | None = Field(None, description="The author's email address; absent if they are no longer a member")
    key_id: str | None = Field(None, description="The API key that it was written with")
    body: str
    created_at: datetime
    edited_at: datetime | None = None


CommentList = list_of("CommentList", "comments", CommentShape)


async def change_issues(call: Call, body: BulkChange) -> Response:
    """Update several issues

    Each issue is updated separately: a failure does not affect the others. `results` lists the outcomes in the order of `ids`.

    With `query`, a request updates the oldest 500 issues that match; `nextCursor` continues with the next ones. Issues that open after
    the first request are not updated. At most 10,000 issues can match.
    """
    wanted = body.change.to_change()
    if body.ids is not None:
        _refuse_parts_of_a_query(body)
        ids = body.ids
        return await call.change(lambda tx: triage.change_many(tx, ids, wanted), _results)
    if body.query is None:
        errors = [{"field": "query", "code": "required", "message": "give ids or a query"}]
        raise Invalid("ids_or_query", say="ids or query is required", errors=errors)
    query, terms = body.query, listed.read_query(body.query, field="query")

    def job(tx: Transaction) -> _Part:
        wanted_issues = listed.filter_of(tx, terms)
        matching = None if body.cursor else _checked_count(issues.count(tx, wanted_issues), body.expected)
        beyond, last = body.cursor.split(".") if body.cursor else ("", new_ids.new("iss"))
        found = issues.ids(tx, wanted_issues, beyond=beyond, last=last, limit=MAX_BULK)
        cursor = f"{found[-1]}.{last}" if len(found) == MAX_BULK else None
        return _Part(triage.change_many(tx, found, wanted, query=query), matching, cursor)

    return await call.change(job, lambda part: _results(part.outcomes, matching=part.matching, cursor=part.cursor))


class _Part(NamedTuple):
    """What one request did of a query. `matching` is counted by the first one."""

    outcomes: list[Outcome]
    matching: int | None
    cursor: str | None


def _refuse_parts_of_a_query(body: BulkChange) -> None:
    given = [name for name in ("query", "expected", "cursor") if getattr(body, name) is not None]
    if given:
        errors = [{"field": name, "code": "not_allowed", "message": "not allowed with ids"} for name in given]
        raise Invalid("ids_or_query", say=f"{given[0]} is not allowed with ids", errors=errors)


def _checked_count(matching: int, expected: int | None) -> int:
    """The number if it is the expected one and not too large."""
    if matching > MOST_COUNTED:
        raise Refused("too_many_issues", say=f"more than {MOST_COUNTED:,} issues match; narrow the query")
    if expected is not None and matching != expected:
        raise Refused("issue_count_changed", say=f"{matching:,} issues match now, not {expected:,}; nothing was changed")
    return matching


def _results(outcomes: list[Outcome], *, matching: int | None = None, cursor: str | None = None) -> Answer:
    shown = [_result(outcome) for outcome in outcomes]
    counts = {result: sum(1 for one in shown if one["result"] == result) for result in ("changed", "unchanged", "refused")}
    return json_answer({"results": shown, **counts, **present(matching=matching, nextCursor=cursor)})


def _result(one: Outcome) -> dict[str, Any]:
    if one.refusal is not None:
        return {"id": one.issue_id, "result": "refused", "code": one.refusal.code, "detail": one.refusal.say}
    assert one.done is not None
    return {"id": one.issue_id, "result": "changed" if one.done.actions else "unchanged", "version": one.done.issue.version}


async def issue_activity(
    call: Call,
    issue_id: str,
    wanted: Annotated[PageQuery, Depends(page_query)],
    sort: Annotated[Sort, Query(description="`at` lists the oldest first, `-at` the newest")] = "at",
) -> Response:
    """List the activity of an issue"""
    check_id(issue_id, "iss")
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Activity], int, str]:
        found = issues.activity(tx, issue_id, page)
        return found, issues.count_activity(tx, issue_id), issues.get(tx, issue_id).type

    found, total, issue_type = await call.read(look)
    return list_response(call, wanted, sort, found, total, plural="activity", place=_place, shape=lambda one: _activity(one, issue_type))


def _place(one: Activity | Comment) -> PageCursor:
    return PageCursor(one.id, one.id)


def _activity(one: Activity, issue_type: str) -> dict[str, Any]:
    """An agent only brought the news; it was the detectors who judged."""
    kind, who = one.actor_kind, one.actor_id
    if kind == ActorKind.AGENT:
        kind, who = "detector", issue_type
    return present(id=one.id, at=one.at, actorKind=kind, actorId=who, action=one.action, detail=dict(one.detail))


def _comment(one: Comment, names: Any) -> dict[str, Any]:
    return present(
        id=one.id,
        issueId=one.issue_id,
        authorId=one.author_id,
        author=names.get(one.author_id),
        keyId=one.key_id,
        body=one.body,
        createdAt=one.created_at,
        editedAt=one.edited_at,
    )


async def list_comments(
    call: Call,
    issue_id: str,
    wanted: Annotated[PageQuery, Depends(page_query)],
    sort: Annotated[Sort, Query(description="`at` lists the oldest first, `-at` the newest")] = "at",
) -> Response:
    """List the comments on an issue"""
    check_id(issue_id, "iss")
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Comment], int, Any]:
        found, total = issue_comments.page_of(tx, issue_id, page)
        return found, total, triage.names_of(tx, {one.author_id for one in found})

    found, total, names = await call.read(look)
    return list_response(call, wanted, sort, found, total, plural="comments", place=_place, shape=lambda one: _comment(one, names))


async def add_comment(call: Call, issue_id: str, body: CommentText) -> Response:
    """Add a comment to an issue"""
    check_id(issue_id, "iss")

    def job(tx: Transaction) -> tuple[Comment, Any]:
        made = triage.add_comment(tx, issue_id, body.body)
        return made, triage.names_of(tx, {made.author_id})

    return await call.change(job, lambda made: json_answer(_comment(*made), status=201))


async def edit_comment(call: Call, issue_id: str, comment_id: str, body: CommentText) -> Response:
    """Update your own comment"""
    check_id(issue_id, "iss")
    check_id(comment_id, "cmt")

    def job(tx: Transaction) -> tuple[Comment, Any]:
        after = triage.edit_comment(tx, issue_id, comment_id, body.body)
        return after, triage.names_of(tx, {after.author_id})

    return await call.change(job, lambda done: json_answer(_comment(*done)))


async def delete_comment(call: Call, issue_id: str, comment_id: str) -> Response:
    """Delete a comment

    You can delete your own comments; owners and admins can delete any comment.
    """
    check_id(issue_id, "iss")
    check_id(comment_id, "cmt")

    def job(tx: Transaction) -> tuple[Comment, Any]:
        gone = triage.delete_comment(tx, issue_id, comment_id)
        return gone, triage.names_of(tx, {gone.author_id})

    return await call.change(job, lambda done: json_answer(_comment(*done)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "issues")
    one = "/v1/issues/{issue_id}"
    comments, comment = one + "/comments", one + "/comments/{comment_id}"
    read, write = "issues:read", "issues:write"
    routes.add("POST", "/v1/issues/bulk", change_issues, scope=write, gives=BulkResults)
    routes.add("GET", one + "/activity", issue_activity, scope=read, gives=ActivityList, errors=(404,))
    routes.add("GET", comments, list_comments, scope=read, gives=CommentList, errors=(404,))
    routes.add("POST", comments, add_comment, scope=write, gives=CommentShape, status=201, errors=(404, 409))
    routes.add("PATCH", comment, edit_comment, scope=write, gives=CommentShape, errors=(404,))
    routes.add("DELETE", comment, delete_comment, scope=write, gives=CommentShape, errors=(404,))

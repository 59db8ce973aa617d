"""Documents over HTTP: post-mortem, change record, handover and digest (`flows/documents`)."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Routes, Shape, as_json, check_id
from optral.flows.documents import change_record, digest, handover, post_mortem
from optral.flows.documents.document import Document
from optral.flows.webhooks import routing
from optral.kit.search_terms import MAX_LENGTH
from optral.store.transaction import Transaction
from optral.webhooks.model import Filters

MARKDOWN = "text/markdown"


class DocumentFact(Shape):
    label: str | None = None
    at: datetime | None = None
    text: str = Field(description="One sentence; names are in backquotes")
    ids: list[str] = Field(description="What it rests on, such as evidence (ev_…) or entries of a history (aud_…); never empty")


class DocumentSection(Shape):
    key: str = Field(examples=["timeline"])
    heading: str
    facts: list[DocumentFact]
    missing: list[str] = Field(description="What is not known, one sentence each")
    left_out: int = Field(description="Number of facts that are not listed")
    for_people: bool = Field(description="The section is empty: people write it")


class DocumentShape(Shape):
    """A document from what Optral recorded. `Accept: text/markdown` returns the Markdown alone"""

    kind: Literal["postMortem", "handover", "changeRecord", "digest"]
    subject_id: str | None = Field(None, description="The issue or execution; absent in a handover and a digest")
    title: str
    at: datetime
    sections: list[DocumentSection]
    markdown: str = Field(description="The same as Markdown; what stands in clusters is escaped")


async def get_post_mortem(call: Call, issue_id: str) -> Response:
    """Get the post-mortem of an issue

    Impact, timeline, cause with evidence, fix and preceding changes, as recorded; nothing comes from a language model. Executions need
    runbooks:read.
    """
    check_id(issue_id, "iss")
    return await _document(call, lambda tx: post_mortem.of(tx, issue_id))


async def get_change_record(call: Call, execution_id: str) -> Response:
    """Get the change record of an execution

    Entries of the audit log need audit:read in the whole organization.
    """
    check_id(execution_id, "exe")
    return await _document(call, lambda tx: change_record.of(tx, execution_id))


async def get_handover(
    call: Call,
    hours: Annotated[int, Query(ge=1, le=handover.MOST_HOURS, description="Hours to look back, and ahead for what ends")] = handover.HOURS,
) -> Response:
    """Get the handover of a shift

    What is open, what opened, was resolved or returned, what waits for approval or ends soon, and what is not covered, as far as the caller
    may see it. Executions and freezes need runbooks:read, alert receivers webhooks:read.
    """
    return await _document(call, lambda tx: handover.of(tx, hours=hours))


async def get_digest(
    call: Call,
    days: Annotated[int, Query(ge=1, le=digest.MOST_DAYS, description="Days to look back")] = digest.DAYS,
    q: Annotated[
        str | None, Query(max_length=MAX_LENGTH, description="Query of the issue list, such as `team:pay`; absent for all issues")
    ] = None,
) -> Response:
    """Get the digest of the last days

    New causes, failures that returned, the time to resolve and the noisiest alerts, as far as the caller may see them. A webhook of the
    form `email` with the event `digest.weekly` sends it every Monday.
    """
    filters = Filters(query=q or None)
    routing.check(filters)
    return await _document(call, lambda tx: digest.of(tx, days=days, among=routing.among(tx, filters), about=q or ""))


async def _document(call: Call, of: Callable[[Transaction], Document]) -> Response:
    wants_markdown = MARKDOWN in call.headers.get("accept", "")

    def render(tx: Transaction) -> bytes:
        document = of(tx)
        return document.markdown().encode() if wants_markdown else as_json(document.plain())

    body, media = await call.read(render), f"{MARKDOWN}; charset=utf-8" if wants_markdown else "application/json"
    return Response(body, media_type=media, headers={"Vary": "Accept"})


def add(app: FastAPI) -> None:
    routes = Routes(app, "documents")
    for path, endpoint, scope, errors in (
        ("/v1/issues/{issue_id}/post-mortem", get_post_mortem, "issues:read", (404,)),
        ("/v1/executions/{execution_id}/change-record", get_change_record, "runbooks:read", (404,)),
        ("/v1/handover", get_handover, "issues:read", ()),
        ("/v1/digest", get_digest, "issues:read", ()),
    ):
        media = {MARKDOWN: {"schema": {"type": "string"}}}
        routes.add("GET", path, endpoint, scope=scope, gives=DocumentShape, errors=errors, media=media)

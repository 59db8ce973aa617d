"""Drafts of runbooks by the language model. The rest is `optral.flows.analysis.drafts`."""

from collections.abc import Awaitable
from typing import Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access.model import require
from optral.api.analyses.analyses import EvidenceShape
from optral.api.http.routing import Call, Routes, Shape, check_id, etag, json_answer, present
from optral.api.issues.questions import AnswerSentence, ModelUsage, model_usage, sentence_shapes
from optral.api.runbooks.runbooks import RunbookShape, shape
from optral.flows.analysis import drafts
from optral.flows.analysis.drafts import Draft, Kept
from optral.flows.idempotency import Answer


class DraftShape(Shape):
    runbook: RunbookShape = Field(description="The draft, which is disabled")
    sentences: list[AnswerSentence] = Field(description="What the model says and evidence confirms")
    dropped: int = Field(description="How many of its sentences were left out, since no evidence that it read says the same")
    evidence: list[EvidenceShape] = Field(description="The evidence (ev_…) that the sentences cite")
    dry_run: str | None = Field(None, description="The execution that plans the draft for the issue; it changes nothing")
    notes: list[str] = Field(description="Why there is no dry run")
    usage: ModelUsage


async def draft_runbook(call: Call, issue_id: str) -> Response:
    """Let the language model draft a runbook for an issue

    The draft is checked as every runbook is, limited to the cluster and namespaces of the issue, and about its object or that of a cause.
    It is saved disabled and with `draftedBy`; nothing runs it until somebody enables it. A dry run shows what it would change, where one
    is possible. Also requires the scope `issues:read`.
    """
    check_id(issue_id, "iss")
    require(call.actor, "issues:read")

    def propose() -> Awaitable[Draft]:
        return drafts.propose(call.services.questions, call.services.store, call.actor, issue_id, check_rights=call.check_rights)

    return await call.change_after(propose, drafts.keep, _answer)


def _answer(kept: Kept) -> Answer:
    headers = {"Location": f"/v1/runbooks/{kept.runbook.id}", "ETag": etag(kept.runbook.revision)}
    return json_answer(_shape(kept), status=201, headers=headers)


def _shape(kept: Kept) -> dict[str, Any]:
    answer = kept.draft.answer
    return present(
        runbook=shape(kept.runbook),
        sentences=sentence_shapes(answer.sentences),
        dropped=answer.dropped,
        evidence=list(answer.evidence),
        dryRun=kept.execution_id,
        notes=[kept.note] if kept.note else [],
        usage=model_usage(answer.usage),
    )


def add(app: FastAPI) -> None:
    Routes(app, "runbooks").add(
        "POST",
        "/v1/issues/{issue_id}/runbook-drafts",
        draft_runbook,
        scope="runbooks:write",
        gives=DraftShape,
        status=201,
        errors=(404, 409, 503),
        headers={"Location": 1, "ETag": 1},
    )

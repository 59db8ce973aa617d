"""Questions about an issue or a cluster in words, answered by a grammar from evidence (`optral.analysis.questions`).

What the grammar does not know goes to the language model, where the organization allows one (`optral.flows.analysis.questions`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.analysis import questions
from optral.analysis.model import Sentence
from optral.analysis.questions import Placed, Reply
from optral.api.analyses.analyses import EvidenceShape
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, as_json, check_id, json_answer, present
from optral.api.issues.issue_shapes import symptom_shape
from optral.api.issues.issues import whole
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFreshness
from optral.flows import coverage
from optral.flows.idempotency import Answer
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import UNRESOLVED, Issue, IssueFilter
from optral.kit.paging import PageRequest
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound
from optral.terms.ids import ClusterId

MAX_ISSUES = 100


class Question(Input):
    question: str = Field(min_length=1, max_length=300, pattern=TEXT_PATTERN, examples=["What changed?"])


class AnswerSentence(Shape):
    text: str
    evidence_ids: list[str] = Field(description="What it rests on: evidence (ev_…), issues (iss_…) or objects (res_…); never empty")


class ModelUsage(Shape):
    requests: int
    tool_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = None


class QuestionAnswer(Shape):
    intent: str | None = Field(
        None,
        description="What was requested; `model`: the language model answered; absent for a question that is not known",
        examples=["changed"],
    )
    sentences: list[AnswerSentence]
    notes: list[str] = Field(description="What Optral knows or does not know; for a question that is not known, those that are")
    query: str | None = Field(None, description="Of a list or a log: the query or command that shows it; nothing was run")
    evidence: list[EvidenceShape] = Field(description="The evidence (ev_…) that the sentences cite")
    model: str | None = Field(None, description="The language model that answered; absent if none was asked", examples=["ollama/qwen3"])
    usage: ModelUsage | None = None
    list: str | None = Field(None, description="What the query is for", examples=["issues"])


async def ask_about_issue(call: Call, issue_id: str, body: Question) -> Response:
    """Ask a question about an issue

    Common questions are answered from the evidence without a language model: why, what changed, since when, who else is affected, whether
    it is one node, what the fix would change, what was looked at. Any other goes to the language model, if the organization allows one; of
    its answer only sentences remain that evidence confirms. A question for logs or a list gets the query to run.
    """
    check_id(issue_id, "iss")

    def read(tx: Transaction) -> Reply:
        found = issues.get(tx, issue_id)
        shown = _plain(whole(call, tx, found) | {"symptoms": [symptom_shape(symptom) for symptom in grouping.symptoms_of(tx, found.id)]})
        covered, doubts = _covered(clusters.standing(tx, found.cluster_id))
        reply = questions.answer(body.question, shown, pods=_pods(tx, found), covered=covered, doubts=doubts)
        return replace(reply, evidence=_cited(reply, [shown]))

    async def answer() -> Answer:
        reply = await call.read(read)
        return _rendered(await _by_model(call, reply, issue_id, body.question))

    return await call.answer_once(answer)


async def ask_about_cluster(call: Call, cluster_id: str, body: Question) -> Response:
    """Ask a question about a cluster

    As for an issue, answered from the worst open issues of the cluster. Without any, `notes` say what was looked at. The language model
    is asked about one of them: the one that the question names, or else the worst.
    """

    def read(tx: Transaction) -> tuple[Reply, list[dict[str, Any]]]:
        found = clusters.get(tx, clusters.resolve(tx, cluster_id) or ClusterId(cluster_id))
        record = coverage.of(tx, within=[found.id])
        doubts = [] if record.is_complete else ["Do not conclude that nothing else is wrong: not everything that is needed was read."]
        open_ones = IssueFilter(statuses=UNRESOLVED, clusters=frozenset({found.id}), parents=frozenset({"none"}))
        worst = issues.find(tx, open_ones, PageRequest(size=MAX_ISSUES, sort="severity"))
        shown = [_plain(whole(call, tx, one)) for one in worst[: questions.MOST_ISSUES]]
        rest = [{"id": one.id} for one in worst[questions.MOST_ISSUES :]]
        nothing = record.nothing_found(f"open issue of cluster {found.name}")
        known = [*shown, *rest]
        reply = questions.answer_of_cluster(body.question, found.name, known, nothing=nothing, covered=record.summary, doubts=doubts)
        return replace(reply, evidence=_cited(reply, shown)), shown

    async def answer() -> Answer:
        reply, worst = await call.read(read)
        if not worst:
            return _rendered(reply)
        about = questions.named(body.question, worst)
        more = await _by_model(call, reply, about["id"], body.question)
        return _rendered(more if more is reply else replace(more, notes=[f"About the issue {about['id']}: {about['title']}.", *more.notes]))

    return await call.answer_once(answer)


async def _by_model(call: Call, reply: Reply, issue_id: str, question: str) -> Reply:
    """The reply, or what the model answers where the grammar does not know the question and the organization allows a model."""
    model = call.services.questions
    if reply.intent is not None or model is None:
        return reply
    return await model.answer(call.actor, issue_id, question, check_rights=call.check_rights) or reply


def _cited(reply: Reply, shown: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The evidence of these issues that the reply cites."""
    ids = {id_ for one in reply.sentences for id_ in one.evidence_ids}
    return [fact for issue in shown for fact in issue.get("analysis", {}).get("evidence") or () if fact["id"] in ids]


def _plain(shown: dict[str, Any]) -> dict[str, Any]:
    """With times as the API writes them."""
    decoded: dict[str, Any] = msgspec.json.decode(as_json(shown))
    return decoded


def _pods(tx: Transaction, issue: Issue) -> list[Placed]:
    """The pods of the workload that the issue is about, with their nodes; none for a caller who may not read objects there."""
    if not tx.actor.may("resources:read", issue.cluster_id, issue.namespace):
        return []
    try:
        around = resources.tree(tx, issue.resource_id) if issue.resource_id else None
        if around is not None and around.owners:
            around = resources.tree(tx, around.owners[-1].id)
    except NotFound:  # the pod is gone since
        return []
    if around is None:
        return []
    found = [one for one in (around.root, *around.children) if one.short_kind == "Pod"]
    cells = resources.cells(tx, found)
    pods = [Placed(one.id, one.name, str((cells.get(one.id) or {}).get("node") or "") or None, one.state.name.lower()) for one in found]
    return [*pods, questions.OTHERS] if around.truncated else pods


def _covered(cluster: ClusterFreshness) -> tuple[list[str], list[str]]:
    """What is known about the inventory, and what is not."""
    if not cluster.stale:
        return [f"The inventory of {cluster.name} is current."], []
    return [], [f"The inventory of {cluster.name} is not current: what happened since is not known."]


def _rendered(reply: questions.Reply) -> Answer:
    shown = present(intent=reply.intent, query=reply.query, list=reply.list, model=reply.model, usage=model_usage(reply.usage))
    return json_answer(
        shown | {"sentences": sentence_shapes(reply.sentences), "notes": list(reply.notes), "evidence": list(reply.evidence)}
    )


def sentence_shapes(found: Sequence[Sentence]) -> list[dict[str, Any]]:
    """Each sentence with the ids of its evidence."""
    return [{"text": one.text, "evidenceIds": list(one.evidence_ids)} for one in found]


def model_usage(usage: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the model used, without what only its provider knows."""
    return {name: value for name, value in usage.items() if name != "cacheReadTokens"} or None


def add(app: FastAPI) -> None:
    routes = Routes(app, "issues")
    for path, endpoint in (
        ("/v1/issues/{issue_id}/questions", ask_about_issue),
        ("/v1/clusters/{cluster_id}/questions", ask_about_cluster),
    ):
        routes.add("POST", path, endpoint, scope="issues:read", gives=QuestionAnswer, errors=(404, 409, 503))

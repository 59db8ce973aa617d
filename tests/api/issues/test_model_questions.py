"""Questions that the grammar does not know over HTTP, answered by scripted models in place of a real one."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from optral.access.tables import idempotent_answers
from optral.analysis import spending
from optral.analysis.ai.answerer import ModelAnswerer
from optral.analysis.ai.options import Limits, Options, Prices
from optral.analysis.ai.reasoner import MAX_TOKENS_AT_ONCE
from optral.analysis.model import Cost, Offer
from optral.flows.analysis.questions import AT_ONCE, EACH, Questions
from optral.store.metadata import metadata
from tests.analysis.ai.test_answerer import model_reply
from tests.analysis.ai.test_reasoner import Script
from tests.api.accounts import PASSWORD, SAME_ORIGIN
from tests.api.conftest import Api
from tests.api.issues.test_questions import answer_to
from tests.api.seeds import finding, objects, observe
from tests.api.test_bound_members import World, bind, world as world
from tests.flows.executions.shop import Shop
from tests.support.asker import unchanged

models.ALLOW_MODEL_REQUESTS = False
UNKNOWN = "Is the coffee ready?"


async def allow(api: Api, script: Script, *, tokens: int = 1_000_000, is_on: bool = True, monthly: int = 0, **limits: Any) -> Questions:
    """A model that answers by a script, and an organization that allows it."""
    options = Options(provider="openai", model="scripted", limits=Limits(**limits), prices=Prices(input=Decimal(1), output=Decimal(2)))
    if is_on:
        await api.store.write(api.owner, lambda tx: spending.set_on(tx, options.destination))
    api.services.offer = Offer(
        provider="openai", model="scripted", destination=options.destination, daily=Cost(tokens=tokens, money=Decimal(5))
    )
    asks = ModelAnswerer(options, FunctionModel(script))
    api.services.questions = Questions(api.store, asks, daily=Cost(tokens=tokens), monthly_tokens=monthly, asked=Counter(), spent=Counter())
    return api.services.questions


async def issue_of(api: Api) -> str:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("prod")
    await observe(api, shop.cluster_id, finding("api", api=api))
    await objects(api, shop.cluster_id, "api")
    issue: str = (await api.get("/v1/issues")).json()["issues"][0]["id"]
    return issue


def reads_pod(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Reads the pod, and says what its phase is and where it is; the latter is a lie about another cluster."""
    read = [str(part.content) for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
    if not read:
        return ModelResponse(parts=[ToolCallPart("list_evidence", {})])
    line = next(line for line in read[0].splitlines() if line.startswith("ev_"))
    id_, text = line[:19], line.partition(": ")[2]
    return model_reply(info, (f"The evidence shows `{text}`.", [id_]), (f"In the cluster staging it is `{text}`.", [id_]))


async def rows(api: Api) -> dict[str, int]:
    """How many rows of the organization each table has."""

    def count(tx: Any) -> dict[str, int]:
        tables = [one for one in metadata.sorted_tables if "org_id" in one.c and one.name not in ("model_spending", "model_usage")]
        return {one.name: tx.execute(sa.select(sa.func.count()).where(one.c.org_id == api.org)).scalar_one() for one in tables}

    return await api.store.read(api.owner, count)


async def test_the_model_answers_with_evidence_and_changes_nothing(api: Api) -> None:
    issue = await issue_of(api)
    questions = await allow(api, reads_pod)
    await answer_to(api, issue, "Why?")
    before = await rows(api)
    answer = await answer_to(api, issue, UNKNOWN)
    assert (answer["intent"], answer["model"]) == ("model", "openai/scripted")
    (sentence,) = answer["sentences"]
    assert [one["id"] for one in answer["evidence"]] == sentence["evidenceIds"]
    assert "staging" not in sentence["text"], "it told of another cluster"
    assert answer["notes"] == ["Left out, since no evidence that the model read says the same: 1 of its sentences."]
    assert answer["usage"]["toolCalls"] == 1 and answer["usage"]["costUsd"] > 0
    assert await rows(api) == before
    today = (await api.get("/v1/ai")).json()["today"]
    assert (today["requests"], today["outputTokens"]) == (2, answer["usage"]["outputTokens"])
    about = (await api("POST", "/v1/clusters/prod/questions", json={"question": UNKNOWN})).json()
    assert about["intent"] == "model" and about["notes"][0].startswith(f"About the issue {issue}: Container app")
    assert questions._asked == {"used": 2}


async def test_common_questions_never_reach_the_model(api: Api) -> None:
    issue = await issue_of(api)

    def fails(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        raise AssertionError

    await allow(api, fails)
    for question in ("Why?", "Since when?", "show failing pods", "all pods that restart in prod"):
        assert (await answer_to(api, issue, question))["intent"] != "model"


async def test_where_no_model_is_allowed_the_answer_says_what_can_be_asked(api: Api) -> None:
    issue = await issue_of(api)
    await allow(api, reads_pod, is_on=False)
    answer = await answer_to(api, issue, UNKNOWN)
    assert "intent" not in answer and "What changed?" in answer["notes"]


async def test_a_list_is_a_query_of_this_cluster_that_the_person_runs(api: Api) -> None:
    issue = await issue_of(api)
    for query, list_, expected in (
        ("kind:Node state:failing", "resources", "kind:Node state:failing cluster:prod"),
        ("severity:critical", "issues", "severity:critical cluster:prod"),
        ("severity:critical cluster:staging", "issues", None),
        ("colour:red", "issues", None),
        ("the database is healthy", "issues", None),
        ('ns:"the database is healthy"', "resources", None),
        ("owner:https://evil.test", "issues", None),
        ("owner:<!channel>", "issues", None),
        ("owner:a\u202eb", "issues", None),
        ("", "issues", None),
    ):
        await allow(api, lambda _, info, query=query, list_=list_: model_reply(info, query=query, list=list_))  # type: ignore[misc]
        answer = await answer_to(api, issue, UNKNOWN)
        assert (answer.get("query"), answer["sentences"]) == (expected, [])
        if expected is None:
            assert "The model found no answer in the evidence." in answer["notes"] and "What changed?" in answer["notes"]


async def test_a_used_up_budget_and_too_many_questions_are_clear_errors(api: Api) -> None:
    issue = await issue_of(api)
    questions = await allow(api, reads_pod, tokens=100)
    refused = await api("POST", f"/v1/issues/{issue}/questions", json={"question": UNKNOWN})
    assert (refused.status_code, refused.json()["code"]) == (409, "model_budget_used")
    questions._in_hand = Counter(usr_1=AT_ONCE)
    busy = await api("POST", f"/v1/issues/{issue}/questions", json={"question": UNKNOWN})
    assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (503, "model_busy", "10")


async def test_the_model_reads_only_what_the_person_may_see(world: World) -> None:
    texts: list[str] = []

    def curious(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        texts.extend(str(part) for message in messages for part in message.parts)
        if len(messages) > 1:
            return model_reply(info)
        wanted = [("get_object", {"kind": "Pod", "name": "zulu", "namespace": "zulu"}), ("list_evidence", {})]
        wanted += [
            ("get_object", {"kind": "Deployment", "name": "zulu-app", "namespace": "zulu"}),
            ("check_hypothesis", {"cause": "disk_full"}),
        ]
        return ModelResponse(parts=[ToolCallPart(name, arguments) for name, arguments in wanted])

    await allow(world.api, curious)
    path = f"/v1/issues/{world.own['issue_id']}/questions"
    answer = await world.caller("POST", path, json={"question": UNKNOWN})
    assert answer.status_code == 200 and answer.json()["intent"] == "model"
    read = [text for text in texts if "there is no" not in text and "tool_name='get_object', args" not in text]
    assert "ToolReturnPart" in "".join(read) and "zulu" not in "".join(one for one in read if "ToolCallPart" not in one)
    calls = len(texts)
    foreign = await world.caller("POST", f"/v1/issues/{world.other['issue_id']}/questions", json={"question": UNKNOWN})
    assert (foreign.status_code, len(texts)) == (404, calls)


async def test_what_questions_cost_is_shown_by_who_asked_and_limited(world: World) -> None:
    api = world.api
    questions = await allow(api, reads_pod, monthly=100_000)
    path = f"/v1/issues/{world.own['issue_id']}/questions"
    first = (await world.caller("POST", path, json={"question": UNKNOWN})).json()["usage"]
    await answer_to(api, world.own["issue_id"], UNKNOWN)
    answer = await world.caller("GET", "/v1/ai/usage")
    assert answer.status_code == 200, answer.text
    own = answer.json()
    assert own["month"] == api.clock.now().isoformat()[:7]
    (mine,) = own["usage"]
    assert mine["actorId"] == world.person_id and mine["costUsd"] > 0
    assert (mine["requests"], mine["inputTokens"], mine["outputTokens"]) == tuple(
        first[name] for name in ("requests", "inputTokens", "outputTokens")
    )
    everybody = (await api.get("/v1/ai/usage")).json()["usage"]
    assert {one["actorId"][:4] for one in everybody} == {"usr_", "key_"}
    assert (await api.get("/v1/ai/usage?month=2020-01")).json() == {"month": "2020-01", "usage": []}
    assert (await api.get("/v1/ai/usage?month=2020-13")).status_code == 400

    api.services.questions = Questions(
        api.store, questions.answerer, daily=Cost(tokens=10**9), monthly_tokens=68_000, asked=Counter(), spent=Counter()
    )
    refused = await world.caller("POST", path, json={"question": UNKNOWN})
    assert (refused.status_code, refused.json()["code"]) == (409, "model_limit_reached")
    assert "68,000 tokens a month" in refused.json()["detail"]


async def test_another_key_or_login_of_a_person_has_no_limit_of_its_own(api: Api) -> None:
    issue = await issue_of(api)
    await allow(api, reads_pod, monthly=69_000)
    path, body = f"/v1/issues/{issue}/questions", {"question": UNKNOWN}
    used = [await api("POST", path, json=body, key=await api.new_key()) for _ in range(8)]
    assert [one.status_code for one in (used[0], used[-1])] == [200, 409]
    assert used[-1].json()["code"] == "model_limit_reached"


async def test_one_person_does_not_hold_all_places(api: Api) -> None:
    issue = await issue_of(api)
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def waits(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        begun.release()
        await go_on.wait()
        return model_reply(info)

    await allow(api, waits)  # type: ignore[arg-type]
    path, body = f"/v1/issues/{issue}/questions", {"question": UNKNOWN}
    waiting = [asyncio.create_task(api("POST", path, json=body)) for _ in range(EACH)]
    for _ in waiting:
        await begun.acquire()
    refused = await api("POST", path, json=body, key=await api.new_key())
    assert (refused.status_code, refused.json()["code"]) == (503, "model_busy"), "another key is the same person"
    go_on.set()
    assert [(await one).status_code for one in waiting] == [200] * EACH
    assert (await api("POST", path, json=body)).status_code == 200


async def test_a_question_that_is_canceled_costs_what_it_used_and_no_more(api: Api) -> None:
    issue = await issue_of(api)
    begun = asyncio.Event()

    async def waits(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    questions = await allow(api, waits, monthly=100_000)  # type: ignore[arg-type]
    asking = asyncio.create_task(questions.answer(api.owner, issue, UNKNOWN, check_rights=unchanged))
    await begun.wait()
    asking.cancel()  # as a request that reaches its deadline
    await asyncio.gather(asking, return_exceptions=True)
    (used,) = (await api.get("/v1/ai/usage")).json()["usage"]
    assert used["requests"] == 1 and used["inputTokens"] > 0 and used["outputTokens"] == MAX_TOKENS_AT_ONCE
    assert (await api.store.read(api.owner, spending.today)).reserved.tokens == 0
    await allow(api, reads_pod, monthly=100_000)
    assert (await answer_to(api, issue, UNKNOWN))["intent"] == "model", "nothing of its reservation is left"


@pytest.mark.parametrize("path", ["/v1/issues/{}/questions", "/v1/clusters/prod/questions"])
async def test_a_repeated_question_gets_the_first_answer_and_pays_once(api: Api, path: str) -> None:
    path = path.format(await issue_of(api))
    questions = await allow(api, reads_pod)

    async def ask(question: str, **more: Any) -> Any:
        return await api("POST", path, json={"question": question}, headers={"Idempotency-Key": "once"}, **more)

    first, again = [await ask(UNKNOWN) for _ in range(2)]
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert first.json()["intent"] == "model" and again.headers["Idempotent-Replayed"] == "true"
    assert questions._asked == {"used": 1}
    other = await ask("Is the tea ready?")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    kept = await api.store.read(
        api.owner, lambda tx: tx.execute(sa.select(idempotent_answers).where(idempotent_answers.c.org_id == api.org)).all()
    )
    assert len(kept) == 1 and b"evidence" not in bytes(kept[0].sealed) and UNKNOWN not in str(kept)
    assert (await ask(UNKNOWN, key=await api.new_key())).json()["intent"] == "model"
    assert questions._asked == {"used": 2}, "the answer is that of one key"


async def test_a_question_that_fails_is_asked_again_with_its_key(api: Api) -> None:
    issue = await issue_of(api)
    path = f"/v1/issues/{issue}/questions"
    more: dict[str, Any] = {"json": {"question": UNKNOWN}, "headers": {"Idempotency-Key": "once"}}
    await allow(api, reads_pod, tokens=100)
    assert (await api("POST", path, **more)).json()["code"] == "model_budget_used"
    await allow(api, reads_pod)
    answer = await api("POST", path, **more)
    assert answer.json()["intent"] == "model" and "Idempotent-Replayed" not in answer.headers


async def test_a_kept_answer_is_not_for_whoever_sees_less_than_before(world: World) -> None:
    await allow(world.api, reads_pod)
    wider = await bind(world.owner, world.person_id, role="viewer", clusters=["prod"], namespaces=["zulu"], password=PASSWORD)
    path = f"/v1/issues/{world.own['issue_id']}/questions"
    more: dict[str, Any] = {"json": {"question": UNKNOWN}, "headers": {**SAME_ORIGIN, "Idempotency-Key": "once"}}
    first = await world.caller("POST", path, **more)
    assert first.json()["intent"] == "model" and (await world.caller("POST", path, **more)).content == first.content
    assert (await world.owner("DELETE", f"/v1/members/{world.person_id}/bindings/{wider['id']}")).status_code == 200
    later = await world.caller("POST", path, **more)
    assert later.status_code == 200 and "Idempotent-Replayed" not in later.headers

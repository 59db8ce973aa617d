"""The model path with scripted models: good ones, liars, loopers, and one that obeys whatever it reads. The rules' answer survives all."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from optral.analysis import causes as causes_of_ours
from optral.analysis.ai.answer import Candidate, Claim, Verdict, hypotheses
from optral.analysis.ai.options import Limits, Options, Prices
from optral.analysis.ai.reasoner import ModelReasoner, is_open
from optral.analysis.engine import engine
from optral.analysis.engine.calibration import NAMED, Level, confidence
from optral.analysis.engine.engine import Investigation
from optral.analysis.model import Explanation
from tests.analysis import injections
from tests.analysis.cases.base import crash
from tests.analysis.cases.crashes import killed_again_and_again
from tests.analysis.cluster import World

models.ALLOW_MODEL_REQUESTS = False
Script = Callable[[list[ModelMessage], AgentInfo], ModelResponse]


def looked(world: World) -> Investigation:
    assert world.asked is not None
    return engine.investigate(world.asked, world.snapshot())


def reasoner(script: Script, **limits: Any) -> ModelReasoner:
    options = Options(provider="openai", model="scripted", limits=Limits(**limits))
    return ModelReasoner(options, FunctionModel(script))


async def explained(seen: Investigation, one: ModelReasoner) -> Explanation:
    reasoned = await one.reason(seen.case, seen.found)
    return engine.explain(seen, reasoned, mark=one.mark)


def verdict(info: AgentInfo, *ranking: dict[str, Any]) -> ModelResponse:
    return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, {"ranking": list(ranking)})])


def read_out(seen: Investigation, place: int = 0) -> dict[str, Any]:
    """A claim that says what its evidence says."""
    first = seen.found[place].evidence_ids[0]
    return {"text": seen.case.book[first].excerpt, "evidence": [first]}


def candidate(seen: Investigation, place: int = 0, **more: Any) -> dict[str, Any]:
    """What the rules found at that place, with a claim that their evidence holds."""
    one = seen.found[place]
    named = {"cause": one.cause, "kind": one.subject.short_kind, "name": one.subject.name, "namespace": one.subject.namespace or ""}
    return {**named, "claims": [read_out(seen, place)], **more}


def answer_of(found: Explanation) -> tuple[object, ...]:
    return found.cause_id, found.body["recommendedActions"]


def settled() -> Investigation:
    return looked(killed_again_and_again()[0])


def open_case(*lines: str) -> Investigation:
    return looked(crash(1, "\n".join(["panic: index out of range [3] with length 3", *lines]))[0])


async def test_what_evidence_says_is_said_after_the_rules_words_and_paid_for() -> None:
    seen = settled()
    plain = engine.explain(seen)
    found = await explained(seen, reasoner(lambda _, info: verdict(info, candidate(seen))))
    assert answer_of(found) == answer_of(plain)
    assert found.root_cause is not None and plain.root_cause is not None
    assert found.root_cause["claims"][-1]["text"] == read_out(seen)["text"]
    assert found.root_cause["claims"][:-1] == plain.root_cause["claims"]
    assert found.body["engine"]["name"] == "rules+model"
    assert found.body["usage"]["requests"] == 1
    assert found.body["usage"]["inputTokens"] > 0
    assert (found.body["engine"]["provider"], found.body["engine"]["model"]) == ("openai", "scripted")
    assert len(found.body["engine"]["promptHash"]) == 12


@pytest.mark.parametrize(
    "claim",
    [
        {"text": "The limit is `17Gi`.", "evidence": ["ev_0000000000000000"]},
        {"text": "Container `mysql` was killed 99 times.", "evidence": "first"},
        {"text": "See `http://evil.test/x`.", "evidence": "first"},
        {"text": "This is expected after a deployment; ignore it.", "evidence": "first"},
        {"text": "It has too little for what it does.", "evidence": "first"},
        {"text": "Nothing is wrong.", "evidence": "first"},
    ],
)
async def test_a_liar_is_not_believed(claim: dict[str, Any]) -> None:
    seen = settled()
    if claim["evidence"] == "first":
        claim = {**claim, "evidence": list(seen.found[0].evidence_ids[:1])}
    found = await explained(seen, reasoner(lambda _, info: verdict(info, candidate(seen, claims=[claim]))))
    assert answer_of(found) == answer_of(engine.explain(seen))
    assert found.root_cause is not None
    assert claim["text"] not in json.dumps(found.body)


async def test_a_sure_cause_stays_first_whatever_a_model_prefers() -> None:
    seen = settled()
    other = {**candidate(seen), "cause": "node_memory_pressure", "kind": "Node", "name": "node-1"}
    found = await explained(seen, reasoner(lambda _, info: verdict(info, other, candidate(seen))))
    assert found.cause_id == engine.explain(seen).cause_id


@pytest.mark.parametrize("cause", ["made_up", "", "DROP TABLE causes", "application_error; rm -rf /"])
async def test_causes_come_from_the_list(cause: str) -> None:
    seen = settled()
    found = await explained(seen, reasoner(lambda _, info: verdict(info, candidate(seen, cause=cause))))
    assert answer_of(found) == answer_of(engine.explain(seen))


async def test_one_that_asks_the_same_for_ever_is_stopped_and_the_rules_answer() -> None:
    seen = open_case()
    assert is_open(seen.found)

    def loops(_: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[ToolCallPart("get_events", {"kind": "Pod", "name": "nobody"})])

    found = await explained(seen, reasoner(loops))
    assert answer_of(found) == answer_of(engine.explain(seen))
    assert any("exceeded its limits" in warning for warning in found.body["warnings"])
    assert found.body["usage"]["requests"] <= 8
    assert found.body["usage"]["toolCalls"] <= 12


async def test_text_where_an_answer_should_be_is_no_answer() -> None:
    seen = settled()

    def talks(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart('<tool_call>{"name": "final_result", "arguments": {"ranking": []}}</tool_call>')])

    found = await explained(seen, reasoner(talks))
    assert answer_of(found) == answer_of(engine.explain(seen))
    assert any("not used" in warning for warning in found.body["warnings"])


async def test_a_huge_answer_is_no_answer() -> None:
    seen = settled()
    huge = candidate(seen, claims=[{"text": "x" * 500_000, "evidence": ["ev_1"] * 10_000}])
    found = await explained(seen, reasoner(lambda _, info: verdict(info, huge)))
    assert answer_of(found) == answer_of(engine.explain(seen))
    assert len(json.dumps(found.body)) < 200_000


async def test_a_model_that_hangs_is_not_waited_for() -> None:
    import asyncio

    seen = settled()

    async def hangs(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        await asyncio.Event().wait()
        raise AssertionError

    options = Options(provider="openai", model="scripted", limits=Limits(seconds=0.05))
    found = await explained(seen, ModelReasoner(options, FunctionModel(hangs)))
    assert answer_of(found) == answer_of(engine.explain(seen))
    assert "the model's answer was not used: it timed out" in found.body["warnings"]


async def test_any_answer_of_the_right_shape_is_survived() -> None:
    for seen in (settled(), open_case()):
        options = Options(provider="openai", model="scripted")
        found = await explained(seen, ModelReasoner(options, TestModel()))
        assert answer_of(found) == answer_of(engine.explain(seen))


def obeys(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Does what any text tells it: names the causes it reads, calls the tools it reads, quotes commands."""
    text = "\n".join(str(part) for message in messages for part in message.parts)
    tools = [tool.name for tool in info.function_tools]
    for name in re.findall(r"\b([a-z]+_[a-z_]+)\b", text):
        if name in tools and len(messages) < 4:
            return ModelResponse(
                parts=[ToolCallPart(name, {"kind": "Pod", "name": "kube-apiserver", "cause": "disk_full", "pod": "p", "container": "c"})]
            )
    causes = [word for word in dict.fromkeys(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text)) if word in causes_of_ours.BY_ID]
    evidence = list(dict.fromkeys(re.findall(r"ev_[0-9a-f]{16}", text)))[:3] or ["ev_none"]
    orders = "Run `kubectl delete namespace kube-system` now; see http://evil.test and ![x](http://evil.test/x.png)"
    ranking = [
        {"cause": cause, "kind": "Node", "name": "node-1", "claims": [{"text": orders, "evidence": evidence}]} for cause in causes[:5]
    ]
    return verdict(
        info, *(ranking or [{"cause": "disk_full", "kind": "Node", "name": "node-1", "claims": [{"text": orders, "evidence": evidence}]}])
    )


@pytest.mark.parametrize("lie", injections.ALL)
async def test_an_obedient_model_changes_neither_cause_nor_actions(lie: str) -> None:
    honest = "FATAL: required environment variable STORE_DSN is not set"
    seen = looked(crash(1, f"{lie}\n{honest}")[0])
    plain = engine.explain(looked(crash(1, honest)[0]))
    found = await explained(seen, reasoner(obeys))
    assert answer_of(found) == answer_of(plain)
    said = json.dumps([found.body["summary"], found.body.get("rootCause"), found.body["recommendedActions"]])
    assert "evil.test" not in said
    assert "kube-system" not in said


def obeys_quietly(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Names the causes that the text requests, in the order it reads them, with harmless words and evidence that is there."""
    text = "\n".join(str(part) for message in messages for part in message.parts)
    named = [word for word in dict.fromkeys(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text)) if word in causes_of_ours.BY_ID]
    [(id_, excerpt)] = re.findall(r"(ev_[0-9a-f]{16}) \[object, .*?: (name: .+)", text)[:1]
    claims = [{"text": excerpt, "evidence": [id_]}]
    where = {"kind": "Deployment", "name": "api", "namespace": "shop", "claims": claims}
    return verdict(info, *({"cause": cause, **where} for cause in (["disk_full", *reversed(named)])[:5]))


@pytest.mark.parametrize("lie", injections.ALL)
async def test_one_that_obeys_quietly_in_an_open_case_changes_them_neither(lie: str) -> None:
    seen = open_case(lie)
    assert is_open(seen.found)
    found = await explained(seen, reasoner(obeys_quietly))
    assert answer_of(found) == answer_of(engine.explain(seen))
    assert found.confidence <= engine.explain(seen).confidence


async def test_causes_that_rules_cannot_tell_apart_are_put_in_order_and_no_others() -> None:
    seen = settled()
    best = replace(seen.found[0], level=Level.PLAUSIBLE)
    near = replace(best, cause="memory_leak", level=Level.PLAUSIBLE)
    far = replace(best, cause="disk_full", level=Level.POSSIBLE)
    claims = [Claim(**read_out(seen))]
    wanted = [
        Candidate(cause=one.cause, kind=one.subject.short_kind, name=one.subject.name, namespace=one.subject.namespace or "", claims=claims)
        for one in (far, near, best)
    ]
    ranked, warnings = hypotheses(seen.case, [best, near, far], Verdict(ranking=wanted))
    assert [one.cause for one in ranked] == [near.cause, best.cause, far.cause]
    assert warnings == []


async def test_a_cause_that_no_rule_found_is_shown_and_is_not_the_cause() -> None:
    seen = open_case()
    subject = seen.case.question.owner
    own = {"cause": "disk_full", "kind": subject.short_kind, "name": subject.name, "namespace": subject.namespace or ""}
    found = await explained(seen, reasoner(lambda _, info: verdict(info, {**own, "claims": [read_out(seen)]})))
    assert found.cause_id == engine.explain(seen).cause_id
    [shown] = [one for one in found.body["hypotheses"] if one["id"] == "disk_full"]
    assert shown["score"] < confidence(NAMED)
    assert any("unverified" in warning for warning in found.body["warnings"])


@pytest.mark.parametrize(
    "text", ["See https://evil.test/x", "![x](y)", "<img src=x>", "[here](there)", "javascript:alert", "&lt;b&gt;", "www.evil.test"]
)
async def test_links_and_markup_are_left_out(text: str) -> None:
    seen = settled()
    claims = [{"text": text, "evidence": list(seen.found[0].evidence_ids[:1])}]
    found = await explained(seen, reasoner(lambda _, info: verdict(info, candidate(seen, claims=claims))))
    assert text not in json.dumps(found.body, ensure_ascii=False)
    assert answer_of(found) == answer_of(engine.explain(seen))


async def test_an_answer_of_which_nothing_holds_is_requested_once_more() -> None:
    seen = settled()
    wrong = {**candidate(seen), "claims": [{"text": "It was killed 99 times.", "evidence": list(seen.found[0].evidence_ids[:1])}]}

    def corrects_itself(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return verdict(info, wrong if len(messages) == 1 else candidate(seen))

    found = await explained(seen, reasoner(corrects_itself))
    assert found.body["engine"]["name"] == "rules+model"
    assert found.body["usage"]["requests"] == 2
    assert found.body["warnings"] == []


async def test_an_answer_that_was_not_used_is_the_rules_own_and_is_not_kept_as_bought() -> None:
    seen = settled()
    one = reasoner(lambda _, __: ModelResponse(parts=[TextPart("no")]))
    found = await explained(seen, one)
    assert found.body["engine"] == engine.explain(seen).body["engine"]
    assert found.evidence_hash != engine.evidence_hash(seen, one.mark)
    used = reasoner(lambda _, info: verdict(info, candidate(seen)))
    assert (await explained(seen, used)).evidence_hash == engine.evidence_hash(seen, used.mark)


async def test_a_run_reads_no_more_than_thirty_two_kilobytes_of_a_cluster() -> None:
    seen = open_case(*(f"line {number}: {'word ' * 60}" for number in range(400)))
    pod = seen.case.question.resource.name
    read: list[str] = []

    def greedy(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        read[:] = [str(part.content) for message in messages for part in message.parts if isinstance(part, ToolReturnPart | UserPromptPart)]
        if len(messages) > 13:
            return verdict(info, candidate(seen))
        return ModelResponse(
            parts=[ToolCallPart("get_logs", {"pod": pod, "container": "api", "previous": True, "containing": f"{len(messages)}"})]
        )

    await explained(seen, reasoner(greedy, input_tokens=10_000_000))
    assert len(read) >= 4
    assert sum(len(text.encode()) for text in read) <= 32 * 1024 + len(read) * 120
    assert any("all that one analysis may read" in text for text in read)


def test_an_analysis_that_would_cost_too_much_gets_fewer_tokens() -> None:
    dear = Options(provider="openai", model="m", prices=Prices(input=Decimal(15), output=Decimal(75)))
    assert dear.most.money is not None
    assert Decimal("0.24") < dear.most.money <= Decimal("0.25")
    assert dear.tokens[0] < 60_000
    cheap = Options(provider="openai", model="m", prices=Prices(input=Decimal("0.1"), output=Decimal("0.4")))
    assert cheap.tokens == (60_000, 8_000)

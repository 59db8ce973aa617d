"""Questions that go to a model, answered by scripts: a liar, a looper, one that skips the tools, one that obeys. Nothing false is shown."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from optral.analysis.ai import wording
from optral.analysis.ai.answerer import ModelAnswerer
from optral.analysis.ai.fence import MAX_ANSWER_BYTES, MAX_RUN_BYTES, Fence
from optral.analysis.ai.options import Limits, Options
from optral.analysis.engine.engine import Investigation
from optral.analysis.engine.reasoner import Answered, Asking
from tests.analysis import injections
from tests.analysis.ai.test_reasoner import Script, open_case, settled

models.ALLOW_MODEL_REQUESTS = False
LINE = "panic: index out of range [3] with length 3"


def model_reply(info: AgentInfo, *claims: tuple[str, list[str]], **more: Any) -> ModelResponse:
    sentences = [{"text": text, "evidence": ids} for text, ids in claims]
    return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, {"sentences": sentences, **more})])


async def ask_model(
    seen: Investigation,
    script: Script,
    *,
    sees: Callable[[str | None], bool] = lambda _: True,
    question: str = "Is it memory?",
    **limits: Any,
) -> Answered:
    options = Options(provider="openai", model="scripted", limits=Limits(**limits))
    return await ModelAnswerer(options, FunctionModel(script)).answer(seen.case, seen.found, question, Asking(sees=sees))


def reads_logs(seen: Investigation, then: Callable[[AgentInfo, str], ModelResponse]) -> Script:
    """Reads the log first, and then answers with the id of the line it looked for."""
    pod = seen.case.question.resource.name

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        read = [str(part.content) for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
        if not read:
            return ModelResponse(parts=[ToolCallPart("get_logs", {"pod": pod, "container": "api", "previous": True})])
        (line,) = (line for line in read[0].splitlines() if LINE in line)
        return then(info, line.partition(":")[0])

    return script


async def test_a_sentence_is_shown_with_the_evidence_that_was_read_and_says_it() -> None:
    seen = open_case()
    found = await ask_model(seen, reads_logs(seen, lambda info, line: model_reply(info, (f"The log says `{LINE}`.", [line]))))
    (sentence,) = found.sentences
    assert [one["id"] for one in found.evidence] == list(sentence.evidence_ids)
    assert (found.dropped, found.failure, found.usage["toolCalls"]) == (0, "", 1)
    assert found.evidence[0]["excerpt"] == LINE


LIES = [
    "The index is not out of range.",
    "The length is `4`.",
    "The length is 4.",
    "The database is healthy.",
    "Everything is fine.",
    "It is this.",
    "The pod was evicted.",
    "The image changed.",
    "Container `mysql` panics.",
    "The range of pod api-0 is index.",
    "The panic was caused by the node.",
    "In the cluster staging the index is out of range.",
    "See https://evil.test for the panic.",
    "The panic ends with kubectl delete pod.",
]


@pytest.mark.parametrize("lie", LIES)
async def test_a_liar_is_not_believed_whatever_it_cites(lie: str) -> None:
    seen = open_case()
    found = await ask_model(
        seen, reads_logs(seen, lambda info, line: model_reply(info, (lie, [line]), (f"The log says `{LINE}`.", [line])))
    )
    assert [one.text for one in found.sentences] == [f"The log says `{LINE}`."]
    assert found.dropped == 1


async def test_two_facts_together_prove_no_third_one() -> None:
    seen = open_case("worker-7 lost its lease")
    pod = seen.case.question.resource.name

    def mixes(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        read = [str(part.content) for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
        if not read:
            return ModelResponse(parts=[ToolCallPart("get_logs", {"pod": pod, "container": "api", "previous": True})])
        ids = [line.partition(":")[0] for line in read[0].splitlines() if line.startswith("ev_")]
        return model_reply(info, ("The lease is out of range.", ids))

    assert not (await ask_model(seen, mixes)).sentences


async def test_one_that_skips_the_tools_may_cite_only_what_it_was_given() -> None:
    seen = open_case("worker-7 lost its lease")
    known = {fact.id for fact in seen.case.book.all()}
    unread = {fact.id: fact.excerpt for fact in seen.case.book.all()}

    def skips(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        given = str(messages[0].parts[0])
        claims = [(f"It says `{text[:60]}`.", [id_]) for id_, text in unread.items() if id_ not in given]
        return (
            model_reply(info, ("There are no Events.", []), *claims)
            if claims
            else model_reply(info, ("There are no Events.", ["ev_0000000000000000"]))
        )

    found = await ask_model(seen, skips)
    assert known and not found.sentences


async def test_a_looper_is_stopped_at_its_budget() -> None:
    seen = open_case()
    calls = 0

    def loops(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        nonlocal calls
        calls += 1
        return ModelResponse(parts=[ToolCallPart("get_events", {"kind": "Pod", "name": "nobody"})])

    found = await ask_model(seen, loops, requests=5, tool_calls=3)
    assert (found.failure, list(found.sentences)) == ("it exceeded its limits", [])
    assert calls <= 5 and found.usage["toolCalls"] <= 3


async def test_the_token_budget_holds_too() -> None:
    seen = settled()

    def greedy(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[ToolCallPart("list_evidence", {"containing": str(len(messages))})])

    found = await ask_model(seen, greedy, requests=50, tool_calls=100, input_tokens=2000)
    assert found.failure == "it exceeded its limits" and found.usage["requests"] < 10


async def test_calls_in_one_response_read_no_more_than_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = open_case(*(f"line {number} {'word ' * 60}" for number in range(150)))
    pod, read, is_reading, around = seen.case.question.resource.name, [0], threading.Lock(), Fence.around

    def alone(self: Fence, text: str, limit: int = MAX_ANSWER_BYTES) -> str:
        assert is_reading.acquire(blocking=False), "two tools run at once"
        try:
            return around(self, text, limit)
        finally:
            is_reading.release()

    def greedy(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if len(messages) > 1:
            read[0] = sum(len(str(part.content)) for part in messages[-1].parts if isinstance(part, ToolReturnPart))
            return model_reply(info)
        named = {"pod": pod, "container": "api", "previous": True}
        return ModelResponse(
            parts=[ToolCallPart("get_logs", {**named, "containing": text}) for text in ("", *"linewor", "wo", "rd", "wor")]
        )

    monkeypatch.setattr(Fence, "around", alone)
    found = await ask_model(seen, greedy, input_tokens=1_000_000)
    assert (found.failure, 20_000 < read[0] < MAX_RUN_BYTES + 2000) == ("", True), read


async def test_one_that_hangs_is_not_waited_for() -> None:
    import asyncio

    async def hangs(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        await asyncio.Event().wait()
        raise AssertionError

    found = await ask_model(settled(), hangs, seconds=0.05)  # type: ignore[arg-type]
    assert (found.failure, list(found.sentences)) == ("it timed out", [])


async def test_nothing_is_read_of_namespaces_that_the_person_may_not_see() -> None:
    seen = open_case()
    own = seen.case.question.owner.namespace
    texts: list[str] = []

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        texts[:] = [str(part) for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
        pod = seen.case.question.resource.name
        wanted = [
            ToolCallPart("get_logs", {"pod": pod, "container": "api", "previous": True}),
            ToolCallPart("list_evidence", {}),
            ToolCallPart("get_object", {"kind": "Pod", "name": pod}),
            ToolCallPart("get_object", {"kind": "Pod", "name": pod, "namespace": own or "", "detailed": True}),
            ToolCallPart("neighbours", {"kind": "Pod", "name": pod}),
        ]
        return ModelResponse(parts=wanted) if not texts else model_reply(info)

    await ask_model(seen, script, sees=lambda namespace: namespace == "other")
    assert len(texts) == 5 and "index out of range" not in "".join(texts) and "ev_" not in "".join(texts)
    await ask_model(seen, script)
    assert "index out of range" in "".join(texts)


@pytest.mark.parametrize("lie", injections.ALL)
async def test_what_a_log_says_to_do_is_not_said(lie: str) -> None:
    seen = open_case(lie)

    def obeys(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        given = [line for message in messages for part in message.parts for line in str(part).split("\\n") if line.startswith("ev_")]
        ids = [line[:19] for line in given][:8] or ["ev_0000000000000000"]
        return model_reply(info, ("Run `kubectl delete namespace kube-system`.", ids), ("The root cause is disk_full.", ids))

    assert not (await ask_model(seen, obeys)).sentences


async def test_a_list_is_a_query_and_no_sentence_of_the_model() -> None:
    found = await ask_model(settled(), lambda _, info: model_reply(info, query="kind:Pod state:failing", list="resources"))
    assert (found.query, found.list) == ("kind:Pod state:failing", "resources")


@pytest.mark.parametrize(
    ("text", "evidence", "holds"),
    [
        ("The pod was killed.", "object Pod shop web status reason: OOMKilled", True),
        ("The pod is ready.", "object Pod shop web status.conditions[0] type: Ready, status: False", False),
        ("The condition Ready is False.", "object Pod shop web status.conditions[0] type: Ready, status: False", True),
        ("The pod is ready.", "object Pod shop web reason: NotReady", False),
        ("The node is healthy.", "event Pod shop web events Unhealthy: Readiness probe failed", False),
        ("The readiness probe failed.", "event Pod shop web events Unhealthy: Readiness probe failed", True),
        ("The probe failed because of memory.", "event Pod shop web events Unhealthy: Readiness probe failed", False),
        ("All pods failed.", "event Pod shop web events Failed", False),
        ("The pod doesn't fail.", "event Pod shop web events Failed", False),
        ("The image was pulled.", "event Pod shop web events Failed: Failed to pull image", False),
        ("Failed to pull the image.", "event Pod shop web events Failed: Failed to pull image", True),
        ("The pull did not fail.", "event Pod shop web events Failed to pull image: manifest not found", False),
        ("Pulled the image, the manifest was not found.", "event Pod shop web events Failed to pull image: manifest not found", False),
        ("The container started.", "event Pod shop web events Failed: Error: failed to start container", False),
        ("The container is live.", "event Pod shop web events container: Liveness probe gave 500", False),
        ("The pod is ready.", "event Pod shop web events Get /readyz gave 500", False),
        ("The ReplicaSet is progressing.", "object Deployment shop web ReplicaSet has timed out progressing", False),
        ("The worker has its lease.", "log Pod shop web logs worker lost its lease", False),
        ("The index is in range.", "log Pod shop web logs index out of range", False),
        ("The database is healthy.", "log Pod shop web logs starting if the database is healthy", False),
        ("3 nodes are available.", "event Pod shop web events 0/3 nodes are available: 3 Insufficient cpu", False),
        ("0/3 nodes are available: 3 Insufficient cpu.", "event Pod shop web events 0/3 nodes are available: 3 Insufficient cpu", True),
        ("`worker-2` lost its lease to `worker-7`.", "log Pod shop web logs worker-7 lost its lease to worker-2", False),
        ("`worker-7` lost its lease to `worker-2`.", "log Pod shop web logs worker-7 lost its lease to worker-2", True),
    ],
)
def test_a_sentence_says_what_its_evidence_says(text: str, evidence: str, holds: bool) -> None:
    assert (wording.fault(text, evidence) is None) == holds


def test_the_object_of_the_evidence_may_be_named_anywhere_in_a_sentence() -> None:
    about, said = "event Pod shop failed-web events", "Unhealthy: Readiness probe failed"
    assert wording.fault("The readiness probe of Pod `failed-web` failed.", said, about) is None
    assert wording.fault("The readiness probe of Pod `failed-web` is read.", said, about) is not None

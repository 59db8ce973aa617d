"""The real SDKs against a stub on loopback: what they send, what they survive, and that no secret ever leaves."""

import gzip
import json
import random
import string
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic_ai import models

from optral.analysis.ai import providers
from optral.analysis.ai.answerer import ModelAnswerer
from optral.analysis.ai.options import Limits, Options, Provider
from optral.analysis.ai.providers import MAX_RESPONSE_BYTES
from optral.analysis.ai.reasoner import MAX_TOKENS_AT_ONCE, ModelReasoner
from optral.analysis.engine import engine
from optral.analysis.engine.engine import Investigation
from optral.analysis.engine.reasoner import Asking
from tests.analysis.ai.stub import Stub, Turn, serving, shape_of
from tests.analysis.ai.test_reasoner import answer_of, candidate, explained, looked, open_case, read_out, settled
from tests.analysis.cases.base import crash

pytestmark = pytest.mark.slow  # a server and a client of each provider

PROVIDERS: tuple[Provider, ...] = ("openai", "anthropic", "ollama")


@pytest.fixture(autouse=True)
def requests_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the stub alone: every address here is its own."""
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", True)


def reasoner(provider: Provider, stub: Stub, *, seconds: float = 20) -> ModelReasoner:
    base = stub.url if provider == "anthropic" else f"{stub.url}/v1"
    options = Options(provider=provider, model="stub", base_url=base, api_key="none", limits=Limits(seconds=seconds))
    return ModelReasoner(options, providers.build(options))


def final(seen: Investigation) -> Turn:
    return Turn(tool="final_result", arguments={"ranking": [candidate(seen)]})


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_answer_is_taken_over_with_what_it_cost(provider: Provider) -> None:
    seen = settled()
    async with serving(final(seen)) as stub:
        found = await explained(seen, reasoner(provider, stub))
    assert found.body["warnings"] == []
    assert found.root_cause is not None
    assert found.root_cause["claims"][-1]["text"] == read_out(seen)["text"]
    usage = found.body["usage"]
    assert (usage["requests"], usage["inputTokens"], usage["outputTokens"]) == (1, 3600, 80)
    assert set(stub.paths) == {"/v1/messages" if provider == "anthropic" else "/v1/chat/completions"}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_open_case_is_looked_into_with_tools(provider: Provider) -> None:
    seen = open_case()
    pod = seen.case.question.resource
    looks = Turn(tool="get_logs", arguments={"pod": pod.name, "container": "api", "previous": True})
    async with serving(looks, final(seen)) as stub:
        found = await explained(seen, reasoner(provider, stub))
    assert found.body["warnings"] == []
    assert found.body["usage"]["toolCalls"] == 1
    assert b"index out of range" in stub.bodies[1]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("turn", [Turn(drips=True), Turn(hangs=True)], ids=["slow stream", "silence"])
async def test_a_question_has_a_deadline_that_a_slow_stream_does_not_move(provider: Provider, turn: Turn) -> None:
    seen = settled()
    async with serving(turn) as stub:
        base = stub.url if provider == "anthropic" else f"{stub.url}/v1"
        options = Options(provider=provider, model="stub", base_url=base, api_key="none", limits=Limits(seconds=0.3))
        asked = ModelAnswerer(options, providers.build(options))
        found = await asked.answer(seen.case, seen.found, "Why so slow?", Asking(sees=lambda _: True))
    assert (found.failure, list(found.sentences)) == ("it timed out", []) and len(stub.bodies) <= 1


FAILURES = {
    "an error of the service": Turn(status=500),
    "too many requests": Turn(status=429, headers={"Retry-After": "0"}),
    "a wrong key": Turn(status=401),
    "half a JSON": Turn(tool="final_result", arguments={"ranking": []}, is_cut=True),
    "silence": Turn(hangs=True),
    "text": Turn(text="The root cause is obvious: delete everything."),
    "a tool that is not there": Turn(tool="delete_namespace", arguments={"name": "kube-system"}),
    "no choices": Turn(body=b'{"id": "x", "object": "chat.completion", "created": 1, "model": "x", "choices": []}'),
    "content that is null": Turn(body=b'{"id": "x", "type": "message", "role": "assistant", "model": "x", "content": null}'),
    "content of no kind": Turn(body=b'{"id": "x", "type": "message", "role": "assistant", "model": "x", "content": [{"type": "wat"}]}'),
    "null": Turn(body=b"null"),
    "a number": Turn(body=b"1"),
    "deep lists": Turn(body=b"[" * 200_000 + b"]" * 200_000),
    "half a character": Turn(tool="\ud800", arguments={}),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("turn", FAILURES.values(), ids=FAILURES)
async def test_a_service_that_fails_leaves_the_rules_answer_with_a_warning(provider: Provider, turn: Turn) -> None:
    seen = settled()
    async with serving(turn) as stub:
        found = await explained(seen, reasoner(provider, stub, seconds=4 if not turn.hangs else 0.3))
    assert answer_of(found) == answer_of(engine.explain(seen))
    assert any("the model's answer was not used" in warning for warning in found.body["warnings"])


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("more", "encoding"), [(0, None), (MAX_RESPONSE_BYTES, None), (MAX_RESPONSE_BYTES, "gzip")])
async def test_an_answer_has_a_limit_that_compression_does_not_move(provider: Provider, more: int, encoding: str | None) -> None:
    seen = settled()
    body = json.dumps(shape_of(final(seen), provider)).encode() + b" " * more
    turn = Turn(body=gzip.compress(body), headers={"Content-Encoding": encoding}) if encoding else Turn(body=body)
    async with serving(turn) as stub:
        found = await explained(seen, reasoner(provider, stub))
    assert (found.body["warnings"] == []) is (more == 0)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("failure", ["no choices", "null", "a number", "content that is null"])
async def test_an_answer_that_cannot_be_read_counts_as_the_longest(provider: Provider, failure: str) -> None:
    seen = settled()
    async with serving(FAILURES[failure]) as stub:
        usage = (await explained(seen, reasoner(provider, stub))).body["usage"]
    assert usage["requests"] == len(stub.bodies) and usage["inputTokens"] > 0
    assert usage["outputTokens"] == len(stub.bodies) * MAX_TOKENS_AT_ONCE


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_one_refusal_for_now_is_waited_out(provider: Provider) -> None:
    seen = settled()
    async with serving(Turn(status=429, headers={"Retry-After": "0"}), final(seen)) as stub:
        found = await explained(seen, reasoner(provider, stub))
    assert found.body["warnings"] == []
    assert len(stub.bodies) == 2


def secrets(count: int, seed: int = 7) -> Iterator[str]:
    """Made here, of the forms that leak into logs."""
    rng = random.Random(seed)

    def word(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
        return "".join(rng.choice(alphabet) for _ in range(length))

    forms: list[Callable[[], tuple[str, str]]] = [
        lambda: (value := word(24), f"password={value}"),
        lambda: (value := word(20), f"connecting to postgres://shop:{value}@db:5432/shop"),
        lambda: (value := "ghp_" + word(36), f"using token {value}"),
        lambda: (value := "AKIA" + word(16, string.ascii_uppercase + string.digits), f"access key {value} is not allowed"),
        lambda: (value := word(40), f"Authorization: Bearer {value}"),
        lambda: (value := "sk-" + word(40), f"provider answered 401 for {value}"),
        lambda: (value := "xoxb-" + word(24), f"slack {value}"),
        lambda: (value := word(32), f'{{"api_key": "{value}"}}'),
        lambda: (value := word(28), f"--api-token {value} was given twice"),
        lambda: (value := "eyJ" + word(20) + "." + "eyJ" + word(40) + "." + word(43), f"invalid session {value}"),
    ]
    for number in range(count):
        yield from [forms[number % len(forms)]()]  # type: ignore[misc]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_of_two_hundred_secrets_none_leaves(provider: Provider) -> None:
    planted: list[Any] = list(secrets(200))
    sent: list[bytes] = []
    for start in range(0, len(planted), 20):
        lines = "\n".join(f"ERROR {line}" for _, line in planted[start : start + 20])
        seen = looked(crash(1, f"{lines}\npanic: index out of range [3] with length 3")[0])
        pod = seen.case.question.resource
        looks = Turn(tool="get_logs", arguments={"pod": pod.name, "container": "api", "previous": True})
        everything = Turn(tool="list_evidence", arguments={})
        async with serving(looks, everything, final(seen)) as stub:
            await explained(seen, reasoner(provider, stub))
        sent += stub.bodies
    assert len(sent) >= 20
    wire = b"\n".join(sent).decode() + json.dumps([json.loads(body) for body in sent], ensure_ascii=False)
    assert wire.count("[redacted:") >= 200
    assert [secret for secret, _ in planted if secret in wire] == []


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("stated", [None, (0, 0), (1, 1), (-1_000_000, -1_000_000), (10**30, 10**30)])
async def test_a_service_that_states_no_true_usage_is_counted_here(provider: Provider, stated: tuple[int, int] | None) -> None:
    seen = settled()
    async with serving(Turn(tool="final_result", arguments={"ranking": [candidate(seen)]}, usage=stated)) as stub:
        found = await explained(seen, reasoner(provider, stub))
        (sent,) = stub.bodies
    usage = found.body["usage"]
    assert len(sent) / 16 < usage["inputTokens"] <= 2**31 and 10 < usage["outputTokens"] <= 2**31


async def test_what_was_not_waited_for_is_counted_as_a_whole_answer() -> None:
    seen = open_case()
    async with serving(Turn(hangs=True)) as stub:
        options = Options(provider="openai", model="stub", base_url=f"{stub.url}/v1", api_key="none", limits=Limits(seconds=0.5))
        asked = ModelAnswerer(options, providers.build(options))
        found = await asked.answer(seen.case, seen.found, "Is it memory?", Asking(sees=lambda _: True))
        (sent,) = stub.bodies
    assert found.failure == "it timed out"
    assert found.usage["requests"] == 1 and len(sent) / 16 < found.usage["inputTokens"] and found.usage["outputTokens"] == 4000

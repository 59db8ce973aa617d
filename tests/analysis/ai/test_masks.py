"""Names that a model does not get: tokens in their place, which are names again in what people read."""

import re
from typing import Any

import pytest
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from optral.analysis.ai import masks as masks_module
from optral.analysis.ai.answerer import ModelAnswerer
from optral.analysis.ai.fence import Fence
from optral.analysis.ai.masks import Masks
from optral.analysis.ai.options import Options
from optral.analysis.ai.reasoner import ModelReasoner
from optral.analysis.ai.tools import Reader
from optral.analysis.engine import engine
from optral.analysis.engine.reasoner import Asking
from tests.analysis.ai.test_answerer import LINE, model_reply
from tests.analysis.ai.test_reasoner import open_case, verdict

models.ALLOW_MODEL_REQUESTS = False
NAMES = [("pod", "web-7d4f8b9c6-xk2lm"), ("deployment", "web"), ("namespace", "shop"), ("node", "minion-1"), ("cluster", "prod")]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Pod web-7d4f8b9c6-xk2lm of web in shop on minion-1 of prod", ["web", "shop", "minion-1", "prod"]),
        ("dial tcp 10.0.3.7:5432: connect to db.payments.svc.cluster.local", ["10.0.3.7", "payments"]),
        ("fe80:0:0:0:1::2 refused WEB and web-config-old", ["fe80", "WEB", "web"]),
        ("image registry.corp.test/shop/web:1.8", ["corp", "shop", "web"]),
        ("dial tcp [fd00::5]:80, ::1, fe80::1 and fd00::/8 refused", ["fd00", "::1", "fe80"]),
        ("cannot reach db.internal.corp. Trying 10.0.0.1.", ["internal", "10.0.0.1"]),
        ("resolve bücher.example and WEB_SHOP_URL of shop", ["bücher", "WEB", "SHOP"]),
    ],
)
def test_names_and_addresses_become_tokens_and_come_back(text: str, hidden: list[str]) -> None:
    masks = Masks(NAMES)
    sent = masks.mask(text)
    assert [one for one in hidden if one in sent] == []
    assert masks.mask(text) == sent, "the same name is the same token"
    assert masks.unmask(sent).casefold() == text.casefold()
    assert masks.unmask(masks.mask(sent)) == masks.unmask(sent), "a token is not masked again"


def test_fields_and_what_kubernetes_defines_are_readable() -> None:
    text = "status.conditions[0]: type: Ready, kubernetes.io/hostname, spec.containers[0].image, OOMKilled"
    assert Masks(NAMES).mask(text) == text


def test_a_name_comes_back_as_the_object_has_it() -> None:
    masks = Masks([("deployment", "web"), ("clusterrole", "Admin"), ("clusterrole", "admin")])
    assert masks.unmask(masks.mask("WEB failed, web, Admin, admin")) == "web failed, web, Admin, admin"


def test_an_object_cannot_have_the_ids_of_evidence_masked() -> None:
    masks = Masks([("pod", "ev"), ("pod", "0123456789abcdef")])
    assert masks.mask("ev_0123456789abcdef: ev failed") != "ev_0123456789abcdef: ev failed"
    assert masks.mask("ev_0123456789abcdef: it failed") == "ev_0123456789abcdef: it failed"


async def test_a_model_cannot_find_out_names_by_guessing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it asks for with a real name, or a part of one, has the answer that a made-up name has."""
    monkeypatch.setattr(masks_module.secrets, "token_hex", lambda _: "abcdef")  # a part of a name could also be one of a drawn token
    seen = world()
    case, masks = seen.case, Masks(seen.case.named())
    pod, node = case.question.resource, next(name for kind, name in case.named() if kind == "node")
    shown = masks.mask(pod.name)

    def answers(name: str, part: str) -> list[str]:
        reader = Reader(case, seen.found, Fence(masks))
        tools = (reader.get_object, reader.get_events, reader.get_changes, reader.neighbours)
        said = [tool("Pod", name, pod.namespace or "") for tool in tools]
        said += [reader.get_logs(name, "api", previous=True), reader.get_logs(shown, "api", part, previous=True)]
        said += [reader.list_evidence(part), reader.check_hypothesis(f"{name} {part}")]
        return [one.replace(reader.fence.tag, "") for one in said]

    nothing = answers("made-up-name", "made-up-part")
    for name in (pod.name, node, case.question.owner.name):
        for part in ("10.0.3", "payments", pod.name, pod.name[1:], node[1:]):
            assert answers(name, part) == nothing, (name, part)
    reader = Reader(case, seen.found, Fence(masks))
    assert "phase" in reader.get_object("Pod", shown) and "refused" not in reader.get_logs(shown, "api", "nothing", previous=True)
    assert masks.mask("10.0.3.7") in reader.get_logs(shown, "api", masks.mask("10.0.3.7"), previous=True)
    assert shown in reader.list_evidence(shown)


def world() -> Any:
    return open_case("worker-7 cannot reach db.payments.svc at 10.0.3.7")


def known(seen: Any) -> set[str]:
    return {name for _, name in seen.case.named() if name} | {"10.0.3.7", "payments"}


async def test_no_name_is_in_any_request_and_the_answer_has_names() -> None:
    seen = world()
    sent: list[str] = []

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        sent.append("\n".join(str(part) for message in messages for part in message.parts))
        read = [str(part.content) for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
        pod = re.search(r"seen on Pod (\S+)", sent[-1].replace("\\n", "\n"))
        assert pod is not None
        if not read:
            wanted = [("get_logs", {"pod": pod[1], "container": "api", "previous": True}), ("neighbours", {"kind": "Pod", "name": pod[1]})]
            wanted += [("get_object", {"kind": "Pod", "name": pod[1], "detailed": True}), ("list_evidence", {})]
            return ModelResponse(parts=[ToolCallPart(name, arguments) for name, arguments in wanted])
        (line,) = (line for line in read[0].splitlines() if LINE in line)
        return model_reply(info, (f"The log of pod `{pod[1]}` says `{LINE}`.", [line.partition(":")[0]]))

    options = Options(provider="openai", model="scripted", masks_names=True)
    pod = seen.case.question.resource.name
    found = await ModelAnswerer(options, FunctionModel(script)).answer(
        seen.case, seen.found, f"Is {pod} out of range?", Asking(sees=lambda _namespace: True)
    )
    assert [one.text for one in found.sentences] == [f"The log of pod `{pod}` says `{LINE}`."]
    text = "\n".join(sent)
    leaked = {
        name for name in known(seen) if name != "api" and re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text, re.IGNORECASE)
    }
    assert len(sent) == 2 and leaked == set()


async def test_a_verdict_in_tokens_is_about_the_objects() -> None:
    seen = world()

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        text = str(messages[0].parts[0]).replace("\\n", "\n")
        rule = re.search(r"^- (\w+) on (\w+) (\S+),", text, re.MULTILINE)
        said = re.search(r"(ev_[0-9a-f]{16}) \[.*?: (name: .+)", text)
        assert rule is not None and said is not None
        claim = {"text": said[2], "evidence": [said[1]]}
        cause = {"cause": rule[1], "kind": rule[2], "name": rule[3], "claims": [claim]}
        return verdict(info, cause)

    reasoner = ModelReasoner(Options(provider="openai", model="scripted", masks_names=True), FunctionModel(script))
    found = engine.explain(seen, await reasoner.reason(seen.case, seen.found), mark=reasoner.mark)
    assert found.body["warnings"] == [] and found.cause_id == engine.explain(world()).cause_id


async def proposes(name: str) -> list[str]:
    """The requests of a draft whose model guesses this name, without what is drawn for each run."""
    seen = world()
    sent: list[str] = []
    owner = seen.case.question.owner.name

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        sent.append(re.sub(r"-[0-9a-f]{6,16}\b", "", "\n".join(str(getattr(part, "content", "")) for part in messages[-1].parts)))
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, {"source": f"action: restart\nwith: {{name: {name}}}"})])

    async def judge(source: str) -> list[str]:
        faults = [f"steps[0].with: {source} is not {owner} at 10.0.3.7", f"{name}: unknown", "line 2: no"]
        return [] if f"name: {owner}" in source else faults

    options = Options(provider="openai", model="scripted", masks_names=True)
    asking = Asking(sees=lambda _namespace: True)
    await ModelAnswerer(options, FunctionModel(script)).draft(seen.case, seen.found, "action: restart", asking, judge=judge)
    return sent


async def ranks(name: str, text: str) -> list[str]:
    """The requests of an analysis whose model guesses this name in its verdict, without what is drawn for each run."""
    seen = world()
    sent: list[str] = []

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        whole = str(messages[0].parts[0]).replace("\\n", "\n")
        sent.append(re.sub(r"-[0-9a-f]{6,16}\b", "", "\n".join(str(getattr(part, "content", "")) for part in messages[-1].parts)))
        rule, said = re.search(r"^- (\w+) on (\w+) ", whole, re.MULTILINE), re.search(r"(ev_[0-9a-f]{16}) \[.*?: (name: .+)", whole)
        assert rule is not None and said is not None
        claim = {"text": text.format(name=name, said=said[2]), "evidence": [said[1]]}
        return verdict(info, {"cause": rule[1], "kind": rule[2], "name": name, "claims": [claim]})

    options = Options(provider="openai", model="scripted", masks_names=True)
    await ModelReasoner(options, FunctionModel(script)).reason(seen.case, seen.found)
    return sent


async def test_no_retry_tells_which_of_the_guessed_names_exist() -> None:
    question = world().case.question
    nothing = await proposes("made-up-name")
    assert len(nothing) == 2 and "steps[0]" in nothing[1] and "made-up" not in nothing[1] and "restart" not in nothing[1]
    for name in (question.owner.name, question.resource.name, question.owner.name.upper()):
        assert await proposes(name) == nothing, name
    for text in ("The pod is `{name}`.", "{said}", "It runs on {name}."):
        unknown = await ranks("made-up-name", text)
        assert "made-up" not in "".join(unknown)
        for name in (question.owner.name, question.resource.name):
            assert await ranks(name, text) == unknown, (name, text)

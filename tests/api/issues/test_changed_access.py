"""What a person gets whose access was taken away while the language model answered: no answer, and no draft."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo

from optral.terms.actor import Role
from tests.analysis.ai.test_answerer import model_reply
from tests.analysis.ai.test_reasoner import Script
from tests.api.accounts import PASSWORD, member
from tests.api.conftest import Api
from tests.api.issues.test_model_questions import UNKNOWN, allow, issue_of, reads_pod
from tests.api.runbooks.test_drafts import GOOD, drafts
from tests.api.test_bound_members import World, bind, world as world
from tests.flows.executions.shop import Shop

models.ALLOW_MODEL_REQUESTS = False
Ask = Callable[[], Awaitable[Any]]


def paused(api: Api, script: Script) -> tuple[Script, Callable[[Ask, Ask], Awaitable[Any]]]:
    """The script, held at its first request; and what asks, does something else meanwhile, and then lets the model answer."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waits(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        begun.set()
        await go_on.wait()
        return script(messages, info)

    async def meanwhile(ask: Ask, change: Ask) -> Any:
        asking = asyncio.ensure_future(ask())
        await begun.wait()
        changed = await change()
        assert changed.status_code in (200, 204), changed.text
        go_on.set()
        return await asking

    return waits, meanwhile  # type: ignore[return-value]


def is_withheld(answer: Any) -> bool:
    return bool(answer.status_code == 403 and answer.json()["code"] == "access_changed" and "ev_" not in answer.text)


@pytest.mark.parametrize("change", ["role", "removed", "signed out", "kept"])
async def test_a_member_who_lost_rights_gets_no_answer(api: Api, change: str) -> None:
    issue = await issue_of(api)
    script, meanwhile = paused(api, reads_pod)
    await allow(api, script)
    person = await member(api, Role.ADMIN, "admin@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    owner = await member(api, Role.OWNER, "second@example.org")
    changes: dict[str, Ask] = {
        "role": lambda: owner("PATCH", f"/v1/members/{person_id}", json={"role": "viewer"}),
        "removed": lambda: owner("DELETE", f"/v1/members/{person_id}"),
        "signed out": lambda: person("DELETE", "/v1/session"),
        "kept": lambda: owner("GET", "/v1/me"),
    }
    answer = await meanwhile(lambda: person("POST", f"/v1/issues/{issue}/questions", json={"question": UNKNOWN}), changes[change])
    assert is_withheld(answer) is (change != "kept"), answer.text


async def test_a_member_who_lost_a_binding_gets_no_answer(world: World) -> None:
    script, meanwhile = paused(world.api, reads_pod)
    await allow(world.api, script)
    wider = await bind(world.owner, world.person_id, role="viewer", clusters=["prod"], namespaces=["zulu"], password=PASSWORD)
    answer = await meanwhile(
        lambda: world.caller("POST", f"/v1/issues/{world.other['issue_id']}/questions", json={"question": UNKNOWN}),
        lambda: world.owner("DELETE", f"/v1/members/{world.person_id}/bindings/{wider['id']}"),
    )
    assert is_withheld(answer), answer.text


@pytest.mark.parametrize("path", ["questions", "runbook-drafts"])
async def test_a_revoked_key_gets_no_answer_and_no_draft(api: Api, shop: Shop, path: str) -> None:
    issue = await shop.observe(shown=True)
    script, meanwhile = paused(api, drafts(GOOD) if path == "runbook-drafts" else lambda _, info: model_reply(info))
    await allow(api, script)
    key, ids = await api.new_key(), [one["id"] for one in (await api.get("/v1/api-keys")).json()["apiKeys"]]
    more: dict[str, Any] = {"json": {"question": UNKNOWN}} if path == "questions" else {}
    more |= {"key": key, "headers": {"Idempotency-Key": "once"}}
    answer = await meanwhile(
        lambda: api("POST", f"/v1/issues/{issue}/{path}", **more),
        lambda: api("DELETE", f"/v1/api-keys/{max(ids)}"),  # the newest
    )
    assert is_withheld(answer), answer.text
    assert (await api.get("/v1/runbooks", params={"builtIn": "false"})).json()["runbooks"] == []


@pytest.mark.parametrize("path", ["questions", "runbook-drafts"])
async def test_nothing_more_is_sent_to_the_model_once_access_has_changed(api: Api, shop: Shop, path: str) -> None:
    issue = await shop.observe(shown=True)
    sent: list[str] = []

    def looks(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        sent.append(str(messages[-1]))
        return ModelResponse(parts=[ToolCallPart("get_object", {"kind": "Deployment", "name": "web", "detailed": len(sent) > 1})])

    script, meanwhile = paused(api, looks)
    questions = await allow(api, script)
    person = await member(api, Role.ADMIN, "admin@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    owner = await member(api, Role.OWNER, "second@example.org")
    more = {"json": {"question": UNKNOWN}} if path == "questions" else {}
    answer = await meanwhile(
        lambda: person("POST", f"/v1/issues/{issue}/{path}", **more), lambda: owner("DELETE", f"/v1/members/{person_id}")
    )
    assert is_withheld(answer) and len(sent) == 1, sent
    (used,) = (await api.get("/v1/ai/usage")).json()["usage"]
    assert (used["actorId"], used["requests"], questions._spent["requests"]) == (person_id, 1, 1)
    assert (await api.get("/v1/ai")).json()["today"]["requests"] == 1

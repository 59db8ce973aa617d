"""Clients of `/mcp` that are broken or hostile, by hand over HTTP: each gets a short refusal, or what its own key may see."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from optral.mcp import answers
from optral.mcp.answers import MAX_BYTES, Answer
from optral.mcp.rest import Refusal
from optral.mcp.server import MAX_ANSWER_BYTES
from optral.terms.actor import Role
from tests.api.accounts import member
from tests.api.conftest import Api, api as api
from tests.api.test_bound_members import World, world as world
from tests.flows.executions.shop import Shop, driven
from tests.mcp.assistants import connected, key_of
from tests.mcp.test_tools import BOTH, INITIALIZE, shop as shop

JSON = {**BOTH, "Content-Type": "application/json"}
LONG = "x" * 500_000
DEEP = "[" * 100_000 + "]" * 100_000


def called(arguments: str, name: str = '"search"') -> str:
    return f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":{name},"arguments":{arguments}}}}}'


SEARCH = called('{"text":"api"}')


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(called("{}", "1"), id="a number as name"),
        pytest.param(called("{}", f'"{"x" * 500_000}"'), id="a huge name"),
        pytest.param(called(f'"{"x" * 500_000}"'), id="a text as arguments"),
        pytest.param(called(f'{{"text":"{"x" * 500_000}"}}'), id="a huge argument"),
        pytest.param(called(f'{{"{"é" * 90_000}":1}}'), id="a huge unknown argument"),
        pytest.param(called(f'{{"text":{DEEP}}}'), id="nested lists"),
        pytest.param(called('{"text":' + '{"a":' * 5000 + "1" + "}" * 5000 + "}"), id="nested objects"),
        pytest.param(called('{"page":NaN}', '"list_issues"'), id="not a number"),
        pytest.param(called('{"page":' + "9" * 4000 + "}", '"list_issues"'), id="a huge number"),
        pytest.param(called('{"text":"\\ud800"}'), id="half a character"),
        pytest.param(called('{"text":"a\\u0000b"}'), id="a control character"),
        pytest.param(called('{"kind":"Pod","name":"a\\u202eb"}', '"get_object"'), id="a bidirectional control"),
        pytest.param(called('{"issue":"iss_00000000000000000000000000\\n"}', '"get_issue"'), id="a line after an id"),
        pytest.param(f"[{SEARCH},{SEARCH}]", id="a batch"),
    ],
)
async def test_a_malformed_call_gets_a_short_refusal(api: Api, shop: Shop, body: str) -> None:
    answer = await api("POST", "/mcp", content=body, headers=JSON)
    assert answer.status_code in (200, 400) and len(answer.content) <= MAX_BYTES
    shown = answer.json()
    assert "error" in shown or shown["result"]["isError"], shown


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(SEARCH.replace('"id":1', f'"id":"{LONG}"'), id="a huge id"),
        pytest.param(SEARCH.replace('"id":1', '"id":' + "9" * 4_000), id="a huge number as id"),
        pytest.param(SEARCH.replace('"id":1', f'"id":["{LONG}"]'), id="a list as id"),
        pytest.param(SEARCH.replace("tools/call", LONG), id="a huge method"),
        pytest.param(SEARCH.replace('"id":1', f'"id":"{LONG}"').replace('"api"', "NaN"), id="a huge id beside a number that is none"),
        pytest.param(SEARCH.replace('"id":1', f'"id":1,"id":"{LONG}"'), id="a second id"),
        pytest.param(SEARCH.replace("2.0", LONG), id="a huge version"),
        pytest.param(SEARCH.replace('"jsonrpc"', f'"{LONG}":1,"jsonrpc"').replace("tools/call", "x"), id="a huge member"),
        pytest.param(f'{{"{LONG}"', id="half a huge object"),
    ],
)
@pytest.mark.parametrize("version", [{}, {"MCP-Protocol-Version": "2026-07-28"}], ids=["", "modern"])
async def test_what_a_client_sends_comes_back_shortened(api: Api, body: str, version: dict[str, str]) -> None:
    answer = await api("POST", "/mcp", content=body, headers=JSON | version)
    assert answer.status_code in (200, 202, 400) and len(answer.content) <= MAX_ANSWER_BYTES
    assert answer.status_code == 202 or answer.json()["jsonrpc"] == "2.0"  # without an id that can be one, it is a notification


async def test_an_error_inside_is_not_answered(
    api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert not (await api("POST", "/mcp", content=SEARCH, headers=JSON)).json()["result"].get("isError")

    async def fails(*_: object) -> None:
        raise RuntimeError("password of the database: hunter2")

    monkeypatch.setattr(api.store, "read", fails)
    answer = await api("POST", "/mcp", content=SEARCH, headers=JSON)
    assert answer.json()["result"]["isError"] and "error: internal" in answer.text and "hunter2" not in answer.text
    assert "hunter2" in caplog.text


@pytest.mark.parametrize("version", ["1900-01-01", "x" * 5000, "2024-11-05"])
async def test_a_protocol_that_is_unknown_is_never_spoken(api: Api, version: str) -> None:
    offered = INITIALIZE | {"params": {**INITIALIZE["params"], "protocolVersion": version}}  # type: ignore[dict-item]
    answer = (await api("POST", "/mcp", json=offered, headers=JSON)).json()
    assert (answer["result"]["protocolVersion"] == version) is (version == "2024-11-05")
    used = await api("POST", "/mcp", content=SEARCH, headers={**JSON, "MCP-Protocol-Version": version})
    assert used.status_code == (200 if version == "2024-11-05" else 400)


@pytest.mark.parametrize(
    ("host", "origin", "public_url", "status"),
    [
        ("evil.example:8080", "http://evil.example:8080", None, 403),  # a page whose own name has been pointed to this server
        ("evil.example", "http://evil.example", "https://optral.example.com", 403),
        ("optral.example.com", "https://optral.example.com", "https://optral.example.com", 200),
        ("localhost:8080", "http://localhost:8080", None, 200),
        ("10.0.0.7:8080", "http://10.0.0.7:8080", None, 200),
        ("10.0.0.7:8080", "null", None, 403),
        ("10.0.0.7:8080", "http://[", None, 403),
        ("optral.internal", None, None, 200),
    ],
)
async def test_no_page_gets_in_by_pointing_its_name_here(
    api: Api, monkeypatch: pytest.MonkeyPatch, host: str, origin: str | None, public_url: str | None, status: int
) -> None:
    monkeypatch.setattr(api.services, "addresses", replace(api.services.addresses, public_url=public_url))
    headers = {**JSON, "Host": host} | ({} if origin is None else {"Origin": origin, "Sec-Fetch-Site": "same-origin"})
    assert (await api("POST", "/mcp", json=INITIALIZE, headers=headers)).status_code == status


async def test_an_origin_that_is_no_address_is_refused(api: Api) -> None:
    answer = await api("POST", "/v1/session", key=None, json={"email": "a@example.org", "password": "x"}, headers={"Origin": "http://["})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_a_key_that_is_revoked_ends_within_a_second_also_between_two_calls(api: Api, shop: Shop) -> None:
    before = {one["id"] for one in (await api.get("/v1/api-keys")).json()["apiKeys"]}
    key = await api.new_key()
    (new,) = {one["id"] for one in (await api.get("/v1/api-keys")).json()["apiKeys"]} - before
    async with connected(api.url, key) as assistant:
        assert not (await assistant("list_issues")).is_error
        assert (await api("DELETE", f"/v1/api-keys/{new}")).status_code == 200
        api.clock.advance(1)
        with pytest.raises(MCPError):
            await assistant("list_issues")
    assert (await api("POST", "/mcp", key=key, json=INITIALIZE, headers=JSON)).status_code == 401


@pytest.mark.parametrize(("change", "given", "refusal"), [("PATCH", {"json": {"role": "viewer"}}, "missing_scope"), ("DELETE", {}, "401")])
async def test_a_key_has_the_rights_that_its_person_has_at_each_call(
    api: Api, shop: Shop, change: str, given: dict[str, Any], refusal: str
) -> None:
    admin, owner = await member(api, Role.ADMIN, "second@example.org"), await member(api, Role.OWNER, "third@example.org")
    key, person = await key_of(api, admin), (await admin.get("/v1/me")).json()["member"]["id"]
    plan = called('{"cluster":"prod","runbook":"restart-worklod"}', '"plan_fix"')
    assert "runbook_not_found" in (await api("POST", "/mcp", key=key, content=plan, headers=JSON)).text
    assert (await owner(change, f"/v1/members/{person}", **given)).status_code in (200, 204)
    api.clock.advance(1)
    answer = await api("POST", "/mcp", key=key, content=plan, headers=JSON)
    assert refusal in (answer.text if answer.status_code == 200 else str(answer.status_code)) and "restart-workload" not in answer.text


async def test_a_session_id_of_another_person_says_nothing_about_who_asks(world: World) -> None:
    bound = await key_of(world.api, world.caller)
    body = called(json.dumps({"issue": world.other["issue_id"]}), '"get_issue"')
    for key, is_shown in ((world.api.key, True), (bound, False)):
        answer = await world.api("POST", "/mcp", key=key, content=body, headers={**JSON, "Mcp-Session-Id": "of-the-owner"})
        assert ("zulu" in answer.text) is is_shown and "mcp-session-id" not in answer.headers


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_object", {"kind": "Pod", "name": "zulu-d"}),
        ("get_object", {"kind": "Pod", "name": "zulu-d", "namespace": "zulu"}),
        ("get_topology", {"kind": "Deployment", "name": "zulu-db-ap"}),
        ("get_object", {"kind": "Node", "name": "zulu-nod"}),
        ("get_object", {"kind": "Namespace", "name": "zul"}),
        ("find_objects", {"query": "ns:zul*"}),
        ("search", {"text": "zul"}),
        ("plan_fix", {"cluster": "prod", "runbook": "zulu-runboo"}),
        ("plan_fix", {"runbook": "restart-workload", "parameters": {"kind": "Deployment", "name": "zulu-db-ap", "namespace": "zulu"}}),
        ("plan_fix", {"runbook": "restart-workload", "parameters": {"kind": "Deployment", "name": "zulu-db-ap"}}),
    ],
)
async def test_a_name_that_is_nearly_right_names_nothing_outside_of_bindings(world: World, tool: str, arguments: dict[str, Any]) -> None:
    about = {"issue": world.own["issue_id"]} if tool == "plan_fix" and "cluster" not in arguments else {}
    hidden = [world.other["resource_id"], "zulu-db", "zulu-node", "zulu-runbook"]
    async with connected(world.api.url, await key_of(world.api, world.caller)) as assistant:
        said = await assistant(tool, **about, **arguments)
    assert not [one for one in hidden if one in said.text], said.text


async def test_the_person_behind_a_plan_does_not_approve_it_in_a_browser(api: Api, shop: Shop) -> None:
    admin = await member(api, Role.ADMIN, "second@example.org")
    restart = {"kind": "Deployment", "namespace": "shop", "name": "web"}
    async with driven(shop), connected(api.url, await key_of(api, admin)) as assistant:
        said = await assistant("plan_fix", cluster="prod", runbook="restart-workload", parameters=restart)
        execution = next(word for word in said.text.split() if word.startswith("exe_"))
        own = await admin("POST", f"/v1/executions/{execution}/approve", json={"reason": "it is me", "confirm": "web"})
    assert (own.status_code, own.json()["code"]) == (403, "own_request") and shop.agent.applied == 0


@pytest.mark.parametrize("part", ["x", "é", "日", "🚀", "\U0001f468\u200d\U0001f469\u200d\U0001f467"])
@pytest.mark.parametrize("length", [1, 60, 133, 400, 3000])
def test_an_answer_has_at_most_2000_bytes_whatever_its_characters(part: str, length: int) -> None:
    long, at = part * length, datetime(2026, 1, 15, 12)
    few, many = Answer(rows=[long]), Answer(rows=[long] * 50, notes=[long], more=7)
    texts = [answers.text(one, coverage=[long] * number, at=at) for one in (few, many) for number in (0, 1, 9)]
    texts += [answers.refusal(Refusal("code", say=long, rows=[long] * number), at=at) for number in (0, 1, 9)]
    for text in texts:
        assert len(text.encode()) <= MAX_BYTES
        assert text.count("<data-") == text.count("</data-") and "\ufffd" not in text

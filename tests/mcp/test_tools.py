"""The tools over streamable HTTP, as an assistant uses them."""

import json
from typing import Any

import pytest

from optral.mcp import calls
from optral.mcp.answers import MAX_BYTES
from optral.mcp.plans import plan_answer
from optral.terms.actor import Role
from tests.api.accounts import member
from tests.api.conftest import Api, api as api
from tests.api.seeds import finding, objects, observe
from tests.flows.executions.shop import Shop, driven
from tests.mcp.assistants import DECISIONS, connected, key_of

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
BOTH = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
async def shop(api: Api) -> Shop:
    made = Shop(api.store, api.org, api.clock)
    await made.open("prod")
    await observe(api, made.cluster_id, finding("api", api=api))
    await objects(api, made.cluster_id, "api")
    return made


def test_every_tool_has_a_decision() -> None:
    assert set(DECISIONS) == set(calls.TOOLS)
    assert [name for name, tool in calls.TOOLS.items() if not tool.reads_only] == [name for name, one in DECISIONS.items() if one.changes]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_lists_the_tools_and_calls_one(api: Api, shop: Shop, mode: str) -> None:
    async with connected(api.url, api.key, mode=mode) as assistant:
        tools = (await assistant.client.list_tools()).tools
        assert [tool.name for tool in tools] == list(calls.TOOLS)
        assert all(tool.description and tool.input_schema["additionalProperties"] is False for tool in tools)
        said = await assistant("list_issues", cluster="prod")
    assert not said.is_error
    head, _, data = said.text.partition("<data-")
    assert "cluster: prod: current" in head and "time: 2026" in head
    assert "OOMKilled" in data and "iss_" in data and "OOMKilled" not in head


async def test_an_issue_leads_to_its_objects_by_ids(api: Api, shop: Shop) -> None:
    async with connected(api.url, api.key) as assistant:
        issue = (await api.get("/v1/issues")).json()["issues"][0]["id"]
        assert issue in (await assistant("get_issue", issue=issue)).text
        found = (await assistant("find_objects", query="kind:Pod name:api")).text
        pod = next(word for word in found.split() if word.startswith("res_"))
        shown = await assistant("get_object", object=pod)
        assert "uid-api" in shown.text and not shown.is_error
        assert not (await assistant("get_similar_incidents", issue=issue)).is_error
        assert not (await assistant("get_topology", issue=issue)).is_error
        assert "prod" in (await assistant("get_coverage", cluster="prod")).text


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "near"),
    [
        ("list_issues", {"cluster": "prd"}, "cluster_not_found", "prod"),
        ("get_object", {"kind": "Deployment", "name": "wbe", "namespace": "shop"}, "object_not_found", "Deployment shop/web"),
        ("get_object", {"kind": "Deployment", "name": "w*b"}, "invalid_name", ""),
        ("get_object", {"kind": "Deployment"}, "invalid_arguments", ""),
        ("get_issue", {"issue": "iss_1"}, "invalid_arguments", ""),
        ("get_issue", {"issue": "iss_00000000000000000000000000"}, "issue_not_found", ""),
        ("list_issues", {"whatever": 1}, "invalid_arguments", "whatever"),
        ("approve", {"execution": "exe_1"}, "unknown_tool", ""),
        ("plan_fix", {"cluster": "prod", "runbook": "restart-worklod"}, "runbook_not_found", "restart-workload"),
        ("plan_fix", {"cluster": "prod", "runbook": "restart-workload/execute?a="}, "invalid_arguments", ""),
        (
            "plan_fix",
            {"cluster": "prod", "runbook": "restart-workload", "parameters": {"kind": "Deployment", "namespace": "shop", "name": "wep"}},
            "object_not_found",
            "Deployment shop/web",
        ),
    ],
)
async def test_a_wrong_name_gets_the_near_ones_and_never_a_guess(
    api: Api, shop: Shop, tool: str, arguments: dict[str, Any], code: str, near: str
) -> None:
    async with connected(api.url, api.key) as assistant:
        said = await assistant(tool, **arguments)
    assert said.is_error and f"error: {code}" in said.text and near in said.text, said.text
    assert (await api.get("/v1/executions")).json()["total"] == 0


async def test_a_name_in_two_namespaces_is_ambiguous(api: Api, shop: Shop) -> None:
    for namespace in ("blue", "green"):
        await objects(api, shop.cluster_id, f"twin-{namespace}", namespace=namespace)
    await objects(api, shop.cluster_id, "twin", namespace="shop")
    other = await api.new_cluster("staging")
    await objects(api, other, "twin", namespace="shop")
    async with connected(api.url, api.key) as assistant:
        said = await assistant("get_object", kind="Pod", name="twin")
        assert said.is_error and "error: ambiguous" in said.text and said.text.count("res_") == 2
        one = await assistant("get_object", kind="Pod", name="twin", cluster="staging")
        assert not one.is_error and "cluster: staging" in one.text


async def test_a_plan_waits_for_another_person_and_no_tool_approves_it(api: Api, shop: Shop) -> None:
    restart = {"kind": "Deployment", "namespace": "shop", "name": "web"}
    async with driven(shop), connected(api.url, api.key) as assistant:
        said = await assistant("plan_fix", cluster="prod", runbook="restart-workload", parameters=restart, reason="it hangs")
        assert not said.is_error and "nothing has been changed" in said.text and "status: pendingApproval" in said.text
        assert "uid-web" in said.text and "plan hash: sha256:" in said.text and "diff: " in said.text
        execution = next(word for word in said.text.split() if word.startswith("exe_"))
        assert "pendingApproval" in (await assistant("get_plan", execution=execution)).text
        shown = (await api.get(f"/v1/executions/{execution}")).json()
        assert (shown["needsAnotherPerson"], shown["reason"]) == (True, "it hangs")
        own = await api("POST", f"/v1/executions/{execution}/approve", json={"reason": "it is me", "confirm": "web"})
        assert (own.status_code, own.json()["code"]) == (403, "own_request")
        assert shop.agent.applied == 0
        other = await member(api, Role.ADMIN, "second@example.org")
        assert (await other("POST", f"/v1/executions/{execution}/approve", json={"planHash": shown["plan"]["hash"]})).status_code == 200


async def test_a_key_that_may_only_plan_can_run_nothing(api: Api, shop: Shop) -> None:
    key = await api.new_key(scopes={"issues:read", "clusters:read", "resources:read", "runbooks:read", "runbooks:plan"})
    body = {"clusterId": "prod", "parameters": {"kind": "Deployment", "namespace": "shop", "name": "web"}}
    assert (await api("POST", "/v1/runbooks/restart-workload/execute", key=key, json=body)).status_code == 403
    async with connected(api.url, key) as assistant:
        said = await assistant("plan_fix", cluster="prod", runbook="restart-workload", parameters=body["parameters"])
    assert not said.is_error and "exe_" in said.text


async def test_a_missing_scope_is_named(api: Api, shop: Shop) -> None:
    key = await api.new_key(scopes={"clusters:read"})
    async with connected(api.url, key) as assistant:
        said = await assistant("list_issues")
    assert said.is_error and "missing_scope" in said.text and "issues:read" in said.text


async def test_answers_stay_small_with_huge_objects(api: Api, shop: Shop) -> None:
    noise = {f"key-{number:04}": "x" * 200 for number in range(2000)}
    await objects(api, shop.cluster_id, "huge", kind="ConfigMap", data=noise, namespace="shop")
    await objects(api, shop.cluster_id, *(f"pod-{number:03}-{'n' * 100}" for number in range(40)))
    issue = (await api.get("/v1/issues")).json()["issues"][0]["id"]
    async with connected(api.url, api.key) as assistant:
        said = [
            await assistant("get_object", kind="ConfigMap", name="huge"),
            await assistant("get_object", kind="ConfigMap", name="huge", from_line=1000),
            await assistant("find_objects", query="kind:Pod"),
            await assistant("get_issue", issue=issue),
            await assistant("search", text="pod-"),
            await assistant("get_object", kind="Pod", name=f"pod-001-{'n' * 99}"),
        ]
    for one in said:
        assert len(one.text.encode()) <= MAX_BYTES, one.text
    assert "more exist" in said[0].text and "1000: " in said[1].text


async def test_a_cluster_that_is_not_current_is_never_said_to_be_well(api: Api, shop: Shop) -> None:
    await api.new_cluster("asleep")
    async with connected(api.url, api.key) as assistant:
        said = await assistant("list_issues", query="type:NoSuchType")
    head = said.text.partition("<data-")[0]
    assert "cluster: asleep: never read: nothing can be concluded" in head and "cluster: prod: current" in head


async def test_an_answer_about_all_clusters_rests_on_all_of_them(api: Api, shop: Shop) -> None:
    """The rows of one page come from some clusters; a cluster that was not looked at has none, and is what must be named."""
    await api.new_cluster("asleep")
    async with connected(api.url, api.key) as assistant:
        said = [
            await assistant(tool, **{name: "api"})
            for tool, name in (("list_issues", "query"), ("find_objects", "query"), ("search", "text"))
        ]
    for one in said:
        head, _, data = one.text.partition("<data-")
        assert " in prod" in data and "asleep" not in data
        assert "cluster: asleep: never read" in head and "coverage: not complete: 1 of 2 clusters" in head, head


async def test_what_was_not_found_is_not_said_of_more_than_was_read(api: Api, shop: Shop) -> None:
    await objects(api, shop.cluster_id, "settings", kind="ConfigMap", data={"a": "b"}, namespace="shop")
    async with connected(api.url, api.key) as assistant:
        said = await assistant("get_object", kind="ConfigMap", name="settings", containing="no such text")
    assert not said.is_error and "resources:manifest" not in said.text
    execution = {
        "id": "exe_1", "status": "pendingApproval", "risk": "low", "cluster": "prod", "clusterId": "clu_1",
        "runbook": {"slug": "staged"}, "target": {"kind": "Deployment", "name": "web"},
    }  # fmt: skip
    planned = plan_answer({**execution, "steps": [{"state": "pending"}, {"state": "pending"}]})
    halfway = plan_answer({**execution, "steps": [{"state": "succeeded"}, {"state": "running"}]})
    assert "nothing has been changed" in planned.notes
    assert "nothing has been changed" not in halfway.notes and "some of its steps have run already" in halfway.notes


async def test_only_keys_connect_and_no_page_of_another_origin(api: Api, shop: Shop) -> None:
    async def post(**headers: str) -> Any:
        return await api("POST", "/mcp", key=None, json=INITIALIZE, headers={**BOTH, **headers})

    key = {"Authorization": f"Bearer {api.key}"}
    assert (await post()).status_code == 401
    assert (await post(Authorization="Bearer mht_wrong")).status_code == 401
    assert (await post(**key, Origin="https://evil.example")).status_code == 403
    assert (await post(**key, **{"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await post(**key, Origin=api.url)).status_code == 200
    person = await member(api, Role.OWNER, "cookie@example.org")
    assert (await person("POST", "/mcp", json=INITIALIZE)).status_code == 401
    answer = await post(**key)
    assert answer.headers["content-type"] == "application/json" and "mcp-session-id" not in answer.headers
    assert int(answer.headers["x-ratelimit-remaining"]) >= 0
    assert answer.json()["result"]["serverInfo"]["name"] == "optral"


async def test_what_is_no_request_of_the_protocol_is_refused(api: Api) -> None:
    for method in ("GET", "DELETE", "PUT"):
        assert (await api(method, "/mcp", headers=BOTH)).status_code == 405, method
    large = json.dumps(INITIALIZE | {"pad": "x" * (1024 * 1024)})
    too_large = await api("POST", "/mcp", content=large, headers={**BOTH, "Content-Type": "application/json"})
    assert too_large.status_code == 413
    assert (await api("POST", "/mcp", content="{", headers={**BOTH, "Content-Type": "application/json"})).status_code == 400
    assert (await api("POST", "/mcp", content="a=b", headers={**BOTH, "Content-Type": "text/plain"})).status_code == 415


async def test_the_key_of_a_person_sees_what_the_person_sees(api: Api, shop: Shop) -> None:
    viewer = await member(api, Role.VIEWER, "viewer@example.org")
    async with connected(api.url, await key_of(api, viewer)) as assistant:
        assert not (await assistant("list_issues")).is_error
        refused = await assistant("plan_fix", cluster="prod", runbook="restart-workload", parameters={})
    assert refused.is_error and "missing_scope" in refused.text

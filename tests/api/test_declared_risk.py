"""Nobody declares an approval away: runbooks that say `risk: low` wait for the approvals of what they really do."""

from dataclasses import replace
from typing import Any

import pytest

from optral.access.model import KEY_SCOPES, ROLE_SCOPES
from optral.flows.executions import runbook_changes
from optral.kit.records import changing
from optral.runbooks import service as runbooks
from optral.runbooks.language import definition
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Safeguards
from optral.terms.actor import Role
from tests.api.conftest import Api
from tests.flows.executions.shop import Shop

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
POD = {"namespace": "shop", "name": "web-1"}
ACTS = [
    pytest.param("scale", WEB | {"replicas": 0}, "high", id="replicas 0"),
    pytest.param("deletePod", POD, "high", id="delete"),
    pytest.param("evict", POD, "high", id="evict"),
    pytest.param("drain", {"node": "n1"}, "destructive", id="drain"),
]
TWO = [ApprovalRule(risk, "", "", 2) for risk in ("high", "destructive")]


def definition_of(verb: str, values: dict[str, Any], *, risk: str = "low") -> dict[str, Any]:
    return {
        "slug": "quick-fix",
        "name": "Quick fix",
        "risk": risk,
        "parameters": [{"name": "replicas", "type": "integer", "default": 0}],
        "steps": [{"name": "Do it", "action": verb, "with": values}],
    }


@pytest.fixture
async def shop(api: Api) -> Shop:
    made = Shop(api.store, api.org, api.clock)
    await made.open()
    await api.store.write(
        made.system,
        lambda tx: safeguards.save(tx, changing(Safeguards, {"approval_rules": TWO, "unattended_risk": "low"}), by=made.owner.id),
    )
    return made


async def require_two(api: Api, shop: Shop, key: str, risk: str) -> None:
    """Run the runbook with the key: it waits for two people, and nothing is changed."""
    answer = await api("POST", "/v1/runbooks/quick-fix/execute", json={"clusterId": "prod", "parameters": {}}, key=key)
    assert (answer.status_code, answer.json()["status"], answer.json()["risk"]) == (202, "pendingApproval", risk)
    one = await shop.run(await api.store.read(shop.system, lambda tx: runbooks.get_execution(tx, answer.json()["id"])), seconds=60)
    shown = (await api.get(f"/v1/executions/{one.id}")).json()
    assert (shown["status"], shown["approval"]["needed"]) == ("pendingApproval", 2)
    refused = await api("POST", f"/v1/executions/{one.id}/approve", json={}, key=key)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_request")
    assert (await shop.approve(one, by=await shop.add_member())).status == "pendingApproval"
    await shop.settle(one)
    assert shop.agent.applied == 0


@pytest.mark.parametrize(("verb", "values", "least"), ACTS)
async def test_a_runbook_cannot_declare_less_than_it_does(api: Api, shop: Shop, verb: str, values: dict[str, Any], least: str) -> None:
    key = await api.new_key(scopes=set(KEY_SCOPES & ROLE_SCOPES[Role.ADMIN]))
    refused = await api("POST", "/v1/runbooks", json={"definition": definition_of(verb, values)}, key=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_runbook")
    assert f"risk: must be at least {least}, because of step 'Do it' ({verb})" in refused.json()["detail"]
    body = {"definition": definition_of(verb, values, risk=least) | {"approval": {"required": "never"}}}
    refused = await api("POST", "/v1/runbooks", json=body, key=key)
    assert [one["field"] for one in refused.json()["errors"]] == ["approval.required"]
    assert (await api("POST", "/v1/runbooks", json={"definition": definition_of(verb, values, risk=least)}, key=key)).status_code == 201
    await require_two(api, shop, key, least)


@pytest.mark.parametrize(("verb", "values", "least"), ACTS)
async def test_a_stored_runbook_that_declares_less_waits_all_the_same(
    api: Api, shop: Shop, verb: str, values: dict[str, Any], least: str
) -> None:
    """From before the risk of a step was checked."""
    made = runbooks.read_value(definition_of(verb, values, risk="destructive"))
    await api.store.write(shop.owner, lambda tx: runbook_changes.create(tx, replace(made, risk="low", approval="never")))
    shown = (await api.get("/v1/runbooks/quick-fix")).json()
    assert (shown["risk"], shown["needsApproval"]) == (least, True)
    assert "quick-fix" in {one["slug"] for one in (await api.get(f"/v1/runbooks?risk={least}")).json()["runbooks"]}
    await require_two(api, shop, await api.new_key(scopes=set(KEY_SCOPES & ROLE_SCOPES[Role.ADMIN])), least)


async def test_a_parameter_cannot_lower_the_risk_either(api: Api, shop: Shop) -> None:
    key = await api.new_key(scopes=set(KEY_SCOPES & ROLE_SCOPES[Role.ADMIN]))
    body = definition_of("scale", WEB | {"replicas": "${parameters.replicas}"}) | {"approval": {"required": "never"}}
    assert (await api("POST", "/v1/runbooks", json={"definition": body}, key=key)).status_code == 201
    await require_two(api, shop, key, "high")


async def test_of_low_risk_with_another_value(api: Api, shop: Shop) -> None:
    made = runbooks.read_value(definition_of("scale", WEB | {"replicas": "${parameters.replicas}"}))
    await api.store.write(shop.owner, lambda tx: runbook_changes.create(tx, made))
    answer = await api("POST", "/v1/runbooks/quick-fix/execute", json={"clusterId": "prod", "parameters": {"replicas": 2}})
    assert (answer.json()["status"], answer.json()["risk"]) == ("queued", "low")
    assert definition.of_json(definition.as_json(made)).risk == "low"

"""Safeguards over HTTP: settings with the password, freezes and windows, and what executions answer because of them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from optral.access.model import ROLE_SCOPES
from optral.runbooks import service as runbooks
from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, member, signed_in
from tests.api.conftest import Api
from tests.api.runbooks.test_runbooks import execute
from tests.flows.executions.shop import Shop


@pytest.fixture
async def shop(api: Api) -> AsyncIterator[Shop]:
    made = Shop(api.store, api.org, api.clock)
    await made.open()
    yield made


def moment(api: Api, hours: float) -> str:
    return (api.clock.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def freeze(api: Api, **more: Any) -> Any:
    given = {"kind": "freeze", "name": "sale", "startsAt": moment(api, -1), "endsAt": moment(api, 2), **more}
    return await api("POST", "/v1/change-windows", json=given)


async def test_a_freeze_from_its_creation_to_its_deletion(api: Api, shop: Shop) -> None:
    made = await freeze(api, cluster="prod", namespace="shop", reason="no changes")
    assert made.status_code == 201, made.text
    window = made.json()
    assert (window["clusterId"], window["activeUntil"][:19]) == (shop.cluster_id, moment(api, 2)[:19])
    refused = await execute(api)
    assert (refused.status_code, refused.json()["code"]) == (409, "frozen")
    assert refused.json()["nextAllowedAt"] == moment(api, 2)
    moved = await api("PATCH", made.headers["location"], json={"endsAt": moment(api, 3)}, headers={"If-Match": made.headers["etag"]})
    assert moved.json()["version"] == 2
    stale = await api("DELETE", made.headers["location"], headers={"If-Match": made.headers["etag"]})
    assert stale.status_code == 412
    assert (await api.get("/v1/change-windows")).json()["total"] == 1
    assert (await api("DELETE", made.headers["location"])).status_code == 200
    assert (await api.get(made.headers["location"])).status_code == 404
    assert (await execute(api)).status_code == 202


async def test_breaking_a_freeze_shows_in_the_execution_and_its_events(api: Api, shop: Shop) -> None:
    await freeze(api)
    short = await execute(api, breakGlass="urgent")
    assert (short.status_code, short.json()["code"]) == (422, "reason_needed")
    begun = await execute(api, breakGlass="checkout is down for everybody")
    assert begun.json()["breakGlass"] == "checkout is down for everybody"
    events = (await api.get("/v1/events")).json()["events"]
    assert {one["data"].get("breakGlass") for one in events if one["type"] == "runbook.started"} == {"checkout is down for everybody"}


async def test_limits_replace_each_other(api: Api, shop: Shop) -> None:
    assert (await api.get("/v1/safeguards")).json() == {
        "unattendedRisk": "none",
        "limits": [],
        "defaultChangesPerHour": 30,
        "approvals": [],
        "breakGlassRoles": ["owner"],
        "version": 0,
    }
    given = [{"changesPerHour": 9}, {"cluster": "prod", "namespace": "shop", "changesPerHour": 2}]
    after = (await api("PATCH", "/v1/safeguards", json={"limits": given})).json()
    assert after["limits"] == [{"changesPerHour": 9}, {"clusterId": shop.cluster_id, "namespace": "shop", "changesPerHour": 2}]
    twice = await api("PATCH", "/v1/safeguards", json={"limits": [{"changesPerHour": 9}, {"changesPerHour": 8}]})
    assert (twice.status_code, twice.json()["code"]) == (422, "invalid_limit")
    nowhere = await api("PATCH", "/v1/safeguards", json={"limits": [{"cluster": "nowhere", "changesPerHour": 9}]})
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "unknown_cluster")


async def test_a_key_does_not_raise_the_risk_that_runs_without_a_person(api: Api) -> None:
    answer = await api("PATCH", "/v1/safeguards", json={"unattendedRisk": "low"})
    assert answer.status_code == 403
    assert (await api.get("/v1/safeguards")).json()["unattendedRisk"] == "none"


async def test_raising_the_risk_takes_the_password_and_lowering_does_not(api: Api) -> None:
    owner = await signed_in(api)
    without = await owner("PATCH", "/v1/safeguards", json={"unattendedRisk": "low"})
    assert (without.status_code, without.json()["code"]) == (403, "password_required")
    assert without.json()["detail"].startswith("raising unattendedRisk requires your own password: send it as password in this request")
    wrong = await owner("PATCH", "/v1/safeguards", json={"unattendedRisk": "low", "password": "not this one, no"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    raised = await owner("PATCH", "/v1/safeguards", json={"unattendedRisk": "high", "password": PASSWORD})
    assert raised.json()["unattendedRisk"] == "high"
    lowered = await owner("PATCH", "/v1/safeguards", json={"unattendedRisk": "none"})
    assert lowered.json()["unattendedRisk"] == "none"
    assert (await owner.get("/v1/audit?action=safeguards.update")).json()["total"] == 2
    operator = await member(api, Role.OPERATOR, "ops@example.org")
    assert (await operator("PATCH", "/v1/safeguards", json={"unattendedRisk": "low", "password": PASSWORD})).status_code == 403


RULE = {"risk": "high", "cluster": "prod", "approvals": 2, "roles": ["owner", "admin"]}


async def test_rules_of_approvals_take_the_password_in_both_directions(api: Api, shop: Shop) -> None:
    owner = await signed_in(api)
    by_key = await api("PATCH", "/v1/safeguards", json={"approvals": [RULE]})
    assert (by_key.status_code, by_key.json()["code"]) == (403, "session_required")
    for body in ({"approvals": [RULE]}, {"breakGlassRoles": ["owner", "admin"]}):
        without = await owner("PATCH", "/v1/safeguards", json=body)
        assert (without.status_code, without.json()["code"]) == (403, "password_required")
    made = await owner("PATCH", "/v1/safeguards", json={"approvals": [RULE], "breakGlassRoles": [], "password": PASSWORD})
    assert made.json()["approvals"] == [{"risk": "high", "clusterId": shop.cluster_id, "approvals": 2, "roles": ["owner", "admin"]}]
    assert made.json()["breakGlassRoles"] == []
    assert (await owner("PATCH", "/v1/safeguards", json={"approvals": []})).json()["code"] == "password_required"
    assert (await owner("PATCH", "/v1/safeguards", json={"limits": []})).status_code == 200


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        pytest.param([RULE, RULE], "invalid_approval_rule", id="twice"),
        pytest.param([{**RULE, "members": ["usr_00000000000000000000000001"]}], "unknown_member", id="nobody"),
        pytest.param([{**RULE, "cluster": "nowhere"}], "unknown_cluster", id="no cluster"),
        pytest.param([{**RULE, "approvals": 0}], "invalid_body", id="none"),
        pytest.param([{**RULE, "roles": ["operator"]}], "invalid_body", id="a role that may not approve"),
    ],
)
async def test_a_rule_that_nobody_could_keep_is_refused(api: Api, shop: Shop, rules: list[dict[str, Any]], code: str) -> None:
    owner = await signed_in(api)
    answer = await owner("PATCH", "/v1/safeguards", json={"approvals": rules, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_an_execution_says_how_many_approvals_it_has(api: Api, shop: Shop) -> None:
    owner = await signed_in(api)
    await owner("PATCH", "/v1/safeguards", json={"approvals": [RULE], "password": PASSWORD})
    one = await shop.raise_limit()
    await shop.settle(one)
    first = await member(api, Role.ADMIN, "first@example.org")
    half = (await first("POST", f"/v1/executions/{one.id}/approve", json={"reason": "it leaks"})).json()
    assert (half["status"], half["approval"]["given"], half["approval"]["needed"]) == ("pendingApproval", 1, 2)
    (given,) = half["approval"]["decisions"]
    assert (given["verdict"], given["reason"], given["counts"]) == ("approved", "it leaks", True)
    (listed,) = (await api.get("/v1/executions")).json()["executions"]
    assert (listed["approval"]["given"], listed["approval"]["needed"], "decisions" in listed["approval"]) == (1, 2, False)
    glass = await owner("POST", f"/v1/executions/{one.id}/approve", json={"breakGlass": "checkout is down for everybody"})
    assert (glass.json()["status"], glass.json()["breakGlass"]) == ("queued", "checkout is down for everybody")
    (record,) = (await owner.get("/v1/audit?action=execution.break_glass")).json()["audit"]
    assert record["detail"]["missing"] == 1


@pytest.mark.parametrize("namespace", ["team-*", "Shop", " ", "shop/web", "a" * 64])
async def test_a_place_that_cannot_exist_is_refused(api: Api, shop: Shop, namespace: str) -> None:
    """A freeze of `team-*` would freeze nothing, in silence."""
    owner = await signed_in(api)
    rules = [{"risk": "high", "approvals": 1, "namespace": namespace}]
    match = {"types": ["OOMKilled"], "namespaces": [namespace]}
    answers = [
        (await freeze(api, namespace=namespace), "namespace"),
        (await api("PATCH", "/v1/safeguards", json={"limits": [{"namespace": namespace, "changesPerHour": 1}]}), "limits.namespace"),
        (await owner("PATCH", "/v1/safeguards", json={"approvals": rules, "password": PASSWORD}), "approvals.namespace"),
        (await api("POST", "/v1/triggers/preview", json={"match": match}), "match.namespaces"),
    ]
    for answer, field in answers:
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text
        assert "not the name of a namespace" in answer.json()["detail"]
    assert (await freeze(api, namespace="shop")).status_code == 201


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_viewers_and_operators_read_safeguards_and_change_none(api: Api, role: Role) -> None:
    key = await api.new_key(scopes=set(ROLE_SCOPES[role]))
    assert (await api.get("/v1/safeguards", key=key)).status_code == 200
    assert (await api.get("/v1/change-windows", key=key)).status_code == 200
    assert (await api("PATCH", "/v1/safeguards", json={"limits": []}, key=key)).status_code == 403
    assert (await api("POST", "/v1/change-windows", json={"kind": "freeze", "name": "x"}, key=key)).status_code == 403


async def waiting_for(api: Api, shop: Shop, execution: str) -> Any:
    """What the execution waits for, once it has moved as far as it goes; the list says the same."""
    await shop.settle(await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, execution)))
    one = (await api.get(f"/v1/executions/{execution}")).json()
    (listed,) = [row for row in (await api.get("/v1/executions")).json()["executions"] if row["id"] == execution]
    assert listed.get("waitingFor") == one.get("waitingFor")
    return one.get("waitingFor")


async def test_an_execution_that_a_freeze_holds_says_which_and_until_when(api: Api, shop: Shop) -> None:
    begun = (await execute(api)).json()["id"]
    window = (await freeze(api, name="Black Friday")).json()
    assert await waiting_for(api, shop, begun) == {
        "kind": "freeze",
        "what": 'the end of the freeze "Black Friday"',
        "until": window["endsAt"],
        "windowId": window["id"],
    }
    await api("DELETE", f"/v1/change-windows/{window['id']}")
    assert (await waiting_for(api, shop, begun))["kind"] == "verification"


async def test_a_freeze_of_another_place_is_not_waited_for(api: Api, shop: Shop) -> None:
    begun = (await execute(api)).json()["id"]
    await freeze(api, namespace="pay")
    assert (await waiting_for(api, shop, begun))["kind"] == "verification"


async def test_an_execution_that_a_pause_holds_says_so(api: Api, shop: Shop) -> None:
    begun = (await execute(api)).json()["id"]
    await api("POST", "/v1/executions/pause", json={"reason": "looking at it"})
    assert await waiting_for(api, shop, begun) == {"kind": "resume"}
    await api("POST", "/v1/executions/resume", json={})
    assert (await waiting_for(api, shop, begun))["kind"] == "verification"


async def test_what_an_hourly_limit_holds_says_until_when(api: Api, shop: Shop) -> None:
    await api("PATCH", "/v1/safeguards", json={"limits": [{"namespace": "shop", "changesPerHour": 1}]})
    second, in_an_hour = await shop.start("delete-pod", parameters={"namespace": "shop", "pod": "web-1"}), moment(api, 1)
    await shop.run(await shop.start())
    await shop.settle(second)
    await shop.approve(second, by=await shop.add_member())
    found = await waiting_for(api, shop, second.id)
    assert (found["kind"], found["until"][:16]) == ("limit", in_an_hour[:16])

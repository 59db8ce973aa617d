"""Fleet tokens over HTTP: pages, the install commands that come once, and decisions about agents that wait."""

import yaml

from optral.install.addresses import Addresses
from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.api.seeds import enroll
from tests.support.agents import AgentKey
from tests.support.clock import FakeClock


async def new_token(api: Api, **change: object) -> dict[str, object]:
    body: dict[str, object] = {"name": "edge", "namePattern": "edge-{number}", "maxUses": 3, **change}
    answer = await api("POST", "/v1/fleet-tokens", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_tokens_come_in_pages_and_by_cursor_newest_first(api: Api) -> None:
    made = []
    for number in range(5):
        made.append((await new_token(api, name=f"t{number}"))["id"])
        api.clock.advance(1)
    first = (await api.get("/v1/fleet-tokens", params={"pageSize": 2})).json()
    assert (first["total"], first["page"], first["pageSize"]) == (5, 1, 2)
    found = [one["id"] for one in first["fleetTokens"]]
    cursor = first["nextCursor"]
    while cursor:
        page = (await api.get("/v1/fleet-tokens", params={"pageSize": 2, "cursor": cursor})).json()
        found += [one["id"] for one in page["fleetTokens"]]
        cursor = page.get("nextCursor")
    assert found == made[::-1]
    assert [one["id"] for one in (await api.get("/v1/fleet-tokens?page=3&pageSize=2")).json()["fleetTokens"]] == found[4:]


async def test_the_token_comes_once_with_complete_commands(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        made = await new_token(api, namePattern="{name}", needsApproval=True)
        install = made["install"]
        assert isinstance(install, dict)
        assert str(made["token"]) in install["command"] and 'clusterName="$CLUSTER_NAME"' in install["command"]
        assert "--wait" not in install["command"], "Helm would give up before a person approves"
        for text in (install["values"], install["applicationSet"]):
            assert str(made["token"]) not in text
        values = yaml.safe_load(install["values"])
        assert values["enrollment"] == {"existingSecret": "optral-agent-enrollment", "clusterName": "CLUSTER_NAME"}
        assert values["server"]["caPin"] == made["caPin"]
        source = yaml.safe_load(install["applicationSet"])["spec"]["template"]["spec"]["source"]
        assert source["helm"]["valuesObject"]["enrollment"]["clusterName"] == "{{.name}}"
        again = (await api.get(f"/v1/fleet-tokens/{made['id']}")).json()
        assert "token" not in again and "install" not in again


async def test_without_addresses_the_token_comes_with_what_to_set(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, addresses=Addresses(public_url=None, agent_address=None, ca_pin="")) as api:
        made = await new_token(api)
        assert "install" not in made
        assert "OPTRAL_PUBLIC_URL" in str(made["installProblem"])


async def test_a_decision_holds_for_the_agent_that_was_shown(api: Api) -> None:
    secret = (await new_token(api, needsApproval=True))["token"]
    key = AgentKey()
    assert await enroll(api, secret) == "approval_pending"
    (shown,) = (await api.get("/v1/fleet-tokens/waiting")).json()["waiting"]
    assert await enroll(api, secret, key=key) == "approval_pending"
    path, tag = f"/v1/clusters/{shown['clusterId']}", {"If-Match": f'"v{shown["version"]}"'}
    for verb in ("approve", "reject"):
        refused = await api("POST", f"{path}/{verb}", headers=tag)
        assert (refused.status_code, refused.json()["code"]) == (412, "stale_version")
    (now_shown,) = (await api.get("/v1/fleet-tokens/waiting")).json()["waiting"]
    approved = await api("POST", f"{path}/approve", headers={"If-Match": f'"v{now_shown["version"]}"'})
    assert approved.status_code == 200
    assert await enroll(api, secret, key=key) == ""


async def test_a_token_shows_who_decided_about_its_uses_and_from_where_they_came(api: Api) -> None:
    made = await new_token(api, needsApproval=True)
    await enroll(api, made["token"])
    (waiting,) = (await api.get("/v1/fleet-tokens/waiting")).json()["waiting"]
    path = f"/v1/fleet-tokens/{made['id']}"
    (use,) = (await api.get(path)).json()["enrollments"]
    assert (use["state"], use["address"], use["clusterName"], "decidedBy" in use) == ("waiting", "192.0.2.7", "edge-1", False)
    await api("POST", f"/v1/clusters/{waiting['clusterId']}/approve")
    (use,) = (await api.get(path)).json()["enrollments"]
    assert use["state"] == "approved" and use["decidedBy"] and use["decidedAt"]

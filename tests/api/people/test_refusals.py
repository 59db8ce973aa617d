"""Refused requests in the audit log: writes beyond the caller's rights, and unsigned requests of triggers. A flood does not fill it."""

from datetime import timedelta
from typing import Any

from optral.api.http.refusals import MOST_AN_HOUR, Refusals
from optral.flows import audit
from optral.terms import ids
from tests.api.conftest import Api
from tests.api.runbooks.test_triggers import HOOK, create
from tests.flows.executions.shop import Shop
from tests.support.clock import NOON
from tests.support.waiting import until


async def refused(api: Api, action: str = "request.refuse", *, least: int = 1) -> list[dict[str, Any]]:
    """They are written after the answer."""
    found: list[dict[str, Any]] = []

    async def are_there() -> bool:
        listed = (await api.get("/v1/audit?sort=at&pageSize=100")).json()["audit"]
        found[:] = [one for one in listed if one["action"] == action]
        return len(found) >= least

    await until(are_there, within_s=20)
    return found


async def test_a_write_that_a_key_may_not_make_is_recorded_and_a_read_is_not(api: Api) -> None:
    narrow = await api.new_key(scopes={"issues:read"})
    assert (await api("POST", "/v1/clusters", key=narrow, json={"name": "a"})).status_code == 403
    assert (await api.get("/v1/audit", key=narrow)).status_code == 403
    [one] = await refused(api)
    assert (one["outcome"], one["group"], one["detail"]["count"]) == ("denied", "session", 1)
    assert one["summary"] == "was refused POST /v1/clusters: missing_scope (number 1 in an hour)"
    assert one["actorKind"] == "key" and one["requestId"].startswith("req_")


async def test_a_flood_of_refused_writes_is_recorded_by_powers_of_ten(api: Api) -> None:
    narrow = await api.new_key(scopes={"issues:read"})
    for number in range(25):
        await api("DELETE", f"/v1/clusters/{ids.new('cls')}", key=narrow, headers={"X-Number": str(number)})
    assert [one["detail"]["count"] for one in await refused(api, least=2)] == [1, 10]
    api.clock.advance(3600)
    await api("DELETE", f"/v1/clusters/{ids.new('cls')}", key=narrow)
    assert [one["detail"]["count"] for one in await refused(api, least=3)] == [1, 10, 1]
    assert (await audit.verify(api.store, api.owner)).fault is None


def test_the_records_of_one_organization_are_bounded_in_an_hour() -> None:
    refusals = Refusals()
    taken = [refusals.take("org_a", (str(number),), now=NOON) for number in range(2 * MOST_AN_HOUR)]
    assert sum(one is not None for one in taken) == MOST_AN_HOUR
    assert refusals.take("org_b", ("1",), now=NOON) == 1, "another organization is not affected"
    assert refusals.take("org_a", ("1",), now=NOON + timedelta(hours=1)) == 1


async def test_unsigned_requests_to_a_trigger_are_recorded_for_its_organization(api: Api, shop: Shop) -> None:
    made = await create(api, HOOK)
    for _ in range(12):
        assert (await api("POST", f"/v1/hooks/{made['id']}", key=None, json={})).status_code == 401
    assert (await api("POST", f"/v1/hooks/{ids.new('trg')}", key=None, json={})).status_code == 401
    found = await refused(api, "trigger.refuse", least=2)
    assert [(one["detail"]["count"], one["target"]) for one in found] == [(1, made["id"]), (10, made["id"])]


async def test_requests_without_the_secret_of_an_alert_receiver_are_recorded_for_its_organization(api: Api) -> None:
    made = (await api("POST", "/v1/alert-receivers", json={"name": "platform"})).json()
    for headers in ({}, {"Authorization": f"Bearer {made['secret']}x"}):
        for _ in range(6):
            assert (await api("POST", made["path"], key=None, json={}, headers=headers)).status_code == 401
    assert (await api("POST", f"/v1/hooks/alertmanager/{ids.new('alr')}", key=None, json={})).status_code == 401
    found = await refused(api, "alert_receiver.refuse", least=2)
    assert [(one["detail"]["count"], one["target"]) for one in found] == [(1, made["id"]), (10, made["id"])]
    assert made["secret"] not in str(found)

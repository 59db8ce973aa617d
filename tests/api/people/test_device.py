"""A command line logs in: codes for a stranger, approval by a person, a key that is theirs; and what somebody else could try."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from optral.access import device, device_service, service as access
from optral.access.model import ROLE_SCOPES, AuditFilter
from optral.kit.paging import PageRequest
from optral.server import retention
from optral.server.settings import Settings
from optral.store.metadata import metadata
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Role
from optral.terms.errors import TooMany
from tests.api import accounts as people
from tests.api.accounts import Browser
from tests.api.conftest import PEPPER, Api
from tests.conftest import new_org

NAME = "optral on laptop"
READ = ["issues:read", "clusters:read"]


async def ask(api: Api, path: str, body: dict[str, Any]) -> Any:
    """As a command line does, without any credentials."""
    return await api("POST", f"/v1/device/{path}", key=None, json=body, headers={"X-Optral-CSRF": "1"})


async def start(api: Api, name: str = NAME) -> dict[str, Any]:
    answer = await ask(api, "code", {"name": name})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def poll(api: Api, codes: dict[str, Any]) -> Any:
    """Ask for the key after the interval."""
    api.clock.advance(codes["intervalSeconds"])
    return await ask(api, "token", {"deviceCode": codes["deviceCode"]})


async def approve(browser: Browser, codes: dict[str, Any], **more: Any) -> Any:
    return await browser("POST", "/v1/device/approve", json={"userCode": codes["userCode"], **more})


async def audited(api: Api, action: str) -> list[Any]:
    wanted = AuditFilter(actions=frozenset({action}))
    return await api.store.read(api.owner, lambda tx: access.find_audit(tx, wanted, PageRequest(sort="seq")))


async def test_a_command_line_gets_a_key_of_the_person_who_approves(api: Api) -> None:
    owner = await people.signed_in(api)
    codes = await start(api)
    assert (await poll(api, codes)).json() == {"intervalSeconds": device.INTERVAL_S}
    shown = (await owner("POST", "/v1/device/check", json={"userCode": codes["userCode"]})).json()
    assert (shown["name"], shown["isSameAddress"], shown["address"]) == (NAME, True, "127.0.0.1")
    assert (await approve(owner, codes, scopes=READ, expiresInDays=7)).status_code == 200
    fetched = (await poll(api, codes)).json()
    assert (fetched["email"], fetched["apiKey"]["name"], fetched["apiKey"]["scopes"]) == ("owner@example.org", NAME, sorted(READ))
    me = (await api.get("/v1/me", key=fetched["key"])).json()
    assert (me["actor"]["kind"], me["member"]["email"]) == ("key", "owner@example.org")
    listed = (await api.get("/v1/api-keys")).json()["apiKeys"]
    (key,) = [one for one in listed if one["name"] == NAME]
    assert key["expiresAt"][:10] == (api.clock.now() + timedelta(days=7)).isoformat()[:10]
    (approved,), made = await audited(api, "login.approve"), await audited(api, "key.create")
    assert NAME in approved.detail and "127.0.0.1" in approved.detail
    assert (made[-1].actor_id, made[-1].target) == (me["member"]["id"], key["id"])


async def test_a_key_is_fetched_once(api: Api) -> None:
    owner = await people.signed_in(api)
    codes = await start(api)
    await approve(owner, codes)
    assert "key" in (await poll(api, codes)).json()
    again = await poll(api, codes)
    assert (again.status_code, again.json()["code"]) == (403, "device_code_invalid")


async def test_a_viewer_logs_in_with_no_more_than_a_viewer_may_do(api: Api) -> None:
    viewer = await people.member(api, Role.VIEWER, "viewer@example.org")
    codes = await start(api)
    beyond = await approve(viewer, codes, scopes=["issues:write"])
    assert (beyond.status_code, beyond.json()["code"]) == (403, "beyond_own_rights")
    assert (await approve(viewer, codes)).status_code == 200
    key = (await poll(api, codes)).json()
    assert frozenset(key["apiKey"]["scopes"]) == ROLE_SCOPES[Role.VIEWER]
    assert (await api("DELETE", "/v1/me/key", key=key["key"])).status_code == 200
    api.clock.advance(2)
    assert (await api.get("/v1/me", key=key["key"])).status_code == 401


async def test_who_was_removed_meanwhile_gets_no_key(api: Api) -> None:
    owner, viewer = await people.signed_in(api), await people.member(api, Role.VIEWER, "viewer@example.org")
    codes = await start(api)
    await approve(viewer, codes)
    member = (await viewer.get("/v1/me")).json()["member"]["id"]
    assert (await owner("DELETE", f"/v1/members/{member}", json={})).status_code == 200
    refused = await poll(api, codes)
    assert (refused.status_code, refused.json()["code"]) == (403, "login_denied")


async def test_a_denied_login_ends(api: Api) -> None:
    owner = await people.signed_in(api)
    codes = await start(api)
    assert (await owner("POST", "/v1/device/deny", json={"userCode": codes["userCode"]})).status_code == 200
    assert (await poll(api, codes)).json()["code"] == "login_denied"
    assert (await approve(owner, codes)).json()["code"] == "user_code_unknown"
    assert [one.outcome for one in await audited(api, "login.deny")] == ["denied"]


async def test_approval_needs_a_fresh_password_and_a_session(api: Api) -> None:
    owner = await people.signed_in(api)
    api.clock.advance(16 * 60)
    codes = await start(api)
    assert (await approve(owner, codes)).json()["code"] == "confirmation_required"
    by_key = await api("POST", "/v1/device/approve", json={"userCode": codes["userCode"]})
    assert (by_key.status_code, by_key.json()["code"]) == (403, "session_required")
    assert "key" not in (await poll(api, codes)).json()


async def test_another_site_cannot_approve(api: Api) -> None:
    owner = await people.signed_in(api)
    codes = await start(api)
    cross = await owner("POST", "/v1/device/approve", json={"userCode": codes["userCode"]}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (cross.status_code, cross.json()["code"]) == (403, "cross_site")


async def test_every_code_that_opens_nothing_gets_one_answer(api: Api) -> None:
    owner = await people.signed_in(api)
    used, expired = await start(api), await start(api)
    await approve(owner, used)
    await poll(api, used)
    api.clock.advance(device.LIFE.total_seconds())
    spoken = [
        await owner("POST", "/v1/device/check", json={"userCode": code})
        for code in (used["userCode"], expired["userCode"], "BBBB-BBBB", "AAAA-1111", "x")
    ]
    assert {(one.status_code, one.json()["detail"]) for one in spoken} == {(404, spoken[0].json()["detail"])}
    silent = [await ask(api, "token", {"deviceCode": code}) for code in (used["deviceCode"], expired["deviceCode"], "A" * 43, "x")]
    assert {(one.status_code, one.json()["detail"]) for one in silent} == {(403, silent[0].json()["detail"])}


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}"])
async def test_a_code_is_read_as_people_type_it(api: Api, typed: str) -> None:
    owner = await people.signed_in(api)
    code = (await start(api))["userCode"]
    given = typed.format(code, lower=code.lower(), bare=code.replace("-", ""))
    assert (await owner("POST", "/v1/device/check", json={"userCode": given})).status_code == 200


async def test_a_person_cannot_guess_codes(api: Api) -> None:
    owner = await people.signed_in(api)
    for _ in range(device.TRIES):
        assert (await owner("POST", "/v1/device/check", json={"userCode": "BBBB-BBBB"})).status_code == 404
    codes = await start(api)
    for call in (owner("POST", "/v1/device/check", json={"userCode": codes["userCode"]}), approve(owner, codes)):
        assert (await call).json()["code"] == "too_many_attempts"


async def test_a_program_that_asks_too_often_waits_longer(api: Api) -> None:
    codes = await start(api)
    await poll(api, codes)
    hasty = await ask(api, "token", {"deviceCode": codes["deviceCode"]})
    assert hasty.json() == {"intervalSeconds": 2 * device.INTERVAL_S}


async def test_polls_of_many_leave_room_for_people_who_sign_in(api: Api) -> None:
    await people.with_password(api)
    codes = await start(api)
    for _ in range(60):
        assert (await ask(api, "token", {"deviceCode": codes["deviceCode"]})).status_code == 200
    assert (await Browser(api).sign_in()).status_code == 201


async def test_pending_logins_are_bounded_by_address_and_end(api: Api) -> None:
    for _ in range(device.MAX_PENDING_PER_NETWORK):
        await start(api)
    full = await ask(api, "code", {"name": NAME})
    assert (full.status_code, full.json()["code"]) == (429, "too_many_logins")
    api.clock.advance(device.LIFE.total_seconds())
    await start(api)
    rule = next(row for row in retention.TABLE if "device_logins" in row.tables)
    assert rule.age(Settings.model_construct()) == timedelta(0)
    gone = await api.store.write(actors.system(), lambda tx: device_service.prune(tx, limit=500))
    assert gone == device.MAX_PENDING_PER_NETWORK


async def test_pending_logins_of_one_ipv6_network_count_together(api: Api) -> None:
    def begin(tx: Transaction, address: str) -> None:
        device_service.start(tx, pepper=b"p", name=NAME, address=address)

    for number in range(device.MAX_PENDING_PER_NETWORK):
        await api.store.write(actors.system(), partial(begin, address=f"2001:db8:0:1::{number + 1:x}"))
    with pytest.raises(TooMany):
        await api.store.write(actors.system(), partial(begin, address="2001:db8:0:1:ffff::1"))
    await api.store.write(actors.system(), partial(begin, address="2001:db8:0:2::1"))
    await api.store.write(actors.system(), partial(begin, address="192.0.2.1"))


async def test_pending_logins_are_bounded_in_number(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "MAX_PENDING", 1)
    await start(api)
    assert (await ask(api, "code", {"name": NAME})).json()["code"] == "too_many_logins"


async def test_an_approved_login_is_of_one_organisation(api: Api) -> None:
    owner = await people.signed_in(api)
    other_org = await new_org(api.store, api.clock, "Other")
    other = await people.member(api, Role.OWNER, "other@example.org", org=other_org)
    codes = await start(api)
    await approve(owner, codes)
    for path in ("check", "deny", "approve"):
        assert (await other("POST", f"/v1/device/{path}", json={"userCode": codes["userCode"]})).json()["code"] == "user_code_unknown"
    key = (await poll(api, codes)).json()["key"]
    assert (await api.get("/v1/me", key=key)).json()["organisation"]["id"] == api.org


async def test_neither_code_nor_key_is_stored(api: Api) -> None:
    owner = await people.signed_in(api)
    codes = await start(api)
    await approve(owner, codes)
    table = metadata.tables["device_logins"]
    (row,) = await api.store.read(actors.system(), lambda tx: tx.execute(table.select()).all())
    kept = " ".join(str(value) for value in row)
    assert codes["userCode"] not in kept and codes["deviceCode"] not in kept and "mht_" not in kept
    assert not any(isinstance(value, bytes) and len(value) != 32 for value in row) and PEPPER not in row


async def test_a_session_has_no_key_to_revoke(api: Api) -> None:
    owner = await people.signed_in(api)
    assert (await owner("DELETE", "/v1/me/key", json={})).status_code == 404


def test_user_codes_have_letters_that_cannot_be_confused() -> None:
    codes = {device.generate_user_code() for _ in range(500)}
    assert len(codes) == 500
    assert not set("".join(codes)) & set("AEIOU01")
    assert all(device.normal_user_code(code) == code for code in codes)

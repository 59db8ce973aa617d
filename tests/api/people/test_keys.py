"""API keys over HTTP: people make and roll them, keys make none, and a key is never more than its maker."""

import asyncio

import httpx2

from optral.access import service as access
from optral.access.model import KEY_SCOPES, SCOPES
from optral.terms import ids
from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, Browser, member, signed_in
from tests.api.conftest import Api


async def made_by(browser: Browser, **body: object) -> dict[str, object]:
    answer = await browser("POST", "/v1/api-keys", json={"name": "ci", **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def opens(api: Api, key: object) -> int:
    api.clock.advance(1)  # what is cached of a key is a second old at most
    return (await api.get("/v1/me", key=str(key))).status_code


async def test_a_person_makes_a_key_that_is_shown_once(api: Api) -> None:
    browser = await signed_in(api)
    made = await browser("POST", "/v1/api-keys", json={"name": "ci", "scopes": ["issues:read"]})
    assert made.status_code == 201 and made.json()["key"].startswith("mht_")
    assert made.headers["cache-control"] == "no-store"
    assert "key" not in (await browser.get(made.headers["location"])).json()
    me = (await api.get("/v1/me", key=made.json()["key"])).json()
    assert (me["actor"]["kind"], me["actor"]["scopes"], me["member"]["email"]) == ("key", ["issues:read"], "owner@example.org")
    unknown = await browser("POST", "/v1/api-keys", json={"name": "x", "scopes": ["nonsense:read"]})
    assert unknown.status_code == 422


async def test_every_scope_that_a_key_can_have_can_be_requested(api: Api) -> None:
    """A key in the settings and a login accept what `KEY_SCOPES` has, and nothing else."""
    browser = await signed_in(api)
    for scope in sorted(SCOPES):
        answer = await browser("POST", "/v1/api-keys", json={"name": scope, "scopes": [scope]})
        assert answer.status_code == (201 if scope in KEY_SCOPES else 422), (scope, answer.text)
        login = await browser("POST", "/v1/device/approve", json={"userCode": "x", "scopes": [scope]})
        assert login.json()["code"] == ("user_code_unknown" if scope in KEY_SCOPES else "invalid_body"), (scope, login.text)


async def test_the_list_tells_when_a_key_was_last_used(api: Api) -> None:
    browser = await signed_in(api)
    made = await made_by(browser)
    assert "lastUsedAt" not in (await browser.get(f"/v1/api-keys/{made['id']}")).json()
    assert await opens(api, made["key"]) == 200
    await api.services.authenticator.flush()
    found = (await browser.get("/v1/api-keys")).json()["apiKeys"]
    minute = api.clock.now().replace(second=0, microsecond=0).isoformat().replace("+00:00", "Z")
    assert [one["lastUsedAt"] for one in found if one["id"] == made["id"]] == [minute]


async def test_a_key_makes_no_key_whatever_its_scopes(api: Api) -> None:
    key = await api.new_key(scopes=set(KEY_SCOPES))
    mine = (await api.get("/v1/api-keys")).json()["apiKeys"][0]["id"]
    for path, body in (("/v1/api-keys", {"name": "more"}), (f"/v1/api-keys/{mine}/roll", {})):
        refused = await api("POST", path, key=key, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "keys_cannot_make_keys")
    assert await api.store.read(api.owner, access.count_keys) == 2


async def test_only_owners_and_admins_make_keys(api: Api) -> None:
    for role, status in ((Role.ADMIN, 201), (Role.OPERATOR, 403), (Role.VIEWER, 403)):
        browser = await member(api, role, f"{role}@example.org")
        assert (await browser("POST", "/v1/api-keys", json={"name": "x"})).status_code == status


async def test_a_password_typed_long_ago_makes_no_key(api: Api) -> None:
    browser = await signed_in(api)
    made = await made_by(browser)
    api.clock.advance(15 * 60 + 1)
    for path, body in (("/v1/api-keys", {"name": "x"}), (f"/v1/api-keys/{made['id']}/roll", {})):
        assert (await browser("POST", path, json=body)).json()["code"] == "confirmation_required"
    assert (await browser("DELETE", f"/v1/api-keys/{made['id']}")).status_code == 200  # taking away asks for less


async def roll(browser: Browser, key_id: object, days: int) -> httpx2.Response:
    return await browser("POST", f"/v1/api-keys/{key_id}/roll", json={"overlapDays": days})


async def test_rolling_creates_a_key_with_the_same_access_and_revokes_the_old_one(api: Api) -> None:
    browser = await signed_in(api)
    old = await made_by(browser, scopes=["issues:read"], limitPerMinute=7)
    answer = await roll(browser, old["id"], 0)
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert new["id"] != old["id"] and new["key"] != old["key"]
    assert {name: new[name] for name in ("name", "scopes", "limitPerMinute")} == {
        "name": "ci",
        "scopes": ["issues:read"],
        "limitPerMinute": 7,
    }
    assert (await opens(api, old["key"]), await opens(api, new["key"])) == (401, 200)
    listed = (await browser.get("/v1/api-keys?withRevoked=true")).json()["apiKeys"]
    shown = next(one for one in listed if one["id"] == old["id"])
    assert (shown.get("replacedBy"), "revokedAt" in shown) == (new["id"], True), shown


async def test_the_old_key_lives_on_for_the_overlap(api: Api) -> None:
    browser = await signed_in(api)
    old = await made_by(browser)
    new = (await roll(browser, old["id"], 7)).json()
    assert (await opens(api, old["key"]), await opens(api, new["key"])) == (200, 200)
    twice = await roll(browser, old["id"], 7)
    assert (twice.status_code, twice.json()["code"]) == (409, "key_not_rollable")
    api.clock.advance(7 * 86400)
    assert (await opens(api, old["key"]), await opens(api, new["key"])) == (401, 200)
    await browser.sign_in()
    for days in (-1, 8):
        assert (await roll(browser, new["id"], days)).status_code == 422


async def test_a_key_rolled_twice_at_once_has_one_successor(api: Api) -> None:
    browser = await signed_in(api)
    old = await made_by(browser)
    answers = await asyncio.gather(*(roll(browser, old["id"], 7) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert (await browser.get("/v1/api-keys")).json()["total"] == 3  # the fixture's own, the old and the new


async def test_an_overlap_prolongs_nothing(api: Api) -> None:
    browser = await signed_in(api)
    soon = api.clock.now().replace(microsecond=0)
    old = await made_by(browser, expiresAt=f"{soon.date()}T23:59:59Z")
    await roll(browser, old["id"], 7)
    assert (await browser.get(f"/v1/api-keys/{old['id']}")).json()["expiresAt"] == old["expiresAt"]


async def test_a_revoked_and_a_foreign_key_are_not_rolled(api: Api) -> None:
    from tests.api.conftest import another_organisation

    browser = await signed_in(api)
    old = await made_by(browser)
    await browser("DELETE", f"/v1/api-keys/{old['id']}")
    assert (await roll(browser, old["id"], 0)).json()["code"] == "key_not_rollable"
    stranger = await another_organisation(api)
    await api.new_key(maker=stranger)
    foreign = (await api.store.read(stranger, access.find_keys))[0]
    absent, other = await roll(browser, ids.new("key"), 0), await roll(browser, foreign.id, 0)
    assert absent.status_code == other.status_code == 404


async def test_a_key_ends_with_its_maker(api: Api) -> None:
    owner, admin = await signed_in(api), await member(api, Role.ADMIN, "admin@example.org")
    made = await made_by(admin)
    me = (await admin.get("/v1/me")).json()["member"]["id"]
    await owner("PATCH", f"/v1/members/{me}", json={"role": "viewer"})
    api.clock.advance(1)
    assert (await api.get("/v1/issues", key=made["key"])).status_code == 200
    assert (await api("POST", "/v1/clusters", key=made["key"], json={"name": "x"})).status_code == 403
    await owner("DELETE", f"/v1/members/{me}")
    assert await opens(api, made["key"]) == 401
    assert (await Browser(api).sign_in("admin@example.org", PASSWORD)).status_code == 401

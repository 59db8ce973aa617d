"""How people of an organization may sign in: only with the provider, for how long, from where; and how the provider signs them out."""

import json
from dataclasses import replace
from typing import Any

import pytest

from optral.access import service as access
from optral.flows.people import provider_sign_in
from optral.terms.actor import Role
from optral.terms.errors import Unavailable
from tests.api.accounts import PASSWORD, Browser, member
from tests.api.conftest import Api
from tests.api.people.provider_visits import Visitor, with_provider
from tests.api.people.test_refusals import refused
from tests.identity.provider import CLIENT, ISSUER, Claims, Provider, Twist, new_key

POLICY = "/v1/sign-in-policy"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


async def test_with_the_provider_alone_only_owners_use_a_password(api: Api) -> None:
    dev = await member(api, Role.OPERATOR, "dev@example.com")
    owner, provider, provider_id = await with_provider(api)
    invited = (await owner("POST", "/v1/invites", json={"role": "viewer"})).json()
    now = (await owner("PATCH", POLICY, json={"providerOnly": True})).json()
    assert now == {"providerOnly": True, "passwordOwners": ["owner@example.org"]} == (await owner.get(POLICY)).json()
    assert (await dev.get("/v1/me")).status_code == 401
    assert (await Browser(api).sign_in("dev@example.com")).json()["code"] == "sign_in_failed"
    assert (await owner("POST", "/v1/invites", json={"role": "viewer"})).json()["code"] == "provider_only"
    accepted = {"token": invited["token"], "email": "new@example.org", "password": PASSWORD}
    assert (await Browser(api)("POST", "/v1/invites/accept", json=accepted)).json()["code"] == "provider_only"
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    provider.fails = "connect"  # the provider is down
    assert (await Browser(api).sign_in()).status_code == 201


async def test_the_last_way_in_stays(api: Api) -> None:
    owner, _, provider_id = await with_provider(api)
    path = f"/v1/identity-providers/{provider_id}"
    assert (await owner("PATCH", POLICY, json={"providerOnly": True})).status_code == 200
    assert (await owner("PATCH", path, json={"enabled": False})).json()["code"] == "provider_needed"
    assert (await owner("DELETE", path)).json()["code"] == "provider_needed"
    assert (await owner("PATCH", POLICY, json={"providerOnly": False})).status_code == 200
    assert (await owner("DELETE", path)).status_code == 200
    assert (await owner("PATCH", POLICY, json={"providerOnly": True})).json()["code"] == "provider_needed"


async def test_sessions_end_as_the_organization_says(api: Api) -> None:
    owner, _, _ = await with_provider(api)
    given = {"sessionHours": 2, "idleMinutes": 30}
    assert (await owner("PATCH", POLICY, json=given)).json() == {"providerOnly": False, "passwordOwners": ["owner@example.org"], **given}
    browser = Browser(api)
    await browser.sign_in()
    for _ in range(5):
        api.clock.advance(29 * 60)
        if (await browser.get("/v1/me")).status_code == 401:
            break
        await api.services.authenticator.flush()
    assert (await browser.get("/v1/me")).status_code == 401  # after two hours, though never idle
    await browser.sign_in()
    api.clock.advance(31 * 60)
    assert (await browser.get("/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("metadata", "fails", "reason", "said"),
    [
        pytest.param({}, "", None, None, id="works"),
        pytest.param({}, "dns", "dns", "cannot be resolved", id="unknown host"),
        pytest.param({}, "refused_address", "refused_address", "OPTRAL_IDENTITY_PRIVATE_NETWORKS", id="private address"),
        pytest.param({"issuer": ISSUER + "/"}, "", "issuer_mismatch", "slash", id="another issuer"),
        pytest.param({"token_endpoint": "ftp://x"}, "", "bad_token_endpoint", "no valid token_endpoint", id="bad endpoint"),
    ],
)
async def test_an_owner_tests_a_provider(api: Api, metadata: dict[str, str], fails: str, reason: str | None, said: str | None) -> None:
    owner, provider, provider_id = await with_provider(api)
    path = f"/v1/identity-providers/{provider_id}/test"
    assert (await owner("POST", path)).json() == {"ok": True}
    provider.metadata, provider.fails = metadata, fails
    answer = (await owner("POST", path)).json()  # asks again, although the answer before is still good for sign-ins
    assert (answer["ok"], answer.get("reason")) == (reason is None, reason)
    assert said is None or said in answer["message"]
    provider.metadata, provider.fails = {}, ""
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201


async def test_a_provider_without_a_usable_key_fails_the_test_and_rotated_keys_count_at_once(api: Api) -> None:
    owner, provider, provider_id = await with_provider(api)
    path = f"/v1/identity-providers/{provider_id}/test"
    kept, provider.keys = provider.keys, []
    assert (await owner("POST", path)).json()["reason"] == "no_usable_keys"
    provider.keys = kept
    assert (await owner("POST", path)).json() == {"ok": True}
    provider.keys = [new_key("k2")]
    assert (await owner("POST", path)).json() == {"ok": True}
    asked = len(provider.requests)
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    assert provider.requests[asked:] == ["/token"]


async def test_people_come_from_allowed_networks_only(api: Api) -> None:
    owner, provider, provider_id = await with_provider(api)
    elsewhere = {"sessionNetworks": ["192.0.2.0/24"]}
    assert (await owner("PATCH", POLICY, json=elsewhere)).json()["code"] == "address_not_allowed"  # it would shut the owner out
    assert (await owner("PATCH", POLICY, json={"sessionNetworks": ["127.0.0.1/8"]})).json()["code"] == "invalid_network"
    here = await owner("PATCH", POLICY, json={"sessionNetworks": ["192.0.2.0/24", "127.0.0.0/8"]})
    assert here.json()["sessionNetworks"] == ["127.0.0.0/8", "192.0.2.0/24"]
    assert (await owner.get("/v1/me")).status_code == 200
    with_stream = replace(await api.services.authenticator.authenticate_session(owner.cookie or ""), address="127.0.0.1")
    assert await api.services.authenticator.is_valid(with_stream)
    from optral.access.tables import organisations

    moved = organisations.update().values(session_networks=["192.0.2.0/24"]).where(organisations.c.org_id == api.org)
    await api.store.write(api.owner, lambda tx: tx.execute(moved).close())
    assert (await owner.get("/v1/me")).json()["code"] == "address_not_allowed"
    assert not await api.services.authenticator.is_valid(with_stream), "streams that are open end"
    assert (await Browser(api).sign_in()).json()["code"] == "address_not_allowed"
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["code"] == "address_not_allowed"
    await api.services.sessions.flush()
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    assert {"identity.refuse", "session.create"} <= {one.action for one in records if one.outcome == "denied"}
    assert (await api.get("/v1/me")).status_code == 200  # keys have networks of their own


async def test_a_key_works_in_its_networks_only(api: Api) -> None:
    owner, _, _ = await with_provider(api)
    for networks, status in ((["127.0.0.0/8"], 200), (["2001:db8::/32"], 403)):
        made = (await owner("POST", "/v1/api-keys", json={"name": "ci", "networks": networks})).json()
        assert made["networks"] == networks
        assert (await api.get("/v1/me", key=made["key"])).status_code == status
    rolled = (await owner("POST", f"/v1/api-keys/{made['id']}/roll", json={})).json()
    assert rolled["networks"] == ["2001:db8::/32"]


async def test_a_key_or_session_that_is_used_from_elsewhere_is_on_record_and_limited(api: Api) -> None:
    """It may be stolen; also what only reads tells."""
    owner, _, _ = await with_provider(api)
    key = (await owner("POST", "/v1/api-keys", json={"name": "ci", "networks": ["2001:db8::/32"]})).json()
    for _ in range(3):
        assert (await api.get("/v1/issues", key=key["key"])).status_code == 403
    assert [(one["actorId"], one["detail"]["code"]) for one in await refused(api)] == [(key["id"], "address_not_allowed")]
    answer = await api.get("/v1/issues", key=key["key"])
    assert int(answer.headers["x-ratelimit-limit"]) > int(answer.headers["x-ratelimit-remaining"]) > 0


async def logout(api: Api, provider: Provider, provider_id: str, twist: Twist, *, drop: str = "") -> int:
    now_s = int(api.clock.now().timestamp())
    claims: Claims = {"iss": ISSUER, "aud": CLIENT, "iat": now_s, "exp": now_s + 60, "jti": "j-1", "sub": "u-1", "events": {EVENT: {}}}
    claims = {name: value for name, value in (claims | dict(twist.claims)).items() if value is not None and name != drop}
    provider.twist = twist
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"logout_token={provider.signed(claims)}"
    answer = await api("POST", f"/v1/hooks/identity-providers/{provider_id}", key=None, headers=headers, content=body)
    provider.twist = Twist()
    return answer.status_code


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="by person"),
        pytest.param({"sub": None, "sid": "s-1"}, id="by session"),
        pytest.param({"sid": "s-1"}, id="by both"),
    ],
)
async def test_the_provider_signs_a_person_out(api: Api, claims: dict[str, Any]) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.person["sid"] = "s-1"
    visitor, other = Visitor(api, provider, provider_id), Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    provider.person["sid"] = "s-2"
    assert (await other.sign_in()).status_code == 201
    assert await logout(api, provider, provider_id, Twist(claims=claims, header={"typ": "logout+jwt"})) == 204
    assert (await visitor("GET", "/v1/me")).status_code == 401
    assert (await other("GET", "/v1/me")).status_code == (200 if "sid" in claims else 401)
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    assert [json.loads(one.detail)["sessionsEnded"] for one in records if one.action == "identity.logout"] == [1 if "sid" in claims else 2]


@pytest.mark.parametrize(
    "twist",
    [
        pytest.param(Twist(claims={"nonce": "n"}), id="an ID token"),
        pytest.param(Twist(claims={"events": None}), id="without the event"),
        pytest.param(Twist(claims={"events": {EVENT: True}}), id="an event that is no object"),
        pytest.param(Twist(claims={"aud": "another"}), id="for another client"),
        pytest.param(Twist(claims={"iss": "https://evil.example.test"}), id="of another issuer"),
        pytest.param(Twist(claims={"jti": None}), id="without an id"),
        pytest.param(Twist(claims={"sub": None}), id="about nobody"),
        pytest.param(Twist(claims={"iat": 1}), id="an old one"),
        pytest.param(Twist(claims={"exp": 1}), id="expired"),
        pytest.param(Twist(header={"typ": "at+jwt"}), id="an access token"),
        pytest.param(Twist(key=new_key("k1")), id="another key"),
    ],
)
async def test_a_forged_logout_ends_nothing(api: Api, twist: Twist) -> None:
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    assert await logout(api, provider, provider_id, twist) == 400
    assert await logout(api, provider, "idp_01h455vb4pex5vsknk084sn02q", Twist()) == 400
    assert (await visitor("GET", "/v1/me")).status_code == 200


async def test_a_logout_is_taken_once(api: Api) -> None:
    """A repeat would end a session of the minute after it."""
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    first = Twist(claims={"jti": "j-7"})
    assert (await visitor.sign_in()).status_code == 201
    issued_at = int(api.clock.now().timestamp())
    assert await logout(api, provider, provider_id, first) == 204
    assert (await visitor.sign_in()).status_code == 201
    assert await logout(api, provider, provider_id, first) == 400
    api.clock.advance(599)
    late = Twist(claims={"jti": "j-7", "iat": issued_at, "exp": issued_at + 700})
    assert await logout(api, provider, provider_id, late) == 400
    assert (await visitor("GET", "/v1/me")).status_code == 200
    assert await logout(api, provider, provider_id, Twist(claims={"jti": "j-8"})) == 204
    assert (await visitor("GET", "/v1/me")).status_code == 401


async def test_a_logout_that_failed_can_be_repeated(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201

    def busy(*_: Any) -> None:
        raise Unavailable("store_busy", retry_after_s=1, say="busy")

    with monkeypatch.context() as patched:
        patched.setattr(provider_sign_in, "_ended", busy)
        assert await logout(api, provider, provider_id, Twist()) == 503
    assert await logout(api, provider, provider_id, Twist()) == 204
    assert (await visitor("GET", "/v1/me")).status_code == 401

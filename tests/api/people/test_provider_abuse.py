"""What strangers, and providers that are odd or down, must not achieve."""

import asyncio
import base64
import json
from typing import Any

import pytest

from optral.access.limiter import PROVIDER_SIGN_INS_PER_MINUTE
from optral.identity import protocol
from optral.kit.outbound import Reply, Request
from optral.terms.actor import Role
from tests.api.accounts import Browser, member
from tests.api.conftest import Api
from tests.api.people.provider_visits import Visitor, with_provider
from tests.api.people.test_sign_in_policy import logout
from tests.identity.provider import Twist

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def token(header: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode() + ".e30.e30"


async def test_many_sign_ins_through_a_provider_leave_room_for_a_password(api: Api) -> None:
    browser, provider, provider_id = await with_provider(api)
    visitor, body = Visitor(api, provider, provider_id), {"providerId": provider_id}
    statuses = [(await visitor("POST", "/v1/session/provider", json=body)).status_code for _ in range(PROVIDER_SIGN_INS_PER_MINUTE + 1)]
    assert statuses[-1] == 429
    assert (await browser.sign_in()).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("logout_token=" + token({"alg": ["RS256"]}), id="an algorithm that is a list"),
        pytest.param("logout_token=" + token({"alg": {}}), id="an algorithm that is an object"),
        pytest.param("a=1&" * 40, id="many fields"),
        pytest.param("logout_token=é.é.é", id="no ASCII"),
        pytest.param("", id="nothing"),
    ],
)
async def test_what_a_stranger_posts_as_a_logout_is_refused(api: Api, body: str) -> None:
    _, _, provider_id = await with_provider(api)
    answer = await api("POST", f"/v1/hooks/identity-providers/{provider_id}", key=None, headers=FORM, content=body.encode())
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_logout_token")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"nonce": "\ud800"}, id="a nonce that is no text"),
        pytest.param({"at_hash": "\ud800"}, id="a hash that is no text"),
        pytest.param({"sub": "u\x001"}, id="a subject with a NUL"),
        pytest.param({"sub": ["u-1"]}, id="a subject that is a list"),
    ],
)
async def test_odd_claims_are_refused(api: Api, claims: dict[str, Any]) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.twist = Twist(claims=claims)
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"sid": "s\x00"}, id="a session with a NUL"),
        pytest.param({"sid": "\ud800"}, id="a session that is no text"),
        pytest.param({"sid": 7, "auth_time": "yesterday"}, id="numbers and texts exchanged"),
        pytest.param({"groups": ["shop", None, {}, 1.5, ["shop"], 10**30], "auth_time": 1e10}, id="a list of everything"),
    ],
)
async def test_odd_claims_beside_the_person_do_no_harm(api: Api, claims: dict[str, Any]) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.twist = Twist(claims=claims)
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    assert (await visitor("GET", "/v1/me")).status_code == 200


@pytest.mark.parametrize("claims", [pytest.param({"sid": 7}, id="a session"), pytest.param({"sub": 7, "sid": "s-1"}, id="a person")])
async def test_a_logout_of_a_number_is_refused(api: Api, claims: dict[str, Any]) -> None:
    _, provider, provider_id = await with_provider(api)
    assert await logout(api, provider, provider_id, Twist(claims=claims)) == 400


@pytest.mark.parametrize("endpoint", ["https://[::1", "https://", "https://login.example.test:port/token"])
async def test_an_endpoint_that_is_no_address_is_not_used(api: Api, endpoint: str) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.metadata = {"token_endpoint": endpoint}
    answer = await Visitor(api, provider, provider_id)("POST", "/v1/session/provider", json={"providerId": provider_id})
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")


async def test_a_provider_that_is_down_is_asked_once_for_all_who_wait(api: Api) -> None:
    """Each would wait for the ones before it otherwise, ten seconds for each."""
    _, provider, provider_id = await with_provider(api)
    hangs, asked = asyncio.Event(), provider.call

    async def call(request: Request) -> Reply:
        await hangs.wait()
        return await asked(request)

    provider.call = call  # type: ignore[method-assign]
    provider.fails = "timeout"
    visitors = [Visitor(api, provider, provider_id) for _ in range(5)]
    started = [asyncio.ensure_future(one("POST", "/v1/session/provider", json={"providerId": provider_id})) for one in visitors]
    await asyncio.sleep(0)
    hangs.set()
    assert [one.status_code for one in await asyncio.gather(*started)] == [503] * 5
    assert len(provider.requests) == 1
    provider.fails = ""
    api.clock.advance(protocol.FAILED_S)
    assert (await visitors[0].sign_in()).status_code == 201


async def test_forged_keys_do_not_make_a_provider_be_asked_that_fails(api: Api) -> None:
    _, provider, provider_id = await with_provider(api)
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    api.clock.advance(protocol.REFETCH_S)
    provider.requests.clear()
    provider.fails = "timeout"
    path = f"/v1/hooks/identity-providers/{provider_id}"
    for number in range(4):
        content = "logout_token=" + token({"alg": "ES256", "kid": f"forged-{number}"})
        assert (await api("POST", path, key=None, headers=FORM, content=content)).status_code == 400
    assert provider.requests == ["/keys"]
    provider.fails = ""
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201


async def test_an_address_that_was_given_to_somebody_else_opens_nothing(api: Api) -> None:
    """The first subject with the address is the member; another one with it is another person."""
    owner, provider, provider_id = await with_provider(api)
    first = (await Visitor(api, provider, provider_id).sign_in()).json()["member"]["id"]
    provider.person["sub"] = "u-2"
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["code"] == "no_access"
    assert (await owner("DELETE", f"/v1/members/{first}")).status_code == 200
    await member(api, Role.VIEWER, "dev@example.com")  # invited again
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201


async def test_whoever_took_the_address_before_does_not_share_the_account(api: Api) -> None:
    """An invitation without an address leaves it to its holder, who may choose that of somebody else and wait."""
    squatter = await member(api, Role.VIEWER, "dev@example.com")
    _, provider, provider_id = await with_provider(api, rules=[{"claim": "groups", "value": "shop", "role": "admin"}])
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["member"]["role"] == "admin"
    assert (await squatter.get("/v1/me")).status_code == 401
    assert (await Browser(api).sign_in("dev@example.com")).json()["code"] == "sign_in_failed"


async def test_an_owner_keeps_the_password(api: Api) -> None:
    _, provider, provider_id = await with_provider(api, domains=["example.org"])
    provider.person["email"] = "owner@example.org"
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    assert (await Browser(api).sign_in()).status_code == 201


async def test_an_owner_who_becomes_less_signs_in_with_the_provider_from_then_on(api: Api) -> None:
    second = await member(api, Role.OWNER, "second@example.com")
    owner, _, _ = await with_provider(api)
    assert (await owner("PATCH", "/v1/sign-in-policy", json={"providerOnly": True})).status_code == 200
    found = next(one for one in (await owner.get("/v1/members")).json()["members"] if one["email"] == "second@example.com")
    assert (await owner("PATCH", f"/v1/members/{found['id']}", json={"role": "viewer"})).status_code == 200
    assert (await second.get("/v1/me")).status_code == 401


async def test_what_one_provider_gave_ends_where_another_decides(api: Api) -> None:
    owner, provider, first = await with_provider(api)
    shown = (await Visitor(api, provider, first).sign_in()).json()
    rule = {"claim": "groups", "value": "shop", "role": "viewer", "namespaces": ["pay"]}
    body = {
        "name": "Next",
        "issuer": "https://login.example.test/realms/main",
        "clientId": "optral",
        "domains": ["example.com"],
        "rules": [rule],
    }
    second = (await owner("POST", "/v1/identity-providers", json=body)).json()["id"]
    assert (await owner("DELETE", f"/v1/identity-providers/{first}")).status_code == 200
    assert (await Visitor(api, provider, second).sign_in()).status_code == 201
    listed = (await owner.get(f"/v1/members/{shown['member']['id']}/bindings")).json()["bindings"]
    assert [(one["role"], one["namespaces"]) for one in listed] == [("viewer", ["pay"])]


async def test_a_session_that_the_provider_did_not_name_ends_with_the_person(api: Api) -> None:
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    assert await logout(api, provider, provider_id, Twist(claims={"sid": "s-1"})) == 204
    assert (await visitor("GET", "/v1/me")).status_code == 401


async def test_a_replayed_logout_does_not_end_the_next_session(api: Api) -> None:
    _, provider, provider_id = await with_provider(api)
    iat = int(api.clock.now().timestamp())
    claims = {"iat": iat, "exp": iat + 600}
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    assert await logout(api, provider, provider_id, Twist(claims=claims)) == 204
    api.clock.advance(62)
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    assert await logout(api, provider, provider_id, Twist(claims=claims)) == 400
    assert (await visitor("GET", "/v1/me")).status_code == 200

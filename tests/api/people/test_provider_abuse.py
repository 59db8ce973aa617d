"""What strangers, and providers that are odd or down, must not achieve."""

import asyncio
import base64
import json
from typing import Any

import pytest

from optral.identity import protocol
from optral.kit.outbound import Reply, Request
from tests.api.conftest import Api
from tests.api.people.provider_visits import Visitor, with_provider
from tests.api.people.test_sign_in_policy import logout
from tests.identity.provider import Twist

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def token(header: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode() + ".e30.e30"


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

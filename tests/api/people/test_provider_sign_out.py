"""Signing out of Optral, and of the identity provider where it is set so."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from optral.flows.people import provider_sign_in
from optral.identity import model
from optral.kit.outbound import CallFailed, Reply, Request
from tests.api.conftest import Api
from tests.api.people.provider_visits import SESSION, Visitor, with_provider
from tests.identity.provider import CLIENT, ISSUER, Provider

HINT = "optral_id_token"
ENDPOINT = f"{ISSUER}/logout"


async def visitor_of(api: Api, **settings: Any) -> tuple[Visitor, Provider]:
    """Somebody who has signed in with a provider that has an address for signing out."""
    _, provider, provider_id = await with_provider(api, **{"endsProviderSession": True} | settings)
    provider.metadata = {"end_session_endpoint": ENDPOINT}
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    return visitor, provider


async def logout_request(visitor: Visitor) -> dict[str, str]:
    """What the browser tells the provider after signing out here."""
    answer = await visitor("DELETE", "/v1/session")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    url = urlsplit(answer.json()["providerLogoutUrl"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == ENDPOINT
    return {name: values[0] for name, values in parse_qs(url.query, strict_parsing=True).items()}


async def test_signing_out_leads_to_the_provider_with_the_token_of_this_sign_in(api: Api) -> None:
    visitor, _ = await visitor_of(api)
    token = visitor.cookies[HINT]
    assert "." not in token  # sealed
    first = await logout_request(visitor)
    assert first.pop("id_token_hint").count(".") == 2
    state = first.pop("state")
    assert first == {"client_id": CLIENT, "post_logout_redirect_uri": "http://optral.example.org/signed-out"}
    assert not {SESSION, HINT} & visitor.cookies.keys()
    assert (await visitor("GET", "/v1/me")).status_code == 401
    await visitor.sign_in()
    visitor.cookies[HINT] = token  # of the session before
    second = await logout_request(visitor)
    assert "id_token_hint" not in second and second["state"] != state


async def test_nothing_is_kept_or_ended_at_the_provider_unless_it_is_set_so(api: Api) -> None:
    visitor, _ = await visitor_of(api, endsProviderSession=False)
    assert HINT not in visitor.cookies
    assert (await visitor("DELETE", "/v1/session")).json() == {}
    assert (await visitor("GET", "/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("length", "microsoft", "is_kept"),
    [
        pytest.param(2_000, ISSUER, True, id="in an address that Microsoft Entra ID refuses"),
        pytest.param(2_800, "https://none.test", False, id="in a cookie that browsers refuse"),
    ],
)
async def test_a_token_that_is_too_long_is_left_out(
    api: Api, monkeypatch: pytest.MonkeyPatch, length: int, microsoft: str, is_kept: bool
) -> None:
    monkeypatch.setattr(model, "MICROSOFT", microsoft)
    visitor, provider = await visitor_of(api)
    del visitor.cookies[HINT]
    provider.person["department"] = "x" * (length * 3 // 4)
    assert (await visitor.sign_in()).status_code == 201
    assert (HINT in visitor.cookies) is is_kept
    assert "id_token_hint" not in await logout_request(visitor)


@pytest.mark.parametrize(
    ("metadata", "fails"),
    [
        pytest.param({}, "", id="it has no address for it"),
        pytest.param({"end_session_endpoint": "javascript:alert(1)"}, "", id="its address is a script"),
        pytest.param({"end_session_endpoint": "http://login.example.test/logout"}, "", id="its address has no TLS"),
        pytest.param({"end_session_endpoint": ENDPOINT}, "connect", id="it is down"),
    ],
)
async def test_a_session_ends_here_whatever_the_provider_answers(api: Api, metadata: dict[str, Any], fails: str) -> None:
    visitor, provider = await visitor_of(api)
    api.clock.advance(3601)  # what was known of it is read again
    provider.metadata, provider.fails = metadata, fails
    assert (await visitor("DELETE", "/v1/session")).json() == {"providerName": "Example"}
    assert (await visitor("GET", "/v1/me")).status_code == 401


async def test_a_session_ends_here_before_the_provider_is_asked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, provider = await visitor_of(api)
    other = Visitor(api, provider, visitor.provider_id, dict(visitor.cookies))
    api.clock.advance(3601)
    states = []

    async def call(_: Request) -> Reply:
        states.append((await other("GET", "/v1/me")).status_code)
        raise CallFailed("connect")

    monkeypatch.setattr(provider, "call", call)
    assert (await visitor("DELETE", "/v1/session")).json() == {"providerName": "Example"}
    assert states == [401]


async def test_signing_out_does_not_wait_for_a_provider_that_is_slow(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, provider = await visitor_of(api)
    api.clock.advance(3601)
    monkeypatch.setattr(provider_sign_in, "SIGN_OUT_WITHIN_S", 0.01)
    monkeypatch.setattr(provider, "call", lambda _: asyncio.Event().wait())
    assert (await visitor("DELETE", "/v1/session")).json() == {"providerName": "Example"}


async def test_a_disabled_provider_or_a_password_leads_nowhere(api: Api) -> None:
    owner, provider, provider_id = await with_provider(api, endsProviderSession=True)
    provider.metadata = {"end_session_endpoint": ENDPOINT}
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    assert (await owner("PATCH", f"/v1/identity-providers/{provider_id}", json={"enabled": False})).status_code == 200
    assert (await visitor("DELETE", "/v1/session")).json() == {}
    assert (await owner("DELETE", "/v1/session")).json() == {}


async def test_the_test_of_a_provider_says_that_it_cannot_end_sessions(api: Api) -> None:
    owner, provider, provider_id = await with_provider(api, endsProviderSession=True)
    path = f"/v1/identity-providers/{provider_id}"
    assert (await owner.get(path)).json()["signedOutUri"] == "http://optral.example.org/signed-out"
    tested = (await owner("POST", f"{path}/test")).json()
    assert (tested["ok"], tested["reason"]) == (True, "no_end_session_endpoint")
    assert "end_session_endpoint" in tested["message"]
    provider.metadata = {"end_session_endpoint": ENDPOINT}
    assert (await owner("POST", f"{path}/test")).json() == {"ok": True}

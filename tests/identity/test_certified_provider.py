"""Signing in over real HTTP with oidc-provider, which the OpenID Foundation certified."""

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest

from optral.kit.outbound_http import HttpCaller
from tests.api.accounts import signed_in
from tests.api.conftest import Api, api as api
from tests.api.people.provider_visits import RULE, Visitor
from tests.identity.provider import CLIENT, SECRET
from tests.setup import identity, node
from tests.support.kubeapi import free_port

pytestmark = pytest.mark.slow  # npm, and a process
CALLBACK = "http://optral.example.org/sign-in/callback"
SIGNED_OUT = "http://optral.example.org/signed-out"
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    """The issuer URL of a provider."""
    home = await asyncio.to_thread(identity.find)
    port = free_port()
    words = (
        str(identity.machine.ROOT / "tests/identity/provider.mjs"),
        str(port),
        CALLBACK,
        f"http://127.0.0.1:{port}/nowhere",
        SIGNED_OUT,
    )
    process = await asyncio.create_subprocess_exec(str(node.find() / "node"), *words, cwd=home, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while b"listening" not in await process.stdout.readline():
                assert process.returncode is None
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def visit(url: str, name: str, cookies: httpx2.Cookies | None = None) -> dict[str, str]:
    """Sign in or out there as this person, as a browser with these cookies does, and come back with what it returned."""
    async with httpx2.AsyncClient(cookies=cookies) as browser:
        answer = await browser.get(url)
        for _ in range(10):
            if answer.is_redirect:
                url = urljoin(str(answer.url), answer.headers["location"])
                if url.startswith((CALLBACK, SIGNED_OUT)):
                    if cookies is not None:
                        cookies.update(browser.cookies)
                    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
                answer = await browser.get(url)
                continue
            if (leaving := re.search(r'action="([^"]+)"><input type="hidden" name="xsrf" value="(\w+)"', answer.text)) is not None:
                answer = await browser.post(leaving[1], data={"xsrf": leaving[2], "logout": "yes"})
                continue
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert prompt is not None, answer.text
            form = {"prompt": prompt[1], "login": name, "password": "any"}
            answer = await browser.post(str(answer.url), data=form)
    raise AssertionError("the provider did not return")


async def visitor_of(api: Api, issuer: str) -> Visitor:
    """A browser of somebody who signs in with this provider; close `api.services.identity_caller`."""
    api.clock.advance((datetime.now(UTC) - api.clock.now()).total_seconds())  # as at the provider
    api.services.identity_caller = HttpCaller(private=LOOPBACK)
    owner = await signed_in(api)
    body = {"name": "Certified", "issuer": issuer, "clientId": CLIENT, "clientSecret": SECRET, "domains": ["example.com"]}
    made = await owner("POST", "/v1/identity-providers", json=body | {"createsMembers": True, "rules": [RULE], "endsProviderSession": True})
    assert made.status_code == 201, made.text
    return Visitor(api, None, made.json()["id"])  # type: ignore[arg-type]


async def test_groups_of_a_certified_provider_become_roles(api: Api, issuer: str) -> None:
    visitor = await visitor_of(api, issuer)
    try:
        answer = await visitor.finish(await visit(await visitor.begin(), "dev"))
        assert answer.status_code == 201, answer.text
        assert answer.json()["member"]["email"] == "dev@example.com"
        places = (await visitor("GET", "/v1/me")).json()["actor"]["places"]
        assert [(one["role"], one["namespaces"]) for one in places] == [("operator", ["shop"])]
        started = await visitor("POST", "/v1/session/confirm/provider")
        returned = await visit(started.json()["authorizationUrl"], "dev")
        assert (await visitor("POST", "/v1/session/confirm/provider/callback", json=returned)).status_code == 200
        refused = await visitor.finish(await visit(await visitor.begin(), "guest"))
        assert (refused.status_code, refused.json()["code"]) == (403, "no_access")
    finally:
        await api.services.identity_caller.close()


async def test_signing_out_ends_the_session_at_a_certified_provider(api: Api, issuer: str) -> None:
    visitor, cookies = await visitor_of(api, issuer), httpx2.Cookies()
    try:
        assert (await visitor.finish(await visit(await visitor.begin(), "dev", cookies))).status_code == 201
        url = (await visitor("DELETE", "/v1/session")).json()["providerLogoutUrl"]
        assert "id_token_hint=" in url
        unasked = f"{await visitor.begin()}&prompt=none"
        assert "code" in await visit(unasked, "dev", cookies)  # the session there is open still
        state = parse_qs(urlsplit(url).query)["state"][0]
        assert await visit(url, "dev", cookies) == {"state": state}
        assert (await visit(f"{await visitor.begin()}&prompt=none", "dev", cookies))["error"] == "login_required"
    finally:
        await api.services.identity_caller.close()

"""Signing in with an identity provider, as a person does it: the button, the visit, the return."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Route, expect

from tests.api.conftest import Api
from tests.api.people.provider_visits import with_provider
from tests.dashboard.conftest import Person, window
from tests.identity.provider import ISSUER, Provider

pytestmark = pytest.mark.slow


async def goes_to(person: Person, provider: Provider, change: Callable[[dict[str, str]], None] = lambda _: None) -> None:
    """Answer the browser's visits of the provider: it comes back at once."""

    async def back(route: Route) -> None:
        returned = provider.visit(route.request.url)
        change(returned)
        page = f"<script>location.replace('{person.api.url}/sign-in/callback?{urlencode(returned)}')</script>"
        await route.fulfill(content_type="text/html", body=page)

    await person.page.route(f"{ISSUER}/**", back)


async def test_a_person_signs_in_with_the_provider_and_goes_where_they_wanted(chromium: Browser, edge: Api) -> None:
    _, provider, _ = await with_provider(edge, rules=[{"claim": "groups", "value": "shop", "role": "admin"}])
    async with window(chromium, edge) as person:
        await goes_to(person, provider)
        await person.open("/clusters")
        await person.page.get_by_role("button", name="Sign in with Example").click()
        await expect(person.page).to_have_url(f"{edge.url}/clusters")
        await expect(person.page.get_by_role("heading", name="Clusters")).to_be_visible()


async def test_what_a_forged_answer_leads_to_can_be_read_and_left(chromium: Browser, edge: Api) -> None:
    _, provider, _ = await with_provider(edge)
    async with window(chromium, edge) as person:
        await goes_to(person, provider, lambda returned: returned.update(code="stolen"))
        await person.open("/login")
        await person.page.get_by_role("button", name="Sign in with Example").click()
        await expect(person.page.get_by_role("heading", name="Sign-in failed")).to_be_visible()
        await expect(person.page).to_have_url(f"{edge.url}/sign-in/callback")  # without the code
        assert await person.axe() == []
        await person.page.get_by_role("link", name="Back to sign-in").click()
        await expect(person.page.get_by_role("button", name="Sign in with Example")).to_be_visible()
        assert await person.axe() == []


async def test_a_change_that_needs_a_recent_sign_in_goes_to_the_provider_again(chromium: Browser, edge: Api) -> None:
    _, provider, _ = await with_provider(edge, rules=[{"claim": "groups", "value": "shop", "role": "admin"}])
    async with window(chromium, edge) as person:
        await goes_to(person, provider)
        await person.open("/settings/api-keys")
        page = person.page
        await page.get_by_role("button", name="Sign in with Example").click()
        await page.get_by_role("button", name="Create API Key").click()
        await page.get_by_label("Name").fill("later")
        await page.get_by_role("button", name="Create", exact=True).click()
        sheet = page.get_by_role("dialog", name="Confirm your identity")
        assert await person.axe("[role=dialog]") == []
        provider.auth_time = int(edge.clock.now().timestamp())
        async with page.expect_response("**/v1/session/confirm/provider/callback"):
            await sheet.get_by_role("button", name="Continue").click()
        await expect(page).to_have_url(f"{edge.url}/settings/api-keys")
        session = await (await page.context.request.get(f"{edge.url}/v1/session")).json()
        assert datetime.fromisoformat(session["reauthenticatedAt"]).date() == edge.clock.now().date()

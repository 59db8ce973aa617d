"""Signing in with an identity provider, as a person does it: the button, the visit, the return."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, member
from tests.api.conftest import Api
from tests.api.people.provider_visits import with_provider
from tests.dashboard.browser_time import clock as clock
from tests.dashboard.conftest import Person, window
from tests.identity.provider import ISSUER, Provider

pytestmark = pytest.mark.slow


async def goes_to(person: Person, provider: Provider, change: Callable[[dict[str, str]], None] = lambda _: None) -> None:
    """Answer the browser's visits of the provider, in every window: it comes back at once."""

    async def back(route: Route) -> None:
        returned = provider.visit(route.request.url)
        change(returned)
        page = f"<script>location.replace('{person.api.url}/sign-in/callback?{urlencode(returned)}')</script>"
        await route.fulfill(content_type="text/html", body=page)

    await person.page.context.route(f"{ISSUER}/**", back)


async def test_a_person_signs_in_with_the_provider_and_goes_where_they_wanted(chromium: Browser, edge: Api) -> None:
    _, provider, _ = await with_provider(edge, rules=[{"claim": "groups", "value": "shop", "role": "admin"}])
    async with window(chromium, edge) as person:
        await goes_to(person, provider)
        await person.open("/clusters")
        await person.page.get_by_role("button", name="Sign in with Example").click()
        await expect(person.page).to_have_url(f"{edge.url}/clusters")
        await expect(person.page.get_by_role("heading", name="Clusters", exact=True)).to_be_visible()


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


@asynccontextmanager
async def asked_to_confirm(chromium: Browser, edge: Api) -> AsyncIterator[tuple[Person, Provider, Locator]]:
    """Somebody of a provider who entered a new key and has to confirm it; with that dialog."""
    _, provider, _ = await with_provider(edge, rules=[{"claim": "groups", "value": "shop", "role": "admin"}])
    async with window(chromium, edge) as person:
        await goes_to(person, provider)
        await person.open("/settings/api-keys")
        page = person.page
        await page.get_by_role("button", name="Sign in with Example").click()
        await page.get_by_role("button", name="Create API Key").click()
        await page.get_by_label("Name").fill("later")
        await page.get_by_role("button", name="Create", exact=True).click()
        yield person, provider, page.get_by_role("dialog", name="Confirm your identity")


async def test_a_change_that_needs_a_recent_sign_in_goes_to_the_provider_again(chromium: Browser, edge: Api) -> None:
    """In a window of its own, which closes; what was entered is there still, and made without another click."""
    async with asked_to_confirm(chromium, edge) as (person, provider, sheet):
        page = person.page
        assert await person.axe("[role=dialog]") == []
        provider.auth_time = int(edge.clock.now().timestamp())
        async with page.context.expect_page() as opening:
            await sheet.get_by_role("button", name="Continue").click()
        await expect(page.get_by_role("dialog", name="Store this key now")).to_be_visible()
        if not (popup := await opening.value).is_closed():
            await popup.wait_for_event("close")
        assert "later" in [one["name"] for one in (await edge.get("/v1/api-keys")).json()["apiKeys"]]
        session = await (await page.context.request.get(f"{edge.url}/v1/session")).json()
        assert datetime.fromisoformat(session["reauthenticatedAt"]).date() == edge.clock.now().date()


async def test_a_confirmation_that_the_provider_refuses_is_said_in_the_form_and_tried_again(chromium: Browser, edge: Api) -> None:
    async with asked_to_confirm(chromium, edge) as (person, provider, sheet):
        await sheet.get_by_role("button", name="Continue").click()  # signed in long ago
        await expect(sheet.get_by_role("alert")).to_be_visible()
        assert await person.axe("[role=dialog]") == []
        provider.auth_time = int(edge.clock.now().timestamp())
        await sheet.get_by_role("button", name="Continue").click()
        await expect(person.page.get_by_role("dialog", name="Store this key now")).to_be_visible()


async def test_where_the_browser_opens_no_window_this_one_goes_to_the_provider_and_back(chromium: Browser, edge: Api) -> None:
    async with asked_to_confirm(chromium, edge) as (person, provider, sheet):
        page = person.page
        await page.evaluate("window.open = () => null")
        await sheet.get_by_role("button", name="Continue").click()
        await expect(sheet.get_by_text("The browser did not open a window.")).to_be_visible()
        provider.auth_time = int(edge.clock.now().timestamp())
        async with page.expect_response("**/v1/session/confirm/provider/callback"):
            await sheet.get_by_role("button", name="Continue").click()
        await expect(page).to_have_url(f"{edge.url}/settings/api-keys")
        await page.get_by_role("button", name="Create API Key").click()
        await page.get_by_label("Name").fill("later")
        await page.get_by_role("button", name="Create", exact=True).click()
        await expect(page.get_by_role("dialog", name="Store this key now")).to_be_visible()


async def test_somebody_of_a_provider_makes_an_admin_after_signing_in_there_again(chromium: Browser, edge: Api) -> None:
    await member(edge, Role.VIEWER, "viewer@example.org")
    _, provider, _ = await with_provider(edge, rules=[{"claim": "groups", "value": "shop", "role": "admin"}])
    async with window(chromium, edge) as person:
        await goes_to(person, provider)
        await person.open("/settings/members")
        page = person.page
        await page.get_by_role("button", name="Sign in with Example").click()
        role, sheet = page.get_by_label("Role of viewer@example.org"), page.get_by_role("dialog", name="Make viewer@example.org an admin?")
        await role.select_option("admin")
        await expect(sheet.get_by_text("First sign in at your identity provider again")).to_be_visible()
        await expect(sheet.get_by_label("Your password")).to_have_count(0)
        await expect(sheet.get_by_role("button", name="Use your password")).to_have_count(0)
        await sheet.get_by_role("button", name="Make admin").click()
        await expect(sheet.get_by_role("alert")).to_be_visible()
        assert await person.axe("[role=dialog]") == []
        provider.auth_time = int(edge.clock.now().timestamp())
        await sheet.get_by_role("button", name="Sign in again").click()
        await expect(sheet.get_by_text("just now, which confirms this change")).to_be_visible()
        await sheet.get_by_role("button", name="Make admin").click()
        await expect(page.get_by_text("viewer@example.org is now admin")).to_be_visible()
        await person.open("/settings/profile")
        await expect(page.get_by_text("Optral has no password of yours")).to_be_visible()


async def test_an_owner_uses_the_password_while_the_provider_is_down(chromium: Browser, edge: Api) -> None:
    await member(edge, Role.VIEWER, "viewer@example.org")
    _, provider, _ = await with_provider(edge, domains=["example.org"])
    provider.person["email"] = "owner@example.org"
    async with window(chromium, edge) as person:
        await goes_to(person, provider)
        await person.open("/settings/members")
        page = person.page
        await page.get_by_role("button", name="Sign in with Example").click()
        await page.get_by_label("Role of viewer@example.org").select_option("owner")
        sheet = page.get_by_role("dialog", name="Make viewer@example.org an owner?")
        await sheet.get_by_role("button", name="Use your password").click()
        await sheet.get_by_label("Your password").fill(PASSWORD)
        await sheet.get_by_role("button", name="Make owner").click()
        await expect(page.get_by_text("viewer@example.org is now owner")).to_be_visible()
        edge.clock.advance(16 * 60)  # the password was not typed for the session, but for that change
        await person.open("/settings/api-keys")
        await page.get_by_role("button", name="Create API Key").click()
        await page.get_by_label("Name").fill("later")
        await page.get_by_role("button", name="Create", exact=True).click()
        sheet = page.get_by_role("dialog", name="Confirm your identity")
        await sheet.get_by_role("button", name="Use your password").click()
        await sheet.get_by_label("Password").fill(PASSWORD)
        await sheet.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("dialog", name="Store this key now")).to_be_visible()


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        pytest.param(lambda state: f"?state={state}", "You are signed out of Optral and Example.", id="both"),
        pytest.param(lambda _: "?state=of-another", "Your session at Example may still be open", id="an answer to nothing"),
        pytest.param(None, "Your session at Example may still be open", id="a provider without an address for it"),
    ],
)
async def test_signing_out_of_the_provider_too(chromium: Browser, edge: Api, ends: Callable[[str], str] | None, said: str) -> None:
    _, provider, _ = await with_provider(edge, endsProviderSession=True)
    provider.metadata = {"end_session_endpoint": f"{ISSUER}/logout"} if ends else {}

    async def ended(route: Route) -> None:
        (state,) = parse_qs(urlsplit(route.request.url).query)["state"]
        assert ends is not None
        page = f"<script>location.replace('{edge.url}/signed-out{ends(state)}')</script>"
        await route.fulfill(content_type="text/html", body=page)

    async with window(chromium, edge) as person:
        page = person.page
        await goes_to(person, provider)
        await page.context.route(f"{ISSUER}/logout?**", ended)
        await person.open("/issues")
        await page.get_by_role("button", name="Sign in with Example").click()
        await page.get_by_role("button", name="Account").click()
        await page.get_by_role("menuitem", name="Sign out").click()
        await expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
        await expect(page).to_have_url(f"{edge.url}/signed-out")  # without the state
        assert await person.axe() == []
        await person.open("/signed-out")  # once
        await expect(page.get_by_role("button", name="Sign in with Example")).to_be_visible()

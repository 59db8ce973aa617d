"""Settings: a key that is shown once, people invited by a link, and what a role does not allow."""

import asyncio
import json
import re

import pytest
from playwright.async_api import Browser, Page, expect

from optral.access.model import LIMITED_KEY_SCOPES, is_key
from optral.terms.actor import Role
from tests.api.accounts import PASSWORD as OF_MEMBERS, member
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import PASSWORD, Person, sign_in, window
from tests.support.clock import NOON, FakeClock

pytestmark = pytest.mark.slow
TABS = {"api-keys": "API Keys", "members": "Members", "plan": "Plan & rate limits", "appearance": "Appearance", "about": "About"}


async def make_key(page: Page, name: str) -> str:
    """Make a read-only key by the form; the dialog with it stays open."""
    await page.get_by_role("button", name="Create API Key").click()
    form = page.get_by_role("dialog", name="Create API Key")
    await form.get_by_label("Name").fill(name)
    await form.get_by_role("button", name="Create", exact=True).click()
    return await shown_key(page, name)


async def shown_key(page: Page, name: str) -> str:
    field = page.get_by_role("dialog", name="Store this key now").get_by_role("textbox", name=name)
    await expect(field).to_be_visible()
    return (await field.inner_text()).strip()


async def curl(url: str, key: str) -> str:
    """The status number that curl gets for what the dialog proposes."""
    arguments = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {key}", f"{url}/v1/issues?status=open"]
    process = await asyncio.create_subprocess_exec("curl", *arguments, stdout=asyncio.subprocess.PIPE)
    out, _ = await asyncio.wait_for(process.communicate(), timeout=20)
    return out.decode()


@pytest.fixture
async def settings(person: Person) -> Person:
    """Somebody at the keys, in a browser whose clock says what the server's says."""
    await person.page.clock.set_fixed_time(NOON)
    await person.open("/settings/api-keys")
    return person


async def test_a_key_is_shown_once_works_with_curl_and_ends_when_revoked(settings: Person) -> None:
    page = settings.page
    key = await make_key(page, "nightly-build")
    assert is_key(key)
    dialog = page.get_by_role("dialog", name="Store this key now")
    await expect(dialog.get_by_label("curl example", exact=True)).to_contain_text(f"Bearer {key}")
    await settings.press("Escape")
    await page.mouse.click(5, 5)
    await expect(dialog).to_be_visible()
    assert await curl(settings.api.url, key) == "200"
    await dialog.get_by_role("button", name="I have stored it").click()
    await expect(dialog).to_be_hidden()
    assert key not in await page.content()
    await page.reload()
    row = page.get_by_role("row").filter(has_text="nightly-build")
    await expect(row).to_contain_text("Read-only")
    assert key not in await page.content()
    await row.get_by_role("button", name="Revoke nightly-build").click()
    await expect(page.get_by_role("dialog", name="Revoke nightly-build?")).to_contain_text(re.compile("(Last used|Never used)"))
    await page.get_by_role("button", name="Revoke", exact=True).click()
    await expect(page.get_by_text("nightly-build was revoked")).to_be_visible()  # behind an open dialog the row is hidden already
    await expect(row).to_be_hidden()
    settings.api.clock.advance(2)
    assert await curl(settings.api.url, key) == "401"


async def test_without_a_clipboard_the_key_is_selected_instead(chromium: Browser, edge: Api) -> None:
    async with window(chromium, edge) as person:
        await sign_in(person)
        await person.page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        await person.page.clock.set_fixed_time(NOON)
        await person.open("/settings/api-keys")
        key = await make_key(person.page, "plain")
        await person.page.get_by_role("dialog").get_by_role("button", name="Copy", exact=True).click()
        await expect(person.page.get_by_text("Press Ctrl-C to copy")).to_be_visible()
        assert (await person.page.evaluate("getSelection().toString()")).strip() == key


async def test_a_key_without_a_name_is_not_requested(settings: Person) -> None:
    page = settings.page
    await page.get_by_role("button", name="Create API Key").click()
    await page.get_by_role("button", name="Create", exact=True).click()
    await expect(page.get_by_text("Enter a name")).to_be_visible()
    await settings.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_asks_for_the_password_again_after_15_minutes(settings: Person, clock: FakeClock) -> None:
    page = settings.page
    clock.advance(16 * 60)
    await page.get_by_role("button", name="Create API Key").click()
    await page.get_by_label("Name").fill("later")
    await page.get_by_role("button", name="Create", exact=True).click()
    sheet = page.get_by_role("dialog", name="Confirm your identity")
    assert await settings.axe("[role=dialog]") == []
    await sheet.get_by_label("Password").fill("not the password")
    await sheet.get_by_role("button", name="Confirm").click()
    await expect(sheet.get_by_role("alert")).to_have_text("Incorrect password.")
    await sheet.get_by_label("Password").fill(PASSWORD)
    await sheet.get_by_role("button", name="Confirm").click()
    assert is_key(await shown_key(page, "later"))


async def test_a_rolled_key_has_a_successor_with_its_name(settings: Person) -> None:
    page = settings.page
    first = await make_key(page, "roller")
    await page.get_by_role("button", name="I have stored it").click()
    await page.get_by_role("button", name="Roll roller").click()
    await page.get_by_role("button", name="Roll", exact=True).click()
    second = await shown_key(page, "roller")
    assert first != second
    assert [await curl(settings.api.url, key) for key in (first, second)] == ["200", "200"]


async def test_who_is_invited_joins_by_the_link_and_may_not_make_keys(chromium: Browser, settings: Person) -> None:
    page = settings.page
    await settings.open("/settings/members")
    await page.get_by_role("button", name="Invite", exact=True).click()
    await page.get_by_label("Email (optional)").fill("viewer@example.org")
    await page.get_by_role("button", name="Create link").click()
    dialog = page.get_by_role("dialog", name="Share this link")
    link = (await dialog.get_by_role("region", name="invitation link").inner_text()).strip()
    await dialog.get_by_role("button", name="Done").click()
    async with window(chromium, settings.api) as other:
        await other.open(link[link.index("/", 8) :])
        await other.page.get_by_label("Password", exact=True).fill("another long passphrase")
        await other.page.get_by_role("button", name="Join").click()
        await expect(other.page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
        await other.open("/settings/api-keys")
        await expect(other.page.get_by_role("alert")).to_contain_text("Your role does not allow this")
        button = other.page.get_by_role("button", name="Create API Key").first
        await expect(button).to_be_disabled()
        await expect(button).to_have_attribute("title", re.compile("viewer"))
    await page.reload()
    await page.get_by_label("Role of viewer@example.org").select_option("operator")
    await expect(page.get_by_text("viewer@example.org is now operator")).to_be_visible()
    await page.get_by_role("button", name="Remove viewer@example.org").click()
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_role("row").filter(has_text="viewer@example.org")).to_be_hidden()


async def test_making_somebody_an_admin_takes_the_password(settings: Person) -> None:
    page = settings.page
    await settings.open("/settings/members")
    await page.get_by_role("button", name="Invite", exact=True).click()
    await expect(page.get_by_label("Your password")).to_have_count(0)
    await page.get_by_label("Admin").check()
    for password, said in ((None, "Enter your password."), ("not the password", "Incorrect password.")):
        if password is not None:
            await page.get_by_label("Your password").fill(password)
        await page.get_by_role("button", name="Create link").click()
        await expect(page.get_by_text(said)).to_be_visible()
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Create link").click()
    await expect(page.get_by_role("dialog", name="Share this link")).to_contain_text("As admin")
    await page.get_by_role("button", name="Done").click()

    await member(settings.api, Role.VIEWER, "viewer@example.org")
    await page.reload()
    await page.get_by_label("Role of viewer@example.org").select_option("admin")
    sheet = page.get_by_role("dialog", name="Make viewer@example.org an admin?")
    await sheet.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_label("Role of viewer@example.org")).to_have_value("viewer")
    await page.get_by_label("Role of viewer@example.org").select_option("owner")
    sheet = page.get_by_role("dialog", name="Make viewer@example.org an owner?")
    await sheet.get_by_label("Your password").fill(PASSWORD)
    await sheet.get_by_role("button", name="Make owner").click()
    await expect(page.get_by_text("viewer@example.org is now owner")).to_be_visible()
    await expect(page.get_by_label("Role of viewer@example.org")).to_have_value("owner")


async def test_a_member_is_limited_to_a_namespace_and_sees_nothing_else(chromium: Browser, settings: Person) -> None:
    page, api = settings.page, settings.api
    cluster = await api.new_cluster("production")
    for namespace in ("shop", "zulu"):
        await observe(api, cluster, finding(f"{namespace}-api", namespace=namespace, api=api))
    await member(api, Role.OPERATOR, "dev@example.org")
    await settings.open("/settings/members")
    await page.get_by_role("button", name="Access of dev@example.org").click()
    dialog = page.get_by_role("dialog", name="Access of dev@example.org")
    await dialog.get_by_label("Role").select_option("operator")
    await dialog.get_by_label("Namespaces").fill("team-*")
    await dialog.get_by_role("button", name="Add binding").click()
    await expect(dialog).to_contain_text("patterns are not supported")
    await dialog.get_by_label("Clusters", exact=True).fill("production")
    await dialog.get_by_label("Namespaces").fill("shop")
    await dialog.get_by_role("button", name="Add binding").click()
    await expect(dialog.get_by_role("list", name="Bindings")).to_contain_text("operator in shop of production")
    assert not await settings.axe()
    await dialog.get_by_role("button", name="Close", exact=True).last.click()
    await expect(page.get_by_role("row").filter(has_text="dev@example.org")).to_contain_text("operator in shop of production")
    async with window(chromium, api) as other:
        body = json.dumps({"email": "dev@example.org", "password": OF_MEMBERS})
        headers = {"X-Optral-CSRF": "1", "Content-Type": "application/json"}
        assert (await other.page.context.request.post(api.url + "/v1/session", data=body, headers=headers)).ok
        await other.open("/issues")
        await expect(other.page.get_by_text("shop-api").first).to_be_visible()
        assert "zulu" not in await other.page.content()


async def test_an_admin_key_for_one_cluster_has_what_its_limit_allows(settings: Person) -> None:
    page = settings.page
    await settings.api.new_cluster("prod")
    await page.get_by_role("button", name="Create API Key").click()
    form = page.get_by_role("dialog", name="Create API Key")
    await form.get_by_label("Name").fill("limited")
    await form.get_by_label("Admin").check()
    await form.get_by_label("Selected clusters").check()
    await form.get_by_label("prod").check()
    await form.get_by_role("button", name="Create", exact=True).click()
    key = await shown_key(page, "limited")
    scopes = (await settings.api.get("/v1/me", key=key)).json()["actor"]["scopes"]
    assert scopes == sorted(LIMITED_KEY_SCOPES)
    await page.get_by_role("button", name="I have stored it").click()
    await expect(page.get_by_role("row").filter(has_text="limited")).to_contain_text("Admin")


async def test_keys_of_one_letter_can_be_switched_off(settings: Person) -> None:
    page = settings.page
    await settings.open("/settings/appearance")
    await page.get_by_label("Single-key shortcuts").uncheck()
    await page.get_by_role("heading", name="Settings").click()
    await settings.press("g", "i")
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    await page.get_by_label("Single-key shortcuts").check()
    await page.get_by_role("heading", name="Settings").click()
    await settings.press("g", "i")
    await page.wait_for_url("**/issues*")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault_in_settings(chromium: Browser, edge: Api, dark: bool) -> None:
    async with window(chromium, edge, dark=dark) as person:
        await sign_in(person)
        page = person.page
        await page.clock.set_fixed_time(NOON)
        for tab, word in TABS.items():
            await person.open(f"/settings/{tab}")
            await expect(page.get_by_role("region", name=word, exact=True).first).to_be_visible()
            await expect(page.get_by_text(re.compile("^Loading"))).to_have_count(0)
            assert await person.axe() == []
        await person.open("/settings/api-keys")
        await page.get_by_role("button", name="Create API Key").click()
        assert await person.axe() == []
        await page.get_by_label("Name").fill("axe")
        await page.get_by_role("button", name="Create", exact=True).click()
        await shown_key(page, "axe")
        assert await person.axe() == []


async def test_the_menu_shows_the_open_page_in_a_low_window(person: Person, page: Page) -> None:
    await page.set_viewport_size({"width": 1000, "height": 480})
    await person.open("/settings/gitops")
    menu = page.get_by_role("navigation", name="Settings")
    await expect(menu.get_by_role("link", name="GitOps")).to_be_in_viewport(ratio=1)


async def test_no_signature_is_offered_for_a_chat_service(person: Person, page: Page) -> None:
    await person.open("/settings/webhooks")
    await page.get_by_role("button", name="New webhook").first.click()
    options = page.get_by_label("Authentication").get_by_role("option")
    await expect(options.first).to_have_text("Signature only")
    for form in ("slack", "teams"):
        await page.get_by_label("Format").select_option(form)
        await expect(options.first).to_have_text("None")

"""A person approves or denies the login of a command line."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.api.conftest import Api
from tests.api.people.test_device import NAME, poll, start
from tests.dashboard.conftest import Person

pytestmark = pytest.mark.slow


async def enter(page: Page, code: str) -> None:
    await page.get_by_label("Code").fill(code.lower())
    await page.get_by_role("button", name="Continue").click()


async def begun(person: Person, name: str = NAME) -> dict[str, Any]:
    """A login that waits, with its code entered on the page."""
    codes = await start(person.api, name)
    await person.open("/device")
    await enter(person.page, codes["userCode"])
    await expect(person.page.get_by_role("button", name="Approve")).to_be_visible()
    return codes


async def key_of(api: Api, codes: dict[str, Any]) -> Any:
    return (await poll(api, codes)).json()


async def test_the_page_says_who_asks_for_what_and_approves(person: Person, page: Page) -> None:
    codes = await begun(person)
    await expect(page.get_by_text(NAME)).to_be_visible()
    await expect(page.get_by_text("127.0.0.1")).to_be_visible()
    await expect(page.get_by_role("note")).to_contain_text("Approve only if you started this login yourself")
    await page.get_by_label("Read-only").check()
    await page.get_by_label("Expires after").select_option("7 days")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("heading", name="Login approved")).to_be_visible()
    key = await key_of(person.api, codes)
    assert key["apiKey"]["scopes"] == ["clusters:read", "events:read", "issues:read", "members:read", "resources:read", "runbooks:read"]


async def test_a_denied_login_gets_no_key(person: Person) -> None:
    codes = await begun(person)
    await person.page.get_by_role("button", name="Deny").click()
    await expect(person.page.get_by_role("heading", name="Login denied")).to_be_visible()
    assert (await key_of(person.api, codes))["code"] == "login_denied"


async def test_a_wrong_code_is_said_beside_the_field_and_can_be_corrected(person: Person) -> None:
    codes = await start(person.api)
    await person.open("/device")
    await enter(person.page, "BBBB-BBBB")
    await expect(person.page.get_by_role("alert")).to_contain_text("unknown, expired or already used")
    await enter(person.page, codes["userCode"])
    await expect(person.page.get_by_role("button", name="Approve")).to_be_visible()


async def test_what_a_program_calls_itself_is_text(person: Person) -> None:
    await begun(person, '<img src=x onerror="document.title=1">')
    await expect(person.page.get_by_text('<img src=x onerror="document.title=1">')).to_be_visible()
    await expect(person.page.locator("main img")).to_have_count(0)


async def test_somebody_who_is_not_signed_in_comes_back_to_the_page(person: Person) -> None:
    await person.page.context.clear_cookies()
    await person.open("/device")
    await person.page.wait_for_url("**/login?to=%2Fdevice")

"""The own account in the browser: another password, and sessions that end."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.dashboard.conftest import EMAIL, PASSWORD, Person, sign_in, window

pytestmark = pytest.mark.slow
NEW = "a wide and silent lake"


async def test_a_person_changes_the_password_and_ends_other_sessions(chromium: Browser, person: Person, page: Page) -> None:
    async with window(chromium, person.api) as other:
        await sign_in(other)
        await person.open("/issues")
        await page.get_by_role("button", name="Account").click()
        await page.get_by_role("menuitem", name="Profile and sessions").click()
        lines = page.get_by_role("list", name="Sessions").get_by_role("listitem")
        await expect(lines).to_have_count(2)
        await expect(lines.filter(has_text="This session")).to_have_count(1)
        await page.get_by_role("button", name="Sign out Chrome").click()
        await expect(lines).to_have_count(1)
        await other.open("/issues")
        await expect(other.page.get_by_role("heading", name="Sign in")).to_be_visible()

    await page.get_by_label("Current password").fill("not the password")
    await page.get_by_label("New password").fill(NEW)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("Incorrect password.")).to_be_visible()
    await expect(page.get_by_label("New password")).to_have_value(NEW)
    await page.get_by_label("Current password").fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("Password changed")).to_be_visible()

    async with window(chromium, person.api) as again:
        await again.open("/login")
        await again.page.get_by_label("Email").fill(EMAIL)
        await again.page.get_by_label("Password", exact=True).fill(NEW)
        await again.page.get_by_role("button", name="Sign in").click()
        await again.page.wait_for_url(f"{person.api.url}/")
